/** Signals in, a probability out. */
export type { ConfidenceEstimate } from '../core/confidence.js'
export { UnifiedConfidenceScorer } from './unified-confidence-scorer.js'
