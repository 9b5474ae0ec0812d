import type { Clock } from '../core/world.js'
import type { Circuit } from './circuit.js'
import type { TrendDetectorState } from './trend/trend-detector.js'

/** What the JSON of a breaker keeps of its state, for a later process to take up. Those of opossum, and ours. */
export interface BreakerState extends CircuitRecord {
  readonly name?: string
  readonly enabled?: boolean
  readonly shutdown?: boolean
}

/** What it keeps of its circuit. */
export interface CircuitRecord {
  readonly closed?: boolean
  readonly open?: boolean
  readonly halfOpen?: boolean
  readonly warmUp?: boolean
  /** When it was opened, milliseconds since 1970. */
  readonly lastTimerAt?: number | undefined
  /** When probes may go out, milliseconds since 1970. */
  readonly openUntil?: number | undefined
  /** Why it is not closed. */
  readonly reason?: string | undefined
  /** Whether it is open until someone closes or releases it. */
  readonly isolated?: boolean
  /** Openings since it last recovered. */
  readonly openings?: number
  /** What its trend detector has learnt. */
  readonly trend?: TrendDetectorState | undefined
}

/** A circuit as plain JSON, for {@link restoreCircuit} in a later process. */
export function recordOf(circuit: Circuit, clock: Clock): CircuitRecord {
  const { state, reason, openedEpochMs, retryAfterMs, isolated, openings } = circuit.view()
  const open = state === 'open'
  return {
    closed: state === 'closed',
    open,
    halfOpen: state === 'half-open',
    warmUp: circuit.warmingUp,
    lastTimerAt: openedEpochMs ?? undefined,
    openUntil: open && !isolated ? clock.epochMs() + retryAfterMs : undefined,
    reason: reason ?? undefined,
    isolated,
    openings,
    trend: circuit.trendState,
  }
}

/**
 * Brings a new circuit into the state that an earlier one was in; an opening keeps its age and its end. The record may have been
 * anywhere in between: everything in it is checked first.
 *
 * @throws RangeError or TypeError when it is not a record; then nothing has changed.
 */
export function restoreCircuit(circuit: Circuit, record: CircuitRecord, clock: Clock): void {
  const { lastTimerAt, openUntil, openings, reason } = checked(record)
  if (record.trend !== undefined && record.trend !== null) circuit.restoreTrend(record.trend)
  if (record.halfOpen === true) return circuit.halfOpen(reason)
  if (record.isolated === true) return circuit.isolate(reason)
  if (record.closed !== false) return
  const openedEpochMs = lastTimerAt ?? clock.epochMs()
  circuit.restoreOpen(
    { reason },
    {
      // A clock that was set back must not keep it open longer than a fresh opening would.
      ageMs: Math.max(0, clock.epochMs() - openedEpochMs),
      openings,
      ...(openUntil === undefined ? {} : { openMs: Math.max(0, openUntil - openedEpochMs) }),
    },
  )
}

interface CheckedRecord {
  readonly lastTimerAt: number | undefined
  readonly openUntil: number | undefined
  readonly openings: number
  readonly reason: string
}

function checked(record: CircuitRecord): CheckedRecord {
  const { openings = 1, reason = 'so it was in an earlier process' } = record
  if (typeof reason !== 'string') throw new TypeError(`Cannot restore a circuit: its reason is ${typeof reason}, not a text`)
  if (!Number.isSafeInteger(openings) || openings < 0)
    throw new RangeError(`Cannot restore a circuit: ${String(openings)} is not a number of openings`)
  return {
    lastTimerAt: time('lastTimerAt', record.lastTimerAt),
    openUntil: time('openUntil', record.openUntil),
    openings: Math.max(1, openings),
    reason,
  }
}

/** JSON has no `undefined` and no `NaN`: both come back as `null`. */
function time(name: string, value: number | null | undefined): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new RangeError(`Cannot restore a circuit: ${String(value)} as "${name}" is not a time`)
}
