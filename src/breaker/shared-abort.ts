import { callListener, type ListenerErrorHandler } from '../core/listeners.js'
import type { Clock } from '../core/world.js'

/** What is needed of an `AbortController`; opossum takes anything that can abort. */
export interface Abortable {
  readonly signal?: AbortSignal | undefined
  abort(reason?: unknown): void
}

/**
 * The one AbortController that a user shares among all calls of a breaker. A call that times out aborts it, but only once nobody
 * waits for any other call: a healthy neighbour is not aborted. With `autoRenew` it is replaced a turn of the event loop after it
 * aborted, so that later calls are not aborted either, and those who handle the timeout still see the aborted signal.
 */
export class SharedAbort {
  readonly #autoRenew: boolean
  readonly #clock: Clock
  readonly #report: ListenerErrorHandler
  #controller: Abortable
  #awaited = 0
  /** Why it must abort as soon as nobody waits. */
  #due: { readonly reason: unknown } | undefined

  /** @param options - `report` hears what `abort` throws: it is the user's, and must not hurt the call. */
  constructor(
    controller: Abortable,
    options: { readonly autoRenew: boolean; readonly clock: Clock; readonly report: ListenerErrorHandler },
  ) {
    this.#controller = controller
    this.#autoRenew = options.autoRenew
    this.#clock = options.clock
    this.#report = options.report
  }

  get controller(): Abortable {
    return this.#controller
  }

  /** Someone waits for one more call. */
  begin(): void {
    this.renew()
    this.#awaited += 1
  }

  /** Nobody waits for that call any more; `timeout`: the error, when that is because it timed out. */
  end(timeout?: Error): void {
    this.#awaited -= 1
    if (timeout !== undefined) this.#due ??= { reason: timeout }
    if (this.#due === undefined || this.#awaited > 0) return
    const { reason } = this.#due
    this.#due = undefined
    callListener(() => this.#controller.abort(reason), this.#report)
    if (this.#autoRenew) void this.#clock.sleep(0, undefined, { background: true }).then(() => this.renew())
  }

  /** Puts a new controller in the place of one that has aborted, if it may. */
  renew(): void {
    if (this.#autoRenew && this.#controller.signal?.aborted === true) this.#controller = new AbortController()
  }
}
