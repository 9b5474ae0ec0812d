import { callOf, type Call } from './call.js'
import type { Layer } from './guard-stack.js'

/** Gives another answer in place of an error. */
export type Fallback<T> = (error: unknown, call: Call) => T | PromiseLike<T>

/** Answers with the fallback when everything inside failed or was refused. Never for the caller's abort: nobody waits for it. */
export function fallback<T>(answer: Fallback<T>): Layer<T> {
  return (next) => async (call) => {
    try {
      return await next(call)
    } catch (error) {
      if (call.signal.aborted) throw error
      const other = await answer(error, callOf({ ...call, attempt: Math.max(1, call.tally.attempts) }))
      call.tally.fellBack = true
      return other
    }
  }
}
