import { AsyncLocalStorage } from 'node:async_hooks'
import type { LoadSource } from '../breaker/load/load-readings.js'
import { HomeostatError } from '../core/errors.js'
import type { EventName } from '../core/events.js'
import { LinkedList } from '../core/linked-list.js'
import type { ListenerErrorHandler } from '../core/listeners.js'
import { createWorld, type World } from '../core/world.js'
import { EventStream, type Emit, type Listener } from './event-stream.js'
import type { Call, Work } from './guard/call.js'
import { DeadlineQueues } from './guard/deadline-queues.js'
import type { CallOptions } from './guard/guard-options.js'
import { planOf, type GuardPlan } from './guard/guard-plan.js'
import { GuardedCall, type CallSurroundings } from './guard/guarded-call.js'
import {
  circuitLimitsOf,
  createGuardedKey,
  isInUse,
  snapshotOf,
  type GuardedKey,
  type KeyBreaker,
  type KeySnapshot,
  type OutcomeCounts,
} from './guard/guarded-key.js'
import { KeyCache } from './guard/key-cache.js'
import { ProcessLoad } from './guard/process-load.js'
import { mergePolicy, parsePolicy } from './policy/policy.js'
import type { Policy, PolicyInput } from './policy/policy-schema.js'

/** What an orchestrator gets from outside. */
export interface OrchestratorPorts {
  /** The source of time and chance. Default: the real one. */
  readonly world?: World | undefined
  /** Hears what listeners throw. Default: a process warning. */
  readonly onListenerError?: ListenerErrorHandler | undefined
  /**
   * Says how busy this process is (`nodeLoadReadings` of `homeostat/node`): while it is overloaded retries cost more, and a
   * deadline that it could not keep is not held against the target. Default: never busy. Who made it closes it.
   */
  readonly load?: LoadSource | undefined
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
  readonly #running = new LinkedList<GuardedCall<never>>()
  #runningCount = 0
  readonly #outcomes: OutcomeCounts = { success: 0, failure: 0, rejected: 0, aborted: 0, fallback: 0 }
  readonly #deadlines: DeadlineQueues
  readonly #surroundings: CallSurroundings
  #policy: Policy
  /** The plan of calls without options. */
  #plan: GuardPlan<unknown>
  #drained: (() => void) | undefined
  #closing: Promise<void> | undefined

  /** @throws HS_POLICY_INVALID when the policy cannot be accepted. */
  constructor(policy?: PolicyInput, ports: OrchestratorPorts = {}) {
    this.#policy = parsePolicy(policy)
    this.world = ports.world ?? createWorld()
    this.#onListenerError = ports.onListenerError
    this.#events = new EventStream(this.world.clock, { onListenerError: ports.onListenerError })
    this.#keys = new KeyCache({ max: this.#policy.guard.keysMax, inUse: (key) => isInUse(key, this.world.clock.monoMs()) })
    this.#deadlines = new DeadlineQueues(this.world.clock)
    this.#plan = planOf(this.#policy.guard, {}, this.#deadlines)
    this.#surroundings = {
      world: this.world,
      load: new ProcessLoad(ports.load),
      events: this.#events,
      settled: (call, outcome) => this.#settled(call, outcome),
    }
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
  run<T>(key: string, work: Work<T>, options?: CallOptions<T>): Promise<T> {
    // A plan without options has nothing in it that depends on the type of the answer.
    return this.#start(key, work, () => (options === undefined ? (this.#plan as GuardPlan<T>) : this.#planOf(options)))
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
    let policy = this.#policy
    let plan = this.#planOf(options)
    return new Proxy(work, {
      apply: (target, self: unknown, args: Parameters<F>) => {
        const run = (call: Call) => this.#calls.run(call, () => Reflect.apply(target, self, args) as Awaited<ReturnType<F>>)
        return this.#start(key, run, () => {
          if (policy !== this.#policy) {
            policy = this.#policy
            plan = this.#planOf(options)
          }
          return plan
        })
      },
    })
  }

  /** The call that is being run, for functions that {@link guard} wraps and all they call; `undefined` outside of them. */
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
    this.#plan = this.#planOf({})
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
      calls: { running: this.#runningCount, ...this.#outcomes },
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

  /** Tells those who listen; for what is built on an orchestrator. */
  readonly emit: Emit = (type, payload) => this.#events.emit(type, payload)

  #obtain(key: string): GuardedKey {
    checkKey(key)
    return this.#keys.obtain(key, () =>
      createGuardedKey(key, this.#policy.guard, { world: this.world, emit: this.emit, onListenerError: this.#onListenerError }),
    )
  }

  #planOf<T>(options: CallOptions<T>): GuardPlan<T> {
    return planOf(this.#policy.guard, options, this.#deadlines)
  }

  /** Not an async function: the promise of the call is enough, and one more would be felt. */
  #start<T>(key: string, work: Work<T>, plan: () => GuardPlan<T>): Promise<T> {
    try {
      if (this.#closing !== undefined) throw new HomeostatError('HS_CLOSED', { what: 'the orchestrator' })
      const call = new GuardedCall(this.#obtain(key), work, plan(), this.#surroundings)
      // It is only counted and aborted here; what type of answer it has does not matter.
      this.#running.add(call as unknown as GuardedCall<never>)
      this.#runningCount += 1
      return call.run()
    } catch (error) {
      // It may be anything that the world's or the options' own code threw.
      return Promise.reject(error as Error)
    }
  }

  #settled(call: GuardedCall<never>, outcome: keyof OutcomeCounts): void {
    this.#outcomes[outcome] += 1
    call.guarded.outcomes[outcome] += 1
    this.#running.remove(call)
    this.#runningCount -= 1
    if (this.#runningCount === 0) this.#drained?.()
  }

  async #close(drainMs: number): Promise<void> {
    if (this.#runningCount > 0) {
      const settled = new Promise<void>((resolve) => (this.#drained = resolve))
      const drained = new AbortController()
      const patience = this.world.clock.sleep(drainMs, drained.signal).catch(() => undefined)
      await Promise.race([settled, patience])
      drained.abort('drained')
      // Calls settle later, not while they are aborted, so the list stands still.
      for (let call = this.#running.first; call !== undefined; call = call.next as GuardedCall<never> | undefined)
        call.abort(new HomeostatError('HS_CLOSED', { what: 'the orchestrator' }))
      await settled
    }
    this.#deadlines.close()
  }
}

function checkKey(key: unknown): void {
  if (typeof key !== 'string') throw new TypeError('Cannot guard a call: its key is not a string')
  if (key.length < 1 || key.length > keyLengthMax)
    throw new RangeError(`Cannot guard a call: its key has ${key.length} characters, allowed are 1 to ${keyLengthMax}`)
}
