import { HomeostatError } from '../../core/errors.js'
import type { World } from '../../core/world.js'
import { followAbort, untilAborted } from '../abort.js'
import type { Layer } from './guard-stack.js'

/**
 * Gives each attempt a signal of its own, and lets go of the attempt as soon as its time is up or the caller aborts, also when
 * the work does not listen. A late answer is dropped.
 *
 * @param timeoutMs - How long one attempt may take; `undefined`: as long as the caller waits.
 * @throws HS_DEADLINE when the time is up; the reason of the caller's signal when that aborts.
 */
export function deadline<T>(timeoutMs: number | undefined, { clock }: World): Layer<T> {
  return (next) => async (call) => {
    call.signal.throwIfAborted()
    const { controller, release } = followAbort(call.signal)
    const done = new AbortController()
    if (timeoutMs !== undefined) {
      clock.sleep(timeoutMs, done.signal).then(
        () => controller.abort(new HomeostatError('HS_DEADLINE', { key: call.key, timeoutMs })),
        () => undefined, // It was stopped: the attempt ended in time.
      )
    }
    try {
      return await untilAborted(next({ ...call, signal: controller.signal }), controller.signal)
    } finally {
      release()
      done.abort('the attempt ended')
    }
  }
}
