import type { DeadlineEntry } from '../core/deadline-queue.js'
import type { SharedCall } from './call-sharing.js'
import type { CallPermit, Permit } from './permit.js'

/** Leave to make one call that the breaker does not make itself. The first of its methods that is called counts. */
export interface BreakerPermit extends Omit<Permit, 'success'> {
  /** When it was given, on the world's monotonic clock; `NaN` from a breaker that is disabled. */
  readonly startedMonoMs: number
  /** The answer has begun, a stream mostly: it is late no more, and its latency is known. How it ended is told later. */
  answered(): void
  /** The call succeeded, with this result for those who listen. */
  success(result?: unknown): void
}

/** Whoever hears how a call went. */
export interface CallKeeper {
  succeeded(call: BreakerCall, result: unknown): void
  failed(call: BreakerCall, error: unknown, retryAfterMs?: number): void
  ignored(call: BreakerCall): void
  timedOut(call: BreakerCall): void
}

/**
 * One call through a breaker: its permit, its place in the queue of deadlines, and the promise that someone waits for. It is one
 * object with plain fields because it is made on the hot path; only its keeper writes to them.
 */
export class BreakerCall implements BreakerPermit, DeadlineEntry {
  dueMonoMs: number
  previous: DeadlineEntry | undefined
  next: DeadlineEntry | undefined
  /** Whether it is known how it ended; what comes later changes nothing. */
  settled: boolean
  /** Set when it took too long. */
  timeout: Error | undefined
  /** Made when the work asks for its signal. */
  controller: AbortController | undefined
  shared: SharedCall | undefined
  /** `undefined`, as `reject`: nobody waits for a promise. */
  readonly resolve: ((result: unknown) => void) | undefined
  readonly reject: ((error: unknown) => void) | undefined
  readonly permit: CallPermit<unknown>
  readonly args: readonly unknown[]
  readonly keeper: CallKeeper

  // Plain arguments and assignments: an options object, private fields and field initialisers each cost time on every call.
  constructor(
    keeper: CallKeeper,
    permit: CallPermit<unknown>,
    args: readonly unknown[],
    resolve: ((result: unknown) => void) | undefined,
    reject: ((error: unknown) => void) | undefined,
  ) {
    this.dueMonoMs = 0
    this.previous = undefined
    this.next = undefined
    this.settled = false
    this.timeout = undefined
    this.controller = undefined
    this.shared = undefined
    this.resolve = resolve
    this.reject = reject
    this.permit = permit
    this.args = args
    this.keeper = keeper
  }

  get admitted(): true {
    return true
  }

  get startedMonoMs(): number {
    return this.permit.startedMonoMs
  }

  answered(): void {
    if (!this.settled) this.permit.answered()
  }

  success(result?: unknown): void {
    this.keeper.succeeded(this, result)
  }

  failure(error?: unknown, retryAfterMs?: number): void {
    this.keeper.failed(this, error, retryAfterMs)
  }

  ignore(): void {
    this.keeper.ignored(this)
  }

  expire(): void {
    this.keeper.timedOut(this)
  }
}
