/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import { logistic, logLossOf } from '../logistic.js'
import { factorise, solve } from './cholesky.js'
import { logOddsAt, type Design } from './design.js'
import type { Prior } from './prior.js'

/** The rows to be fitted, their truth, and the fold of each: the rows of one task share a fold. */
export interface Labelled {
  readonly design: Design
  /** 1 for right. */
  readonly correct: Uint8Array
  readonly fold: Uint8Array
  readonly folds: number
}

/** Where the posterior is highest. */
export interface Optimum {
  readonly weights: Float64Array
  /** Cholesky factor of the posterior precision, by rows. */
  readonly factor: Float64Array
  readonly pass: Pass
}

/** Curvature and slope of the log likelihood: of all rows, and of each fold by itself. */
interface Pass {
  readonly hessian: Float64Array
  readonly gradient: Float64Array
  readonly hessians: readonly Float64Array[]
  readonly gradients: readonly Float64Array[]
}

const stepsMax = 60
/** Curvature is well known from so many rows; of more, every second, third … is taken. The slope, which decides, is always of all. */
const rowsForCurvature = 3_000
/** After a shorter step than this the curvature is as good as new, and the slope alone, a twentieth of the work, is enough. */
const refreshBeyond = 0.3

/**
 * Maximum a posteriori logistic regression by Newton's method, with weights that may be held at zero or above.
 *
 * @param options - `start`: where to begin; the answer does not depend on it beyond `tolerance`, the greatest change of a weight in
 *   the last step.
 */
export function fitLogistic(
  labelled: Labelled,
  prior: Prior,
  { start = prior.mean, tolerance = 0.03 }: { readonly start?: Float64Array | undefined; readonly tolerance?: number } = {},
): Optimum {
  let weights: Float64Array = Float64Array.from(start)
  let loss = penalisedLoss(labelled, prior, weights)
  let distance = Infinity
  let hessians: readonly Float64Array[] | undefined
  for (let steps = 1; ; steps += 1) {
    const pass = passOver(labelled, weights, distance > refreshBeyond ? undefined : hessians)
    hessians = pass.hessians
    const { step, factor } = newtonStep(pass, prior, weights, -1)
    let next = moved(weights, step, 1, prior)
    let nextLoss = penalisedLoss(labelled, prior, next)
    // Newton's method may overshoot far from the optimum; half a step, again and again, always gets there.
    for (let share = 0.5; !(nextLoss <= loss + 1e-9 * loss) && share > 1e-3; share /= 2) {
      next = moved(weights, step, share, prior)
      nextLoss = penalisedLoss(labelled, prior, next)
    }
    distance = next.reduce((most, weight, index) => Math.max(most, Math.abs(weight - (weights[index] as number))), 0)
    // The last step is so short that curvature and slope are still those of the pass.
    if (distance < tolerance || steps === stepsMax) return { weights: next, factor, pass }
    weights = next
    loss = nextLoss
  }
}

/**
 * For each row, log odds by weights that have not seen its fold: one more Newton step that leaves the fold's rows out, which
 * needs no further pass over the rows.
 */
export function leaveFoldsOut({ design, fold, folds }: Labelled, prior: Prior, { weights, pass }: Optimum): Float64Array {
  const without = Array.from({ length: folds }, (_, left) =>
    moved(weights, newtonStep(pass, prior, weights, left).step, 1, prior),
  )
  const logOdds = new Float64Array(design.rows)
  for (let row = 0; row < design.rows; row += 1) logOdds[row] = logOddsAt(design, row, without[fold[row] as number] ?? weights)
  return logOdds
}

/**
 * Curvature and slope at `weights`. Plainly written for speed: nearly all of the time of a fit goes into the inner loops.
 *
 * @param kept - Curvatures to be used again.
 */
function passOver(
  { design, correct, fold, folds }: Labelled,
  weights: Float64Array,
  kept: readonly Float64Array[] | undefined,
): Pass {
  const { size, columns, index, first, second } = design
  const hessians = kept ?? Array.from({ length: folds }, () => new Float64Array(size * size))
  const gradients = Array.from({ length: folds }, () => new Float64Array(size))
  const every = Math.max(1, Math.floor(design.rows / rowsForCurvature))
  const features = new Int32Array(1 + 2 * columns)
  const values = new Float64Array(1 + 2 * columns)
  values[0] = 1
  for (let row = 0; row < design.rows; row += 1) {
    // The features of the row that are not zero, in ascending order. All indexes below come from the design.
    let count = 1
    let sum = weights[0] as number
    for (let place = row * columns; place < (row + 1) * columns; place += 1) {
      const feature = index[place] as number
      const value = first[place] as number
      if (value !== 0) {
        features[count] = feature
        values[count++] = value
        sum += value * (weights[feature] as number)
      }
      const share = second[place] as number
      if (share !== 0) {
        features[count] = feature + 1
        values[count++] = share
        sum += share * (weights[feature + 1] as number)
      }
    }
    const probability = logistic(sum)
    const residual = (correct[row] as number) - probability
    const curvature = every * probability * (1 - probability)
    const isCurved = kept === undefined && row % every === 0
    const hessian = hessians[fold[row] as number] as Float64Array
    const gradient = gradients[fold[row] as number] as Float64Array
    for (let a = 0; a < count; a += 1) {
      const feature = features[a] as number
      const value = values[a] as number
      gradient[feature] = (gradient[feature] as number) + residual * value
      if (!isCurved) continue
      const weighted = curvature * value
      const base = feature * size
      for (let b = 0; b <= a; b += 1) {
        const place = base + (features[b] as number)
        hessian[place] = (hessian[place] as number) + weighted * (values[b] as number)
      }
    }
  }
  return { hessian: total(hessians), gradient: total(gradients), hessians, gradients }
}

function total(parts: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(parts[0]?.length ?? 0)
  for (const part of parts)
    for (let place = 0; place < sum.length; place += 1) sum[place] = (sum[place] as number) + (part[place] as number)
  return sum
}

/** The step to the optimum of the quadratic model, without the rows of one fold (-1: with all). */
function newtonStep(
  { hessian, gradient, hessians, gradients }: Pass,
  { mean, precision, nonNegative }: Prior,
  weights: Float64Array,
  without: number,
): { readonly step: Float64Array; readonly factor: Float64Array } {
  const size = mean.length
  const matrix = new Float64Array(size * size)
  const step = Float64Array.from(gradient)
  const leftHessian = hessians[without]
  for (let row = 0; row < size; row += 1) {
    for (let place = row * size; place <= row * size + row; place += 1)
      matrix[place] =
        (precision[place] as number) +
        (hessian[place] as number) -
        (leftHessian === undefined ? 0 : (leftHessian[place] as number))
  }
  gradients[without]?.forEach((slope, feature) => {
    step[feature] = (step[feature] as number) - slope
  })
  for (let row = 0; row < size; row += 1) {
    let pull = 0
    for (let column = 0; column < size; column += 1)
      pull += (precision[row * size + column] as number) * ((weights[column] as number) - (mean[column] as number))
    step[row] = (step[row] as number) - pull
  }
  for (let feature = 0; feature < size; feature += 1) {
    // A weight at its bound that wants to go below stays there: its row and column leave the system.
    if (nonNegative[feature] !== 1 || (weights[feature] as number) > 0 || (step[feature] as number) > 0) continue
    for (let other = 0; other < size; other += 1) matrix[other < feature ? feature * size + other : other * size + feature] = 0
    matrix[feature * size + feature] = 1
    step[feature] = 0
  }
  // The prior alone is positive definite, and curvature only adds to it.
  factorise(matrix, size)
  solve(matrix, step)
  return { step, factor: matrix }
}

function moved(weights: Float64Array, step: Float64Array, share: number, { nonNegative }: Prior): Float64Array {
  return weights.map((weight, index) => {
    const next = weight + share * (step[index] as number)
    return nonNegative[index] === 1 ? Math.max(0, next) : next
  })
}

/** What Newton's method makes small: the log loss of all rows and the distance from the prior. */
function penalisedLoss({ design, correct }: Labelled, { mean, precision }: Prior, weights: Float64Array): number {
  let loss = 0
  for (let row = 0; row < design.rows; row += 1) loss += logLossOf(logOddsAt(design, row, weights), correct[row] as number)
  const size = mean.length
  for (let row = 0; row < size; row += 1) {
    const apart = (weights[row] as number) - (mean[row] as number)
    for (let column = 0; column < size; column += 1)
      loss += (apart * (precision[row * size + column] as number) * ((weights[column] as number) - (mean[column] as number))) / 2
  }
  return loss
}
