import { HomeostatError } from '../../core/errors.js'
import type { World } from '../../core/world.js'
import type { Layer } from './guard-stack.js'
import type { RateWindow } from './rate-window.js'

/** How often a key may be called. */
export interface RateLimits {
  readonly callsPerMinuteMax: number
}

/**
 * Refuses calls beyond so many in a minute. It stands outside retry: a call counts once, however often it is tried.
 *
 * @throws HS_RATE_LIMITED with the time until the next call may start.
 */
export function rate<T>({ callsPerMinuteMax }: RateLimits, window: RateWindow, { clock }: World): Layer<T> {
  return (next) => async (call) => {
    const retryAfterMs = window.take(callsPerMinuteMax, clock.monoMs())
    if (retryAfterMs > 0) throw new HomeostatError('HS_RATE_LIMITED', { key: call.key, callsPerMinuteMax, retryAfterMs })
    return next(call)
  }
}
