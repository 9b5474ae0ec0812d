import type { CircuitState } from '../core/events.js'
import type { CircuitLimits, CircuitMode } from './circuit-limits.js'
import { isIsolated, type Phase } from './circuit-phase.js'
import type { FailureRate } from './failure-rate-window.js'
import { rampReason } from './recovery-ramp.js'
import type { TrendVerdict } from './trend/trend-verdict.js'

/** A circuit as it stands; plain JSON. */
export interface CircuitView {
  readonly state: CircuitState
  /** Why it does not admit every call; `null` when it does. */
  readonly reason: string | null
  /** Milliseconds until the next probe may be admitted; 0 when it is not open, or isolated. */
  readonly retryAfterMs: number
  /** Milliseconds since 1970; `null` when it is not open. */
  readonly openedEpochMs: number | null
  /** Openings since it last recovered. */
  readonly openings: number
  /** Whether it is open until someone closes or releases it. */
  readonly isolated: boolean
  /** Share of the calls that it admits: below 1 while it is closed and recovers, 0 unless it is closed. */
  readonly admittedShare: number
  readonly mode: CircuitMode
  /** Calls refused since it was made; in the mode `observe` those that would have been. */
  readonly refusals: number
  /** Settled calls in the window; 0 unless it is closed and the window counts. */
  readonly calls: number
  readonly failures: number
  readonly failureRatio: number
  /** What the trend detector says, or said when it opened the circuit; `null` without one. */
  readonly trend: TrendVerdict | null
}

/** Describes a circuit in `phase` at `nowMs`, which must have caught up with the time. */
export function viewOf(
  phase: Phase,
  nowMs: number,
  circuit: {
    readonly limits: Required<CircuitLimits>
    readonly openings: number
    readonly refusals: number
    readonly trend: TrendVerdict | null
  },
): CircuitView {
  const { limits, openings, refusals, trend } = circuit
  const { calls, failures, ratio } = rateOf(phase, nowMs, limits)
  const base = { openings, refusals, mode: limits.mode, calls, failures, failureRatio: ratio }
  const notOpen = { ...base, state: phase.name, retryAfterMs: 0, openedEpochMs: null, isolated: false }
  if (phase.name === 'closed') {
    const admittedShare = phase.ramp?.share(nowMs) ?? 1
    return { ...notOpen, reason: admittedShare < 1 ? rampReason(admittedShare) : null, admittedShare, trend }
  }
  const { reason, trend: openedBy = trend } = phase.opening
  if (phase.name === 'half-open') return { ...notOpen, reason, admittedShare: 0, trend: openedBy }
  const isolated = isIsolated(phase)
  return {
    ...base,
    state: 'open',
    reason,
    retryAfterMs: isolated ? 0 : Math.max(0, Math.ceil(phase.untilMonoMs - nowMs)),
    openedEpochMs: phase.openedEpochMs,
    isolated,
    admittedShare: 0,
    trend: openedBy,
  }
}

const nothing: FailureRate = { calls: 0, failures: 0, ratio: 0, exceeded: false }

function rateOf(phase: Phase, nowMs: number, limits: CircuitLimits): FailureRate {
  return (phase.name === 'closed' ? phase.window?.judge(nowMs, limits) : undefined) ?? nothing
}
