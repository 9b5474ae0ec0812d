import { within } from '../../core/checked-number.js'
import type { CircuitLimits } from '../circuit-limits.js'

/**
 * The limits of a circuit while this process is overloaded: it takes a higher failure rate and more calls to open it, and a probe
 * has more time, for what fails may be our doing. A factor of 1 changes nothing; the smaller it is the more it takes, but a
 * target that fails every call opens its circuit at any factor.
 *
 * @param factor - As a {@link LoadGauge} gives it, above 0 to 1.
 * @throws RangeError when the factor is not in that range.
 */
export function easedLimits(limits: CircuitLimits, factor: number): CircuitLimits {
  within('factor', factor, Number.MIN_VALUE, 1)
  const { failureRatioMax, callsMin, probeTimeoutMs } = limits
  return {
    ...limits,
    failureRatioMax: Math.max(failureRatioMax, Math.min(highestRatio, 1 - (1 - failureRatioMax) * factor)),
    callsMin: Math.ceil(Math.max(1, callsMin) / Math.max(factor, factorLeast)),
    probeTimeoutMs: Math.min(Number.MAX_SAFE_INTEGER, probeTimeoutMs / Math.max(factor, factorLeast)),
  }
}

/** A rate must exceed its limit, so 1 would never open. */
const highestRatio = 0.95

/** Numbers of calls and times grow by ten at most. */
const factorLeast = 0.1
