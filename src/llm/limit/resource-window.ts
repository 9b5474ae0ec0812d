import type { RateReading } from '../failure/rate-headers.js'

/** A window as it stands; plain JSON. */
export interface ResourceWindowSnapshot {
  readonly resource: RateReading['resource']
  readonly limit: number | undefined
  /** What may still be sent; `undefined` when that is not known. */
  readonly left: number | undefined
  /** Until it is full again, milliseconds. */
  readonly resetMs: number | undefined
}

/** What providers mean when they do not say how long. */
const windowMsGuess = 60_000

/**
 * What is left of one limit of a provider: the latest reading, less what was sent since. When nothing is left, nothing is sent until
 * the time at which the provider says that it is full again, less, then too, what was sent since. Some providers fill it bit by bit,
 * some all at once; this never claims more than there is with either, as long as nobody else uses the same limit and requests arrive
 * in the order in which they were sent.
 */
export class ResourceWindow {
  readonly #resource: RateReading['resource']
  #limit: number | undefined
  #left = Number.POSITIVE_INFINITY
  #resetAtMs: number | undefined
  /** How long it takes to be full again from nothing, as far as we know. */
  #windowMs = windowMsGuess
  /** Sent since the request that the latest reading belongs to, or since the window was taken to be full. */
  #since = 0

  constructor(resource: RateReading['resource']) {
    this.#resource = resource
  }

  /**
   * Takes in a reading.
   *
   * @param sentSince - What was sent after the request that the reading belongs to.
   */
  learn({ limit, remaining, resetMs }: RateReading, sentSince: number, nowMs: number): void {
    this.#roll(nowMs)
    this.#limit = limit ?? this.#limit
    // Without what remains: no more than there is in all.
    this.#left = remaining === undefined ? Math.min(this.#left, this.#limit ?? this.#left) : remaining - sentSince
    this.#since = sentSince
    if (resetMs === undefined && remaining === undefined) return
    this.#resetAtMs = nowMs + (resetMs ?? windowMsGuess)
    this.#windowMs = Math.max(windowMsGuess, resetMs ?? 0)
  }

  /**
   * Milliseconds until `need` may be sent; 0: now. A need beyond the whole limit may be sent when all of it is left.
   *
   * @param ahead - What goes before it; 0 for whoever is next. The further away, the more of a guess it is.
   */
  waitMs(need: number, ahead: number, nowMs: number): number {
    this.#roll(nowMs)
    const limit = Math.max(1, this.#limit ?? Number.POSITIVE_INFINITY)
    const wanted = ahead + Math.min(need, limit)
    if (need <= 0 || this.#resetAtMs === undefined || wanted <= this.#left) return 0
    const windowsAfterThis = Math.max(0, Math.ceil(wanted / limit) - 1)
    return Math.max(1, Math.ceil(this.#resetAtMs - nowMs)) + windowsAfterThis * this.#windowMs
  }

  /** Counts what is sent. */
  take(amount: number): void {
    this.#left -= amount
    this.#since += amount
  }

  snapshot(nowMs: number): ResourceWindowSnapshot {
    this.#roll(nowMs)
    return {
      resource: this.#resource,
      limit: this.#limit,
      left: Number.isFinite(this.#left) ? this.#left : undefined,
      resetMs: this.#resetAtMs === undefined ? undefined : Math.max(0, this.#resetAtMs - nowMs),
    }
  }

  /** Full again, but for what the reading did not know of. The next window is taken to begin with the next thing sent. */
  #roll(nowMs: number): void {
    if (this.#resetAtMs === undefined || !(nowMs >= this.#resetAtMs)) return
    this.#left = (this.#limit ?? Number.POSITIVE_INFINITY) - this.#since
    this.#since = 0
    this.#resetAtMs = this.#limit === undefined ? undefined : nowMs + this.#windowMs
  }
}
