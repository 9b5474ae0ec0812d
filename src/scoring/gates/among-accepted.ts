/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import { logistic } from '../logistic.js'
import { binomialTail } from './binomial.js'
import type { Certificate, GateEvidence } from './gate.js'
import { sizesOf } from './ranked.js'

interface Promise {
  readonly risk: number
  readonly delta: number
}

/** Thresholds that are tried, the strictest first: fixed beforehand, evenly spaced in log odds from 0.999 to 0.02. */
const thresholds: readonly number[] = Array.from({ length: 81 }, (_, step) => logistic(6.9 - step * 0.135))

/**
 * The lowest threshold for which the share of wrong ones among the accepted is shown to be at most `risk`, with confidence
 * 1 - `delta`: learn then test (Angelopoulos, Bates, Candès, Jordan and Lei 2021) with fixed-sequence testing. It begins with the
 * threshold at which the probabilities, without their labels, promise the clearest result, goes down, and stops at the first one that
 * fails, so no correction for trying many is due. Answers without tasks are tested by the binomial law; tasks with several answers
 * by betting on tasks.
 */
export function certifyAmongAccepted(evidence: GateEvidence, promise: Promise): Certificate {
  const sizes = sizesOf(evidence, () => true)
  const proofOf = sizes.every((size) => size <= 1) ? binomialProof : bettingProof
  const needed = -Math.log(promise.delta) - 1e-9
  const labels = (row: number): number => evidence.correct[row] as number
  const expected = (row: number): number => evidence.probability[row] as number
  const least = tasksMin(proofOf, promise)
  const proofAt = (at: number, rightOf: (row: number) => number): number => {
    const accepted = accept(evidence, { sizes, threshold: thresholds[at] ?? 1, rightOf })
    return accepted.tasks < least ? -Infinity : proofOf(accepted, promise)
  }
  // Every fourth is near enough to begin with.
  const promised = thresholds.map((_, candidate) => (candidate % 4 === 0 ? proofAt(candidate, expected) : -Infinity))
  let at = promised.indexOf(Math.max(...promised))
  let threshold: number | null = null
  for (; at < thresholds.length && proofAt(at, labels) >= needed; at += 1) threshold = thresholds[at] ?? null
  if (threshold !== null) return { threshold, tasksMissing: 0 }
  if (evidence.tasks < least)
    return {
      threshold,
      tasksMissing: least - evidence.tasks,
      because: `at least ${least} accepted tasks without a wrong answer are needed`,
    }
  return { threshold, tasksMissing: null, because: 'the surest answers are wrong too often, or too few of them are known' }
}

/** What the accepted answers of each task add up to, as shares of all its answers; nothing where none is accepted. */
interface Accepted {
  readonly right: Float64Array
  readonly wrong: Float64Array
  /** Tasks of which anything is accepted. */
  readonly tasks: number
}

/** What a threshold accepts; `rightOf` is 1 for right, or how likely it is. */
function accept(
  { probability, task, tasks }: GateEvidence,
  {
    sizes,
    threshold,
    rightOf,
  }: { readonly sizes: Float64Array; readonly threshold: number; readonly rightOf: (row: number) => number },
): Accepted {
  const right = new Float64Array(tasks)
  const wrong = new Float64Array(tasks)
  const touched = new Uint8Array(tasks)
  for (let row = 0; row < probability.length; row += 1) {
    if ((probability[row] as number) < threshold) continue
    const of = task[row] as number
    const share = 1 / (sizes[of] as number)
    const chance = rightOf(row)
    right[of] = (right[of] as number) + share * chance
    wrong[of] = (wrong[of] as number) + share * (1 - chance)
    touched[of] = 1
  }
  return { right, wrong, tasks: touched.reduce((sum, one) => sum + one, 0) }
}

/** Minus the logarithm of the probability that so few are wrong although the promise does not hold. */
function binomialProof({ wrong, tasks }: Accepted, { risk }: Promise): number {
  const count = Math.ceil(wrong.reduce((sum, one) => sum + one, 0) - 1e-9)
  return -Math.log(Math.max(Number.MIN_VALUE, binomialTail(count, tasks, risk)))
}

/**
 * The logarithm of what is won by betting that a task's accepted answers are wrong less often than `risk`: a fortune starts at 1 and is
 * multiplied by 1 - stake × (wrong - risk × accepted) with each task, which on average wins nothing when the promise does not hold. A
 * fortune of 1 / delta is therefore proof enough (Waudby-Smith and Ramdas 2023). The mean over fixed stakes does not depend on the order.
 */
function bettingProof({ right, wrong }: Accepted, { risk }: Promise): number {
  const logs = stakes.map((share) => {
    const stake = share / (1 - risk)
    let log = 0
    let fortune = 1
    for (let of = 0; of < right.length; of += 1) {
      fortune *= 1 - stake * ((wrong[of] as number) * (1 - risk) - (right[of] as number) * risk)
      // One logarithm for many factors is enough, before the product leaves the range of numbers.
      if (fortune > 1e-100 && fortune < 1e100) continue
      log += Math.log(fortune)
      fortune = 1
    }
    return log + Math.log(fortune)
  })
  const most = Math.max(...logs)
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0) / logs.length)
}

/** Shares of the highest stake that cannot lose everything. */
const stakes: readonly number[] = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

/** How many tasks, all accepted and right, are proof enough. */
function tasksMin(proofOf: typeof binomialProof, promise: Promise): number {
  const proofBy = (tasks: number): number =>
    proofOf({ right: new Float64Array(tasks).fill(1), wrong: new Float64Array(tasks), tasks }, promise)
  let [low, high] = [0, 1]
  while (proofBy(high) < -Math.log(promise.delta) - 1e-9 && high < tasksMax) [low, high] = [high, high * 2]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (proofBy(middle) < -Math.log(promise.delta) - 1e-9) low = middle
    else high = middle
  }
  return high
}

const tasksMax = 1 << 17
