/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import type { Signals } from '../signals/signal-value.js'
import { encode, valueIn, type Cell, type Column } from './columns.js'
import { patternBitsOf, type StackSummary } from './stack-summary.js'
import type { Uncertainty } from './uncertainty.js'

/**
 * What the labels say each signal is worth: a sum of curves, one for each signal, in log odds. Stacking with a hand-made prior
 * (maximum a posteriori logistic regression); on real data as good as boosted trees, and every part of it can be read.
 */
export interface Stack extends Pick<StackSummary, 'centre' | 'spreads' | 'patterns'> {
  readonly columns: readonly Column[]
  readonly weights: Float64Array
  readonly uncertainty: Uncertainty
  /** For each arranged row, log odds by weights that have not seen its task. */
  readonly crossFitted: Float64Array
}

/** What the stack says about one answer. */
export interface StackScore {
  readonly logOdds: number
  /** Of the log odds: from few labels, and from signals that are missing as never before. */
  readonly variance: number
}

/**
 * Scores an answer. Signals that are missing in a pattern that no label had pull the score towards the mean and widen it, by as
 * much as these signals used to matter.
 *
 * @param contributions - Receives what each present signal added.
 */
export function scoreStack(stack: Stack, signals: Signals, contributions?: Record<string, number>): StackScore {
  const { columns, weights, spreads } = stack
  const { constant, ofColumn, diagonal, neighbour, linear, least } = stack.uncertainty
  const cell: Cell = { index: 0, first: 0, second: 0 }
  let logOdds = weights[0] as number
  let variance = constant
  let pattern = 0
  let unknown = 0
  // Plainly written for speed: at most two neighbouring features of a column are not zero.
  for (let at = 0; at < columns.length; at += 1) {
    const column = columns[at] as Column
    const value = valueIn(signals, column)
    encode(column, value, cell)
    const { index, first, second } = cell
    let added = first * (weights[index] as number)
    variance += (ofColumn[at] as number) + first * (first * (diagonal[index] as number) + (linear[index] as number))
    if (second !== 0) {
      added += second * (weights[index + 1] as number)
      variance +=
        second *
        (second * (diagonal[index + 1] as number) + 2 * first * (neighbour[index] as number) + (linear[index + 1] as number))
    }
    logOdds += added
    if (value !== value) {
      pattern ^= patternBitsOf(at)
      unknown += spreads[at] as number
    } else if (contributions !== undefined) contributions[column.name] = added + 0 // turns -0 into 0
  }
  variance = Math.max(variance, least)
  if (unknown > 0 && !stack.patterns.has(pattern)) {
    logOdds = stack.centre + (logOdds - stack.centre) / Math.sqrt(1 + (Math.PI / 8) * unknown)
    variance += unknown
  }
  return { logOdds, variance }
}
