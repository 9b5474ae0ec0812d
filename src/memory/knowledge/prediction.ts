import type { ConfidenceEstimate } from '../../core/confidence.js'
import type { Recipe } from '../../core/experience.js'
import type { Pattern } from './pattern.js'
import { posteriorOf, type Posterior } from './posterior.js'

/** What is likely to heal a fault, by what was tried before. */
export interface Prediction extends Posterior {
  readonly strategy: string
  /** How it is done again, where it can be said. */
  readonly recipe?: Recipe
  readonly parameters: Readonly<Record<string, string>>
  /** Faults it worked for, the latest first. */
  readonly fingerprints: readonly string[]
  /** `exact`: tried at this class of faults; `similar`: at one whose message is much like it. */
  readonly match: 'exact' | 'similar'
  /** Of the two classes, 0..1; 1 for the same one. */
  readonly similarity: number
  readonly worked: number
  readonly failed: number
  /** What the repairer itself thought, on average, 0..1. */
  readonly plausibility: number
  /** Of one attempt. */
  readonly costMsMean: number
  /** The calibrated one, where a scorer has labels; else the posterior itself. */
  readonly confidence: ConfidenceEstimate
}

/** What a scorer is given and taught, and what Knowledge needs of one. `UnifiedConfidenceScorer` fits; give it one of its own. */
export interface PredictionScorer {
  score(signals: Readonly<Record<string, number | undefined>>, context?: object): ConfidenceEstimate
  learn(outcome: {
    readonly signals: Readonly<Record<string, number | undefined>>
    readonly correct: boolean
    readonly group?: string
    readonly context?: object
  }): void
}

/** One pattern as a prediction. */
export function predictionOf(pattern: Pattern, similarity: number, scorer: PredictionScorer | undefined): Prediction {
  const { strategy, worked, failed, costMs, plausibilitySum, detail } = pattern
  const attempts = Math.max(1, worked + failed)
  // What was seen at another class counts for less than its likeness says: names alike are not causes alike.
  const posterior = posteriorOf(pattern, similarity * similarity)
  return {
    strategy,
    ...(detail?.recipe !== undefined && { recipe: detail.recipe }),
    parameters: detail?.parameters ?? {},
    fingerprints: detail?.fingerprints ?? [],
    match: similarity === 1 ? 'exact' : 'similar',
    similarity,
    worked,
    failed,
    plausibility: plausibilitySum / attempts,
    costMsMean: costMs / attempts,
    ...posterior,
    confidence: confidenceOf(pattern, posterior, scorer),
  }
}

/** Signals by which a scorer judges a prediction, as they were before the attempt. */
export function signalsOf({ worked, failed }: Pattern, { probability, lowerBound }: Posterior): Record<string, number> {
  return { learntProbability: probability, learntLowerBound: lowerBound, learntAttempts: Math.log1p(worked + failed) }
}

/** Where a base rate of its own may apply. */
export function contextOf({ category, strategy }: Pattern): object {
  return { taskType: category, strategy }
}

/** Best first: by what the rate is above in all likelihood, then the cheaper one, then by name. */
export function byWorth(a: Prediction, b: Prediction): number {
  return (
    b.lowerBound - a.lowerBound ||
    b.similarity - a.similarity ||
    a.costMsMean - b.costMsMean ||
    (a.strategy < b.strategy ? -1 : a.strategy > b.strategy ? 1 : 0)
  )
}

function confidenceOf(pattern: Pattern, posterior: Posterior, scorer: PredictionScorer | undefined): ConfidenceEstimate {
  const scored = scorer?.score(signalsOf(pattern, posterior), contextOf(pattern))
  if (scored?.state === 'learning' || scored?.state === 'calibrated') return scored
  const { probability, lowerBound, upperBound } = posterior
  const samples = pattern.worked + pattern.failed
  return {
    probability,
    interval: [lowerBound, upperBound],
    contributions: {},
    state: samples === 0 ? 'prior' : 'learning',
    samples,
  }
}
