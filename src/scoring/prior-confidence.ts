import type { ConfidenceEstimate } from '../core/confidence.js'
import { knownSignals, type KnownSignal } from './known-signals.js'
import { logistic } from './logistic.js'
import { answerSignals } from './signals/answer-signals.js'
import { readKnown, worthOf, type Signals } from './signals/signal-value.js'

export type { Signals } from './signals/signal-value.js'

/**
 * What can be said about an answer before any label: the known signals added up in log odds from a base rate. It is a guess
 * with reasons, and says so (`prior`, no samples). A missing signal adds nothing and leaves the interval wider; unknown names
 * are not read. Better evidence never lowers the probability.
 *
 * @param registry - The signals that are understood.
 */
export function priorConfidence(signals: Signals, registry: readonly KnownSignal[] = understood): ConfidenceEstimate {
  const contributions: Record<string, number> = {}
  let logOdds = baseLogOdds
  let precision = basePrecision
  // In the order of the registry, not of the caller: sums of floating-point numbers depend on it.
  for (const known of registry) {
    const value = readKnown(signals, known)
    if (value === undefined) continue
    const added = worthOf(known, value)
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

/** Of the patches and answers that anyone proposes, about three in ten are right; nothing is known yet about this one. */
export const baseLogOdds = Math.log(0.3 / 0.7)

/** A standard deviation of 1.5 in log odds: without any signal nearly everything is possible. */
const basePrecision = 1 / 1.5 ** 2

/** Nine in ten of a normal distribution lie within so many standard deviations of its mean. */
const intervalDeviations = 1.645

const understood: readonly KnownSignal[] = [...knownSignals, ...answerSignals]
