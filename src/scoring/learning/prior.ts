/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import { factorise, inverse } from './cholesky.js'
import type { Columns, LearntColumn } from './columns.js'

/** How far the curves may bend before the labels say so. */
export interface Stiffness {
  /** Standard deviation of a curve's slope: log odds for one step of its normal score. */
  readonly slope: number
  /** Standard deviation of the deviations from a straight line, in log odds. */
  readonly bend: number
}

/** What is believed before labels: normal, with a mean and a precision matrix (by rows). */
export interface Prior {
  readonly mean: Float64Array
  readonly precision: Float64Array
  /** 1 for weights that may not be negative. */
  readonly nonNegative: Uint8Array
}

const constantDeviation = 2
const missingDeviation = 0.5
const knownDeviation = 0.4
/** How much all signals whose names hint at a direction are worth together: log odds for one step of all their normal scores. */
const hintedWorth = 1.2

/**
 * The prior of the weights: known signals are worth what the registry says (weight 1), a curve starts as the straight line that
 * its name hints at, or flat. Knots near each other move together (exponential covariance over their normal scores).
 *
 * @param base - Mean of the constant, in log odds.
 */
export function priorOf({ columns, size }: Columns, stiffness: Stiffness, base: number): Prior {
  const mean = new Float64Array(size)
  const precision = new Float64Array(size * size)
  const nonNegative = new Uint8Array(size)
  const setDiagonal = (feature: number, deviation: number): void => {
    precision[feature * size + feature] = 1 / deviation ** 2
  }
  mean[0] = base
  setDiagonal(0, constantDeviation)
  const hinted = columns.filter((column) => column.kind === 'learnt' && column.hint !== 0).length
  for (const column of columns) {
    if (column.missing >= 0) setDiagonal(column.missing, missingDeviation)
    if (column.kind === 'known') {
      mean[column.start] = 1
      nonNegative[column.start] = 1
      setDiagonal(column.start, knownDeviation)
      continue
    }
    const block = curvePrecision(column, stiffness)
    const count = column.knots.length
    for (let row = 0; row < count; row += 1) {
      mean[column.start + row] = (hintedWorth / Math.sqrt(Math.max(1, hinted))) * column.hint * (column.scores[row] as number)
      precision.set(block.subarray(row * count, (row + 1) * count), (column.start + row) * size + column.start)
    }
  }
  return { mean, precision, nonNegative }
}

function curvePrecision({ scores }: LearntColumn, { slope, bend }: Stiffness): Float64Array {
  const count = scores.length
  const covariance = new Float64Array(count * count)
  scores.forEach((a, row) =>
    scores.forEach((b, column) => {
      const apart = Math.abs(a - b)
      // The last term keeps the matrix positive definite when two scores are equal.
      covariance[row * count + column] = slope ** 2 * a * b + bend ** 2 * Math.exp(-apart) + (row === column ? 1e-4 : 0)
    }),
  )
  factorise(covariance, count)
  return inverse(covariance, count)
}
