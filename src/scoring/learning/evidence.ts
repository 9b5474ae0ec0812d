/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import { adjust, fitAdjustment } from './adjustment.js'
import { crossFittedLogOdds, type Model } from './model.js'
import type { OutcomeStore } from './outcome-store.js'

/** Outcomes with log odds from a model that had not seen their task: what every promise is computed from. */
export interface Evidence {
  readonly logOdds: Float64Array
  /** 1 for right. */
  readonly correct: Uint8Array
  /** The task of each, counted from 0. */
  readonly task: Int32Array
  readonly tasks: number
  /** From general to special. */
  readonly scopes: readonly (readonly string[])[]
}

/** Which outcomes count. */
interface Period {
  /** The first outcome after the last drift: evidence from before says nothing about now. */
  readonly since: number
  /** The first outcome after a change that is adjusted for; `undefined` when there was none. */
  readonly recentFrom: number | undefined
}

/** Gathers what the fitted outcomes since the last drift say, each judged by what had not seen its task. */
export function gatherEvidence(store: OutcomeStore, model: Model | undefined, { since, recentFrom }: Period): Evidence {
  if (model === undefined) return nothing
  const { arranged, scored } = model
  const logOdds = crossFittedLogOdds(model)
  if (store.scoped || recentFrom !== undefined) crossAdjust(store, model, { logOdds, recentFrom })
  const kept = [...arranged.rows.keys()].filter((position) => (arranged.rows[position] as number) >= since)
  const numbers = new Map<number, number>()
  const task = Int32Array.from(kept, (position) => {
    const of = arranged.task[position] as number
    const number = numbers.get(of) ?? numbers.size
    numbers.set(of, number)
    return number
  })
  return {
    logOdds: Float64Array.from(kept, (position) => logOdds[position] as number),
    correct: Uint8Array.from(kept, (position) => scored.correct[position] as number),
    task,
    tasks: numbers.size,
    scopes: kept.map((position) => store.scopesAt(arranged.rows[position] as number)),
  }
}

/** Adjusts, in place, the log odds of each fold by what the other folds say of scopes and change. */
function crossAdjust(
  store: OutcomeStore,
  { arranged, scored }: Model,
  { logOdds, recentFrom }: { readonly logOdds: Float64Array; readonly recentFrom: number | undefined },
): void {
  const original = Float64Array.from(logOdds)
  const rowOf = (position: number): number => arranged.rows[position] as number
  for (let fold = 0; fold < arranged.folds; fold += 1) {
    const others = [...arranged.rows.keys()].filter((position) => arranged.fold[position] !== fold)
    const at = (index: number): number => others[index] as number
    const adjustment = fitAdjustment({
      rows: others.length,
      logOdds: (index) => original[at(index)] as number,
      correct: (index) => scored.correct[at(index)] as number,
      scopes: (index) => store.scopesAt(rowOf(at(index))),
      isRecent: recentFrom === undefined ? undefined : (index) => rowOf(at(index)) >= recentFrom,
      scoped: store.scoped,
    })
    arranged.fold.forEach((of, position) => {
      if (of === fold) logOdds[position] = adjust(adjustment, store.scopesAt(rowOf(position)), original[position] as number)
    })
  }
}

const nothing: Evidence = {
  logOdds: new Float64Array(0),
  correct: new Uint8Array(0),
  task: new Int32Array(0),
  tasks: 0,
  scopes: [],
}
