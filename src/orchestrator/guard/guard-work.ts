import type { AsyncLocalStorage } from 'node:async_hooks'
import { callOf, type Call, type Work } from './call.js'
import type { Next } from './guard-stack.js'

/** The innermost part of the stack: starts the work, and tells the layers that it has. */
export function perform<T>(work: Work<T>, calls: AsyncLocalStorage<Call>): Next<T> {
  return (outer) => {
    const call = callOf(outer)
    // The async function turns a synchronous throw into a rejection.
    const running = calls.run(call, async () => work(call))
    outer.tally.attempts += 1
    outer.started(running)
    return running
  }
}
