import type { DeadlineQueue } from '../../core/deadline-queue.js'
import type { Policy } from '../policy/policy-schema.js'
import type { DeadlineQueues } from './deadline-queues.js'
import { isRequestError } from './error-shape.js'
import {
  guardLimits,
  type Accept,
  type CallOptions,
  type Fallback,
  type GuardLimits,
  type IsFailure,
  type IsRetryable,
} from './guard-options.js'
import { isTransient } from './transient.js'

/** Everything that is decided about a guarded call before it starts; calls with the same policy and options share one. */
export interface GuardPlan<T> {
  readonly limits: GuardLimits
  readonly deadlines: DeadlineQueue | undefined
  readonly signal: AbortSignal | undefined
  readonly accept: Accept<T> | undefined
  readonly fallback: Fallback<T> | undefined
  readonly isRetryable: IsRetryable
  readonly isFailure: IsFailure
}

/**
 * The plan for calls under this policy and these options.
 *
 * @throws RangeError when a number of the options is out of range; TypeError when an option is of the wrong kind.
 */
export function planOf<T>(policy: Policy['guard'], options: CallOptions<T>, deadlines: DeadlineQueues): GuardPlan<T> {
  const limits = guardLimits(policy, options)
  return {
    limits,
    deadlines: limits.deadline && deadlines.of(limits.deadline.timeoutMs),
    signal: options.signal,
    accept: options.accept,
    fallback: options.fallback,
    isRetryable: options.retryable ?? isTransient,
    isFailure: options.isFailure ?? isTargetFailure,
  }
}

/** Everything but an answer that the request is wrong: a target that says so is alive. */
function isTargetFailure(error: unknown): boolean {
  return !isRequestError(error)
}
