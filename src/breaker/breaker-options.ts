import type CircuitBreaker from 'opossum'
import type { ListenerErrorHandler } from '../core/listeners.js'
import type { World } from '../core/world.js'
import type { BreakerState } from './breaker-state.js'
import type { CallEnding } from './call-sharing.js'
import { whole, within } from '../core/checked-number.js'
import type { CircuitLimits, CircuitMode } from './circuit-limits.js'
import { cacheSizeMax, type CacheTransport } from './result-cache.js'
import type { Abortable } from './shared-abort.js'
import type { StatisticsRecord } from './statistics-record.js'
import type { TrendOptions } from './trend/trend-detector.js'

/** The options of opossum, with its defaults where someone may rely on them, and ours. Durations are milliseconds. */
export interface BreakerOptions<TI extends unknown[] = unknown[]> extends Omit<
  CircuitBreaker.Options<TI>,
  'errorFilter' | 'status' | 'cacheTransport' | 'abortController'
> {
  /**
   * 0..100; the circuit opens when more than this share of the settled calls in the window failed. Default 50, and this rule
   * applies only when this or `volumeThreshold` is given, or `trend` is `false`.
   */
  readonly errorThresholdPercentage?: number | undefined
  /**
   * Settled calls in the window below which that rule does not open it. Default: as many as it takes for failures in a row to
   * speak against the threshold, see {@link callsMinFor}: 4 at 50 %, 1 up to 10 %. 0 and 1 let one failed call open it.
   */
  readonly volumeThreshold?: number | undefined
  /** Length of the window. Default, and in place of 0: 10 000. */
  readonly rollingCountTimeout?: number | undefined
  /** Parts of the window, 1..1000. Default, and in place of 0: 10. */
  readonly rollingCountBuckets?: number | undefined
  /** How long the first opening lasts. Default 30 000. */
  readonly resetTimeout?: number | undefined
  /**
   * How long one call may take; `false` or 0: for ever. Its place under `capacity` is kept until the work really ends. Default
   * 10 000.
   */
  readonly timeout?: number | false | undefined
  /** Calls at once. Default: no limit. */
  readonly capacity?: number | undefined
  /** Says which errors are not failures; called with the error and the arguments. Such a call changes nothing about the circuit. */
  readonly errorFilter?: ((error: FilteredError, ...args: TI) => unknown) | undefined
  /** State of an earlier process, as `toJSON().state` gave it. */
  readonly state?: BreakerState | undefined
  /** Statistics of an earlier process, as `toJSON().status` gave them, or a status object of opossum. */
  readonly status?: StatisticsRecord | CircuitBreaker.Status | Partial<CircuitBreaker.Stats> | undefined
  /** Where cached results are kept. Default: in this breaker. */
  readonly cacheTransport?: CacheTransport | undefined
  /** Entries of the built-in cache; whole. Default 2^24 − 1. */
  readonly cacheSize?: number | undefined
  /** Whether calls with the same key share one promise. Default `false`. */
  readonly coalesce?: boolean | undefined
  /** How long they do; 0: until it is reset. Default `timeout`. */
  readonly coalesceTTL?: number | false | undefined
  /** Promises that are shared at once; whole. Default 2^24 − 1. */
  readonly coalesceSize?: number | undefined
  /** Endings of a call after which its promise is not shared any more. Default: none. */
  readonly coalesceResetOn?: readonly string[] | undefined
  /**
   * Aborted when a call timed out and nobody waits for another one. Without it, work that asks `getSignal()` when it starts has
   * a signal of its own.
   */
  readonly abortController?: Abortable | undefined
  /** How the trend detector judges; `false`: there is none, and the window alone decides. Default: on. */
  readonly trend?: false | TrendOptions | undefined
  /**
   * Longest opening; each one that follows a failed probe doubles up to it, with jitter. Default: `resetTimeout` when that is
   * given, so that every opening lasts exactly as long as it says; else 240 000.
   */
  readonly openMsMax?: number | undefined
  /** Probes at once in half-open, and successes that close the circuit; whole, at least 1. Default 1. */
  readonly probesMax?: number | undefined
  /** When a probe that does not answer is given up and counts as failed. Default 60 000. */
  readonly probeTimeoutMs?: number | undefined
  /** Time in which all calls come back after a recovery; 0: at once. Default 0. */
  readonly rampMs?: number | undefined
  /** `observe`: never refuses a call, and only reports what it would have done. Default `enforce`. */
  readonly mode?: CircuitMode | undefined
  /** The source of time and chance. Default: the real one. */
  readonly world?: World | undefined
  /** Hears what listeners throw. Default: a process warning. */
  readonly onListenerError?: ListenerErrorHandler | undefined
}

/** What opossum's types say an error filter is given: whatever kind of error the user declares. */
type FilteredError = Parameters<NonNullable<CircuitBreaker.Options['errorFilter']>>[0]

/** The options with opossum's defaults: what `breaker.options` shows, and what everything but the circuit goes by. */
export interface KnownOptions<TI extends unknown[] = unknown[]> extends BreakerOptions<TI> {
  readonly timeout: number | false
  readonly capacity: number
  readonly rollingPercentilesEnabled: boolean
  readonly enableSnapshots: boolean
  readonly cacheTTL: number
  readonly cacheGetKey: (...args: TI) => string
  readonly coalesce: boolean
  readonly coalesceTTL: number | false
  readonly coalesceResetOn: readonly CallEnding[]
}

const callEndings: readonly CallEnding[] = ['error', 'success', 'timeout']

/**
 * The options with defaults, checked; nothing is written to `options`.
 *
 * @throws RangeError when a number is out of range; TypeError when a value is of the wrong kind.
 */
export function knownOptions<TI extends unknown[]>(options: BreakerOptions<TI>): KnownOptions<TI> {
  const timeout = options.timeout ?? 10_000
  if (timeout !== false) within('timeout', timeout, 0)
  const { cacheTransport, abortController, capacity } = options
  if (cacheTransport !== undefined && !isTransport(cacheTransport))
    throw new TypeError('options.cacheTransport should be an object with `get`, `set` and `flush` methods')
  if (abortController && typeof abortController.abort !== 'function')
    throw new TypeError('AbortController does not contain `abort()` method')
  return {
    ...options,
    timeout,
    resetTimeout: options.resetTimeout ?? 30_000,
    errorThresholdPercentage: options.errorThresholdPercentage ?? 50,
    rollingCountTimeout: options.rollingCountTimeout ?? 10_000,
    rollingCountBuckets: options.rollingCountBuckets ?? 10,
    rollingPercentilesEnabled: options.rollingPercentilesEnabled !== false,
    capacity: capacity === Infinity ? Number.MAX_SAFE_INTEGER : whole('capacity', capacity ?? Number.MAX_SAFE_INTEGER, 0),
    errorFilter: options.errorFilter ?? ((): boolean => false),
    enableSnapshots: options.enableSnapshots !== false,
    cacheTTL: within('cacheTTL', options.cacheTTL ?? 0, 0),
    cacheSize: whole('cacheSize', options.cacheSize ?? cacheSizeMax, 0),
    cacheGetKey: options.cacheGetKey ?? ((...args: TI): string => JSON.stringify(args)),
    coalesce: Boolean(options.coalesce),
    coalesceTTL: durationOrNone('coalesceTTL', options.coalesceTTL ?? timeout),
    coalesceSize: whole('coalesceSize', options.coalesceSize ?? cacheSizeMax, 0),
    coalesceResetOn: callEndings.filter((ending) => options.coalesceResetOn?.includes(ending)),
  }
}

/**
 * The circuit's numbers, with defaults.
 *
 * @throws RangeError when a number is out of range.
 */
export function circuitLimits(options: BreakerOptions<never>): Required<CircuitLimits> {
  const { errorThresholdPercentage, volumeThreshold } = options
  const openMs = within('resetTimeout', options.resetTimeout ?? 30_000, 0)
  const failureRatioMax = within('errorThresholdPercentage', errorThresholdPercentage ?? 50, 0, 100) / 100
  return {
    failureRatioMax,
    callsMin: whole('volumeThreshold', volumeThreshold ?? callsMinFor(failureRatioMax), 0),
    window: options.trend === false || (errorThresholdPercentage ?? volumeThreshold ?? null) !== null,
    // opossum takes 0 for "the default" in these two.
    windowMs: within('rollingCountTimeout', options.rollingCountTimeout || 10_000, Number.MIN_VALUE),
    buckets: whole('rollingCountBuckets', options.rollingCountBuckets || 10, 1, 1_000),
    openMs,
    openMsMax: within('openMsMax', options.openMsMax ?? options.resetTimeout ?? openMs * 8, openMs),
    probesMax: whole('probesMax', options.probesMax ?? 1, 1),
    probeTimeoutMs: within('probeTimeoutMs', options.probeTimeoutMs ?? 60_000, Number.MIN_VALUE),
    rampMs: within('rampMs', options.rampMs ?? 0, 0),
    mode: options.mode ?? 'enforce',
  }
}

/**
 * Settled calls that a failure ratio takes at least: so many that, at a rate of exactly `failureRatioMax`, all of them fail in at
 * most one case of ten; never more than 5. One failed call says nothing against "half of them fail", and opossum opens on it; it
 * does say something against "one in a hundred".
 */
export function callsMinFor(failureRatioMax: number): number {
  for (let calls = 1; calls < callsMinMax; calls += 1) if (failureRatioMax ** calls <= 0.1) return calls
  return callsMinMax
}

const callsMinMax = 5

function isTransport(value: unknown): value is CacheTransport {
  return typeof value === 'object' && value !== null && 'get' in value && 'set' in value && 'flush' in value
}

function durationOrNone(name: string, value: number | false): number | false {
  return value === false ? false : within(name, value, 0)
}
