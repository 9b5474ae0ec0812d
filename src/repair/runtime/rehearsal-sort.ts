import type { CommandResult } from '../../core/ports.js'
import type { RepairRequest } from '../../core/repairer.js'
import { turn } from '../../core/world.js'
import { classify } from '../../faults/classify.js'
import { changedFile } from '../dependencies/dependency-proposal.js'
import { type Candidate, textAfter } from './runtime-candidate.js'

/** A candidate and what running the command with it showed. */
export interface Rehearsed {
  readonly candidate: Candidate
  /** `passes`: the command does; `advances`: this fault is gone and another shows; `untried`: it was not run. */
  readonly result: 'passes' | 'advances' | 'unchanged' | 'untried'
}

/** Runs of the command that one fault may cost. */
const runsMax = 24
/** Once the command passes with one candidate, further ones are run to see whether the command can tell them apart. */
const rivalsMax = 3
/** A rival that looked less likely than this, compared with the one that passes, is not worth a run. */
const rivalShareMin = 0.4
/** A candidate that makes the command hang is stopped after so many times the time that the failing command took. */
const patience = 4
const timeoutMsMin = 15_000

/**
 * Runs the failing command with one candidate after the other, best first, until one passes and its nearest rivals were run
 * too. Without a copy to run in, every candidate stays `untried`.
 */
export async function rehearsed(
  request: RepairRequest,
  candidates: readonly Candidate[],
  baseline: CommandResult | undefined,
): Promise<readonly Rehearsed[]> {
  const { rehearse, command, signal } = request
  const results: Rehearsed[] = []
  const timeoutMs = Math.max(timeoutMsMin, patience * (baseline?.durationMs ?? timeoutMsMin))
  let runs = 0
  let rivals = 0
  let passing: Candidate | undefined
  let isSpent = rehearse === undefined
  for (const candidate of candidates) {
    await turn(signal)
    const isRival = passing !== undefined && candidate.weight < passing.weight * rivalShareMin
    if (rehearse === undefined || isSpent || runs >= runsMax || isRival || rivals >= rivalsMax) {
      results.push({ candidate, result: 'untried' })
      continue
    }
    if (passing !== undefined) rivals += 1
    runs += 1
    const { source } = candidate
    const edits = [changedFile(source.path, source.text, textAfter(candidate))]
    const run = await rehearse(command, { edits, timeoutMs })
    if (!run.ran) {
      isSpent ||= run.spent
      results.push({ candidate, result: run.spent ? 'untried' : 'unchanged' })
      continue
    }
    const result = judged(request, run.result)
    if (result === 'passes') passing ??= candidate
    results.push({ candidate, result })
  }
  return results
}

function judged({ fault, command }: RepairRequest, { ending, exitCode, output }: CommandResult): Rehearsed['result'] {
  if (ending !== 'exited') return 'unchanged'
  if (exitCode === 0) return 'passes'
  const faults = classify({ output, exitCode: exitCode ?? 1, command: command.join(' ') })
  const isThere = faults.some(({ fingerprint }) => fingerprint === fault.fingerprint)
  // A file that no longer parses or loads does not show the fault either.
  const isWorse = faults.some(({ category }) => category === 'syntax' || category === 'dependency')
  return isThere || isWorse ? 'unchanged' : 'advances'
}
