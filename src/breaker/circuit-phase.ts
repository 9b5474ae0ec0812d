import type { TrendVerdict } from './trend/trend-verdict.js'
import type { FailureRateWindow } from './failure-rate-window.js'
import type { CallPermit } from './permit.js'
import type { RecoveryRamp } from './recovery-ramp.js'

/** Why and for how long a circuit opens. */
export interface Opening {
  readonly reason: string
  readonly cause?: unknown
  /** The target asks to be left alone this long; at most `openMsMax` of it is heard. */
  readonly retryAfterMs?: number | undefined
  /** The verdict that it is founded on, where one is. */
  readonly trend?: TrendVerdict | undefined
}

/** Admits calls, all of them or, while it recovers, a share. */
export interface Closed {
  readonly name: 'closed'
  /** Made when the first call is counted: a circuit that nobody uses, or that goes by its trend alone, has none. */
  window: FailureRateWindow | undefined
  /** Until all traffic is back. */
  ramp: RecoveryRamp | undefined
}

/** Admits nothing. */
export interface Open {
  readonly name: 'open'
  readonly opening: Opening
  readonly openedEpochMs: number
  /** Infinite: it is isolated. */
  readonly untilMonoMs: number
  /** Whether nothing but the detector speaks for it: if its first probes succeed, it was a false alarm. */
  readonly unconfirmed: boolean
}

/** Admits a quota of probes. */
export interface HalfOpen {
  readonly name: 'half-open'
  readonly opening: Opening
  readonly unconfirmed: boolean
  /** The probes under way, and when each is given up on the monotonic clock. */
  readonly probes: Map<CallPermit<Phase>, number>
  succeeded: number
}

/** The state of a circuit. An answer counts only in the very object that its call began in. */
export type Phase = Closed | Open | HalfOpen

/** A closed state with nothing in it. */
export function closedPhase(ramp?: RecoveryRamp): Closed {
  return { name: 'closed', window: undefined, ramp }
}

/** A half-open state before its first probe. */
export function halfOpenPhase(opening: Opening, unconfirmed: boolean): HalfOpen {
  return { name: 'half-open', opening, unconfirmed, probes: new Map(), succeeded: 0 }
}

/** Whether it is open until a person closes or releases it. */
export function isIsolated(phase: Phase): boolean {
  return phase.name === 'open' && phase.untilMonoMs === Number.POSITIVE_INFINITY
}

/** When the first of the probes under way is given up; infinite when there are none. */
export function earliestDeadline({ probes }: HalfOpen): number {
  let earliest = Number.POSITIVE_INFINITY
  for (const deadlineMonoMs of probes.values()) earliest = Math.min(earliest, deadlineMonoMs)
  return earliest
}
