/** The circuit breaker with opossum's contract, the detector behind it, and what belongs to them: levels, budgets, load, attempts. */
export type { BreakerOptions } from './breaker-options.js'
export { TrendAwareCircuitBreaker, type BreakerPermit } from './trend-aware-circuit-breaker.js'

export {
  Circuit,
  type CircuitLimits,
  type CircuitListener,
  type CircuitMode,
  type CircuitOptions,
  type CircuitView,
} from './circuit.js'
export type { Opening, Permit, Refusal } from './circuit.js'
export { TrendDetector, type TrendDetectorState, type TrendOptions, type TrendSample } from './trend/trend-detector.js'
export type { TrendBaseline, TrendEstimate, TrendEvidence, TrendSince } from './trend/trend-verdict.js'
export type { TrendSource, TrendState, TrendVerdict } from './trend/trend-verdict.js'

export { CircuitTree, type CircuitPlace, type CircuitTreeListener } from './levels/circuit-tree.js'
export type { CircuitTreeOptions, CircuitTreeSnapshot } from './levels/circuit-tree.js'
export type { CircuitLevel } from './levels/circuit-level.js'
export type { TreePermit, TreeRefusal } from './levels/tree-permit.js'

export { ErrorBudget, type ErrorBudgetOptions, type ErrorBudgetView } from './budget/error-budget.js'
export { RetryBudget, type RetryBudgetOptions, type RetryBudgetView } from './budget/retry-budget.js'
export { lowestFailureRatio } from './budget/failure-bound.js'

export { easedLimits } from './load/eased-limits.js'
export { LoadGauge, type LoadGaugeOptions, type LoadRange, type LoadView } from './load/load-gauge.js'
export type { LoadReadings, LoadSource } from './load/load-readings.js'

export { AttemptGovernor, type GovernorState } from './governor/attempt-governor.js'
export type { AttemptEvidence, MeasureTrend } from './governor/attempt-evidence.js'
export { attemptDecisions, judgeAttempts, type AttemptReason, type AttemptVerdict } from './governor/judge-attempts.js'
export { drawTrajectory } from './governor/draw-trajectory.js'
export { governorPresets, type GovernorLimits, type GovernorOptions } from './governor/governor-limits.js'
export type { HealingAttempt } from './governor/healing-attempt.js'
