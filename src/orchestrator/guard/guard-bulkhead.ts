import type { Bulkhead, BulkheadLimits } from './bulkhead.js'
import type { Layer } from './guard-stack.js'

/**
 * Lets so many calls run at the same time. A place is kept until the work really ends, which may be long after the caller was
 * let go: otherwise a target that hangs would be called again and again.
 *
 * @throws HS_BULKHEAD_FULL when there is no place and no room to wait, or the wait was too long.
 */
export function bulkhead<T>(limits: BulkheadLimits, places: Bulkhead): Layer<T> {
  return (next) => async (call) => {
    await places.enter(limits, call)
    const running: Promise<unknown>[] = []
    const started = (work: Promise<unknown>): void => {
      running.push(work)
      call.started(work)
    }
    try {
      return await next({ ...call, started })
    } finally {
      void Promise.allSettled(running).then(() => places.leave())
    }
  }
}
