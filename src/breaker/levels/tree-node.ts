import type { CircuitState } from '../../core/events.js'
import type { LinkedEntry, LinkedList } from '../../core/linked-list.js'
import type { Circuit } from '../circuit.js'
import { Corroboration } from './corroboration.js'

/** One circuit of a tree, with its place. Small on purpose: there are thousands. */
export class TreeNode implements LinkedEntry {
  readonly key: string
  readonly parent: TreeNode | undefined
  readonly circuit: Circuit
  /** By key; `undefined` until the first one comes. */
  children: Map<string, TreeNode> | undefined
  /** Whether the circuit is closed. */
  calm = true
  /** How many states the circuit has been in. */
  era = 0
  usedMonoMs: number
  /** The order of eviction that it stands in; `undefined` while it has children, and once it is gone. */
  list: LinkedList<TreeNode> | undefined
  previous: LinkedEntry | undefined
  next: LinkedEntry | undefined
  #witness: Corroboration | undefined

  constructor(key: string, parent: TreeNode | undefined, usedMonoMs: number, createCircuit: (node: TreeNode) => Circuit) {
    this.key = key
    this.parent = parent
    this.usedMonoMs = usedMonoMs
    this.circuit = createCircuit(this)
  }

  /** Keys from the root down to this node. */
  get path(): readonly string[] {
    return this.parent === undefined ? [this.key] : [...this.parent.path, this.key]
  }

  /** A call through some child succeeded. */
  childSucceeded(): void {
    this.#witness?.succeeded()
  }

  /** A call through a child failed: whether this level counts a failure. */
  childFailed(key: string): boolean {
    return (this.#witness ??= new Corroboration()).failed(key)
  }

  /** Takes in that the circuit is in a new state. What was seen in another one says nothing about this. */
  enter(state: CircuitState): void {
    this.calm = state === 'closed'
    this.era += 1
    this.#witness = undefined
  }
}
