/** One attempt at guarded work. Each attempt gets its own; nobody can write to it. */
export interface Call {
  /** The same for all attempts of one guarded call. */
  readonly id: string
  readonly key: string
  /** Counts from 1. */
  readonly attempt: number
  /** Aborts when this attempt is not waited for any more: its deadline passed, the caller aborted, or the orchestrator closed. */
  readonly signal: AbortSignal
  /**
   * For work whose answer is only the beginning, such as a stream: how this attempt counts for its circuit is decided when
   * `rest` settles, and its place in the bulkhead is kept until then. The caller gets the answer without waiting for it, and
   * the deadline ends with the answer. Counts when called before the answer is given; the last one counts.
   */
  hold(rest: PromiseLike<unknown>): void
}

/** Work under guard. */
export type Work<T> = (call: Call) => T | PromiseLike<T>

/**
 * The call as the user's functions see it. Id and signal are made when someone asks for them: most work asks for neither, and
 * they cost more than the rest of a guarded call.
 */
export class CallView implements Call {
  readonly #source: Call

  constructor(source: Call) {
    this.#source = source
  }

  get id(): string {
    return this.#source.id
  }

  get key(): string {
    return this.#source.key
  }

  get attempt(): number {
    return this.#source.attempt
  }

  get signal(): AbortSignal {
    return this.#source.signal
  }

  hold(rest: PromiseLike<unknown>): void {
    this.#source.hold(rest)
  }

  /** What is plain data in it. */
  toJSON(): { readonly id: string; readonly key: string; readonly attempt: number } {
    return { id: this.id, key: this.key, attempt: this.attempt }
  }
}
