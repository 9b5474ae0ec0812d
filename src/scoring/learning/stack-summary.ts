/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import type { Column } from './columns.js'
import { scramble } from './content-hash.js'
import { logOddsAt, type Design } from './design.js'

const patternsMax = 1_024

/** What a stack remembers of the rows it was fitted to. */
export interface StackSummary {
  /** The mean log odds of the rows: where a score falls back to when signals are missing as never before. */
  readonly centre: number
  /** How much each column's contribution varied over the rows: what is not known when it is missing for once. */
  readonly spreads: Float64Array
  /** The patterns of missing signals that the rows had. */
  readonly patterns: ReadonlySet<number>
  /** The mean of each feature. */
  readonly means: Float64Array
}

/** Goes over the rows once more, with the weights that were fitted. */
export function summarise(design: Design, columns: readonly Column[], weights: Float64Array): StackSummary {
  const width = columns.length
  const sums = new Float64Array(width)
  const squares = new Float64Array(width)
  const counts = new Float64Array(width)
  const means = new Float64Array(design.size)
  const patterns = new Set<number>()
  means[0] = 1
  let total = 0
  for (let row = 0; row < design.rows; row += 1) {
    let pattern = 0
    for (let at = 0; at < width; at += 1) {
      const place = row * width + at
      const feature = design.index[place] as number
      const first = design.first[place] as number
      const second = design.second[place] as number
      means[feature] = (means[feature] as number) + first / design.rows
      if (second !== 0) means[feature + 1] = (means[feature + 1] as number) + second / design.rows
      if (feature === (columns[at] as Column).missing) {
        pattern ^= patternBitsOf(at)
        continue
      }
      const added = first * (weights[feature] as number) + (second === 0 ? 0 : second * (weights[feature + 1] as number))
      sums[at] = (sums[at] as number) + added
      squares[at] = (squares[at] as number) + added * added
      counts[at] = (counts[at] as number) + 1
    }
    if (patterns.size < patternsMax) patterns.add(pattern)
    total += logOddsAt(design, row, weights)
  }
  const spreads = sums.map((sum, at) => {
    const count = Math.max(1, counts[at] as number)
    return Math.max(0, (squares[at] as number) / count - (sum / count) ** 2)
  })
  return { centre: total / Math.max(1, design.rows), spreads, patterns, means }
}

/** 32 bits that stand for one column in a pattern of missing signals. */
export function patternBitsOf(column: number): number {
  return scramble(column + 1)
}
