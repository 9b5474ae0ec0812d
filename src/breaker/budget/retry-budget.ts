import type { Clock } from '../../core/world.js'
import { within } from '../../core/checked-number.js'

/** How many retries one can afford. Counted in retries. */
export interface RetryBudgetOptions {
  /** What it holds at most, and at first; at least 1. Default 20. */
  readonly retriesMax?: number
  /** What each call that succeeds without a retry adds, 0..1. Default 0.1. */
  readonly retriesPerSuccess?: number
  /** Time that adds one, so that a service with little traffic is never without; `Infinity`: none. Default 10 000. */
  readonly refillMs?: number
}

/** A budget as it stands; plain JSON. */
export interface RetryBudgetView {
  /** Retries that it holds, 0 to `retriesMax`. */
  readonly retries: number
  readonly retriesMax: number
  /** Retries granted, and refused, since it was made. */
  readonly taken: number
  readonly refused: number
}

/** Ten times a tenth is a little less than one in binary. */
const rounding = 1e-9

/**
 * A token bucket for retries, so that they cannot multiply the load on a target that is ill. A retry takes one, and gets it back
 * when it succeeds; a call that succeeds at once adds a tenth of one.
 *
 * Why so: a budget that is a share of the *calls* (Finagle: 20 %) keeps adding load for as long as a target is dead. The retry
 * quota of the AWS SDKs and the throttle of gRPC (proposal A6) are filled by *successes*, so a dead target soon gets no retries
 * at all; that is this rule, with gRPC's tenth and the refund of AWS, by which retries that help are free. They know no
 * time, and a client that makes a call each minute is without retries for hours after an outage: hence Finagle's minimum by
 * time, made small. At most `retriesMax + retriesPerSuccess × successes + time / refillMs` retries can fail, whatever happens.
 *
 * @example
 * ```ts
 * const budget = new RetryBudget({ retriesMax: 2 }, createTestWorld().clock)
 * expect([budget.take(), budget.take(), budget.take()]).toEqual([true, true, false])
 * for (let call = 0; call < 10; call += 1) budget.succeeded()
 * expect(budget.take()).toBe(true)
 * ```
 */
export class RetryBudget {
  readonly #retriesMax: number
  readonly #retriesPerSuccess: number
  readonly #refillMs: number
  readonly #clock: Clock
  #retries: number
  #filledMonoMs: number
  #taken = 0
  #refused = 0

  /** @throws RangeError when a number is out of range. */
  constructor(options: RetryBudgetOptions, clock: Clock) {
    const { retriesMax = 20, retriesPerSuccess = 0.1, refillMs = 10_000 } = options
    this.#retriesMax = within('retriesMax', retriesMax, 1, 1_000_000)
    this.#retriesPerSuccess = within('retriesPerSuccess', retriesPerSuccess, 0, 1)
    this.#refillMs = within('refillMs', refillMs, 1, Number.POSITIVE_INFINITY)
    this.#clock = clock
    this.#retries = retriesMax
    this.#filledMonoMs = clock.monoMs()
  }

  /**
   * Takes one retry out; `false`: there is none, do not retry.
   *
   * @param cost - What it costs, at least 1; more while this process is overloaded (see {@link LoadGauge}). Default 1.
   * @throws RangeError when the cost is below 1 or no number; then nothing has changed.
   */
  take(cost = 1): boolean {
    within('cost', cost, 1)
    this.#fill()
    if (this.#retries + rounding < cost) {
      this.#refused += 1
      return false
    }
    this.#retries = Math.max(0, this.#retries - cost)
    this.#taken += 1
    return true
  }

  /** A call succeeded: at once, or (`retried`) with the retry that was taken last for it, which is given back. */
  succeeded(retried = false): void {
    // Without a look at the clock: what the time adds comes to the same before and after, and this is the path of every call.
    this.#add(retried ? 1 : this.#retriesPerSuccess)
  }

  /** The budget as it stands. */
  view(): RetryBudgetView {
    this.#fill()
    return { retries: this.#retries, retriesMax: this.#retriesMax, taken: this.#taken, refused: this.#refused }
  }

  /** What the time alone has added. */
  #fill(): void {
    const nowMs = this.#clock.monoMs()
    const passedMs = nowMs - this.#filledMonoMs
    // Also when the clock stands still, or gives no number.
    if (!(passedMs > 0)) return
    this.#filledMonoMs = nowMs
    this.#add(passedMs / this.#refillMs)
  }

  #add(retries: number): void {
    this.#retries = Math.min(this.#retriesMax, this.#retries + retries)
  }
}
