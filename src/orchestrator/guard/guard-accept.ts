import { HomeostatError } from '../../core/errors.js'
import { callOf, type Call } from './call.js'
import type { Layer } from './guard-stack.js'

/** Says whether an answer is good. */
export type Accept<T> = (answer: T, call: Call) => boolean | PromiseLike<boolean>

/**
 * Turns an answer that the predicate refuses into a failure, so that it is retried and counted.
 *
 * @throws HS_ACCEPT_REJECTED when the predicate gives anything but `true`.
 */
export function accept<T>(accepts: Accept<T>): Layer<T> {
  return (next) => async (call) => {
    const answer = await next(call)
    if ((await accepts(answer, callOf(call))) === true) return answer
    throw new HomeostatError('HS_ACCEPT_REJECTED', { key: call.key })
  }
}
