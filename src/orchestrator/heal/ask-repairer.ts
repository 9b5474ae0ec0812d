import type { Fault } from '../../core/fault.js'
import type { Patch } from '../../core/patch.js'
import type { Rehearse, RepairAnswer, Repairer } from '../../core/repairer.js'
import { untilAborted } from '../abort.js'
import type { SearchOptions, SearchState } from './search-state.js'

/** What a repairer proposes for a fault. One that breaks must not end the healing: others may know better. */
export async function ask(repairer: Repairer, fault: Fault, state: SearchState, options: SearchOptions): Promise<RepairAnswer> {
  const { trial, command, installs, proposalsMax, signal } = options
  try {
    const answer = await untilAborted(
      repairer.propose({
        fault,
        workspace: trial.workspace,
        command,
        rehearse: rehearsing(state, options),
        installs,
        proposalsMax,
        notes: state.notes,
        signal,
      }),
      signal,
    )
    return { proposals: answer.proposals.slice(0, proposalsMax), notes: answer.notes }
  } catch (error) {
    signal.throwIfAborted()
    return {
      proposals: [],
      notes: [`The repairer "${repairer.id}" failed: ${error instanceof Error ? error.message : String(error)}`],
    }
  }
}

/** Lends the copy to a repairer: what it wants to run there goes by the same audit as a proposal, and is counted. */
function rehearsing(state: SearchState, { trial, audit, rehearsalsMax, signal }: SearchOptions): Rehearse {
  return async (command, { edits = [], ...given } = {}) => {
    if (state.rehearsals >= rehearsalsMax)
      return { ran: false, spent: true, reason: `${rehearsalsMax} rehearsals were made in this session` }
    state.rehearsals += 1
    if (edits.length > 0) {
      const patch: Patch = { id: 'rehearsal', title: 'A rehearsal', strategy: 'rehearsal', edits, actions: [] }
      const { verdict } = await audit(patch, (path) => trial.workspace.read(path))
      if (verdict === 'block') return { ran: false, spent: false, reason: 'The audit blocks these edits' }
    }
    const run = await trial.rehearse(command, { edits, ...given })
    signal.throwIfAborted()
    return 'reason' in run ? { ran: false, spent: false, reason: run.reason } : { ran: true, result: run }
  }
}
