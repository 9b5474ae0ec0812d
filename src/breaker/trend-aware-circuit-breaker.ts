import { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import type { CircuitState } from '../core/events.js'
import { callListener, warnOfListener, type ListenerErrorHandler } from '../core/listeners.js'
import { createWorld, type Alarm, type Clock, type World } from '../core/world.js'
import type { BreakerPermit } from './breaker-call.js'
import { eventNamesOfOpossum, type BreakerOn } from './breaker-events.js'
import { circuitLimits, knownOptions, type BreakerOptions, type KnownOptions } from './breaker-options.js'
import { recordOf, restoreCircuit, type BreakerState } from './breaker-state.js'
import { BreakerStatistics } from './breaker-statistics.js'
import { CallRunner } from './call-runner.js'
import { CallSharing } from './call-sharing.js'
import { CallSlots } from './call-slots.js'
import { Circuit, type CircuitLimits, type CircuitView, type Opening, type Refusal } from './circuit.js'
import { checkHealth } from './health-check.js'
import { noticeListening } from './listening.js'
import { opossumError } from './opossum-error.js'
import { opossumStatus, type OpossumStatus } from './opossum-status.js'
import { ResultCache } from './result-cache.js'
import { SharedAbort } from './shared-abort.js'
import { recordOfStatistics, restoreStatistics } from './statistics-record.js'
import type { TrendVerdict } from './trend/trend-verdict.js'

export type { BreakerPermit } from './breaker-call.js'

/**
 * A circuit breaker with opossum's constructor, methods, events and error codes, and an engine of its own: it opens when the
 * trend of the calls says so within a few failed calls, lets a quota of probes through after a while, and closes when they
 * succeed. It runs on the world's clock; it has a timer only while a call has a deadline, while it is open and someone listens
 * to `halfOpen`, and while someone listens to `snapshot`.
 *
 * An open circuit rejects with an error whose `code` is `EOPENBREAKER`; `ETIMEDOUT`, `ESEMLOCKED` and `ESHUTDOWN` are the
 * others, as in opossum. What differs from opossum is in `docs/opossum.md`.
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
  declare readonly options: KnownOptions<TI>
  /** The places for calls at once. */
  declare readonly semaphore: CallSlots
  declare on: BreakerOn<TI, TR, this>

  readonly #world: World
  readonly #report: ListenerErrorHandler
  readonly #circuit: Circuit
  readonly #statistics: BreakerStatistics
  readonly #runner: CallRunner
  readonly #sharing: CallSharing<unknown> | undefined
  readonly #sharedAbort: SharedAbort | undefined
  /** Whether someone listens to what happens on every call: asking the emitter each time costs more than the circuit. */
  readonly #heard = { fire: false, success: false }
  readonly #lifetime = new AbortController()
  /** Made when someone looks. */
  #status: OpossumStatus | undefined
  /** Rings when an open circuit half-opens; made when someone listens to that. */
  #halfOpenAlarm: Alarm | undefined

  /**
   * @param action - What `fire` calls.
   * @param options - Copied, never written to; see {@link BreakerOptions}.
   * @throws RangeError when a number is out of range; TypeError when a value is of the wrong kind or there is no action.
   */
  constructor(action: (...args: TI) => Promise<TR>, options: BreakerOptions<TI> = {}) {
    const known = knownOptions(options)
    const limits = circuitLimits(options)
    const world = options.world ?? createWorld()
    super(action, leanOptions(options, options.name || action?.name || world.id()))
    const { clock } = world
    const slots = new CallSlots(known.capacity, clock)
    Object.assign(this.options, known)
    Object.assign(this, { semaphore: slots })
    this.#world = world
    this.#report = options.onListenerError ?? warnOfListener
    this.#statistics = new BreakerStatistics({
      windowMs: options.rotateBucketController ? Number.POSITIVE_INFINITY : limits.windowMs,
      buckets: limits.buckets,
      nowMs: clock.monoMs(),
    })
    this.#circuit = new Circuit(limits, world, {
      trend: options.trend,
      warmUpMs: options.allowWarmUp === true || options.state?.warmUp === true ? limits.windowMs : 0,
      changed: (state) => this.#changed(state),
      degraded: (verdict) => this.emit('degrading', verdict),
      recovered: () => this.emit('recovered'),
    })
    this.#sharing = this.#sharingOf(known)
    this.#sharedAbort = sharedAbortOf(options, { clock, report: this.#report })
    this.#runner = new CallRunner({
      action: this.action,
      circuit: this.#circuit,
      statistics: this.#statistics,
      percentiles: known.rollingPercentilesEnabled,
      slots,
      told: this,
      heard: this.#heard,
      clock,
      timeoutMs: known.timeout || false,
      // It is called with the arguments of the call, as the runner promises.
      errorFilter: options.errorFilter as ((error: unknown, ...args: never[]) => unknown) | undefined,
      sharedAbort: this.#sharedAbort,
    })
    if (options.status) restoreStatistics(this.#statistics, options.status, clock)
    if (options.state) this.#restore(options.state)
    // Whoever lends an emitter sees the breaker listen to it from the start, as with opossum.
    if (options.rotateBucketController) void this.status
  }

  /**
   * Asks for leave to make one call that this breaker does not make itself; `call` and `fire` are built on it. The call counts
   * when the permit is told how it ended.
   *
   * @param args - What listeners are told the call was made with.
   */
  acquire(args: readonly unknown[] = []): BreakerPermit | Refusal {
    if (this.isShutdown) return { admitted: false, reason: 'it was shut down', retryAfterMs: 0, cause: undefined }
    if (this.#heard.fire) this.emit('fire', args)
    if (this.enabled) return this.#runner.acquire(args)
    this.#countNow('fires')
    return silentPermit
  }

  /** Calls the action through the breaker. */
  override fire(...args: TI): Promise<TR> {
    return this.#call(this.action, args)
  }

  /** Calls the action through the breaker, with `context` as `this`. */
  override call(context: unknown, ...args: TI): Promise<TR> {
    return this.#call(context, args)
  }

  override fallback(fallback: ((...args: never[]) => unknown) | CircuitBreaker): this {
    // opossum hands the arguments of the call and the error to whatever it was given; types cannot say more.
    const run = fallback as (...args: unknown[]) => unknown
    this.#runner.fallback = fallback instanceof CircuitBreaker ? (...args) => fallback.fire(...args) : run
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

  /** Opens the circuit until {@link release} or {@link close}, without probes. */
  isolate(reason = 'it was isolated by hand'): void {
    if (!this.isShutdown) this.#circuit.isolate(reason)
  }

  /** Ends an isolation: probes decide whether the circuit closes. */
  release(): void {
    if (!this.isShutdown) this.#circuit.release()
  }

  /** Ends it: every later call is rejected with `ESHUTDOWN`, health checks stop, and nothing opens or closes it any more. */
  override shutdown(): void {
    if (this.isShutdown) return
    super.shutdown()
    this.#lifetime.abort('shutdown')
    this.#halfOpenAlarm?.clear()
  }

  /** Takes new numbers for the calls that start afterwards. */
  configure(change: Partial<CircuitLimits>): void {
    this.#circuit.configure({ ...this.limits, ...change })
  }

  /** The circuit's numbers as they are now. */
  get limits(): Required<CircuitLimits> {
    return this.#circuit.limits
  }

  /** What the trend detector says, or said when it opened the circuit; `null` without one. */
  get trend(): TrendVerdict | null {
    return this.#circuit.view().trend
  }

  /** The circuit as it stands; plain JSON. */
  view(): CircuitView {
    return this.#circuit.view()
  }

  /** Forgets cached results and promises that are shared. */
  override clearCache(): void {
    this.#sharing?.flush()
  }

  /**
   * While the action is being called: the signal of that very call, which aborts when it times out; ask at the start of the
   * action. At other times: that of `abortController` or `autoRenewAbortController`, where one was asked for.
   */
  getSignal(): AbortSignal | undefined {
    const shared = this.#sharedAbort?.controller.signal
    const own = this.#runner.startingController?.signal
    if (own === undefined) return shared
    return shared === undefined || shared.aborted ? own : AbortSignal.any([own, shared])
  }

  /** The controller behind {@link getSignal}. */
  getAbortController(): AbortController | undefined {
    // Whoever passed something that is less than an AbortController gets that back, as with opossum.
    return this.#runner.startingController ?? (this.#sharedAbort?.controller as AbortController | undefined)
  }

  /**
   * Opens the circuit whenever `check` rejects, until {@link shutdown}. Checks at once, and then `intervalMs` after each check has
   * ended; does not keep the process alive.
   *
   * @throws TypeError or RangeError when `check` is no function or the interval no duration above 0; 0 is taken for the default.
   */
  override healthCheck(check: () => Promise<void>, intervalMs = 5_000): void {
    if (typeof check !== 'function') throw new TypeError('Health check function must be a function')
    if (Number.isNaN(Number(intervalMs))) throw new TypeError('Health check interval must be a number')
    const everyMs = Number(intervalMs) || 5_000
    if (!(everyMs > 0 && everyMs <= Number.MAX_SAFE_INTEGER)) throw new RangeError('Health check interval must be above 0')
    const failed = (error: unknown): void => {
      this.emit('healthCheckFailed', error)
      this.open({ reason: 'a health check failed', cause: error })
    }
    void checkHealth(() => Reflect.apply(check, this, []), {
      intervalMs: everyMs,
      signal: this.#lifetime.signal,
      clock: this.#world.clock,
      failed,
    })
  }

  /** State and statistics for a later process: see {@link BreakerOptions.state} and {@link BreakerOptions.status}. */
  override toJSON(): ReturnType<CircuitBreaker['toJSON']> {
    const { clock } = this.#world
    const circuit = recordOf(this.#circuit, clock)
    const ended = this.isShutdown ? { closed: false, open: false, halfOpen: false } : {}
    const state: BreakerState = { name: this.name, enabled: this.enabled, ...circuit, ...ended, shutdown: this.isShutdown }
    const status = recordOfStatistics(this.#statistics, clock, this.options.rollingPercentilesEnabled)
    // opossum's types call lastTimerAt a symbol; it is, and always was, a number of milliseconds since 1970.
    return { state: state as unknown as CircuitBreaker.State, status }
  }

  /** Emits an event as opossum does, except that a listener that throws is reported and survived. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (this.listenerCount(event) === 0) return false
    for (const listener of this.rawListeners(event)) callListener(() => Reflect.apply(listener, this, args), this.#report)
    return true
  }

  /** The events that someone listens to, and those that opossum would listen to itself. */
  override eventNames(): (string | symbol)[] {
    return [...new Set([...eventNamesOfOpossum, ...super.eventNames()])]
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
    override('status', (breaker) => (breaker.#status ??= breaker.#makeStatus()))
    override('stats', (breaker) => breaker.status.stats)
    noticeListening(this.prototype, (breaker, event, change) => {
      // What opossum does by itself hangs on listeners that its constructor adds: statistics, the reset timer, closing on
      // success. Our engine does all that, and does not exist yet while that constructor runs.
      if (!(#circuit in breaker)) return
      change()
      breaker.#heard.fire = breaker.listenerCount('fire') > 0
      breaker.#heard.success = breaker.listenerCount('success') > 0
      if (event === 'halfOpen') breaker.#watchHalfOpen()
    })
  }

  #changed(state: CircuitState): void {
    if (state !== 'open') {
      this.#halfOpenAlarm?.clear()
      this.#sharedAbort?.renew()
    }
    if (state === 'closed') this.emit('close')
    else if (state === 'half-open') this.emit('halfOpen', this.#circuit.limits.openMs)
    else {
      this.emit('open')
      this.#watchHalfOpen()
    }
  }

  /** The circuit half-opens when someone looks; whoever listens wants to hear of it at the time. */
  #watchHalfOpen(): void {
    if (this.isShutdown || this.listenerCount('halfOpen') === 0) return
    const { state, retryAfterMs } = this.#circuit.view()
    if (state !== 'open' || retryAfterMs <= 0) return
    this.#halfOpenAlarm ??= this.#world.clock.alarm(() => this.#watchHalfOpen())
    this.#halfOpenAlarm.set(retryAfterMs)
  }

  #restore(state: BreakerState): void {
    if (state.shutdown === true) this.shutdown()
    else restoreCircuit(this.#circuit, state, this.#world.clock)
  }

  #call(context: unknown, args: TI): Promise<TR> {
    if (this.isShutdown) return Promise.reject(opossumError('The circuit has been shutdown.', 'ESHUTDOWN'))
    if (this.#heard.fire) this.emit('fire', args)
    if (!this.enabled) return this.#callBare(context, args)
    // What comes back is what the action gave, or the fallback that stands in for it.
    if (this.#sharing !== undefined) return this.#callShared(this.#sharing, context, args) as Promise<TR>
    return this.#runner.run(context, args) as Promise<TR>
  }

  async #callBare(context: unknown, args: TI): Promise<TR> {
    this.#countNow('fires')
    return Reflect.apply(this.action, context, args)
  }

  #callShared(sharing: CallSharing<unknown>, context: unknown, args: TI): Promise<unknown> {
    let key: string
    try {
      key = Reflect.apply(this.options.cacheGetKey, this, args)
    } catch (error) {
      return Promise.reject(error)
    }
    const found = sharing.find(key)
    if (found === undefined) return this.#runner.run(context, args, sharing, key)
    this.#countNow('fires')
    return found
  }

  #sharingOf(known: KnownOptions<TI>): CallSharing<unknown> | undefined {
    const { clock } = this.#world
    if (!known.cache && !known.coalesce) return undefined
    const transport = known.cacheTransport ?? new ResultCache(known.cacheSize ?? 0, () => clock.epochMs())
    if (known.cache) Object.assign(this.options, { cacheTransport: transport })
    return new CallSharing({
      cache: known.cache ? { transport, ttlMs: known.cacheTTL } : undefined,
      coalesce: known.coalesce
        ? { sizeMax: known.coalesceSize ?? 0, ttlMs: known.coalesceTTL || 0, resetOn: known.coalesceResetOn }
        : undefined,
      clock,
      told: (counter, event) => {
        this.#countNow(counter)
        this.emit(event)
      },
      report: this.#report,
    })
  }

  #makeStatus(): OpossumStatus {
    const { rollingPercentilesEnabled, enableSnapshots, rotateBucketController } = this.options
    return opossumStatus(this.#statistics, {
      clock: this.#world.clock,
      percentiles: rollingPercentilesEnabled,
      snapshots: enableSnapshots,
      rotator: rotateBucketController,
      report: this.#report,
      isOpen: () => this.opened,
    })
  }

  #countNow(counter: Parameters<OpossumStatus['increment']>[0]): void {
    this.#statistics.at(this.#world.clock.monoMs())[counter] += 1
  }
}

/** A disabled breaker lets every call through and hears of none. */
const silentPermit: BreakerPermit = {
  admitted: true,
  startedMonoMs: Number.NaN,
  answered: nothing,
  success: nothing,
  failure: nothing,
  ignore: nothing,
}

function nothing(): void {}

/** One for all breakers: opossum makes one for each when it is given none, and ours has its own. */
let unusedStatus: CircuitBreaker.Status | undefined

/** What opossum's constructor is given: everything off that would start a timer or keep a state of its own. */
function leanOptions<TI extends unknown[]>(options: BreakerOptions<TI>, name: string): CircuitBreaker.Options<TI> {
  unusedStatus ??= CircuitBreaker.newStatus({ enableSnapshots: false, rotateBucketController: new EventEmitter() })
  return {
    name,
    group: options.group,
    enabled: options.state ? options.state.enabled !== false : options.enabled,
    maxFailures: options.maxFailures,
    status: unusedStatus,
    timeout: false,
    enableSnapshots: false,
  }
}

function sharedAbortOf(
  options: BreakerOptions<never>,
  surroundings: { readonly clock: Clock; readonly report: ListenerErrorHandler },
): SharedAbort | undefined {
  const { abortController, autoRenewAbortController } = options
  if (!abortController && !autoRenewAbortController) return undefined
  const autoRenew = autoRenewAbortController === true
  return new SharedAbort(abortController ?? new AbortController(), { autoRenew, ...surroundings })
}
