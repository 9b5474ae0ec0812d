import { LinkedList } from '../../core/linked-list.js'
import type { Circuit } from '../circuit.js'
import { TreeNode } from './tree-node.js'

/** How many circuits a tree keeps, and for how long. */
export interface TreeNodesOptions {
  readonly circuitsMax: number
  readonly idleMs: number
  readonly createCircuit: (node: TreeNode) => Circuit
}

/**
 * The circuits of a tree: found by key, kept in the order in which they were last used, and let go from the end of that order.
 * Closed ones stand in an order of their own that goes first. Only circuits without children stand in one, so none is let go
 * before its children; a cache with a key for each path could not know that, and would have to make such keys for each call.
 */
export class TreeNodes {
  readonly #options: TreeNodesOptions
  readonly #roots = new Map<string, TreeNode>()
  readonly #calm = new LinkedList<TreeNode>()
  readonly #troubled = new LinkedList<TreeNode>()
  #size = 0

  constructor(options: TreeNodesOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#size
  }

  /** The child of `parent` with this key; a root when there is no parent. */
  find(parent: TreeNode | undefined, key: string): TreeNode | undefined {
    return parent === undefined ? this.#roots.get(key) : parent.children?.get(key)
  }

  /** Adds such a child, and lets others go for it: what is idle, a little at a time, and when that is not enough one more. */
  add(parent: TreeNode | undefined, key: string, nowMs: number): TreeNode {
    const node = new TreeNode(key, parent, nowMs, this.#options.createCircuit)
    if (parent === undefined) this.#roots.set(key, node)
    else {
      if (parent.children === undefined) parent.children = new Map()
      parent.children.set(key, node)
      leaveList(parent)
    }
    this.#size += 1
    for (const oldest of [this.#calm.first, this.#troubled.first]) {
      if (oldest !== undefined && this.#isIdle(oldest, nowMs)) this.#remove(oldest)
    }
    // The new one stands in no order yet, and whatever is above it has a child: neither can be the one that goes.
    if (this.#size > this.#options.circuitsMax) this.#evict()
    this.sort(node)
    return node
  }

  /** Notes that a node was asked for, and makes it the last to go. */
  touch(node: TreeNode, nowMs: number): void {
    node.usedMonoMs = nowMs
    const { list } = node
    if (list === undefined) return
    list.remove(node)
    list.add(node)
  }

  /** Puts a node at the end of the order that it belongs to: calm or not. One that is gone, or has children, stands in none. */
  sort(node: TreeNode): void {
    leaveList(node)
    if (this.find(node.parent, node.key) !== node || hasChildren(node)) return
    node.list = node.calm ? this.#calm : this.#troubled
    node.list.add(node)
  }

  /** Lets everything go that is idle; returns how many those were. */
  retire(nowMs: number): number {
    const before = this.#size
    for (const node of [...this.all()].reverse()) {
      // Children come after their parents, so backwards a parent has none left when its turn comes.
      if (!hasChildren(node) && this.#isIdle(node, nowMs)) this.#remove(node)
    }
    return before - this.#size
  }

  /** All of them, each after its parent. */
  *all(nodes: Iterable<TreeNode> = this.#roots.values()): Generator<TreeNode> {
    for (const node of nodes) {
      yield node
      if (node.children !== undefined) yield* this.all(node.children.values())
    }
  }

  #evict(): void {
    const least = this.#calm.first ?? this.#troubled.first
    if (least !== undefined) this.#remove(least)
  }

  #remove(node: TreeNode): void {
    const { parent } = node
    const siblings = parent === undefined ? this.#roots : parent.children
    siblings?.delete(node.key)
    this.#size -= 1
    leaveList(node)
    if (parent !== undefined) this.sort(parent)
  }

  /** An open circuit has a wait to keep, or was opened by hand. A half-open one that nobody asks would stay so for ever. */
  #isIdle({ usedMonoMs, circuit }: TreeNode, nowMs: number): boolean {
    return nowMs - usedMonoMs >= this.#options.idleMs && circuit.state !== 'open'
  }
}

function hasChildren({ children }: TreeNode): boolean {
  return children !== undefined && children.size > 0
}

function leaveList(node: TreeNode): void {
  node.list?.remove(node)
  node.list = undefined
}
