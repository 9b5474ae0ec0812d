import type { KnownSignal } from '../known-signals.js'
import { directionHint } from '../signals/direction-hint.js'
import { readKnown, readNumber, worthOf, type Signals } from '../signals/signal-value.js'
import { normalQuantile } from './normal.js'
import type { StoredSignal } from './outcome-store.js'

interface Place {
  readonly name: string
  /** The first of the column's features. */
  readonly start: number
  /** The feature that is 1 when the signal is missing; -1 when it never was. */
  readonly missing: number
}

/** A signal whose meaning is known: its worth in log odds is one feature, whose weight starts at 1 and is never negative. */
export interface KnownColumn extends Place {
  readonly kind: 'known'
  readonly signal: KnownSignal
}

/** A signal to be learnt: a curve through a few knots, straight between them and flat outside. Each knot is a feature. */
export interface LearntColumn extends Place {
  readonly kind: 'learnt'
  readonly text: string | undefined
  /** Ascending. */
  readonly knots: Float64Array
  /** Where each knot lies among the outcomes, as a normal score: the scale on which the curve is expected to be smooth. */
  readonly scores: Float64Array
  readonly hint: -1 | 0 | 1
}

export type Column = KnownColumn | LearntColumn

export interface Columns {
  readonly columns: readonly Column[]
  /** Number of features, the constant included, which is feature 0. */
  readonly size: number
}

/** A column's part of one row: two neighbouring features and their values; `second` is 0 when only the first counts. */
export interface Cell {
  index: number
  first: number
  second: number
}

const featuresMax = 240
const knotsMax = 8
const valuesMax = 4_000

/**
 * How each signal becomes features, from the rows that are to be fitted.
 *
 * @param tasks - Number of tasks among the rows: the fewer, the fewer knots.
 */
export function columnsOf(
  stored: readonly StoredSignal[],
  { rows, tasks, known }: { readonly rows: Int32Array; readonly tasks: number; readonly known: ReadonlyMap<string, KnownSignal> },
): Columns {
  const knotsAllowed = Math.max(
    2,
    Math.min(knotsMax, Math.floor(featuresMax / Math.max(1, stored.length)) - 1, 2 + Math.floor(tasks / 20)),
  )
  const columns: Column[] = []
  let size = 1
  for (const { name, text, values } of stored) {
    const signal = text === undefined ? known.get(name) : undefined
    const { present, someMissing } = presentValues(values, rows, signal)
    if (present.length === 0) continue
    if (signal !== undefined) {
      columns.push({ kind: 'known', name, signal, start: size, missing: someMissing ? size + 1 : -1 })
      size += someMissing ? 2 : 1
      continue
    }
    const knots = knotsOf(present, knotsAllowed)
    if (knots.length < 2 && !someMissing) continue
    const missing = someMissing ? size + knots.length : -1
    const scores = knots.map((knot) => normalScore(present, knot))
    columns.push({
      kind: 'learnt',
      name,
      text,
      knots,
      scores,
      hint: text === undefined ? directionHint(name) : 0,
      start: size,
      missing,
    })
    size += knots.length + (someMissing ? 1 : 0)
  }
  return { columns, size }
}

/** The value of a column's signal, or NaN when it is missing. */
export function valueIn(signals: Signals, column: Column): number {
  if (column.kind === 'known') return readKnown(signals, column.signal) ?? Number.NaN
  if (column.text === undefined) return readNumber(signals, column.name) ?? Number.NaN
  // A category is text, which only callers without types can give.
  const given: unknown = Object.hasOwn(signals, column.name) ? signals[column.name] : undefined
  return given === column.text ? 1 : Number.NaN
}

/** Writes the features of `value` into `cell`; NaN is missing. A signal that was never missing before adds nothing when it is. */
export function encode(column: Column, value: number, cell: Cell): void {
  cell.second = 0
  cell.first = 1
  cell.index = column.start
  if (value !== value) {
    if (column.missing < 0) cell.first = 0
    else cell.index = column.missing
  } else if (column.kind === 'known') cell.first = worthOf(column.signal, value)
  else encodeKnots(column, value, cell)
}

function encodeKnots({ knots, start }: LearntColumn, value: number, cell: Cell): void {
  const last = knots.length - 1
  let high = 0
  // At most eight knots: a plain walk beats a binary search.
  while (high <= last && (knots[high] as number) < value) high += 1 // high <= last
  if (high === 0) return
  cell.index = start + Math.min(high, last)
  if (high > last) return
  const below = knots[high - 1] as number // high is 1..last
  const share = (value - below) / ((knots[high] as number) - below)
  cell.index = start + high - 1
  cell.first = 1 - share
  cell.second = share
}

/** The values of a signal, sorted, or every so many of them: quantiles need no more; and whether any row has none. */
function presentValues(
  values: Float64Array,
  rows: Int32Array,
  signal: KnownSignal | undefined,
): { readonly present: Float64Array; readonly someMissing: boolean } {
  const every = Math.ceil(rows.length / valuesMax)
  const present = new Float64Array(Math.ceil(rows.length / every))
  let count = 0
  let found = 0
  for (const row of rows) {
    const value = values[row] as number // rows are outcomes of the same store
    const usable = signal === undefined ? value === value : value >= signal.range[0] && value <= signal.range[1]
    if (!usable) continue
    if (found % every === 0) present[count++] = value
    found += 1
  }
  return { present: present.subarray(0, count).sort(), someMissing: found < rows.length }
}

/** All values when they are few, else values at even ranks, the outermost hundredths left out. */
function knotsOf(sorted: Float64Array, countMax: number): Float64Array {
  const distinct = new Set<number>()
  for (const value of sorted) {
    distinct.add(value)
    if (distinct.size > countMax) break
  }
  if (distinct.size <= countMax) return Float64Array.from(distinct)
  const knots = new Set<number>()
  for (let knot = 0; knot < countMax; knot += 1) {
    const rank = 0.01 + (0.98 * knot) / (countMax - 1)
    knots.add(sorted[Math.round(rank * (sorted.length - 1))] as number) // rank is in 0..1
  }
  return Float64Array.from(knots)
}

/** The middle rank of a value among the sorted ones, as a quantile of the normal distribution. */
function normalScore(sorted: Float64Array, value: number): number {
  const rank = (countBelow(sorted, (other) => other < value) + countBelow(sorted, (other) => other <= value)) / 2
  const edge = 0.5 / sorted.length
  return normalQuantile(Math.min(1 - edge, Math.max(edge, rank / sorted.length)))
}

function countBelow(sorted: Float64Array, holds: (value: number) => boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(sorted[middle] as number)) low = middle + 1 // low <= middle < high
    else high = middle
  }
  return low
}
