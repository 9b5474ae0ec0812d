import { AsyncLocalStorage } from 'node:async_hooks'
import { HomeostatError } from '../core/errors.js'
import type { CallOutcome, EventName } from '../core/events.js'
import type { ListenerErrorHandler } from '../core/listeners.js'
import { createWorld, type World } from '../core/world.js'
import { followAbort } from './abort.js'
import type { Call, LayerCall, Work } from './guard/call.js'
import { EventStream, type Emit, type Listener } from './event-stream.js'
import { accept } from './guard/guard-accept.js'
import { breaker, isTargetFailure, type KeyBreaker } from './guard/guard-breaker.js'
import { bulkhead } from './guard/guard-bulkhead.js'
import { deadline } from './guard/guard-deadline.js'
import { fallback } from './guard/guard-fallback.js'
import { guardLimits, type CallOptions } from './guard/guard-options.js'
import { rate } from './guard/guard-rate.js'
import { record, type OutcomeCounts } from './guard/guard-record.js'
import { isTransient, retry } from './guard/guard-retry.js'
import { stack, type Layer } from './guard/guard-stack.js'
import { perform } from './guard/guard-work.js'
import { circuitLimitsOf, createGuardedKey, isInUse, snapshotOf, type GuardedKey, type KeySnapshot } from './guard/guarded-key.js'
import { KeyCache } from './guard/key-cache.js'
import { mergePolicy, parsePolicy } from './policy/policy.js'
import type { Policy, PolicyInput } from './policy/policy-schema.js'

/** What an orchestrator gets from outside. */
export interface OrchestratorPorts {
  /** The source of time and chance. Default: the real one. */
  readonly world?: World | undefined
  /** Hears what listeners throw. Default: a process warning. */
  readonly onListenerError?: ListenerErrorHandler | undefined
}

/** An orchestrator as it stands; plain JSON, and no more than `guard.keysMax` keys of it. */
export interface OrchestratorSnapshot {
  /** Milliseconds since 1970. */
  readonly epochMs: number
  readonly closed: boolean
  readonly calls: { readonly running: number } & Readonly<OutcomeCounts>
  /** Most recently used first. */
  readonly keys: readonly KeySnapshot[]
}

/** How to close. */
export interface CloseOptions {
  /** How long calls that are running may go on; then they are aborted. Default 5000. */
  readonly drainMs?: number
}

/** A guarded function: any that gives a promise. */
export type Guardable = (...args: never[]) => PromiseLike<unknown>

/** The longest key, in characters: a key names a target, it does not carry data. */
const keyLengthMax = 1_000

/**
 * Guards calls: one policy, one world, one stream of events, and for each key a circuit, a bulkhead and a rate. Making one
 * starts nothing.
 */
export class Orchestrator implements AsyncDisposable {
  readonly world: World
  readonly #events: EventStream
  readonly #onListenerError: ListenerErrorHandler | undefined
  readonly #keys: KeyCache<GuardedKey>
  readonly #calls = new AsyncLocalStorage<Call>()
  readonly #running = new Map<AbortController, Promise<unknown>>()
  readonly #outcomes: Record<CallOutcome, number> = { success: 0, failure: 0, rejected: 0, aborted: 0, fallback: 0 }
  #policy: Policy
  #closing: Promise<void> | undefined

  /** @throws HS_POLICY_INVALID when the policy cannot be accepted. */
  constructor(policy?: PolicyInput, ports: OrchestratorPorts = {}) {
    this.#policy = parsePolicy(policy)
    this.world = ports.world ?? createWorld()
    this.#onListenerError = ports.onListenerError
    this.#events = new EventStream(this.world.clock, { onListenerError: ports.onListenerError })
    this.#keys = new KeyCache({ max: this.#policy.guard.keysMax, inUse: (key) => isInUse(key, this.world.clock.monoMs()) })
  }

  /** The policy that calls which start now are under. */
  get policy(): Policy {
    return this.#policy
  }

  /** Whether {@link close} was called. */
  get closed(): boolean {
    return this.#closing !== undefined
  }

  /**
   * Runs work under the guard of `key`: outermost first record, fallback, rate, retry, breaker, bulkhead, deadline, accept.
   * Settles as soon as the caller's signal aborts, whatever the work does; the work is told by `call.signal`.
   *
   * @param key - Names the target: `openai/gpt-5`. 1..1000 characters; calls with the same key share their circuit.
   * @param work - Called once for each attempt.
   * @throws HS_CLOSED, HS_RATE_LIMITED, HS_CIRCUIT_OPEN, HS_BULKHEAD_FULL, HS_DEADLINE, HS_ACCEPT_REJECTED; the reason of the
   * caller's signal; else what the work threw at last, untouched. RangeError or TypeError for options that cannot be.
   * @example
   * ```ts
   * const healer = new Orchestrator()
   * const answer = await healer.run('greeter', async (call) => `hello, attempt ${call.attempt}`)
   * expect(answer).toBe('hello, attempt 1')
   * ```
   */
  async run<T>(key: string, work: Work<T>, options: CallOptions<T> = {}): Promise<T> {
    if (this.#closing !== undefined) throw new HomeostatError('HS_CLOSED', { what: 'the orchestrator' })
    const guarded = this.#obtain(key)
    const layers = this.#layers(guarded, options)
    const { controller, release } = followAbort(options.signal)
    const call: LayerCall = {
      id: this.world.id(),
      key,
      attempt: 1,
      signal: controller.signal,
      tally: { attempts: 0, fellBack: false },
      started: () => undefined,
    }
    const running = layers(perform(work, this.#calls))(call)
    this.#running.set(controller, running)
    try {
      return await running
    } finally {
      this.#running.delete(controller)
      release()
    }
  }

  /**
   * The same function under guard: its type, arguments, `this`, overloads and properties stay as they are, and it gives a
   * plain promise. Options hold for each of its calls. It gets at its {@link Call} by {@link currentCall}.
   *
   * @throws as {@link run}, each time it is called.
   */
  guard<F extends Guardable>(key: string, work: F, options: CallOptions<Awaited<ReturnType<F>>> = {}): F {
    if (typeof work !== 'function') throw new TypeError(`Cannot guard "${key}": it is not a function`)
    checkKey(key)
    guardLimits(this.#policy.guard, options)
    return new Proxy(work, {
      apply: (target, self: unknown, args: Parameters<F>) =>
        this.run(key, () => Reflect.apply(target, self, args) as Awaited<ReturnType<F>>, options),
    })
  }

  /** The call that is being run, for work that did not get it as an argument; `undefined` outside of guarded work. */
  currentCall(): Call | undefined {
    return this.#calls.getStore()
  }

  /** The breaker of a key; it is made when there is none. Its action runs the work it is fired with. */
  breaker(key: string): KeyBreaker {
    return this.#obtain(key).breaker
  }

  /**
   * Adds a listener for one type of event, or for all with `*`; call what is returned to take it away. Listeners are called
   * synchronously and not awaited; one that throws is reported and survived.
   *
   * @throws RangeError when there are too many.
   */
  on<N extends EventName | '*'>(type: N, listener: Listener<N>): () => void {
    return this.#events.on(type, listener)
  }

  /**
   * Changes the policy for calls that start afterwards. It takes effect whole or, when it is not valid, not at all.
   *
   * @throws HS_POLICY_INVALID
   */
  updatePolicy(change: PolicyInput): void {
    const { policy, changed } = mergePolicy(this.#policy, change)
    if (changed.length === 0) return
    this.#policy = policy
    this.#keys.resize(policy.guard.keysMax)
    for (const { breaker: circuit } of this.#keys.values()) circuit.configure(circuitLimitsOf(policy.guard))
    this.emit('policy.changed', { changed })
  }

  /** Everything as it stands. */
  snapshot(): OrchestratorSnapshot {
    const { clock } = this.world
    return {
      epochMs: clock.epochMs(),
      closed: this.closed,
      calls: { running: this.#running.size, ...this.#outcomes },
      keys: this.#keys.values().map((key) => snapshotOf(key, clock.monoMs())),
    }
  }

  /**
   * Refuses new calls, lets those that are running go on for a while, then aborts them with HS_CLOSED, and resolves when they
   * have settled. Closing twice is closing once.
   */
  close({ drainMs = 5_000 }: CloseOptions = {}): Promise<void> {
    if (!(drainMs >= 0)) throw new RangeError(`Cannot close: drainMs is ${drainMs}, it must be at least 0`)
    this.#closing ??= this.#close(drainMs)
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Tells those who listen. */
  protected readonly emit: Emit = (type, payload) => this.#events.emit(type, payload)

  #obtain(key: string): GuardedKey {
    checkKey(key)
    return this.#keys.obtain(key, () =>
      createGuardedKey(key, this.#policy.guard, { world: this.world, emit: this.emit, onListenerError: this.#onListenerError }),
    )
  }

  #layers<T>(guarded: GuardedKey, options: CallOptions<T>): Layer<T> {
    const { world, emit } = this
    const limits = guardLimits(this.#policy.guard, options)
    const count = (outcome: CallOutcome): void => {
      this.#outcomes[outcome] += 1
      guarded.outcomes[outcome] += 1
    }
    const isRetryable = options.retryable ?? isTransient
    // When the attempt that failed has opened the circuit, the next one would only be refused: the caller gets the failure now.
    const mayRetry = (error: unknown): boolean => !(limits.breaker && guarded.breaker.opened) && isRetryable(error)
    return stack<T>(
      record({ count, emit }, world),
      options.fallback && fallback(options.fallback),
      limits.rate && rate(limits.rate, guarded.rate, world),
      limits.retry && retry(limits.retry, { isRetryable: mayRetry, emit }, world),
      limits.breaker ? breaker(guarded.breaker, options.isFailure ?? isTargetFailure, world) : undefined,
      limits.bulkhead && bulkhead(limits.bulkhead, guarded.bulkhead),
      deadline(limits.deadline?.timeoutMs, world),
      options.accept && accept(options.accept),
    )
  }

  async #close(drainMs: number): Promise<void> {
    const settled = Promise.allSettled(this.#running.values())
    const drained = new AbortController()
    const patience = this.world.clock.sleep(drainMs, drained.signal).catch(() => undefined)
    await Promise.race([settled, patience])
    drained.abort('drained')
    for (const controller of this.#running.keys()) controller.abort(new HomeostatError('HS_CLOSED', { what: 'the orchestrator' }))
    await settled
  }
}

function checkKey(key: unknown): void {
  if (typeof key !== 'string') throw new TypeError('Cannot guard a call: its key is not a string')
  if (key.length < 1 || key.length > keyLengthMax)
    throw new RangeError(`Cannot guard a call: its key has ${key.length} characters, allowed are 1 to ${keyLengthMax}`)
}
