import { betaQuantile } from './beta.js'
import type { Pattern } from './pattern.js'

/** What attempts say about the next one. */
export interface Posterior {
  /** 0..1. */
  readonly probability: number
  /** The rate is above this with probability 0.95: what patterns are ranked by, so that one success is not worth eighty. */
  readonly lowerBound: number
  /** The rate is below this with probability 0.95. */
  readonly upperBound: number
}

/** Counts that a posterior is made of. */
export type Counts = Pick<Pattern, 'worked' | 'failed' | 'plausibilitySum'>

/** How many attempts the repairer's own word is worth. */
const wordWeight = 2

/**
 * Beta posterior of the rate of success. The bounds hear the attempts alone, over a uniform prior: nobody gets ahead by thinking
 * well of himself. The mean also hears what the repairer itself thought, as if that were two attempts.
 *
 * @param weight - What one attempt counts, 0..1: less than 1 when it was made at another, similar class of faults.
 */
export function posteriorOf(counts: Counts, weight = 1): Posterior {
  const a = 1 + counts.worked * weight
  const b = 1 + counts.failed * weight
  return {
    probability: probabilityOf(counts, weight),
    lowerBound: betaQuantile(0.05, a, b),
    upperBound: betaQuantile(0.95, a, b),
  }
}

/** The mean of {@link posteriorOf} alone, which costs next to nothing. */
export function probabilityOf({ worked, failed, plausibilitySum }: Counts, weight = 1): number {
  const attempts = worked + failed
  // Never wholly sure beforehand: a word of 0 or 1 would leave little to learn.
  const word = attempts === 0 ? 0.5 : Math.min(0.98, Math.max(0.02, plausibilitySum / attempts))
  return (worked * weight + wordWeight * word) / (attempts * weight + wordWeight)
}
