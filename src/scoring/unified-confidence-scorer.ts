import type { ConfidenceEstimate } from '../core/confidence.js'
import { priorConfidence, type Signals } from './prior-confidence.js'

/**
 * Says how likely an answer is right, from whatever is known about it. Without labels it is an informed guess that says so:
 * `state: 'prior'`, `samples: 0`.
 *
 * @example
 * ```ts
 * const { probability } = new UnifiedConfidenceScorer().score({ commandPasses: 1, candidatePlausibility: 0.9, linesChanged: 2 })
 * expect(probability).toBeGreaterThan(0.7)
 * ```
 */
export class UnifiedConfidenceScorer {
  /**
   * A probability, the interval in which it lies nine times out of ten, and what each signal added.
   *
   * @param signals - By name; see `knownSignals` for those that are understood. What is missing or no number adds nothing.
   * @param _context - What the answer is about (model, task); a guess without labels does not depend on it.
   */
  score(signals: Signals, _context?: object): ConfidenceEstimate {
    return priorConfidence(signals)
  }
}
