import type { Clock } from '../core/world.js'
import type { Circuit } from './circuit.js'

/** What the JSON of a breaker keeps of its state, for a later process to take up. */
export interface BreakerState {
  readonly name?: string
  readonly enabled?: boolean
  readonly closed?: boolean
  readonly open?: boolean
  readonly halfOpen?: boolean
  readonly warmUp?: boolean
  readonly shutdown?: boolean
  /** When it was opened, milliseconds since 1970. */
  readonly lastTimerAt?: number | undefined
}

/** Brings a new circuit into the state that an earlier one was in; an opening keeps its age. */
export function restoreCircuit(circuit: Circuit, state: BreakerState, clock: Clock): void {
  const reason = 'so it was in an earlier process'
  if (state.halfOpen === true) return circuit.halfOpen(reason)
  if (state.closed !== false) return
  const ageMs = state.lastTimerAt === undefined ? 0 : clock.epochMs() - state.lastTimerAt
  // A clock that was set back must not keep it open longer than a fresh opening would.
  circuit.restoreOpen({ reason }, Math.max(0, ageMs))
}
