import type { ConfidenceEstimate } from '../core/confidence.js'
import { knownSignals, type KnownSignal } from './known-signals.js'

/** What is known about an answer, by name; `undefined`, not a number, or out of its range counts as missing. */
export type Signals = Readonly<Record<string, number | boolean | undefined>>

/**
 * What can be said about an answer before any label: the known signals added up in log odds from a base rate. It is a guess
 * with reasons, and says so (`prior`, no samples). A missing signal adds nothing and leaves the interval wider; unknown names
 * are not read. Better evidence never lowers the probability.
 */
export function priorConfidence(signals: Signals): ConfidenceEstimate {
  const contributions: Record<string, number> = {}
  let logOdds = baseLogOdds
  let precision = basePrecision
  // In the order of the registry, not of the caller: sums of floating-point numbers depend on it.
  for (const known of knownSignals) {
    const value = valueOf(signals, known)
    if (value === undefined) continue
    const added = known.logOdds(value) + 0 // turns -0 into 0
    contributions[known.name] = added
    logOdds += added
    precision += known.precision
  }
  const reach = intervalDeviations / Math.sqrt(precision)
  return {
    probability: logistic(logOdds),
    interval: [logistic(logOdds - reach), logistic(logOdds + reach)],
    contributions,
    state: 'prior',
    samples: 0,
  }
}

/** Of the patches that anyone proposes, about three in ten are right; nothing is known yet about this one. */
const baseLogOdds = Math.log(0.3 / 0.7)

/** A standard deviation of 1.5 in log odds: without any signal nearly everything is possible. */
const basePrecision = 1 / 1.5 ** 2

/** Nine in ten of a normal distribution lie within so many standard deviations of its mean. */
const intervalDeviations = 1.645

function valueOf(signals: Signals, { name, range: [min, max] }: KnownSignal): number | undefined {
  if (!Object.hasOwn(signals, name)) return undefined
  const given = signals[name]
  const value = typeof given === 'boolean' ? Number(given) : given
  // Also false for NaN, and for what a caller without types may pass.
  return typeof value === 'number' && value >= min && value <= max ? value : undefined
}

/** Never overflows: a great exponent gives 0, a small one 1. */
function logistic(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds))
}
