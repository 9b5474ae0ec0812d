/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import { factorise, solve } from '../learning/cholesky.js'
import { logistic } from '../logistic.js'

/** A logistic regression with two or three weights, each with a normal prior. */
export interface SmallProblem {
  /** Number of rows. */
  readonly rows: number
  /** Writes the features of a row. */
  readonly features: (row: number, into: Float64Array) => void
  /** 1 for right. */
  readonly correct: (row: number) => number
  /** What is added to the log odds of a row whatever the weights are. */
  readonly offset?: (row: number) => number
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
  /** No weight goes below its bound. */
  readonly lowest: readonly number[]
}

const stepsMax = 25

/** The most probable weights, by Newton's method; steps are kept short, so that far starts and separable data converge too. */
export function fitSmall({ rows, features, correct, offset, mean, deviation, lowest }: SmallProblem): Float64Array {
  const size = mean.length
  const weights = Float64Array.from(mean)
  const row = new Float64Array(size)
  for (let steps = 0; steps < stepsMax; steps += 1) {
    const slope = weights.map((weight, a) => -(weight - (mean[a] as number)) / (deviation[a] ?? 1) ** 2)
    const curvature = new Float64Array(size * size)
    for (let a = 0; a < size; a += 1) curvature[a * size + a] = 1 / (deviation[a] ?? 1) ** 2
    for (let at = 0; at < rows; at += 1) {
      features(at, row)
      let sum = offset === undefined ? 0 : offset(at)
      for (let a = 0; a < size; a += 1) sum += (row[a] as number) * (weights[a] as number) // a < size
      const probability = logistic(sum)
      const residual = correct(at) - probability
      const weight = probability * (1 - probability)
      for (let a = 0; a < size; a += 1) {
        const value = row[a] as number // a < size, as in the indexes below
        slope[a] = (slope[a] as number) + residual * value
        for (let b = 0; b <= a; b += 1)
          curvature[a * size + b] = (curvature[a * size + b] as number) + weight * value * (row[b] as number)
      }
    }
    factorise(curvature, size)
    solve(curvature, slope)
    let moved = 0
    for (let a = 0; a < size; a += 1) {
      const step = Math.max(-1, Math.min(1, slope[a] as number))
      const next = Math.max(lowest[a] ?? -Infinity, (weights[a] as number) + step)
      moved = Math.max(moved, Math.abs(next - (weights[a] as number)))
      weights[a] = next
    }
    if (moved < 1e-6) break
  }
  return weights
}
