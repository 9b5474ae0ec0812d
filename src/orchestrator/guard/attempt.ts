import type { BreakerPermit } from '../../breaker/trend-aware-circuit-breaker.js'
import type { DeadlineEntry } from '../../core/deadline-queue.js'
import { HomeostatError } from '../../core/errors.js'
import type { LinkedEntry } from '../../core/linked-list.js'
import type { World } from '../../core/world.js'
import { CallView, type Call, type Work } from './call.js'
import type { GuardPlan } from './guard-plan.js'
import type { GuardedKey } from './guarded-key.js'
import type { ProcessLoad } from './process-load.js'
import { LazySignal } from './lazy-signal.js'
import { isLocalRefusal } from './local-refusal.js'
import { retryAfterMsOf } from './retry-after.js'

/** The call that an attempt belongs to. */
export interface AttemptOwner<T> {
  readonly id: string
  readonly key: string
  readonly guarded: GuardedKey
  readonly plan: GuardPlan<T>
  readonly work: Work<T>
  readonly world: World
  readonly load: ProcessLoad
  /** Counts runs of the work. */
  runs: number
}

/**
 * One attempt of a guarded call: breaker, bulkhead, deadline and accept round the work, in this order. It settles once: by the
 * work, by its deadline, or when the call is let go. What comes later is dropped, but its place in the bulkhead is kept until
 * the work really ends: otherwise a target that hangs would be called again and again.
 */
export class Attempt<T> implements DeadlineEntry, Call {
  readonly attempt: number
  dueMonoMs = 0
  previous: LinkedEntry | undefined = undefined
  next: LinkedEntry | undefined = undefined
  readonly #call: AttemptOwner<T>
  /** Made when someone asks for the signal, or when there is something to tell. */
  #abortion: LazySignal | undefined
  #permit: BreakerPermit | undefined
  #rest: PromiseLike<unknown> | undefined
  #resolve: ((answer: T) => void) | undefined
  #reject: ((error: unknown) => void) | undefined

  constructor(call: AttemptOwner<T>, attempt: number) {
    this.#call = call
    this.attempt = attempt
  }

  get id(): string {
    return this.#call.id
  }

  get key(): string {
    return this.#call.key
  }

  get signal(): AbortSignal {
    return this.#lazySignal().signal
  }

  hold(rest: PromiseLike<unknown>): void {
    this.#rest = rest
  }

  /** Begins; to be called once. */
  start(): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#enter()
    })
  }

  /** Lets go of the attempt: it counts as nothing. */
  cancel(reason: unknown): void {
    if (this.#reject === undefined) return
    this.#lazySignal().abort(reason)
    this.#permit?.ignore()
    this.#settle(this.#reject, reason)
  }

  /** The deadline has passed. */
  expire(): void {
    const timeoutMs = this.#call.plan.deadlines?.timeoutMs ?? 0
    const error = new HomeostatError('HS_DEADLINE', { key: this.key, timeoutMs })
    this.#lazySignal().abort(error)
    // A process that is too busy to hear the answer must not blame the target for it.
    this.#call.load.look(this.#call.world.clock.monoMs())
    if (this.#call.load.excuses(timeoutMs)) this.#permit?.ignore()
    this.#fail(error)
  }

  #lazySignal(): LazySignal {
    return (this.#abortion ??= new LazySignal())
  }

  #enter(): void {
    const { plan, guarded } = this.#call
    if (plan.limits.breaker) {
      const admission = guarded.breaker.acquire()
      if (!admission.admitted) return this.#settle(this.#reject, circuitOpen(this.key, admission))
      this.#permit = admission
    }
    const { bulkhead } = plan.limits
    // The permit has read the clock a moment ago.
    if (bulkhead === undefined || guarded.bulkhead.tryEnter(bulkhead)) return this.#perform(this.#permit?.startedMonoMs)
    guarded.bulkhead.enter(bulkhead, { key: this.key, signal: this.signal }).then(
      () => {
        // Let go of in the very moment it was admitted.
        if (this.#reject === undefined) guarded.bulkhead.leave()
        else this.#perform()
      },
      (error: unknown) => this.#fail(error),
    )
  }

  #perform(startedMonoMs = Number.NaN): void {
    const call = this.#call
    const { deadlines } = call.plan
    if (deadlines !== undefined) {
      const nowMonoMs = Number.isNaN(startedMonoMs) ? call.world.clock.monoMs() : startedMonoMs
      deadlines.add(this, nowMonoMs)
      call.load.look(nowMonoMs)
    }
    call.runs += 1
    let running: PromiseLike<T>
    try {
      running = Promise.resolve(call.work(new CallView(this)))
    } catch (error) {
      this.#leave()
      return this.#fail(error)
    }
    running.then(
      (answer) => {
        if (this.#rest === undefined) this.#leave()
        else
          this.#rest.then(
            () => this.#leave(),
            () => this.#leave(),
          )
        this.#answered(answer)
      },
      (error: unknown) => {
        this.#leave()
        this.#fail(error)
      },
    )
  }

  /** The work has really ended. */
  #leave(): void {
    if (this.#call.plan.limits.bulkhead !== undefined) this.#call.guarded.bulkhead.leave()
  }

  #answered(answer: T): void {
    if (this.#reject === undefined) return
    const { accept } = this.#call.plan
    if (accept === undefined) return this.#succeed(answer)
    // The async function turns a synchronous throw into a rejection.
    const judging = async (): Promise<boolean> => accept(answer, new CallView(this))
    judging().then(
      (accepted) => {
        if (accepted === true) this.#succeed(answer)
        else this.#fail(new HomeostatError('HS_ACCEPT_REJECTED', { key: this.key }))
      },
      (error: unknown) => this.#fail(error),
    )
  }

  #succeed(answer: T): void {
    if (this.#resolve === undefined) return
    const permit = this.#permit
    if (this.#rest === undefined) permit?.success(answer)
    else {
      permit?.answered()
      this.#rest.then(
        () => permit?.success(answer),
        (error: unknown) => this.#judge(error),
      )
    }
    this.#settle(this.#resolve, answer)
  }

  #fail(error: unknown): void {
    if (this.#reject !== undefined) this.#settle(this.#reject, this.#judge(error))
  }

  /** Tells the circuit of a failure, if it is one of the target's; returns what the caller is to hear. */
  #judge(error: unknown): unknown {
    const { plan, world } = this.#call
    try {
      if (isLocalRefusal(error, this.key) || !plan.isFailure(error)) this.#permit?.ignore()
      else this.#permit?.failure(error, retryAfterMsOf(error, world.clock.epochMs()))
      return error
    } catch (thrown) {
      // The predicate is the caller's: he hears of its failure, and the call says nothing about the target.
      this.#permit?.ignore()
      return thrown
    }
  }

  #settle<V>(end: ((value: V) => void) | undefined, value: V): void {
    this.#resolve = undefined
    this.#reject = undefined
    this.#call.plan.deadlines?.remove(this)
    end?.(value)
  }
}

function circuitOpen(
  key: string,
  { reason, retryAfterMs, cause }: { readonly reason: string; readonly retryAfterMs: number; readonly cause: unknown },
): HomeostatError {
  return new HomeostatError('HS_CIRCUIT_OPEN', { key, reason, retryAfterMs }, cause === undefined ? undefined : { cause })
}
