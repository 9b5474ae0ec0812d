import { RollingCounter } from '../../breaker/rolling-counter.js'

const minuteMs = 60_000
const bucketMs = 1_000

/**
 * Counts the calls that started in the last minute. Unlike a token bucket it never lets more than the limit through in any 60
 * seconds: a bucket that is full lets twice as many through in the first minute, which is what a provider then refuses.
 * A call counts for 60 to 61 seconds.
 */
export class RateWindow {
  readonly #calls = new RollingCounter({ windowMs: minuteMs + bucketMs, buckets: minuteMs / bucketMs + 1 })

  /** Takes a call in; returns 0, or the milliseconds until the next one may start when `callsMax` started already. */
  take(callsMax: number, nowMs: number): number {
    if (this.#calls.total(nowMs) >= callsMax) return Math.max(1, Math.ceil(this.#calls.leaveMs(nowMs)))
    this.#calls.add(nowMs)
    return 0
  }

  /** Calls that count at `nowMs`. */
  count(nowMs: number): number {
    return this.#calls.total(nowMs)
  }
}
