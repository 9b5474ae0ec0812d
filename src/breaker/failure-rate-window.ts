import { RollingCounter } from './rolling-counter.js'

/** When a failure rate is too high. */
export interface FailureRateLimits {
  /** 0..1; the rate must exceed it. */
  readonly failureRatioMax: number
  /** Settled calls in the window below which nothing is judged; at least 1. */
  readonly callsMin: number
  readonly windowMs: number
}

/** What the window holds, and whether that is too much. */
export interface FailureRate {
  readonly calls: number
  readonly failures: number
  /** 0..1; 0 when there are no calls. */
  readonly ratio: number
  readonly exceeded: boolean
}

/**
 * Decides when to trip: the share of failures among the calls that settled in a sliding window of time. It knows nothing of
 * circuits, and time is an argument. Only settled calls are in it: neither refusals nor calls under way dilute the rate.
 */
export class FailureRateWindow {
  readonly #calls: RollingCounter
  readonly #failures: RollingCounter

  /** @param options - `windowMs`: above 0; `buckets`: parts of the window, whole, at least 1. */
  constructor(options: { readonly windowMs: number; readonly buckets: number }) {
    this.#calls = new RollingCounter(options)
    this.#failures = new RollingCounter(options)
  }

  /** Takes in one settled call. `nowMs` must never go back. */
  record(ok: boolean, nowMs: number): void {
    this.#calls.add(nowMs)
    if (!ok) this.#failures.add(nowMs)
  }

  /** The rate over the window that ends at `nowMs`. */
  judge(nowMs: number, { failureRatioMax, callsMin }: FailureRateLimits): FailureRate {
    const calls = this.#calls.total(nowMs)
    const failures = this.#failures.total(nowMs)
    const ratio = calls === 0 ? 0 : failures / calls
    return { calls, failures, ratio, exceeded: calls >= Math.max(1, callsMin) && ratio > failureRatioMax }
  }
}
