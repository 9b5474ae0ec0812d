import type { TrendAwareCircuitBreaker } from '../../breaker/trend-aware-circuit-breaker.js'
import { HomeostatError } from '../../core/errors.js'
import type { World } from '../../core/world.js'
import { isRequestError } from './error-shape.js'
import type { Layer } from './guard-stack.js'
import { isLocalRefusal } from './local-refusal.js'
import { retryAfterMsOf } from './retry-after.js'

/** A breaker of the orchestrator: its action runs the work it is given. */
export type KeyBreaker = TrendAwareCircuitBreaker<[work: () => Promise<unknown>], unknown>

/** Says which errors count against the target. */
export type IsFailure = (error: unknown) => boolean

/**
 * Fails fast while the circuit is open. Success and failure of what is inside count; the caller's abort, refusals on this side
 * and errors that are no failures do not, and give a probe's place back.
 *
 * @throws HS_CIRCUIT_OPEN with the reason and the time of the next probe, and the error that opened it as `cause`.
 */
export function breaker<T>(circuit: KeyBreaker, isFailure: IsFailure, { clock }: World): Layer<T> {
  return (next) => async (call) => {
    const admission = circuit.acquire()
    if (!admission.admitted) {
      const { reason, retryAfterMs, cause } = admission
      throw new HomeostatError(
        'HS_CIRCUIT_OPEN',
        { key: call.key, reason, retryAfterMs },
        cause === undefined ? undefined : { cause },
      )
    }
    try {
      const answer = await next(call)
      admission.success(answer)
      return answer
    } catch (error) {
      const neutral = call.signal.aborted || isLocalRefusal(error, call.key) || !isFailure(error)
      if (!neutral) admission.failure(error, retryAfterMsOf(error, clock.epochMs()))
      throw error
    } finally {
      // Whatever was not settled above says nothing about the target; also when `isFailure` threw.
      admission.ignore()
    }
  }
}

/** Everything but an answer that the request is wrong: a target that says so is alive. */
export function isTargetFailure(error: unknown): boolean {
  return !isRequestError(error)
}
