import { editsOf, startState, type Expect, type State } from './json-state.js'
import { farCost, inventsValue, stepAtEnd, stepOver } from './json-steps.js'
import { JsonView } from './json-view.js'
import type { TextEdit } from '../token-edits.js'

/** A set of edits that makes a JSON text valid, and what speaks against it in hundredths of one edit. */
export interface JsonRepair {
  readonly edits: readonly TextEdit[]
  readonly cost: number
}

export interface JsonSearchOptions {
  readonly commentsAllowed: boolean
  /** How many repairs are wanted. */
  readonly repairsMax: number
  /** How many states may be looked at. */
  readonly statesMax: number
  /** States that lie further than this behind the furthest one are given up. */
  readonly lookBackMax: number
}

/**
 * The cheapest edits that make `text` one JSON document, best first: a uniform-cost search (Dijkstra 1959) over the states
 * of a JSON automaton with its stack, in which each edit has a price and brackets that disagree with the indentation have
 * a small one. Equal states are merged. Only punctuation and quotes are ever inserted, never a key or a value.
 */
export function searchJsonRepairs(text: string, options: JsonSearchOptions): readonly JsonRepair[] {
  return isTooDeep(text) ? [] : new Search(text, options).run()
}

/** Paths kept for each state: more than one, so that the second-best repair is found too. */
const visitsMax = 3
const costMax = 3_000
/** Scalars that may be read in several ways: a text with more is no damaged JSON. */
const doubtsMax = 500
/** States looked at without getting any further in the text. */
const stuckMax = 40_000
/** Brackets within brackets; nobody means more. */
const depthMax = 500
/** Later repairs that cost this much more than the best are of no use. */
const costMarginMax = 50
const expectIds: Readonly<Record<Expect, number>> = {
  document: 0,
  'first-key': 1,
  key: 2,
  colon: 3,
  member: 4,
  'first-item': 5,
  item: 6,
  after: 7,
}

class Search {
  readonly #view: JsonView
  readonly #options: JsonSearchOptions
  /** States to look at. */
  readonly #queue: Queue = []
  /** States whose far steps are still to be taken, by what the nearest of these cost. */
  readonly #detours: Queue = []
  readonly #visits = new Map<number, number>()
  readonly #found: JsonRepair[] = []
  /** A short text that needs many changes is something else. */
  #limit: number
  #furthest = 0
  #sweptTo = 0

  constructor(text: string, options: JsonSearchOptions) {
    this.#view = new JsonView(text, options.commentsAllowed)
    this.#options = options
    this.#limit = Math.min(costMax, 180 + Math.floor(text.length / 2))
  }

  run(): readonly JsonRepair[] {
    const { statesMax, repairsMax } = this.#options
    let states = 0
    let advancedAt = 0
    this.#push(startState)
    for (let cost = 0; cost <= this.#limit; cost += 1) {
      // The bucket grows while it is emptied: steps of no cost land in it. Depth first, for the text's end is the goal.
      for (let state = this.#next(cost); state !== undefined; state = this.#next(cost)) {
        if (this.#isBehind(state) || !this.#enter(state)) continue
        states += 1
        if (states > statesMax || this.#view.doubts > doubtsMax) return this.#found
        if (states - advancedAt > stuckMax) return this.#found
        if (state.offset > this.#furthest) {
          this.#furthest = state.offset
          advancedAt = states
        }
        this.#expand(state)
        if (this.#found.length >= repairsMax) return this.#found
      }
    }
    return this.#found
  }

  /** The next state of this cost; the far steps of earlier ones are taken when nothing nearer is left. */
  #next(cost: number): State | undefined {
    for (;;) {
      const state = this.#queue[cost]?.pop()
      if (state !== undefined) return state
      const detour = this.#detours[cost]?.pop()
      if (detour === undefined) return undefined
      if (!this.#isBehind(detour)) this.#step(detour, false, (next) => next.cost - detour.cost >= farCost)
    }
  }

  #isBehind({ offset }: State): boolean {
    return offset < this.#furthest - this.#options.lookBackMax
  }

  #expand(state: State): void {
    if (this.#options.lookBackMax === Number.POSITIVE_INFINITY) return this.#step(state, false, () => true)
    // In a long text most far steps are given up before their turn: they are not even made until then.
    this.#step(state, true, (next) => next.cost - state.cost < farCost)
    enqueue(this.#detours, state.cost + farCost, state)
    if (this.#furthest - this.#sweptTo > 8 * this.#options.lookBackMax) this.#sweep()
  }

  #step(state: State, nearOnly: boolean, isWanted: (next: State) => boolean): void {
    const trivia = this.#view.triviaAt(state.offset)
    if (state.cost + trivia.cost > this.#limit) return
    const add = (next: State): void => {
      if (isWanted(next)) this.#push(next)
    }
    const step = { view: this.#view, state, trivia, add, nearOnly }
    if (trivia.end < this.#view.text.length) stepOver(step)
    else if (state.expect !== 'after' || state.frame !== undefined) stepAtEnd(step)
    else if (nearOnly || this.#options.lookBackMax === Number.POSITIVE_INFINITY)
      this.#accept({ cost: state.cost + trivia.cost, edits: [...editsOf(state), ...trivia.edits] })
  }

  #accept(repair: JsonRepair): void {
    if (inventsValue(repair.edits)) return
    this.#found.push(repair)
    this.#limit = Math.min(this.#limit, repair.cost + costMarginMax)
  }

  /** Whether a state was not met too often to be looked at again. */
  #enter(state: State): boolean {
    const key = ((state.frame?.id ?? 0) * (this.#view.text.length + 1) + state.offset) * 8 + expectIds[state.expect]
    const visits = this.#visits.get(key) ?? 0
    this.#visits.set(key, visits + 1)
    return visits < visitsMax
  }

  /** Lets go of what lies too far back, so that a long text does not hold all its states in memory. */
  #sweep(): void {
    this.#sweptTo = this.#furthest
    for (const queue of [this.#queue, this.#detours])
      for (const [cost, states] of queue.entries())
        if (states !== undefined) queue[cost] = states.filter((state) => !this.#isBehind(state))
  }

  #push(state: State): void {
    if (state.cost <= this.#limit) enqueue(this.#queue, state.cost, state)
  }
}

/** States by cost. */
type Queue = (State[] | undefined)[]

function enqueue(queue: Queue, cost: number, state: State): void {
  const states = queue[cost]
  if (states === undefined) queue[cost] = [state]
  else states.push(state)
}

/** Brackets within brackets without end: no damaged JSON, but a text made to exhaust its reader. */
function isTooDeep(text: string): boolean {
  let depth = 0
  for (const match of text.matchAll(/[[\]{}]/g)) {
    depth += match[0] === '[' || match[0] === '{' ? 1 : -1
    if (depth > depthMax) return true
  }
  return false
}
