import { within, whole } from '../../core/checked-number.js'
import { latencyBinOf, LatencyQuantiles } from '../../breaker/trend/latency-quantiles.js'

/** When a second request is worth its price. */
export interface HedgeOptions {
  /** The share of calls that have answered by the time a second request goes out, 0.5..0.999. Default 0.95. */
  readonly quantile?: number | undefined
  /** Second requests for each call at most, 0..1. Default 0.05. */
  readonly extraRatioMax?: number | undefined
  /** Calls that must have answered before anything is said, at least 1. Default 50. */
  readonly callsMin?: number | undefined
}

/** A timer as it stands; plain JSON. */
export interface HedgeSnapshot {
  /** When a second request would go out, milliseconds; `undefined` while that is being learnt. */
  readonly delayMs: number | undefined
  /** Second requests that it holds. */
  readonly credit: number
  readonly calls: number
  readonly hedges: number
}

/** Second requests that can be saved up: a quiet hour must not end in a burst. */
const creditMax = 10
/** Half is forgotten whenever there are twice as many. */
const memoryCalls = 1_000
/** Twenty twentieths are a little less than one in binary. */
const rounding = 1e-9

/**
 * Says when a call is so late that a second request beside it is worth its price, and how many of those there may be: after a learnt
 * quantile of the latencies, and never more than a share of the calls, so that hedging cannot double the load of a provider that
 * has become slow for everyone (Dean and Barroso 2013, "The tail at scale").
 *
 * One timer for each target. Each call says {@link HedgeTimer.began} once, and its latency in the end; also when it lost to its
 * second request and was abandoned, with the time it had taken until then: without the slow ones the quantile would creep down.
 */
export class HedgeTimer {
  readonly #quantile: number
  readonly #extraRatioMax: number
  readonly #callsMin: number
  readonly #latencies = new LatencyQuantiles(memoryCalls)
  #credit = 0
  #calls = 0
  #hedges = 0

  /** @throws RangeError when a number is out of range. */
  constructor({ quantile = 0.95, extraRatioMax = 0.05, callsMin = 50 }: HedgeOptions = {}) {
    this.#quantile = within('quantile', quantile, 0.5, 0.999)
    this.#extraRatioMax = within('extraRatioMax', extraRatioMax, 0, 1)
    this.#callsMin = whole('callsMin', callsMin, 1, memoryCalls)
  }

  /** A call begins, and pays its share. */
  began(): void {
    this.#calls += 1
    this.#credit = Math.min(creditMax, this.#credit + this.#extraRatioMax)
  }

  /**
   * A call has answered, or was abandoned, after so many milliseconds.
   *
   * @throws RangeError when it is negative or no number.
   */
  observe(latencyMs: number): void {
    this.#latencies.add(latencyBinOf(within('latencyMs', latencyMs, 0, Number.POSITIVE_INFINITY)))
  }

  /** Milliseconds after which a call is late; `undefined` while that is being learnt. */
  delayMs(): number | undefined {
    const { calls } = this.#latencies
    return calls < this.#callsMin ? undefined : this.#latencies.exceededBy(calls * (1 - this.#quantile))
  }

  /** Takes one second request out; `false`: there is none, wait for the first. */
  take(): boolean {
    if (this.#credit + rounding < 1) return false
    this.#credit = Math.max(0, this.#credit - 1)
    this.#hedges += 1
    return true
  }

  snapshot(): HedgeSnapshot {
    return { delayMs: this.delayMs(), credit: this.#credit, calls: this.#calls, hedges: this.#hedges }
  }
}
