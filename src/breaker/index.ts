/** The circuit breaker, with opossum's contract. */
export type { BreakerOptions } from './breaker-options.js'
export { TrendAwareCircuitBreaker, type BreakerPermit } from './trend-aware-circuit-breaker.js'
