import type { Permit, Refusal } from '../permit.js'
import type { TreeNode } from './tree-node.js'

/** Leave from every level of a path to make one call. Exactly one of its methods counts: the first that is called. */
export interface TreePermit extends Permit {
  /**
   * The call failed.
   *
   * @param retryAfterMs - How long the target asks to be left alone.
   * @param blame - Name of the highest level that may be at fault: the levels above it learn nothing. A 401 blames the
   *   credential, not the provider. Without it every level may be.
   * @throws RangeError when there is no such level; then nothing has been settled.
   */
  failure(error?: unknown, retryAfterMs?: number, blame?: string): void
}

/** Why a call was not admitted, and by which level. */
export interface TreeRefusal extends Refusal {
  /** Name of the level that refuses for the longest time. */
  readonly level: string
  /** Keys from the root down to that level. */
  readonly path: readonly string[]
}

/** Leave of one level. */
export interface Leave {
  readonly node: TreeNode
  readonly permit: Permit
  /** The state of the circuit that it was given in. */
  readonly era: number
}

/** The permit of a path: one leave for each level, root first. */
export class PathPermit implements TreePermit {
  readonly #leaves: readonly Leave[]
  readonly #levelOf: (name: string) => number
  #settled = false

  constructor(leaves: readonly Leave[], levelOf: (name: string) => number) {
    this.#leaves = leaves
    this.#levelOf = levelOf
  }

  get admitted(): true {
    return true
  }

  success(): void {
    if (this.#settled) return
    this.#settled = true
    for (const { node, permit } of this.#leaves) {
      node.childSucceeded()
      permit.success()
    }
  }

  failure(error?: unknown, retryAfterMs?: number, blame?: string): void {
    const top = blame === undefined ? 0 : this.#levelOf(blame)
    if (this.#settled) return
    this.#settled = true
    for (const [level, leave] of this.#leaves.entries()) {
      if (level >= top && this.#counts(leave, level)) leave.permit.failure(error, retryAfterMs)
      else leave.permit.ignore()
    }
  }

  ignore(): void {
    if (this.#settled) return
    this.#settled = true
    giveBack(this.#leaves)
  }

  /** The last level of a path has nobody below to blame; the others want a witness, though not from an earlier state. */
  #counts({ node, era }: Leave, level: number): boolean {
    const child = this.#leaves[level + 1]
    if (child === undefined) return true
    return node.era === era && node.childFailed(child.node.key)
  }
}

/** Gives every leave back, as if it had never been taken. */
export function giveBack(leaves: readonly Leave[]): void {
  for (const { permit } of leaves) permit.ignore()
}
