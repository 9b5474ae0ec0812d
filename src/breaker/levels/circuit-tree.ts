import type { CircuitState } from '../../core/events.js'
import type { World } from '../../core/world.js'
import { whole, within } from '../../core/checked-number.js'
import { Circuit, type CircuitView } from '../circuit.js'
import type { Refusal } from '../permit.js'
import type { TrendVerdict } from '../trend/trend-verdict.js'
import { checkedKey } from './circuit-key.js'
import { checkedLevels, type CircuitLevel } from './circuit-level.js'
import type { TreeNode } from './tree-node.js'
import { TreeNodes } from './tree-nodes.js'
import { giveBack, PathPermit, type Leave, type TreePermit, type TreeRefusal } from './tree-permit.js'

/** Where in a tree a circuit is. */
export interface CircuitPlace {
  /** Name of the level. */
  readonly level: string
  /** Keys from the root down to it. */
  readonly path: readonly string[]
}

/** Hears what becomes of the circuits of a tree, synchronously and after the fact. Must not throw. */
export interface CircuitTreeListener {
  /** Each new state. */
  readonly changed?: (state: CircuitState, place: CircuitPlace) => void
  /** The trend turns bad. Exactly one `recovered` follows before the next. */
  readonly degraded?: (verdict: TrendVerdict, place: CircuitPlace) => void
  readonly recovered?: (place: CircuitPlace) => void
}

export interface CircuitTreeOptions extends CircuitTreeListener {
  /** Root first, 1 to 16. */
  readonly levels: readonly CircuitLevel[]
  /** Circuits of all levels together that are kept; whole, from the number of levels to 1 000 000. Default 10 000. */
  readonly circuitsMax?: number
  /** A circuit that nobody asked for this long is retired, unless it is open. Default one hour. */
  readonly idleMs?: number
}

/** Every circuit of a tree as it stands, each after its parent; plain JSON. */
export interface CircuitTreeSnapshot {
  readonly circuits: readonly (CircuitPlace & CircuitView)[]
}

const hourMs = 3_600_000

/**
 * Circuits on the levels of a path of keys, such as provider / deployment / credential, or category / severity / operation. A
 * call takes leave from every level of its path, or from none; how it ended is told to all of them.
 *
 * A failure always counts at the last level of the path. A level above counts it only when another of its children failed too
 * (see {@link Corroboration}): one bad deployment of ten opens its own circuit, however much of the traffic it has, and not its
 * provider's. A path may be shorter than the tree is deep; it then ends at a higher level.
 *
 * Circuits are made when they are first asked for. When there are too many, the least recently used one goes: a closed one, and
 * one that is not closed only when there are no others. Nothing here has a timer.
 *
 * @example
 * ```ts
 * const window = { failureRatioMax: 0.5, callsMin: 5, windowMs: 60_000, buckets: 10 }
 * const limits = { ...window, openMs: 30_000, openMsMax: 240_000, probesMax: 1, probeTimeoutMs: 60_000 }
 * const levels = ['provider', 'deployment', 'credential'].map((name) => ({ name, limits }))
 * const tree = new CircuitTree({ levels }, createTestWorld())
 * for (let call = 0; call < 5; call += 1) {
 *   const permit = tree.acquire(['openai', 'gpt-5', 'key-1'])
 *   // A 401 blames the credential; its deployment and provider learn nothing.
 *   if (permit.admitted) permit.failure(new Error('401'), undefined, 'credential')
 * }
 * expect(tree.acquire(['openai', 'gpt-5', 'key-1'])).toMatchObject({ admitted: false, level: 'credential' })
 * expect(tree.acquire(['openai', 'gpt-5', 'key-2']).admitted).toBe(true)
 * ```
 */
export class CircuitTree {
  readonly #levels: readonly Required<CircuitLevel>[]
  readonly #listener: CircuitTreeListener
  readonly #world: World
  readonly #nodes: TreeNodes

  /** @throws RangeError when a number or a name is out of range; TypeError when a value has the wrong type. */
  constructor({ levels, circuitsMax = 10_000, idleMs = hourMs, ...listener }: CircuitTreeOptions, world: World) {
    this.#levels = checkedLevels(levels)
    this.#listener = listener
    this.#world = world
    this.#nodes = new TreeNodes({
      circuitsMax: whole('circuitsMax', circuitsMax, levels.length, 1_000_000),
      idleMs: within('idleMs', idleMs, 1),
      createCircuit: (node) => this.#createCircuit(node),
    })
  }

  /** Circuits that are kept. */
  get size(): number {
    return this.#nodes.size
  }

  /**
   * Asks every level of a path for leave to make one call. When one refuses, what the others gave is given back, and the
   * refusal is that of the level with the longest wait.
   *
   * @param path - A key for each level, root first; each 1 to 256 characters.
   * @throws TypeError or RangeError when it is no such path.
   */
  acquire(path: readonly string[]): TreePermit | TreeRefusal {
    const keys = this.#checkedPath(path)
    const nowMs = this.#world.clock.monoMs()
    const leaves: Leave[] = []
    let refusal: TreeRefusal | undefined
    let parent: TreeNode | undefined
    for (const [level, key] of keys.entries()) {
      const known: TreeNode | undefined = this.#nodes.find(parent, key)
      // Below a level that refuses nothing is made: a dead provider must not fill the memory with its keys.
      if (known === undefined && refusal !== undefined) break
      const node: TreeNode = known ?? this.#nodes.add(parent, key, nowMs)
      this.#nodes.touch(node, nowMs)
      const answer = node.circuit.acquire(level === keys.length - 1)
      if (answer.admitted) leaves.push({ node, permit: answer, era: node.era })
      else if (refusal === undefined || waitMs(answer) > waitMs(refusal)) refusal = { ...answer, ...this.#placeOf(node) }
      parent = node
    }
    if (refusal === undefined) return new PathPermit(leaves, this.#levelOf)
    giveBack(leaves)
    return refusal
  }

  /** The circuit at the end of a path, to look at it or to open, close or isolate it by hand; made when there is none. */
  circuit(path: readonly string[]): Circuit {
    const [root, ...keys] = this.#checkedPath(path)
    const nowMs = this.#world.clock.monoMs()
    let node = this.#obtain(undefined, root, nowMs)
    for (const key of keys) node = this.#obtain(node, key, nowMs)
    return node.circuit
  }

  /** Lets every circuit go that is idle, and returns how many those were. */
  retire(): number {
    return this.#nodes.retire(this.#world.clock.monoMs())
  }

  /** Every circuit as it stands, without those that are idle: they go. */
  snapshot(): CircuitTreeSnapshot {
    this.retire()
    return { circuits: [...this.#nodes.all()].map((node) => ({ ...this.#placeOf(node), ...node.circuit.view() })) }
  }

  #checkedPath(path: readonly string[]): readonly [string, ...string[]] {
    if (!Array.isArray(path)) throw new TypeError(`Cannot use ${typeof path} as a path: it must be an array of keys`)
    if (path.length === 0 || path.length > this.#levels.length)
      throw new RangeError(`Cannot use a path of ${path.length} keys: the tree has ${this.#levels.length} levels`)
    for (let level = 0; level < path.length; level += 1) checkedKey(this.#nameOf(level), path[level])
    // Every key was checked to be a string, and there is at least one.
    return path as readonly string[] as readonly [string, ...string[]]
  }

  #obtain(parent: TreeNode | undefined, key: string, nowMs: number): TreeNode {
    const node = this.#nodes.find(parent, key) ?? this.#nodes.add(parent, key, nowMs)
    this.#nodes.touch(node, nowMs)
    return node
  }

  #createCircuit(node: TreeNode): Circuit {
    const { changed, degraded, recovered } = this.#listener
    const level = this.#levels[node.path.length - 1]
    if (level === undefined) throw new RangeError(`Cannot make a circuit: the tree has no level ${node.path.length}`)
    return new Circuit(level.limits, this.#world, {
      trend: level.trend,
      changed: (state) => {
        node.enter(state)
        this.#nodes.sort(node)
        changed?.(state, this.#placeOf(node))
      },
      degraded: degraded && ((verdict) => degraded(verdict, this.#placeOf(node))),
      recovered: recovered && (() => recovered(this.#placeOf(node))),
    })
  }

  #placeOf({ path }: TreeNode): CircuitPlace {
    return { level: this.#nameOf(path.length - 1), path }
  }

  #nameOf(level: number): string {
    return this.#levels[level]?.name ?? ''
  }

  readonly #levelOf = (name: string): number => {
    const level = this.#levels.findIndex((one) => one.name === name)
    if (level === -1) throw new RangeError(`Cannot blame the level "${String(name)}": the tree has none of that name`)
    return level
  }
}

/** A circuit that cannot say when it will admit a call, an isolated one for instance, outlasts those that can. */
function waitMs({ retryAfterMs }: Refusal): number {
  return retryAfterMs === 0 ? Number.POSITIVE_INFINITY : retryAfterMs
}
