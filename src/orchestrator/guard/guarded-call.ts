import { HomeostatError } from '../../core/errors.js'
import type { CallOutcome } from '../../core/events.js'
import type { LinkedEntry } from '../../core/linked-list.js'
import type { World } from '../../core/world.js'
import { untilAborted } from '../abort.js'
import type { EventStream } from '../event-stream.js'
import { Attempt, type AttemptOwner } from './attempt.js'
import { CallView, type Work } from './call.js'
import type { GuardPlan } from './guard-plan.js'
import type { GuardedKey } from './guarded-key.js'
import { LazySignal } from './lazy-signal.js'
import { isLocalRefusal, isOpenCircuit } from './local-refusal.js'
import type { ProcessLoad } from './process-load.js'
import { retry, type RetriedCall } from './retry.js'

/** What a guarded call needs from the orchestrator. */
export interface CallSurroundings {
  readonly world: World
  readonly events: EventStream
  readonly load: ProcessLoad
  /** Hears, once, how the call ended. */
  readonly settled: (call: GuardedCall<never>, outcome: CallOutcome) => void
}

/**
 * One guarded call: record, fallback, rate and retry, round one {@link Attempt} at a time. The layers stand in this one object
 * and in the attempt, not in a closure each: with a promise for every layer the guard cost five times what its peers do.
 */
export class GuardedCall<T> implements LinkedEntry, AttemptOwner<T>, RetriedCall<T> {
  readonly key: string
  readonly guarded: GuardedKey
  readonly plan: GuardPlan<T>
  readonly work: Work<T>
  readonly world: World
  readonly load: ProcessLoad
  previous: LinkedEntry | undefined = undefined
  next: LinkedEntry | undefined = undefined
  /** Runs of the work so far. */
  runs = 0
  /** Made when someone asks for the signal, or when the call is aborted. */
  #abortion: LazySignal | undefined
  readonly #events: EventStream
  readonly #settled: CallSurroundings['settled']
  #id: string | undefined
  #attempt: Attempt<T> | undefined

  constructor(guarded: GuardedKey, work: Work<T>, plan: GuardPlan<T>, { world, load, events, settled }: CallSurroundings) {
    this.key = guarded.key
    this.guarded = guarded
    this.work = work
    this.plan = plan
    this.world = world
    this.load = load
    this.#events = events
    this.#settled = settled
  }

  get id(): string {
    this.#id ??= this.world.id()
    return this.#id
  }

  get signal(): AbortSignal {
    return (this.#abortion ??= new LazySignal()).signal
  }

  /** Tells of the start of the call and, exactly once, of its end, whatever happens in between. */
  async run(): Promise<T> {
    const startMs = this.#begin()
    const { signal } = this.plan
    const follow = signal && (() => this.abort(signal.reason))
    if (follow !== undefined) signal?.addEventListener('abort', follow, { once: true })
    try {
      let outcome: CallOutcome = 'success'
      let answer: T
      try {
        if (signal?.aborted) this.abort(signal.reason)
        if (this.#abortion?.aborted === true) throw this.#abortion.reason
        this.#takeRate()
        answer = await this.try(1)
        if (this.plan.limits.retryBudget) this.guarded.retryBudget.succeeded()
      } catch (error) {
        const other = await this.#recover(error)
        answer = other.answer
        outcome = other.outcome
      }
      this.#end(outcome, startMs)
      return answer
    } catch (thrown) {
      // Whatever the abort made of it on its way out: callers are owed exactly their reason.
      const error = this.#abortion?.aborted === true ? this.#abortion.reason : thrown
      this.#end(this.#outcomeOf(error), startMs, { error })
      throw error
    } finally {
      if (follow !== undefined) signal?.removeEventListener('abort', follow)
    }
  }

  /** Lets go of the call: it rejects with `reason` at once, whatever the work does. */
  abort(reason: unknown): void {
    this.#abortion ??= new LazySignal()
    this.#abortion.abort(reason)
    this.#attempt?.cancel(reason)
  }

  try(number: number): Promise<T> {
    this.#attempt = new Attempt(this, number)
    return this.#attempt.start()
  }

  /** Not when the circuit is open: it says itself when it may be tried again, and waiting for that would hold the caller. */
  mayRetry(error: unknown): boolean {
    if (isOpenCircuit(error, this.key) || (this.plan.limits.breaker && this.guarded.breaker.opened)) return false
    return this.plan.isRetryable(error)
  }

  affordsRetry(): boolean {
    return !this.plan.limits.retryBudget || this.guarded.retryBudget.take(this.load.retryCost)
  }

  announceRetry(attempt: number, delayMs: number, error: unknown): void {
    if (this.#events.hears('call.retried'))
      this.#events.emit('call.retried', { key: this.key, callId: this.id, attempt, delayMs, error })
  }

  #takeRate(): void {
    const { rate } = this.plan.limits
    if (rate === undefined) return
    const retryAfterMs = this.guarded.rate.take(rate.callsPerMinuteMax, this.world.clock.monoMs())
    if (retryAfterMs > 0)
      throw new HomeostatError('HS_RATE_LIMITED', { key: this.key, callsPerMinuteMax: rate.callsPerMinuteMax, retryAfterMs })
  }

  /** After a first failure: other attempts, then the fallback. Throws what is final. */
  async #recover(first: unknown): Promise<{ readonly answer: T; readonly outcome: CallOutcome }> {
    let error = first
    if (this.plan.limits.retry !== undefined && this.#attempt !== undefined && this.#abortion?.aborted !== true) {
      try {
        const answer = await retry(this, this.plan.limits.retry, first)
        if (this.plan.limits.retryBudget) this.guarded.retryBudget.succeeded(true)
        return { answer, outcome: 'success' }
      } catch (last) {
        error = last
      }
    }
    const { fallback } = this.plan
    if (fallback === undefined || this.#abortion?.aborted === true) throw error
    const { id, key, signal } = this
    const view = new CallView({ id, key, attempt: Math.max(1, this.runs), signal, hold: () => undefined })
    const answer = await untilAborted(Promise.resolve(fallback(error, view)), signal)
    return { answer, outcome: 'fallback' }
  }

  #begin(): number {
    if (this.#events.hears('call.started')) this.#events.emit('call.started', { key: this.key, callId: this.id })
    return this.#events.hears('call.settled') ? this.world.clock.monoMs() : Number.NaN
  }

  #end(outcome: CallOutcome, startMs: number, failure?: { readonly error: unknown }): void {
    // The orchestrator only counts it; what type of answer it had does not matter there.
    this.#settled(this as unknown as GuardedCall<never>, outcome)
    if (!this.#events.hears('call.settled')) return
    // Nobody listened when it began: then it has no duration to tell.
    const durationMs = Number.isNaN(startMs) ? 0 : this.world.clock.monoMs() - startMs
    this.#events.emit('call.settled', { key: this.key, callId: this.id, outcome, attempts: this.runs, durationMs, ...failure })
  }

  #outcomeOf(error: unknown): CallOutcome {
    if (this.#abortion?.aborted === true) return 'aborted'
    return isLocalRefusal(error, this.key) ? 'rejected' : 'failure'
  }
}
