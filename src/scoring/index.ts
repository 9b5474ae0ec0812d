/** Signals in, a probability out. */
export type { ConfidenceEstimate } from '../core/confidence.js'
export { UnifiedConfidenceScorer } from './unified-confidence-scorer.js'
export { knownSignals, type KnownSignal } from './known-signals.js'
