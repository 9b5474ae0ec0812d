import type { CallOutcome } from '../../core/events.js'
import type { World } from '../../core/world.js'
import { untilAborted } from '../abort.js'
import type { LayerCall } from './call.js'
import type { Emit } from '../event-stream.js'
import type { Layer } from './guard-stack.js'
import { isLocalRefusal } from './local-refusal.js'

/** How many calls ended in which way. */
export type OutcomeCounts = Record<CallOutcome, number>

/** Tells of the start of a call and, exactly once, of its end, whatever happened in between. */
export function record<T>(
  { count, emit }: { readonly count: (outcome: CallOutcome) => void; readonly emit: Emit },
  { clock }: World,
): Layer<T> {
  return (next) => async (call) => {
    const { key, id: callId, tally } = call
    const startMs = clock.monoMs()
    const settle = (outcome: CallOutcome, failure?: { readonly error: unknown }): void => {
      count(outcome)
      emit('call.settled', { key, callId, outcome, attempts: tally.attempts, durationMs: clock.monoMs() - startMs, ...failure })
    }
    emit('call.started', { key, callId })
    try {
      call.signal.throwIfAborted()
      const answer = await untilAborted(next(call), call.signal)
      settle(tally.fellBack ? 'fallback' : 'success')
      return answer
    } catch (error) {
      settle(outcomeOf(error, call), { error })
      throw error
    }
  }
}

function outcomeOf(error: unknown, { signal, key }: LayerCall): CallOutcome {
  if (signal.aborted) return 'aborted'
  return isLocalRefusal(error, key) ? 'rejected' : 'failure'
}
