import type { BulkheadLimits } from './bulkhead.js'
import type { Call } from './call.js'
import type { DelayLimits } from './retry-delay.js'
import type { Policy } from '../policy/policy-schema.js'

/** `false` switches a layer off, `true` on with the policy's numbers, an object on with its own numbers where it has any. */
export type LayerOption<L> = boolean | Partial<L>

/** How often a key may be called. It stands outside retry: a call counts once, however often it is tried. */
export interface RateLimits {
  readonly callsPerMinuteMax: number
}

/** How often work is tried, and how long to wait between. */
export interface RetryLimits extends DelayLimits {
  /** Runs of the work, the first one included. */
  readonly attemptsMax: number
  /** When the target asks for a longer wait than this, the call is given up at once. */
  readonly retryAfterMsMax: number
}

/** Says whether an answer is good. */
export type Accept<T> = (answer: T, call: Call) => boolean | PromiseLike<boolean>

/** Gives another answer in place of an error. */
export type Fallback<T> = (error: unknown, call: Call) => T | PromiseLike<T>

/** Says whether another attempt may help. */
export type IsRetryable = (error: unknown) => boolean

/** Says which errors count against the target. */
export type IsFailure = (error: unknown) => boolean

/** How long one attempt may take. */
export interface DeadlineLimits {
  readonly timeoutMs: number
}

/** Which layers stand round a call, and their numbers, where that differs from the policy. Durations are milliseconds. */
export interface LayerOptions {
  readonly rate?: LayerOption<RateLimits> | undefined
  readonly retry?: LayerOption<RetryLimits> | undefined
  /** Its numbers belong to the key, not to one call: they come from the policy. */
  readonly breaker?: boolean | undefined
  readonly bulkhead?: LayerOption<BulkheadLimits> | undefined
  readonly deadline?: LayerOption<DeadlineLimits> | undefined
}

/** What one guarded call, or every call of a guarded function, does differently from the policy. All of it is optional. */
export interface CallOptions<T> extends LayerOptions {
  /** Aborts the call: it rejects with the signal's reason at once, and counts as nothing. */
  readonly signal?: AbortSignal | undefined
  /** Anything but `true` makes the answer a failure: it is retried, and the breaker counts it. */
  readonly accept?: Accept<T> | undefined
  /** Answers in place of the error when everything else failed or was refused; not for the caller's abort. */
  readonly fallback?: Fallback<T> | undefined
  /** Decides whether an error is worth another attempt, unless the circuit is open. Default: what may pass by itself. */
  readonly retryable?: IsRetryable | undefined
  /** Decides alone whether an error counts against the target. Default: all but HTTP 4xx other than 408, 409, 425 and 429. */
  readonly isFailure?: IsFailure | undefined
}

/** The layers that are on for a call, and their numbers. */
export interface GuardLimits {
  readonly rate: RateLimits | undefined
  readonly retry: RetryLimits | undefined
  readonly retryBudget: boolean
  readonly breaker: boolean
  readonly bulkhead: BulkheadLimits | undefined
  readonly deadline: DeadlineLimits | undefined
}

/**
 * The policy's numbers with those of the options in their place.
 *
 * @throws RangeError when a number of the options is out of range; TypeError when an option is of the wrong kind.
 */
export function guardLimits(policy: Policy['guard'], options: LayerOptions): GuardLimits {
  for (const name of ['accept', 'fallback', 'retryable', 'isFailure'] as const) {
    const value: unknown = Reflect.get(options, name)
    if (value !== undefined && typeof value !== 'function')
      throw new TypeError(`Cannot use the option "${name}": it is not a function`)
  }
  if (options.breaker !== undefined && typeof options.breaker !== 'boolean')
    throw new TypeError('Cannot use the option "breaker": it is not a boolean')
  return {
    rate: layerLimits('rate', policy.rate, options.rate),
    retry: layerLimits('retry', policy.retry, options.retry),
    retryBudget: policy.retryBudget.enabled,
    breaker: options.breaker ?? policy.breaker.enabled,
    bulkhead: layerLimits('bulkhead', policy.bulkhead, options.bulkhead),
    deadline: layerLimits('deadline', policy.deadline, options.deadline),
  }
}

/** The smallest allowed value, where it is not 0. All of them are whole numbers. */
const smallest: Readonly<Record<string, number>> = { attemptsMax: 1, callsPerMinuteMax: 1, concurrentMax: 1, timeoutMs: 1 }

function layerLimits<L extends object>(
  layer: string,
  policy: L & { readonly enabled: boolean },
  option: LayerOption<L> | undefined,
): L | undefined {
  if (option === false || (option === undefined && !policy.enabled)) return undefined
  if (option === undefined || option === true) return policy
  if (typeof option !== 'object' || option === null)
    throw new TypeError(`Cannot use the option "${layer}": it is neither a boolean nor an object`)
  const given = Object.entries(option).filter(([, value]) => value !== undefined)
  for (const [name, value] of given)
    check(`${layer}.${name}`, value, Object.hasOwn(policy, name) ? (smallest[name] ?? 0) : undefined)
  return { ...policy, ...Object.fromEntries(given) }
}

function check(path: string, value: unknown, min: number | undefined): void {
  if (min === undefined) throw new TypeError(`Cannot use the option "${path}": there is no such number`)
  if (Number.isSafeInteger(value) && Number(value) >= min) return
  throw new RangeError(`Cannot use ${String(value)} as "${path}": it must be a whole number, at least ${min}`)
}
