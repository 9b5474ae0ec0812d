import { RollingSum } from '../budget/rolling-sum.js'

/** Over which the present rate is measured, milliseconds. */
const measuredMs = 10_000
/** Refusals of requests that went out together are one sign, not many: a second one within this time changes nothing, milliseconds. */
const settleMs = 2_000
/** Time in which half of a rate is won back, milliseconds. */
const recoveryMs = 60_000
/** One request in so many milliseconds goes out, however often the provider asks to slow down. */
const spacingMsMax = 5_000

/**
 * How fast requests may go out to a provider that asked to slow down: half as fast as they did, then faster by the same amount each
 * second, until they are twice as fast as before; then as fast as they come. (Additive increase, multiplicative decrease: Chiu and
 * Jain 1989.)
 */
export class Pace {
  readonly #recent = new RollingSum({ windowMs: measuredMs, buckets: 20 })
  #slow: { readonly perMs: number; readonly gainPerMs: number; readonly sinceMs: number } | undefined
  #nextMs = Number.NEGATIVE_INFINITY

  /** Halves the rate. */
  slowDown(nowMs: number): void {
    if (this.#slow !== undefined && nowMs - this.#slow.sinceMs < settleMs) return
    const nowPerMs = this.#recent.total(nowMs) / measuredMs
    const before = Math.max(Math.min(this.perMs(nowMs), nowPerMs), 2 / spacingMsMax)
    this.#slow = { perMs: before / 2, gainPerMs: before / 2 / recoveryMs, sinceMs: nowMs }
    this.#nextMs = nowMs + 1 / this.#slow.perMs
  }

  /** Requests in a millisecond that may go out; `Infinity`: as many as come. */
  perMs(nowMs: number): number {
    if (this.#slow === undefined) return Number.POSITIVE_INFINITY
    const { perMs, gainPerMs, sinceMs } = this.#slow
    const rate = perMs + gainPerMs * Math.max(0, nowMs - sinceMs)
    if (rate < perMs * 4) return rate
    this.#slow = undefined
    return Number.POSITIVE_INFINITY
  }

  /**
   * Milliseconds until the next one may go out; 0: now.
   *
   * @param ahead - Requests that go before it.
   */
  waitMs(ahead: number, nowMs: number): number {
    const perMs = this.perMs(nowMs)
    if (perMs === Number.POSITIVE_INFINITY) return 0
    return Math.max(0, Math.ceil(this.#nextMs + ahead / perMs - nowMs))
  }

  /** Counts one that goes out. */
  take(nowMs: number): void {
    this.#recent.add(1, nowMs)
    const perMs = this.perMs(nowMs)
    if (perMs !== Number.POSITIVE_INFINITY) this.#nextMs = Math.max(this.#nextMs, nowMs) + 1 / perMs
  }
}
