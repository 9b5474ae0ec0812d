/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import type { Column } from './columns.js'
import type { Design } from './design.js'

/**
 * How uncertain a score is for want of labels, prepared so that one answer costs a few operations a signal: the posterior variance of the
 * mean answer, of the way from there within each column, and of both together. What two columns have in common apart from the
 * mean would cost a thousand operations; instead, the last part is scaled so that it is right for the rows on average.
 */
export interface Uncertainty {
  readonly constant: number
  /** For each column, what is added whatever its value is. */
  readonly ofColumn: Float64Array
  /** For each feature: its variance, its covariance with the next one, and what its value adds once. */
  readonly diagonal: Float64Array
  readonly neighbour: Float64Array
  readonly linear: Float64Array
  /** No answer is more certain than this. */
  readonly least: number
}

/** What a fit knows of its weights, and the rows it was fitted to. */
export interface Posterior {
  /** By rows. */
  readonly covariance: Float64Array
  /** Of the features. */
  readonly means: Float64Array
  readonly design: Design
}

/** So many rows are enough to find one scale. */
const rowsToScale = 64

/**
 * With x the features of an answer, m their mean and u = x - m, taken apart by column c: m'Vm + 2 u'Vm + scale × Σ u_c'V_cc u_c.
 */
export function uncertaintyOf(columns: readonly Column[], posterior: Posterior): Uncertainty {
  const { covariance, means } = posterior
  const size = means.length
  const entry = (row: number, column: number): number => covariance[row * size + column] as number
  const pull = means.map((_, row) => means.reduce((sum, mean, column) => sum + mean * entry(row, column), 0))
  const ofMean = means.reduce((sum, mean, row) => sum + mean * (pull[row] as number), 0)
  const scale = scaleOf(columns, posterior)
  const linear = new Float64Array(size)
  const ofColumn = new Float64Array(columns.length)
  columns.forEach((column, at) => {
    const end = columns[at + 1]?.start ?? size
    for (let row = column.start; row < end; row += 1) {
      let own = 0
      for (let other = column.start; other < end; other += 1) own += scale * entry(row, other) * (means[other] as number)
      linear[row] = 2 * ((pull[row] as number) - own)
      ofColumn[at] = (ofColumn[at] as number) + (means[row] as number) * (own - 2 * (pull[row] as number))
    }
  })
  return {
    constant: ofMean,
    ofColumn,
    diagonal: means.map((_, row) => scale * entry(row, row)),
    neighbour: means.map((_, row) => (row + 1 < size ? scale * entry(row, row + 1) : 0)),
    linear,
    least: ofMean / 2,
  }
}

/** The mean of u'Vu over rows, as a multiple of what it is without what the columns have in common. */
function scaleOf(columns: readonly Column[], { covariance, means, design }: Posterior): number {
  const size = means.length
  let [whole, apart] = [0, 0]
  for (let row = 0; row < design.rows; row += Math.ceil(design.rows / rowsToScale)) {
    const away = means.map((mean) => -mean)
    away[0] = 0
    for (let place = row * design.columns; place < (row + 1) * design.columns; place += 1) {
      const feature = design.index[place] as number
      away[feature] = (away[feature] as number) + (design.first[place] as number)
      const second = design.second[place] as number
      if (second !== 0) away[feature + 1] = (away[feature + 1] as number) + second
    }
    const between = (from: number, to: number): number => {
      let sum = 0
      for (let a = from; a < to; a += 1)
        for (let b = from; b < to; b += 1) sum += (away[a] as number) * (covariance[a * size + b] as number) * (away[b] as number)
      return sum
    }
    whole += between(0, size)
    columns.forEach(({ start }, at) => {
      apart += between(start, columns[at + 1]?.start ?? size)
    })
  }
  return apart > 0 ? whole / apart : 1
}
