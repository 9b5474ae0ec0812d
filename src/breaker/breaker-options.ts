import type { EventEmitter } from 'node:events'
import type CircuitBreaker from 'opossum'
import type { ListenerErrorHandler } from '../core/listeners.js'
import type { World } from '../core/world.js'
import type { BreakerState } from './breaker-state.js'
import type { CircuitLimits } from './circuit.js'

/**
 * The options of opossum, and ours. Durations are milliseconds. Those of opossum that are not built yet are refused with a
 * `TypeError` rather than ignored: `cache` and `coalesce` with all that belongs to them, `abortController`,
 * `autoRenewAbortController`, `status`, and `enableSnapshots: true`.
 */
export interface BreakerOptions<TI extends unknown[] = unknown[]> extends Omit<CircuitBreaker.Options<TI>, 'errorFilter'> {
  /** 0..100; the circuit opens when more than this share of the settled calls in the window failed. Default 50. */
  readonly errorThresholdPercentage?: number | undefined
  /** Settled calls in the window below which it does not open. Default 5; opossum's 0 lets one failed call open it. */
  readonly volumeThreshold?: number | undefined
  /** Length of the window. Default 10 000. */
  readonly rollingCountTimeout?: number | undefined
  /** Parts of the window, 1..1000. Default 10. */
  readonly rollingCountBuckets?: number | undefined
  /** How long the first opening lasts. Default 30 000. */
  readonly resetTimeout?: number | undefined
  /** How long one call may take; `false`: for ever. Its place under `capacity` is kept until the work really ends. Default 10 000. */
  readonly timeout?: number | false | undefined
  /** Says which errors are not failures; called with the error and the arguments. Such a call changes nothing about the circuit. */
  readonly errorFilter?: ((error: unknown, ...args: TI) => boolean) | undefined
  /** State of an earlier process, as `toJSON().state` gave it. */
  readonly state?: BreakerState | undefined
  /** Longest opening; each one that follows a failed probe doubles up to it, with jitter. Default eight times `resetTimeout`. */
  readonly openMsMax?: number | undefined
  /** Probes at once in half-open, and successes that close the circuit; whole, at least 1. Default 1. */
  readonly probesMax?: number | undefined
  /** When a probe that does not answer is given up and counts as failed. Default 60 000. */
  readonly probeTimeoutMs?: number | undefined
  /** The source of time and chance. Default: the real one. */
  readonly world?: World | undefined
  /** Hears what listeners throw. Default: a process warning. */
  readonly onListenerError?: ListenerErrorHandler | undefined
}

/** Whether and for how long one call may take: milliseconds, or `false`. Checked, with opossum's default. */
export function timeoutOf(options: BreakerOptions<never>): number | false {
  return options.timeout === false || options.timeout === 0 ? false : duration('timeout', options.timeout ?? 10_000)
}

/**
 * The circuit's numbers, checked, with defaults.
 *
 * @throws RangeError when a number is out of range; TypeError when an option is not supported.
 */
export function circuitLimits(options: BreakerOptions<never>): CircuitLimits {
  refuseUnsupported(options)
  const openMs = duration('resetTimeout', options.resetTimeout ?? 30_000)
  return {
    failureRatioMax: inRange('errorThresholdPercentage', options.errorThresholdPercentage ?? 50, 0, 100) / 100,
    callsMin: whole('volumeThreshold', options.volumeThreshold ?? 5, 0),
    windowMs: positive('rollingCountTimeout', options.rollingCountTimeout ?? 10_000),
    buckets: whole('rollingCountBuckets', options.rollingCountBuckets ?? 10, 1, 1_000),
    openMs,
    openMsMax: inRange('openMsMax', options.openMsMax ?? openMs * 8, openMs, Number.MAX_SAFE_INTEGER),
    probesMax: whole('probesMax', options.probesMax ?? 1, 1),
    probeTimeoutMs: positive('probeTimeoutMs', options.probeTimeoutMs ?? 60_000),
  }
}

/** What opossum's constructor is given: a copy, with everything off that would start a timer or keep a state of its own. */
export function leanOptions<TI extends unknown[]>(
  options: BreakerOptions<TI>,
  own: { readonly name: string; readonly rotator: EventEmitter },
): CircuitBreaker.Options<TI> {
  const copy = {
    rotateBucketController: own.rotator,
    ...options,
    name: own.name,
    timeout: false as const,
    enableSnapshots: false,
    allowWarmUp: false,
    state: undefined,
  }
  return {
    ...copy,
    rotateBucketController: copy.rotateBucketController ?? own.rotator,
    rollingPercentilesEnabled: options.rollingPercentilesEnabled === true,
    errorFilter: undefined,
  }
}

/** Options of opossum that would need something which is not built yet, and what to do instead. */
const unsupported: Readonly<Record<string, string>> = {
  cache: 'cache in front of the breaker',
  cacheTTL: 'cache in front of the breaker',
  cacheSize: 'cache in front of the breaker',
  cacheGetKey: 'cache in front of the breaker',
  cacheTransport: 'cache in front of the breaker',
  coalesce: 'share the promise in front of the breaker',
  coalesceTTL: 'share the promise in front of the breaker',
  coalesceSize: 'share the promise in front of the breaker',
  coalesceResetOn: 'share the promise in front of the breaker',
  abortController: 'one controller would abort every call; pass each call a signal of its own',
  autoRenewAbortController: 'one controller would abort every call; pass each call a signal of its own',
  status: 'statistics begin empty; restore `state` instead',
  enableSnapshots: 'there is no timer; read `stats` when you need them',
}

function refuseUnsupported(options: object): void {
  for (const [name, remedy] of Object.entries(unsupported)) {
    const value: unknown = Reflect.get(options, name)
    if (value !== undefined && value !== false)
      throw new TypeError(`Cannot use the option "${name}": it is not supported yet; ${remedy}`)
  }
}

function duration(name: string, value: number): number {
  return inRange(name, value, 0, Number.MAX_SAFE_INTEGER)
}

function positive(name: string, value: number): number {
  return inRange(name, value, Number.MIN_VALUE, Number.MAX_SAFE_INTEGER)
}

function whole(name: string, value: number, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isInteger(value)) throw new RangeError(`Cannot use ${String(value)} as "${name}": it must be a whole number`)
  return inRange(name, value, min, max)
}

function inRange(name: string, value: number, min: number, max: number): number {
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw new RangeError(`Cannot use ${String(value)} as "${name}": it must be a number from ${min} to ${max}`)
}
