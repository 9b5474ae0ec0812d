import type { EventEmitter } from 'node:events'
import type CircuitBreaker from 'opossum'

/** What opossum's statistics count. */
export type Counter = 'fires' | 'successes' | 'failures' | 'timeouts' | 'rejects' | 'fallbacks' | 'semaphoreRejections'

/** opossum's status object; its types leave `increment` out. */
export interface CountingStatus extends CircuitBreaker.Status {
  increment(counter: Counter, durationMs?: number): void
}

/** Latencies kept in each bucket when percentiles are wanted; a later one takes the place of an earlier one. */
const latenciesPerBucketMax = 1_000

/**
 * Feeds opossum's own rolling statistics, without its timers and without the latencies it would keep for nobody. They are for
 * people to read: when to trip is decided elsewhere.
 */
export class BreakerStatistics {
  readonly #status: CountingStatus
  readonly #rotator: EventEmitter
  readonly #percentiles: boolean
  readonly #bucketMs: number
  readonly #buckets: number
  #bucket: number

  /** @param rotator - What `status` hears `rotate` from; if it hears another one, whoever owns that one turns the buckets. */
  constructor(
    status: CountingStatus,
    options: {
      readonly rotator: EventEmitter
      readonly windowMs: number
      readonly buckets: number
      readonly percentiles: boolean
      readonly nowMs: number
    },
  ) {
    this.#status = status
    this.#rotator = options.rotator
    this.#percentiles = options.percentiles
    this.#bucketMs = options.windowMs / options.buckets
    this.#buckets = options.buckets
    this.#bucket = Math.floor(options.nowMs / this.#bucketMs)
  }

  /** Counts one more. `durationMs`: how long the call took, where it took place. */
  count(counter: Counter, nowMs: number, durationMs?: number): void {
    this.at(nowMs).increment(counter, durationMs)
    if (durationMs !== undefined) this.#trim()
  }

  /** The statistics as they stand at `nowMs`. */
  at(nowMs: number): CountingStatus {
    const bucket = Math.floor(nowMs / this.#bucketMs)
    for (let turns = Math.min(bucket - this.#bucket, this.#buckets); turns > 0; turns -= 1) this.#rotator.emit('rotate')
    this.#bucket = Math.max(this.#bucket, bucket)
    return this.#status
  }

  #trim(): void {
    const newest = this.#status.window[0]
    if (newest === undefined) return
    const { latencyTimes, successes, failures } = newest
    if (!this.#percentiles) latencyTimes.length = 0
    else if (latencyTimes.length > latenciesPerBucketMax)
      latencyTimes[(successes + failures) % latenciesPerBucketMax] = latencyTimes.pop() ?? 0
  }
}
