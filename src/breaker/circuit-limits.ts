import { whole, within } from '../core/checked-number.js'
import type { FailureRateLimits } from './failure-rate-window.js'

/** The numbers of one circuit. */
export interface CircuitLimits extends FailureRateLimits {
  /** Parts of the window; whole, 1..1000. */
  readonly buckets: number
  /** How long the first opening lasts; each further one, without a recovery between, lasts up to twice as long. */
  readonly openMs: number
  /** No opening lasts longer, whatever Retry-After says; at least `openMs`. */
  readonly openMsMax: number
  /** Probes under way at once in half-open, and successes it takes to close; whole, at least 1. */
  readonly probesMax: number
  /** A probe that has not settled after this long is given up and counts as failed. */
  readonly probeTimeoutMs: number
  /** Whether the failure rate of the window opens it, beside the trend. Default true. */
  readonly window?: boolean
  /** After its probes succeeded it lets through a share of the calls that grows to all within this time. Default 0: all at once. */
  readonly rampMs?: number
  /** `observe`: it never refuses, and only reports what it would have done. Default `enforce`. */
  readonly mode?: CircuitMode
}

/** Whether a circuit acts on what it knows. */
export type CircuitMode = 'enforce' | 'observe'

/** What {@link checkedLimits} has given back. */
const known = new WeakSet<CircuitLimits>()

/**
 * The numbers with defaults, checked and frozen. What it has given back it gives back again, so that the circuits of thousands
 * of keys can share one object.
 *
 * @throws RangeError when a number is out of range; TypeError when a value has the wrong type.
 */
export function checkedLimits(limits: CircuitLimits): Required<CircuitLimits> {
  // Only what was made below is known, and nobody can have changed it since.
  if (known.has(limits)) return limits as Required<CircuitLimits>
  const checked = Object.freeze(withDefaults(limits))
  known.add(checked)
  return checked
}

function withDefaults(limits: CircuitLimits): Required<CircuitLimits> {
  const { window = true, mode = 'enforce', openMs } = limits
  if (typeof window !== 'boolean') throw new TypeError(`Cannot use ${String(window)} as "window": it must be true or false`)
  if (mode !== 'enforce' && mode !== 'observe')
    throw new RangeError(`Cannot use ${String(mode)} as "mode": it must be "enforce" or "observe"`)
  return {
    failureRatioMax: within('failureRatioMax', limits.failureRatioMax, 0, 1),
    callsMin: whole('callsMin', limits.callsMin, 0),
    windowMs: within('windowMs', limits.windowMs, Number.MIN_VALUE),
    buckets: whole('buckets', limits.buckets, 1, 1_000),
    openMs: within('openMs', openMs, 0),
    openMsMax: within('openMsMax', limits.openMsMax, openMs),
    probesMax: whole('probesMax', limits.probesMax, 1),
    probeTimeoutMs: within('probeTimeoutMs', limits.probeTimeoutMs, Number.MIN_VALUE),
    rampMs: within('rampMs', limits.rampMs ?? 0, 0),
    window,
    mode,
  }
}
