import { HomeostatError } from '../../core/errors.js'
import type { Clock, World } from '../../core/world.js'
import { followAbort } from '../../orchestrator/abort.js'
import { BoundedKeys } from '../budget/bounded-keys.js'
import type { LlmEstimate } from '../budget/estimate.js'
import type { RateReading } from '../failure/rate-headers.js'
import { KeyLimits, type Demand, type KeyLimitsSnapshot, type Sent, type Wait, type Waiter } from './key-limits.js'

export type { Sent } from './key-limits.js'

/** All targets that the limiter knows, by key; plain JSON. */
export interface RateLimiterSnapshot {
  readonly keys: Readonly<Record<string, KeyLimitsSnapshot>>
}

/** How long one waits, and who may end the wait. */
export interface EnterOptions {
  /** A longer wait is refused, milliseconds. */
  readonly waitMsMax: number
  readonly signal?: AbortSignal | undefined
}

const keysMax = 1_000
/** Who comes when so many wait for one target is refused. */
const waitersMax = 10_000
/** No pause is believed beyond a day. */
const pauseMsMax = 86_400_000

/**
 * Keeps requests back that their provider would refuse, by what it says of its limits: what remains of them, when it wants to be
 * left alone, and when it wants fewer. It knows nothing before the first answer, and lets everything through until then.
 *
 * It has no timers of its own; whoever waits sleeps in the world it was given.
 */
export class RateLimiter {
  readonly #world: World
  readonly #keys = new BoundedKeys<KeyLimits>({
    max: keysMax,
    make: () => new KeyLimits(),
    idle: ({ waiting }) => waiting === 0,
  })

  constructor(world: World) {
    this.#world = world
  }

  /**
   * Asks whether a request may go out now: 0 when it may, and then it is counted as sent; otherwise the milliseconds after which to
   * ask again. Those who wait in {@link RateLimiter.enter} go first.
   *
   * @param tokens - What it may use, sent and received together, or both by themselves.
   */
  admit(key: string, tokens: number | LlmEstimate): number {
    const nowMs = this.#world.clock.monoMs()
    const demand = demandOf(tokens)
    const limits = this.#keys.obtain(key)
    const { waitMs } = limits.waitOf(demand, undefined, nowMs)
    if (waitMs === 0) limits.take(demand, nowMs)
    return waitMs
  }

  /**
   * Waits until a request may go out, in the order of arrival, and counts it as sent.
   *
   * @returns What {@link RateLimiter.learn} wants to know of the request that the answer belongs to.
   * @throws HS_LLM_LIMITED as soon as the wait is known to be too long; the signal's reason.
   */
  async enter(key: string, tokens: number | LlmEstimate, { waitMsMax, signal }: EnterOptions): Promise<Sent> {
    signal?.throwIfAborted()
    const { clock } = this.#world
    const limits = this.#keys.obtain(key)
    const demand = demandOf(tokens)
    const lastMs = clock.monoMs() + waitMsMax
    if (limits.waiting >= waitersMax) throw limited(key, limits.waitOf(demand, undefined, clock.monoMs()))
    const waiter = limits.join(demand)
    try {
      for (;;) {
        const nowMs = clock.monoMs()
        const wait = limits.waitOf(demand, waiter, nowMs)
        if (wait.waitMs === 0) {
          limits.take(demand, nowMs)
          return limits.sent
        }
        // Said this way round, a limit that is no number allows no wait.
        if (!(nowMs + wait.waitMs <= lastMs)) throw limited(key, wait)
        // Only whoever is next watches the clock; it wakes the one behind it when it goes.
        await nap(clock, waiter, { delayMs: limits.first === waiter ? wait.waitMs : lastMs - nowMs, signal })
      }
    } finally {
      limits.leave(waiter)
    }
  }

  /** What has been sent to a target by now, for {@link RateLimiter.learn}; ask right after a request was admitted. */
  sent(key: string): Sent {
    return this.#keys.obtain(key).sent
  }

  /**
   * Takes in what an answer said of the limits.
   *
   * @param sent - What had been sent when its request went out; without it the reading is taken to know of all requests so far.
   */
  learn(key: string, readings: readonly RateReading[], sent?: Sent): void {
    if (readings.length > 0) this.#keys.obtain(key).learn(readings, sent, this.#world.clock.monoMs())
  }

  /**
   * The provider wants to be left alone.
   *
   * @param forMs - At most a day is believed; an earlier request for longer stays.
   * @throws RangeError when it is no number, or negative.
   */
  throttle(key: string, forMs: number): void {
    if (!(forMs >= 0)) throw new RangeError(`Cannot leave a provider alone for ${forMs} ms: it must be a number of at least 0`)
    this.#keys.obtain(key).pause(Math.min(forMs, pauseMsMax), this.#world.clock.monoMs())
  }

  /** The provider wants fewer requests, without saying how many. */
  slowDown(key: string): void {
    this.#keys.obtain(key).slowDown(this.#world.clock.monoMs())
  }

  snapshot(): RateLimiterSnapshot {
    const nowMs = this.#world.clock.monoMs()
    return { keys: Object.fromEntries([...this.#keys.entries()].map(([key, limits]) => [key, limits.snapshot(nowMs)])) }
  }
}

const woken = new Error('woken')

/** Sleeps until the time is up, or the waiter is woken; rejects with the signal's reason. */
async function nap(
  clock: Clock,
  waiter: Waiter,
  { delayMs, signal }: { readonly delayMs: number; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { controller, release } = followAbort(signal)
  waiter.wake = () => controller.abort(woken)
  try {
    await clock.sleep(delayMs, controller.signal)
  } catch (error) {
    if (error !== woken) throw error
  } finally {
    release()
  }
}

function demandOf(tokens: number | LlmEstimate): Demand {
  if (typeof tokens === 'number') return { tokens: count(tokens), inputTokens: count(tokens) }
  const inputTokens = count(tokens.inputTokens ?? 0)
  return { inputTokens, tokens: inputTokens + count(tokens.outputTokensMax ?? 0) }
}

/** @throws RangeError when it is no number of at least 0. */
function count(tokens: number): number {
  if (tokens >= 0 && tokens <= Number.MAX_SAFE_INTEGER) return tokens
  throw new RangeError(`Cannot count ${tokens} tokens: it must be a number of at least 0`)
}

function limited(key: string, { waitMs, resource }: Wait): HomeostatError {
  return new HomeostatError('HS_LLM_LIMITED', { key, resource, retryAfterMs: waitMs })
}
