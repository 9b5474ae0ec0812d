import { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import type { CircuitState } from '../core/events.js'
import { callListener, warnOfListener, type ListenerErrorHandler } from '../core/listeners.js'
import { createWorld, type World } from '../core/world.js'
import { circuitLimits, leanOptions, timeoutOf, type BreakerOptions } from './breaker-options.js'
import { restoreCircuit, type BreakerState } from './breaker-state.js'
import { BreakerStatistics, type CountingStatus, type Counter } from './breaker-statistics.js'
import { Circuit, type CircuitLimits, type CircuitView, type Opening, type Permit, type Refusal } from './circuit.js'
import { checkHealth } from './health-check.js'
import { opossumError } from './opossum-error.js'

/** Leave to make one call through {@link TrendAwareCircuitBreaker.acquire}. The first of its methods that is called counts. */
export interface BreakerPermit extends Omit<Permit, 'success'> {
  /** The call succeeded, with this result for those who listen. */
  success(result?: unknown): void
}

/**
 * A circuit breaker with opossum's constructor, methods, events and error codes, and an engine of its own: it opens when the
 * failure rate of the calls that settled in a sliding window is too high, lets a quota of probes through after a while, and
 * closes when they succeed. It runs on the world's clock without a timer of its own: `halfOpen` is emitted when someone looks
 * after the time has come, not at that very moment.
 *
 * An open circuit rejects with an error whose `code` is `EOPENBREAKER`; `ETIMEDOUT`, `ESEMLOCKED` and `ESHUTDOWN` are the
 * others, as in opossum.
 *
 * @example
 * ```ts
 * const breaker = new TrendAwareCircuitBreaker(async (id: string) => `order ${id}`, { resetTimeout: 5_000 })
 * expect(await breaker.fire('7')).toBe('order 7')
 * expect(breaker.closed).toBe(true)
 * ```
 */
export class TrendAwareCircuitBreaker<TI extends unknown[] = unknown[], TR = unknown> extends CircuitBreaker<TI, TR> {
  // Set by opossum's constructor, though its types do not say so.
  declare readonly action: (...args: TI) => PromiseLike<TR>
  declare readonly options: BreakerOptions<TI>
  declare readonly semaphore: { readonly count: number; test(): boolean; release(): void }

  readonly #circuit: Circuit
  readonly #world: World
  readonly #timeoutMs: number | false
  readonly #report: ListenerErrorHandler
  readonly #statistics: BreakerStatistics
  readonly #lifetime = new AbortController()
  #fallback: ((...args: unknown[]) => unknown) | undefined

  /**
   * @param action - What `fire` calls.
   * @param options - Copied, never written to; see {@link BreakerOptions}.
   * @throws RangeError when a number is out of range; TypeError when an option is not supported or there is no action.
   */
  constructor(action: (...args: TI) => Promise<TR>, options: BreakerOptions<TI> = {}) {
    const limits = circuitLimits(options)
    const timeoutMs = timeoutOf(options)
    const world = options.world ?? createWorld()
    const rotator = new EventEmitter()
    super(action, leanOptions(options, { name: options.name ?? (action?.name || world.id()), rotator }))
    // Everything opossum does by itself hangs on listeners to its own events: statistics, the reset timer, closing on success.
    super.removeAllListeners()
    Object.assign(this.options, { timeout: timeoutMs, errorFilter: options.errorFilter })
    this.#world = world
    this.#timeoutMs = timeoutMs
    this.#report = options.onListenerError ?? warnOfListener
    this.#statistics = new BreakerStatistics(baseStatus(this), {
      rotator,
      windowMs: limits.windowMs,
      buckets: limits.buckets,
      percentiles: options.rollingPercentilesEnabled === true,
      nowMs: world.clock.monoMs(),
    })
    const warmUp = options.allowWarmUp === true || options.state?.warmUp === true
    this.#circuit = new Circuit(limits, world, {
      changed: (state) => this.#changed(state),
      warmUpMs: warmUp ? limits.windowMs : 0,
    })
    if (options.state !== undefined) this.#restore(options.state)
  }

  /**
   * Asks for leave to make one call that this breaker does not make itself; `call` and `fire` are built on it. The call counts
   * when the permit is told how it ended.
   *
   * @param args - What listeners are told the call was made with.
   */
  acquire(args: readonly unknown[] = []): BreakerPermit | Refusal {
    if (this.isShutdown) return { admitted: false, reason: 'it was shut down', retryAfterMs: 0, cause: undefined }
    this.#count('fires')
    this.emit('fire', args)
    if (!this.enabled) return silentPermit
    const admission = this.#circuit.acquire()
    if (admission.admitted) return this.#reporting(admission, args)
    this.#count('rejects')
    if (this.listenerCount('reject') > 0) this.emit('reject', openError(admission))
    return admission
  }

  /** Calls the action through the breaker, with `context` as `this`. */
  override async call(context: unknown, ...args: TI): Promise<TR> {
    if (this.isShutdown) throw opossumError('The circuit has been shutdown.', 'ESHUTDOWN')
    const admission = this.acquire(args)
    if (!admission.admitted) return this.#fallBack(openError(admission), args)
    if (admission === silentPermit) return Reflect.apply(this.action, context, args)
    if (!this.semaphore.test()) return this.#refuseCrowded(admission, args)
    try {
      const result = await this.#withinTime(this.#start(context, args), args)
      admission.success(result)
      return result
    } catch (error) {
      if (this.#isFailure(error, args, admission)) return await this.#fallBack(error, args)
      throw error
    } finally {
      // Only when the error filter itself threw: then the call says nothing about the target.
      admission.ignore()
    }
  }

  override fallback(fallback: ((...args: never[]) => unknown) | CircuitBreaker): this {
    // opossum hands the arguments of the call and the error to whatever it was given; types cannot say more.
    const run = fallback as (...args: unknown[]) => unknown
    this.#fallback = fallback instanceof CircuitBreaker ? (...args) => fallback.fire(...args) : run
    return this
  }

  /** Opens the circuit; it half-opens after `resetTimeout`, or after `retryAfterMs` if that is longer. */
  override open(opening: Partial<Opening> = {}): void {
    if (!this.isShutdown) this.#circuit.open({ reason: 'it was opened by hand', ...opening })
  }

  /** Closes the circuit. */
  override close(): void {
    if (!this.isShutdown) this.#circuit.close()
  }

  /** Ends it: every later call is rejected with `ESHUTDOWN`, health checks stop, and nothing opens or closes it any more. */
  override shutdown(): void {
    if (this.isShutdown) return
    super.shutdown()
    this.#lifetime.abort('shutdown')
  }

  /** Takes new numbers for the calls that start afterwards. */
  configure(change: Partial<CircuitLimits>): void {
    this.#circuit.configure({ ...this.limits, ...change })
  }

  /** The circuit's numbers as they are now. */
  get limits(): CircuitLimits {
    return this.#circuit.limits
  }

  /** The circuit as it stands; plain JSON. */
  view(): CircuitView {
    return this.#circuit.view()
  }

  /**
   * Opens the circuit whenever `check` rejects, until {@link shutdown}. Checks at once, and then `intervalMs` after each check has
   * ended; does not keep the process alive.
   */
  override healthCheck(check: () => Promise<void>, intervalMs = 5_000): void {
    if (typeof check !== 'function') throw new TypeError('Health check function must be a function')
    if (Number.isNaN(Number(intervalMs))) throw new TypeError('Health check interval must be a number')
    const failed = (error: unknown): void => {
      this.emit('healthCheckFailed', error)
      this.open({ reason: 'a health check failed', cause: error })
    }
    void checkHealth(() => Reflect.apply(check, this, []), {
      intervalMs,
      signal: this.#lifetime.signal,
      clock: this.#world.clock,
      failed,
    })
  }

  /** State and statistics for a later process: see {@link BreakerOptions.state}. */
  override toJSON(): ReturnType<CircuitBreaker['toJSON']> {
    const state: BreakerState = {
      name: this.name,
      enabled: this.enabled,
      closed: this.closed,
      open: this.opened,
      halfOpen: this.halfOpen,
      warmUp: this.warmUp,
      shutdown: this.isShutdown,
      lastTimerAt: this.view().openedEpochMs ?? undefined,
    }
    // opossum's types call lastTimerAt a symbol; it is, and always was, a number of milliseconds since 1970.
    return { state: state as unknown as CircuitBreaker.State, status: this.stats }
  }

  /** Emits an event as opossum does, except that a listener that throws is reported and survived. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    const listeners = this.rawListeners(event)
    for (const listener of listeners) callListener(() => Reflect.apply(listener, this, args), this.#report)
    return listeners.length > 0
  }

  // opossum's types declare these as fields, which a class may not override with accessors; they are accessors all the same.
  static {
    const override = (name: string, get: (breaker: TrendAwareCircuitBreaker) => unknown): void => {
      Object.defineProperty(this.prototype, name, {
        configurable: true,
        get(this: TrendAwareCircuitBreaker) {
          return get(this)
        },
      })
    }
    const is = (state: CircuitState) => (breaker: TrendAwareCircuitBreaker) =>
      !breaker.isShutdown && breaker.#circuit.state === state
    override('closed', is('closed'))
    override('opened', is('open'))
    override('halfOpen', is('half-open'))
    override('pendingClose', (breaker) => !breaker.isShutdown && breaker.#circuit.admitsProbe)
    override('warmUp', (breaker) => breaker.#circuit.warmingUp)
    override('volumeThreshold', (breaker) => breaker.#circuit.limits.callsMin)
    override('status', (breaker) => breaker.#statistics.at(breaker.#world.clock.monoMs()))
    override('stats', (breaker) => breaker.status.stats)
  }

  #changed(state: CircuitState): void {
    if (state === 'closed') this.emit('close')
    else if (state === 'open') this.emit('open')
    else this.emit('halfOpen', this.#circuit.limits.openMs)
  }

  #restore(state: BreakerState): void {
    if (state.enabled === false) this.disable()
    if (state.shutdown === true) this.shutdown()
    else restoreCircuit(this.#circuit, state, this.#world.clock)
  }

  /** A permit that also tells opossum's listeners and statistics. */
  #reporting(permit: Permit, args: readonly unknown[]): BreakerPermit {
    const startMs = this.#world.clock.monoMs()
    let settled = false
    const once = (act: (durationMs: number) => void): void => {
      if (settled) return
      settled = true
      act(this.#world.clock.monoMs() - startMs)
    }
    return {
      admitted: true,
      success: (result) =>
        once((durationMs) => {
          permit.success()
          this.#count('successes', durationMs)
          this.emit('success', result, durationMs)
        }),
      failure: (error, retryAfterMs) =>
        once((durationMs) => {
          this.#count('failures', durationMs)
          this.emit('failure', error, durationMs, args)
          permit.failure(error, retryAfterMs)
        }),
      ignore: () => once(() => permit.ignore()),
    }
  }

  /** Runs the action. Its place is kept until it really ends, however long that takes. */
  async #start(context: unknown, args: TI): Promise<TR> {
    try {
      return await Reflect.apply(this.action, context, args)
    } finally {
      this.semaphore.release()
    }
  }

  async #withinTime(work: Promise<TR>, args: TI): Promise<TR> {
    if (this.#timeoutMs === false) return work
    const timeoutMs = this.#timeoutMs
    const startMs = this.#world.clock.monoMs()
    const done = new AbortController()
    const limit = this.#world.clock.sleep(timeoutMs, done.signal).then(() => {
      const error = opossumError(`Timed out after ${timeoutMs}ms`, 'ETIMEDOUT')
      const durationMs = this.#world.clock.monoMs() - startMs
      this.#count('timeouts', durationMs)
      this.emit('timeout', error, durationMs, args)
      throw error
    })
    try {
      return await Promise.race([work, limit])
    } finally {
      done.abort('done')
    }
  }

  /** Settles the permit of a call that threw, and says whether that was a failure. */
  #isFailure(error: unknown, args: TI, permit: BreakerPermit): boolean {
    if (this.options.errorFilter?.(error, ...args)) {
      permit.ignore()
      // opossum tells listeners of `success` about filtered errors, although the call rejects.
      this.emit('success', error, 0)
      return false
    }
    permit.failure(error)
    return true
  }

  #refuseCrowded(permit: BreakerPermit, args: TI): Promise<TR> {
    permit.ignore()
    const error = opossumError('Semaphore locked', 'ESEMLOCKED')
    this.#count('semaphoreRejections')
    this.emit('semaphoreLocked', error, 0)
    return this.#fallBack(error, args)
  }

  async #fallBack(error: unknown, args: TI): Promise<TR> {
    if (this.#fallback === undefined) throw error
    const result = this.#fallback(...args, error)
    this.#count('fallbacks')
    this.emit('fallback', result, error)
    // opossum's contract: what the fallback gives stands in for the action's result.
    return result as TR
  }

  #count(counter: Counter, durationMs?: number): void {
    this.#statistics.count(counter, this.#world.clock.monoMs(), durationMs)
  }
}

/** A disabled breaker lets every call through and hears of none. */
const silentPermit: BreakerPermit = { admitted: true, success: nothing, failure: nothing, ignore: nothing }

function nothing(): void {}

function openError({ cause }: Refusal): Error {
  return opossumError('Breaker is open', 'EOPENBREAKER', cause)
}

/** The status that opossum's constructor made; our own accessor of that name hides it. */
function baseStatus(breaker: object): CountingStatus {
  // It always is one, and has always had the method.
  return Reflect.get(CircuitBreaker.prototype, 'status', breaker) as CountingStatus
}
