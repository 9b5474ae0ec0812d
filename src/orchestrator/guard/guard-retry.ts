import pRetry from 'p-retry'
import { isHomeostatError } from '../../core/errors.js'
import type { World } from '../../core/world.js'
import { fieldOf, isRequestError } from './error-shape.js'
import type { Emit } from '../event-stream.js'
import type { Layer } from './guard-stack.js'
import { isOpenCircuit } from './local-refusal.js'
import { retryAfterMsOf } from './retry-after.js'
import { retryDelayMs, type DelayLimits } from './retry-delay.js'

/** How often work is tried, and how long to wait between. */
export interface RetryLimits extends DelayLimits {
  /** Runs of the work, the first one included. */
  readonly attemptsMax: number
  /** When the target asks for a longer wait than this, the call is given up at once. */
  readonly retryAfterMsMax: number
}

/** Says whether another attempt may help. */
export type IsRetryable = (error: unknown) => boolean

/**
 * Tries again what failed for a reason that may pass. p-retry runs the attempts; the delays are ours: the longer of what the
 * target asks for and a random share of a ceiling that doubles (see {@link retryDelayMs}), on the world's clock.
 *
 * @throws what the last attempt threw, untouched; the reason of the caller's signal as soon as it aborts.
 */
export function retry<T>(
  limits: RetryLimits,
  { isRetryable, emit }: { readonly isRetryable: IsRetryable; readonly emit: Emit },
  world: World,
): Layer<T> {
  return (next) => async (call) => {
    let thrown: unknown
    const attempt = async (number: number): Promise<T> => {
      try {
        return await next({ ...call, attempt: number })
      } catch (error) {
        thrown = error
        throw attemptFailed
      }
    }
    const shouldRetry = async ({ attemptNumber }: { readonly attemptNumber: number }): Promise<boolean> => {
      // Our own circuit says when it may be tried again; waiting for that would hold the caller for its whole opening.
      if (isOpenCircuit(thrown, call.key) || !isRetryable(thrown)) return false
      const delayMs = delayOf(thrown, attemptNumber, { limits, world })
      if (delayMs === undefined) return false
      emit('call.retried', { key: call.key, callId: call.id, attempt: attemptNumber + 1, delayMs, error: thrown })
      await world.clock.sleep(delayMs, call.signal)
      return true
    }
    try {
      return await pRetry(attempt, {
        retries: limits.attemptsMax - 1,
        minTimeout: 0,
        randomize: false,
        signal: call.signal,
        shouldRetry,
      })
    } catch (error) {
      throw error === attemptFailed ? thrown : error
    }
  }
}

/** p-retry makes an Error of what is none, and decides by itself about some that are: it gets to see this one only. */
const attemptFailed = new Error('An attempt failed')

/**
 * Whether another attempt may help, as far as the error tells: not when it says that it is not retryable, when the target
 * answered that the request is wrong, or when it is a programmer's mistake.
 */
export function isTransient(error: unknown): boolean {
  if (isHomeostatError(error)) return error.retryable
  if (fieldOf(error, 'retryable') === false || fieldOf(error, 'isRetryable') === false) return false
  return !isRequestError(error) && !isProgrammersMistake(error)
}

/** A `TypeError` is one, except that `fetch` throws it when the network fails: its message or the code of its cause tells. */
function isProgrammersMistake(error: unknown): boolean {
  if (!(error instanceof TypeError) || networkMessages.has(error.message)) return false
  const code = fieldOf(fieldOf(error, 'cause'), 'code')
  return typeof code !== 'string' || !networkCode.test(code)
}

/** What undici says: when there is no connection, and when it ends too early. */
const networkMessages: ReadonlySet<string> = new Set(['fetch failed', 'terminated'])

/** `ECONNRESET`, `EAI_AGAIN`, `UND_ERR_SOCKET`, but not Node's own `ERR_INVALID_URL`. */
const networkCode = /^(?:UND_ERR_|E(?!RR_)[A-Z])/

/** `undefined`: the target asks for more than the caller may be made to wait. */
function delayOf(
  error: unknown,
  failures: number,
  { limits, world }: { readonly limits: RetryLimits; readonly world: World },
): number | undefined {
  const askedMs = retryAfterMsOf(error, world.clock.epochMs()) ?? 0
  return askedMs > limits.retryAfterMsMax ? undefined : Math.max(askedMs, retryDelayMs(failures, limits, world.random()))
}
