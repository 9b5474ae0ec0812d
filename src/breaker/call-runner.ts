import { DeadlineQueue } from '../core/deadline-queue.js'
import type { Clock } from '../core/world.js'
import { BreakerCall, type CallKeeper } from './breaker-call.js'
import type { BreakerStatistics, StatisticsBucket } from './breaker-statistics.js'
import type { CallEnding, CallSharing } from './call-sharing.js'
import type { CallSlots } from './call-slots.js'
import type { Circuit } from './circuit.js'
import { opossumError } from './opossum-error.js'
import type { CallPermit, Refusal } from './permit.js'
import type { SharedAbort } from './shared-abort.js'

/** Where events go; must not throw. */
export interface Told {
  listenerCount(event: string): number
  emit(event: string, ...args: unknown[]): boolean
}

/** What calls are run with. */
export interface CallRunnerOptions {
  readonly action: (...args: never[]) => unknown
  readonly circuit: Circuit
  readonly statistics: BreakerStatistics
  /** Whether latencies are kept for percentiles. */
  readonly percentiles: boolean
  readonly slots: CallSlots
  readonly told: Told
  /** Whether someone listens to `success`. */
  readonly heard: { readonly success: boolean }
  readonly clock: Clock
  readonly timeoutMs: number | false
  readonly errorFilter: ((error: unknown, ...args: never[]) => unknown) | undefined
  readonly sharedAbort: SharedAbort | undefined
}

// What settles the promise that was made last. One function for all promises is faster than a closure for each.
let resolveNewest: (result: unknown) => void
let rejectNewest: (error: unknown) => void
const hand = (resolve: (result: unknown) => void, reject: (error: unknown) => void): void => {
  resolveNewest = resolve
  rejectNewest = reject
}

/**
 * Makes calls as opossum's `call` does: permit, place, deadline, error filter, fallback, statistics and events in opossum's
 * order. Written for speed: nothing is made for listeners that are not there, and the clock is read when a call starts and when
 * it ends.
 */
export class CallRunner implements CallKeeper {
  /** Stands in for the action's result when the call fails or is refused. */
  fallback: ((...args: unknown[]) => unknown) | undefined
  readonly #options: CallRunnerOptions
  readonly #circuit: Circuit
  readonly #slots: CallSlots
  readonly #statistics: BreakerStatistics
  readonly #told: Told
  readonly #heard: { readonly success: boolean }
  readonly #sharedAbort: SharedAbort | undefined
  #deadlines: DeadlineQueue | undefined
  /** The call whose action is being called right now. */
  #starting: BreakerCall | undefined

  constructor(options: CallRunnerOptions) {
    this.#options = options
    this.#circuit = options.circuit
    this.#slots = options.slots
    this.#statistics = options.statistics
    this.#told = options.told
    this.#heard = options.heard
    this.#sharedAbort = options.sharedAbort
  }

  /** Leave for a call that someone else makes. */
  acquire(args: readonly unknown[]): BreakerCall | Refusal {
    const permit = this.#circuit.acquire()
    if (!permit.admitted) {
      this.#countRefused()
      // An error captures the stack, which takes longer than all the rest.
      if (this.#told.listenerCount('reject') > 0) this.#told.emit('reject', openError(permit))
      return permit
    }
    this.#statistics.at(permit.startedMonoMs).fires += 1
    return new BreakerCall(this, permit, args, undefined, undefined)
  }

  /** Calls the action. `sharing` is told under `key` what there is to share. */
  run(context: unknown, args: readonly unknown[], sharing?: CallSharing<unknown>, key = ''): Promise<unknown> {
    const permit = this.#circuit.acquire()
    if (!permit.admitted) return this.#refuse(permit, args)
    this.#statistics.at(permit.startedMonoMs).fires += 1
    if (!this.#slots.test()) return this.#crowded(permit, args)
    const promise = new Promise<unknown>(hand)
    const call = new BreakerCall(this, permit, args, resolveNewest, rejectNewest)
    if (sharing !== undefined) call.shared = sharing.begin(key, promise)
    this.#sharedAbort?.begin()
    this.#watch(call)
    this.#start(call, context)
    return promise
  }

  /** The controller of the call whose action is being called right now. */
  get startingController(): AbortController | undefined {
    if (this.#starting === undefined) return undefined
    return (this.#starting.controller ??= new AbortController())
  }

  succeeded(call: BreakerCall, result: unknown): void {
    if (call.settled) return
    this.#settle(call)
    const tookMs = call.permit.success()
    this.#count(call, tookMs).successes += 1
    if (this.#heard.success) this.#told.emit('success', result, tookMs)
    call.shared?.ended('success')
    call.resolve?.(result)
  }

  failed(call: BreakerCall, error: unknown, retryAfterMs?: number): void {
    if (call.settled) return
    this.#settle(call)
    const tookMs = this.#tookMs(call)
    this.#count(call, tookMs).failures += 1
    // Before the permit hears of it: opossum tells `failure` before `open`.
    this.#told.emit('failure', error, tookMs, call.args)
    call.permit.failure(error, retryAfterMs)
  }

  ignored(call: BreakerCall): void {
    if (call.settled) return
    this.#settle(call)
    call.permit.ignore()
  }

  timedOut(call: BreakerCall): void {
    const error = opossumError(`Timed out after ${String(this.#options.timeoutMs)}ms`, 'ETIMEDOUT')
    const tookMs = this.#tookMs(call)
    call.timeout = error
    this.#statistics.at(call.permit.startedMonoMs + tookMs).timeouts += 1
    this.#told.emit('timeout', error, tookMs, call.args)
    this.#threw(call, error, 'timeout')
    call.controller?.abort(error)
  }

  #watch(call: BreakerCall): void {
    const { timeoutMs, clock } = this.#options
    if (timeoutMs === false) return
    this.#deadlines ??= new DeadlineQueue(clock, timeoutMs)
    this.#deadlines.add(call, call.permit.startedMonoMs)
  }

  /** Its place is kept until the work really ends, however long that takes. */
  #start(call: BreakerCall, context: unknown): void {
    const outer = this.#starting
    this.#starting = call
    let work: unknown
    try {
      work = Reflect.apply(this.#options.action, context, call.args)
    } catch (error) {
      this.#slots.release()
      return this.#threw(call, error, 'error')
    } finally {
      this.#starting = outer
    }
    Promise.resolve(work).then(
      (result) => {
        this.#slots.release()
        this.succeeded(call, result)
      },
      (error: unknown) => {
        this.#slots.release()
        this.#threw(call, error, 'error')
      },
    )
  }

  /** The action threw, or took too long: a failure, unless the error filter says otherwise. */
  #threw(call: BreakerCall, error: unknown, ending: CallEnding): void {
    if (call.settled) return
    let passes: unknown
    try {
      // The arguments are those that the filter is declared to take.
      passes = this.#options.errorFilter?.(error, ...(call.args as never[]))
    } catch (filterError) {
      this.ignored(call)
      call.reject?.(filterError)
      return
    }
    if (passes) this.#passed(call, error)
    else this.failed(call, error)
    call.shared?.ended(ending)
    if (passes || this.fallback === undefined) call.reject?.(error)
    else call.resolve?.(this.#instead(error, call.args))
  }

  /** opossum counts and tells filtered errors as successes, although the call rejects. */
  #passed(call: BreakerCall, error: unknown): void {
    this.#settle(call)
    const tookMs = call.permit.ignore()
    this.#count(call, tookMs).successes += 1
    this.#told.emit('success', error, tookMs)
  }

  #settle(call: BreakerCall): void {
    call.settled = true
    this.#deadlines?.remove(call)
    // Calls of `acquire` are not this breaker's to abort.
    if (call.resolve !== undefined) this.#sharedAbort?.end(call.timeout)
  }

  #count(call: BreakerCall, tookMs: number): StatisticsBucket {
    const bucket = this.#statistics.at(call.permit.startedMonoMs + tookMs)
    if (this.#options.percentiles) this.#statistics.keepLatency(bucket, tookMs)
    return bucket
  }

  #tookMs(call: BreakerCall): number {
    return this.#options.clock.monoMs() - call.permit.startedMonoMs
  }

  #countRefused(): void {
    const bucket = this.#now()
    bucket.fires += 1
    bucket.rejects += 1
  }

  #refuse(refusal: Refusal, args: readonly unknown[]): Promise<unknown> {
    const error = openError(refusal)
    this.#countRefused()
    this.#told.emit('reject', error)
    return this.#instead(error, args)
  }

  #crowded(permit: CallPermit<unknown>, args: readonly unknown[]): Promise<unknown> {
    permit.ignore()
    const error = opossumError('Semaphore locked', 'ESEMLOCKED')
    this.#now().semaphoreRejections += 1
    this.#told.emit('semaphoreLocked', error, 0)
    return this.#instead(error, args)
  }

  /** What the caller gets in place of a result. */
  #instead(error: unknown, args: readonly unknown[]): Promise<unknown> {
    const { fallback } = this
    if (fallback === undefined) return Promise.reject(error)
    try {
      const result = fallback(...args, error)
      this.#now().fallbacks += 1
      this.#told.emit('fallback', result, error)
      return Promise.resolve(result)
    } catch (fallbackError) {
      return Promise.reject(fallbackError)
    }
  }

  #now(): StatisticsBucket {
    return this.#statistics.at(this.#options.clock.monoMs())
  }
}

function openError({ cause }: Refusal): Error {
  return opossumError('Breaker is open', 'EOPENBREAKER', cause)
}
