import type { TrendVerdict } from './trend/trend-verdict.js'

/** What the listeners of each event are called with: opossum's events, then ours. */
export interface BreakerEvents<TI extends unknown[], TR> {
  fire: [args: TI]
  success: [result: TR, latencyMs: number]
  failure: [error: Error, latencyMs: number, args: TI]
  timeout: [error: Error, latencyMs: number, args: TI]
  reject: [error: Error]
  semaphoreLocked: [error: Error, latencyMs: number]
  fallback: [result: unknown, error: Error]
  open: []
  close: []
  halfOpen: [resetTimeoutMs: number]
  cacheHit: []
  cacheMiss: []
  coalesceCacheHit: []
  coalesceCacheMiss: []
  healthCheckFailed: [error: Error]
  shutdown: []
  /** The trend got significantly worse; the circuit stays closed. */
  degrading: [verdict: TrendVerdict]
  /** What was told as degrading is over. */
  recovered: []
}

/** `on` of a breaker; `Self` is the breaker. */
export type BreakerOn<TI extends unknown[], TR, Self> = <Name extends keyof BreakerEvents<TI, TR>>(
  event: Name,
  listener: (...args: BreakerEvents<TI, TR>[Name]) => void,
) => Self

/**
 * The events that opossum listens to itself. Metrics exporters ask `eventNames()` of a new breaker and listen to all of them, so
 * ours names them although nobody listens yet.
 */
export const eventNamesOfOpossum: readonly string[] = [
  'success',
  'failure',
  'fallback',
  'timeout',
  'fire',
  'reject',
  'cacheHit',
  'cacheMiss',
  'coalesceCacheHit',
  'coalesceCacheMiss',
  'open',
  'close',
  'semaphoreLocked',
]
