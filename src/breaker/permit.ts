/** Why a call was not admitted. */
export interface Refusal {
  readonly admitted: false
  readonly reason: string
  /** Milliseconds until the next call may be admitted; 0 when it is not known. */
  readonly retryAfterMs: number
  /** The error that opened the circuit, where one did. */
  readonly cause: unknown
}

/** Leave to make one call. Exactly one of its methods counts: the first that is called. */
export interface Permit {
  readonly admitted: true
  /** The call succeeded. */
  success(): void
  /** The call failed. `retryAfterMs`: how long the target asks to be left alone. */
  failure(error?: unknown, retryAfterMs?: number): void
  /** The call says nothing about the target: it was aborted, or refused on this side. A probe's place is given back. */
  ignore(): void
}

/** Whoever gave a permit and hears how its call ended. `Era`: the state it was given in. */
export interface PermitIssuer<Era> {
  /** Returns how long the call took, in milliseconds. */
  settle(permit: CallPermit<Era>, era: Era, failure: Failure | undefined): number
  /** The answer has begun. Returns the time on the world's monotonic clock. */
  answered(permit: CallPermit<Era>): number
  withdraw(permit: CallPermit<Era>, era: Era): number
}

/** What a failed call tells. */
export interface Failure {
  readonly cause: unknown
  readonly retryAfterMs: number | undefined
}

/**
 * A permit as a circuit makes it: one object for each call, with methods on the prototype, because it is made on the hot path.
 * Each method returns how long the call took, in milliseconds, or `NaN` when an earlier one counted already.
 */
export class CallPermit<Era> implements Permit {
  /** When it was given, on the world's monotonic clock. */
  readonly startedMonoMs: number
  /** Its number among the calls under way that the trend detector watches; negative: not watched, or not any more. */
  ticket: number
  /** When the answer began; `NaN` until then, and when it never did. */
  answeredMonoMs = Number.NaN
  readonly #issuer: PermitIssuer<Era>
  #era: Era | undefined

  // Plain arguments: an options object would be a second allocation for each call.
  constructor(issuer: PermitIssuer<Era>, era: Era, startedMonoMs: number, ticket: number) {
    this.#issuer = issuer
    this.#era = era
    this.startedMonoMs = startedMonoMs
    this.ticket = ticket
  }

  get admitted(): true {
    return true
  }

  /**
   * The answer has begun, and its rest will take its own time, a stream mostly: how long the call took is how long that took, and
   * it is not overdue any more. Whether it succeeded is told later.
   */
  answered(): void {
    if (this.#era !== undefined && Number.isNaN(this.answeredMonoMs)) this.answeredMonoMs = this.#issuer.answered(this)
  }

  success(): number {
    const era = this.#era
    if (era === undefined) return Number.NaN
    this.#era = undefined
    return this.#issuer.settle(this, era, undefined)
  }

  failure(cause?: unknown, retryAfterMs?: number): number {
    const era = this.#era
    if (era === undefined) return Number.NaN
    this.#era = undefined
    return this.#issuer.settle(this, era, { cause, retryAfterMs })
  }

  ignore(): number {
    const era = this.#era
    if (era === undefined) return Number.NaN
    this.#era = undefined
    return this.#issuer.withdraw(this, era)
  }
}
