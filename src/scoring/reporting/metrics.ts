/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import { logOddsOf } from '../logistic.js'

/** One part of the answers, by probability: how sure they were, and how often they were right. */
export interface ReliabilityBin {
  /** The lowest and the highest probability in it. */
  readonly from: number
  readonly to: number
  readonly samples: number
  /** Mean probability. */
  readonly confidence: number
  /** Share of right ones. */
  readonly accuracy: number
}

/** One point of the risk-coverage curve: accept the surest `coverage` of all answers, and `risk` of these are wrong. */
export interface CoveragePoint {
  readonly coverage: number
  readonly risk: number
}

/** How good probabilities are, on answers whose truth is known. */
export interface Metrics {
  readonly samples: number
  /** Share of right ones. */
  readonly baseRate: number
  /** Expected calibration error over 15 bins of equal mass, 0..1. */
  readonly ece: number
  /** Mean squared error of the probability, 0..1; 0.25 for always saying one half. */
  readonly brier: number
  /** Mean natural-logarithmic loss. */
  readonly logLoss: number
  /** Probability that a right answer gets more than a wrong one, 0..1; `null` when all are right or all are wrong. */
  readonly auroc: number | null
  readonly reliability: readonly ReliabilityBin[]
  readonly riskCoverage: readonly CoveragePoint[]
}

const binsMax = 15
const coverageSteps = 20

/**
 * Measures probabilities against the truth.
 *
 * @param probability - 0..1.
 * @param correct - 1 for right; of the same length.
 */
export function measure(probability: Float64Array, correct: Uint8Array): Metrics {
  const samples = probability.length
  const order = Int32Array.from(probability.keys()).sort((a, b) => (probability[a] as number) - (probability[b] as number))
  const right = correct.reduce((sum, value) => sum + value, 0)
  let brier = 0
  let logLoss = 0
  probability.forEach((value, row) => {
    const truth = correct[row] as number
    brier += (value - truth) ** 2
    const logOdds = logOddsOf(value)
    logLoss += Math.log1p(Math.exp(truth === 1 ? -logOdds : logOdds))
  })
  const reliability = binsOf(probability, correct, order)
  const share = (sum: number): number => (samples === 0 ? 0 : sum / samples)
  return {
    samples,
    baseRate: share(right),
    ece: share(reliability.reduce((sum, bin) => sum + bin.samples * Math.abs(bin.confidence - bin.accuracy), 0)),
    brier: share(brier),
    logLoss: share(logLoss),
    auroc: aurocOf(probability, correct, order),
    reliability,
    riskCoverage: riskCoverageOf(correct, order),
  }
}

function binsOf(probability: Float64Array, correct: Uint8Array, order: Int32Array): readonly ReliabilityBin[] {
  const count = Math.min(binsMax, order.length)
  return Array.from({ length: count }, (_, bin) => {
    const rows = order.subarray(Math.floor((bin * order.length) / count), Math.floor(((bin + 1) * order.length) / count))
    const mean = (values: Float64Array | Uint8Array): number =>
      rows.reduce((sum, row) => sum + (values[row] as number), 0) / rows.length
    return {
      from: probability[rows[0] as number] as number,
      to: probability[rows.at(-1) ?? 0] as number,
      samples: rows.length,
      confidence: mean(probability),
      accuracy: mean(correct),
    }
  })
}

/** The share of pairs in the right order; ties count half (Mann and Whitney 1947). */
function aurocOf(probability: Float64Array, correct: Uint8Array, order: Int32Array): number | null {
  let inOrder = 0
  let wrongBefore = 0
  let rightBefore = 0
  for (let from = 0; from < order.length;) {
    let right = 0
    let to = from
    for (; to < order.length && probability[order[to] as number] === probability[order[from] as number]; to += 1)
      right += correct[order[to] as number] as number
    const wrong = to - from - right
    inOrder += right * (wrongBefore + wrong / 2)
    wrongBefore += wrong
    rightBefore += right
    from = to
  }
  return wrongBefore === 0 || rightBefore === 0 ? null : inOrder / (wrongBefore * rightBefore)
}

function riskCoverageOf(correct: Uint8Array, order: Int32Array): readonly CoveragePoint[] {
  const points: CoveragePoint[] = []
  let wrong = 0
  let accepted = 0
  for (let step = 1; step <= coverageSteps && order.length > 0; step += 1) {
    for (const most = Math.round((step / coverageSteps) * order.length); accepted < most; accepted += 1)
      wrong += 1 - (correct[order[order.length - 1 - accepted] as number] as number)
    if (accepted > 0) points.push({ coverage: accepted / order.length, risk: wrong / accepted })
  }
  return points
}
