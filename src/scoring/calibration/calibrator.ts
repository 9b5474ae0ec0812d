/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import { logLossOf, logOddsOf } from '../logistic.js'
import { isotonic } from './isotonic.js'
import { fitSmall } from './small-logistic.js'

/** Log odds with their truth, cross-fitted: from weights that had not seen the task. */
export interface Scored {
  readonly logOdds: Float64Array
  /** 1 for right. */
  readonly correct: Uint8Array
  readonly fold: Uint8Array
  readonly folds: number
  readonly tasks: number
}

export const calibrationMethods = ['none', 'platt', 'beta', 'isotonic'] as const
export type CalibrationMethod = (typeof calibrationMethods)[number]

/** From log odds to calibrated log odds; never decreasing. */
export interface Calibrator {
  readonly method: CalibrationMethod
  readonly apply: (logOdds: number) => number
}

/** Below so many tasks the prior of the stack is calibration enough; a second fit to the same few labels only adds noise. */
const tasksForPlatt = 50
const tasksForBeta = 200
const tasksForIsotonic = 1_000
/** A method with more freedom must be better by so much log loss per label, on tasks it has not seen. */
const gainMin = 5e-4

/** Three weights need no more rows than this; evenly spread ones are taken. */
const rowsMax = 3_000

/** The calibration method that the number of tasks allows and that fares best on tasks it has not seen. */
export function chooseCalibrator(scored: Scored): Calibrator {
  if (scored.tasks < tasksForPlatt) return fitCalibrator('none', scored)
  const allowed: CalibrationMethod[] = ['platt']
  if (scored.tasks >= tasksForBeta) allowed.push('beta')
  if (scored.tasks >= tasksForIsotonic) allowed.push('isotonic')
  let best: CalibrationMethod = 'platt'
  if (allowed.length > 1) {
    let lossMin = Infinity
    // Pairs of folds as one: five are enough to choose by.
    const halved = { ...scored, fold: scored.fold.map((fold) => fold >> 1), folds: (scored.folds + 1) >> 1 }
    for (const method of allowed) {
      const loss = meanLoss(crossCalibrate(method, halved), scored.correct)
      if (loss >= lossMin - gainMin) continue
      lossMin = loss
      best = method
    }
  }
  return fitCalibrator(best, scored)
}

/** Calibrated log odds for each row, by a calibrator that has not seen its fold. */
export function crossCalibrate(method: CalibrationMethod, scored: Scored): Float64Array {
  const result = new Float64Array(scored.logOdds.length)
  for (let fold = 0; fold < scored.folds; fold += 1) {
    const { apply } = fitCalibrator(method, scored, fold)
    scored.fold.forEach((of, row) => {
      if (of === fold) result[row] = apply(scored.logOdds[row] as number)
    })
  }
  return result
}

/** Fits one method; `without` leaves a fold out. */
export function fitCalibrator(method: CalibrationMethod, scored: Scored, without = -1): Calibrator {
  if (method === 'none') return { method, apply: (logOdds) => logOdds }
  const every = Math.ceil(scored.fold.length / rowsMax)
  const rows = Int32Array.from(scored.fold.keys()).filter((row) => scored.fold[row] !== without && row % every === 0)
  if (method === 'platt') return { method, apply: platt(scored, rows) }
  if (method === 'beta') return { method, apply: beta(scored, rows) }
  return { method, apply: steps(scored, rows) }
}

/** A line in log odds, drawn to the identity (Platt 1999, with a prior instead of smoothed labels). */
function platt({ logOdds, correct }: Scored, rows: Int32Array): (logOdds: number) => number {
  const [shift = 0, slope = 1] = fitSmall({
    rows: rows.length,
    features: (at, into) => {
      into[0] = 1
      into[1] = logOdds[rows[at] as number] as number
    },
    correct: (at) => correct[rows[at] as number] as number,
    mean: [0, 1],
    deviation: [0.5, 0.3],
    lowest: [-Infinity, 0.05],
  })
  return (value) => shift + slope * value
}

/**
 * Different slopes for high and for low probabilities (Kull, Silva Filho and Flach 2017), drawn to the identity.
 */
function beta({ logOdds, correct }: Scored, rows: Int32Array): (logOdds: number) => number {
  const [shift = 0, high = 1, low = 1] = fitSmall({
    rows: rows.length,
    features: (at, into) => {
      const value = logOdds[rows[at] as number] as number
      into[0] = 1
      into[1] = -logLossOf(value, 1) // log p
      into[2] = logLossOf(value, 0) // -log(1 - p)
    },
    correct: (at) => correct[rows[at] as number] as number,
    mean: [0, 1, 1],
    deviation: [0.5, 0.3, 0.3],
    lowest: [-Infinity, 0.05, 0.05],
  })
  return (value) => shift - high * logLossOf(value, 1) + low * logLossOf(value, 0)
}

/** Isotonic regression on groups of equal size, straight between their middles in log odds, so that it makes no ties. */
function steps({ logOdds, correct }: Scored, rows: Int32Array): (logOdds: number) => number {
  const sorted = rows.toSorted((a, b) => (logOdds[a] as number) - (logOdds[b] as number))
  const size = Math.max(20, Math.ceil(sorted.length / 100))
  const middles: number[] = []
  const sums: number[] = []
  const weights: number[] = []
  for (let from = 0; from < sorted.length; from += size) {
    const bin = sorted.subarray(from, from + size)
    middles.push(bin.reduce((sum, row) => sum + (logOdds[row] as number), 0) / bin.length)
    // One label spread evenly over both answers keeps every level away from 0 and 1.
    sums.push(bin.reduce((sum, row) => sum + (correct[row] as number), 0.5))
    weights.push(bin.length + 1)
  }
  const levels = isotonic(sums, weights).flatMap(({ from, to, value }) =>
    Array.from({ length: to - from + 1 }, () => logOddsOf(value)),
  )
  return (value) => interpolate(middles, levels, value)
}

/** Straight between the points; beyond the outermost ones it goes on with slope 1, so that order is kept. */
function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  const last = xs.length - 1
  let high = xs.findIndex((point) => point >= x)
  if (high === -1) high = last + 1
  const [x0 = 0, x1 = 0, y0 = 0, y1 = 0] = [xs[high - 1], xs[high], ys[high - 1], ys[high]]
  if (high === 0) return y1 + (x - x1)
  if (high > last) return y0 + (x - x0)
  return x1 === x0 ? y1 : y0 + ((x - x0) / (x1 - x0)) * (y1 - y0)
}

function meanLoss(logOdds: Float64Array, correct: Uint8Array): number {
  return logOdds.reduce((sum, value, row) => sum + logLossOf(value, correct[row] as number), 0) / Math.max(1, logOdds.length)
}
