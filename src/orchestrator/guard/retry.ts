import pRetry from 'p-retry'
import type { World } from '../../core/world.js'
import type { RetryLimits } from './guard-options.js'
import { retryAfterMsOf } from './retry-after.js'
import { retryDelayMs } from './retry-delay.js'

/** A call that can be tried again. */
export interface RetriedCall<T> {
  readonly world: World
  /** Aborts when nobody waits for the call any more. */
  readonly signal: AbortSignal
  /** Runs the attempt of this number. */
  try(attempt: number): Promise<T>
  /** Whether another attempt may help. */
  mayRetry(error: unknown): boolean
  /** Whether there is a retry left in the budget; takes it. */
  affordsRetry(): boolean
  /** Hears that another attempt will be made after a delay. */
  announceRetry(attempt: number, delayMs: number, error: unknown): void
}

/**
 * Tries again after a first failure that may pass. p-retry runs the attempts; the delays are ours: the longer of what the
 * target asks for and a random share of a ceiling that doubles (see {@link retryDelayMs}), on the world's clock.
 *
 * @param first - What the first attempt threw. It was made without p-retry, which the calls that succeed can do without.
 * @throws what the last attempt threw, untouched; the reason of the call's signal as soon as it aborts.
 */
export async function retry<T>(call: RetriedCall<T>, limits: RetryLimits, first: unknown): Promise<T> {
  const { signal } = call
  let thrown = first
  const attempt = async (number: number): Promise<T> => {
    if (number === 1) throw attemptFailed
    try {
      return await call.try(number)
    } catch (error) {
      thrown = error
      throw attemptFailed
    }
  }
  const shouldRetry = async ({ attemptNumber }: { readonly attemptNumber: number }): Promise<boolean> => {
    if (!call.mayRetry(thrown)) return false
    const delayMs = delayOf(thrown, attemptNumber, { limits, world: call.world })
    // Last, for it takes one: only an attempt that is made is paid for.
    if (delayMs === undefined || !call.affordsRetry()) return false
    call.announceRetry(attemptNumber + 1, delayMs, thrown)
    await call.world.clock.sleep(delayMs, signal)
    return true
  }
  try {
    return await pRetry(attempt, { retries: limits.attemptsMax - 1, minTimeout: 0, randomize: false, signal, shouldRetry })
  } catch (error) {
    throw error === attemptFailed ? thrown : error
  }
}

/** p-retry makes an Error of what is none, and decides by itself about some that are: it gets to see this one only. */
const attemptFailed = new Error('An attempt failed')

/** `undefined`: the target asks for more than the caller may be made to wait. */
function delayOf(
  error: unknown,
  failures: number,
  { limits, world }: { readonly limits: RetryLimits; readonly world: World },
): number | undefined {
  const askedMs = retryAfterMsOf(error, world.clock.epochMs()) ?? 0
  return askedMs > limits.retryAfterMsMax ? undefined : Math.max(askedMs, retryDelayMs(failures, limits, world.random()))
}
