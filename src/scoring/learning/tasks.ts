/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import type { OutcomeStore } from './outcome-store.js'

/** Stored rows in an order that does not depend on when they arrived, and the fold of each. */
export interface Arranged {
  readonly rows: Int32Array
  /** The fold of each of `rows`; the rows of a task share one. */
  readonly fold: Uint8Array
  readonly folds: number
  /** The task of each of `rows`, counted from 0. */
  readonly task: Int32Array
  readonly tasks: number
}

const foldsMax = 10

/**
 * Sorts rows by task and content, so that a fit and all its sums are the same whatever the order of labels, and deals the tasks
 * out to folds. Outcomes without a task are dealt out one by one.
 *
 * @param from - The first row; rows from here to `to` are taken.
 */
export function arrange(store: OutcomeStore, from: number, to: number): Arranged {
  const { group, content, correct } = store
  const rows = Int32Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)
  const key = (values: Float64Array | Uint8Array, row: number): number => values[row] as number
  // The number of an outcome without a task says when it arrived: it must not count.
  const taskOf = (row: number): number => Math.max(-1, key(group, row))
  rows.sort((a, b) => taskOf(a) - taskOf(b) || key(content, a) - key(content, b) || key(correct, a) - key(correct, b))
  const task = new Int32Array(rows.length)
  let tasks = 0
  rows.forEach((row, position) => {
    const before = position === 0 ? undefined : rows[position - 1]
    const same = before !== undefined && key(group, row) >= 0 && key(group, row) === key(group, before)
    if (!same) tasks += 1
    task[position] = tasks - 1
  })
  const folds = Math.max(2, Math.min(foldsMax, tasks))
  return { rows, fold: Uint8Array.from(task, (index) => index % folds), folds, task, tasks }
}
