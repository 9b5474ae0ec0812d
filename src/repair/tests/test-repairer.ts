import type { Proposal, Rehearse, RepairAnswer, Repairer, RepairRequest } from '../../core/repairer.js'
import { changedFile, nothing, proposal } from '../dependencies/dependency-proposal.js'
import { candidatesOf } from './candidates.js'
import { describeEdit } from './describe-edit.js'
import { effectiveCandidates } from './effective-candidates.js'
import { failingTests } from './failing-tests.js'
import { locate, type Located } from './locate.js'
import { edited } from './single-edit.js'
import { canRepeat } from './repeat-script.js'
import { testScriptOf, type TestScript } from './test-script.js'
import { runTrials } from './trials.js'
import { runVariants, type Candidate, type Trials } from './variant-trials.js'

/**
 * Undoes bugs of one edit that failing tests show: it measures which code the failing tests execute, and runs the tests again
 * with one likely edit after the other, until it is known which of them pass. Never touches a test.
 */
export const testRepairer: Repairer = {
  id: 'test',
  categories: ['test', 'runtime'],
  propose,
}

/** Faults that say nothing about what the code does. */
const others = new Set(['COVERAGE_TOO_LOW', 'NO_TESTS', 'TIMED_OUT'])

/** Candidates that are put into the code at once, the time for running them, and how many more are run after the first that passes. */
const variantsMax = 500
const repeatedMax = 1_500
const variantsMsMin = 45_000
const variantsMsMax = 90_000
/** For so many runs of all tests there is time, slow as they may be. */
const variantsMin = 40
const variantsAfterMax = 40
const parallelMax = 4

/** The same where candidates can be run only one after the other. */
const runsMax = 60
const runsMsMax = 45_000
const runsAfterMax = 20

/** A candidate so much less likely than one that passes is not worth a run. */
const shareMin = 1 / 8

async function propose(request: RepairRequest): Promise<RepairAnswer> {
  const { fault, workspace, command, rehearse, signal } = request
  signal.throwIfAborted()
  if (others.has(fault.code)) return nothing()
  const script = testScriptOf(workspace, command)
  if (script === undefined) return nothing()
  if (rehearse === undefined)
    return nothing('Without a sandbox copy the tests cannot be run, so nothing tells which edit is right.')
  const located = await locate({ script, workspace, command, rehearse })
  signal.throwIfAborted()
  if (located === undefined) return nothing('The tests could not be run apart from the command, so the fault was not located.')
  const suspects = candidatesOf(request, located)
  if (suspects.length === 0) return nothing('No code of the project that the failing tests execute was found.')
  const candidates = await effectiveCandidates(suspects, { rehearse, ...located })
  signal.throwIfAborted()
  const { survivors, tried } = await trialsOf(request, rehearse, { script, located, candidates })
  signal.throwIfAborted()
  if (survivors.length === 0)
    return nothing(`${tried.length} single edits of the code that the failing tests execute were tried; none makes them pass.`)
  return { proposals: proposalsOf({ survivors, tried }, candidates, request), notes: [] }
}

interface Search {
  readonly script: TestScript
  readonly located: Located
  readonly candidates: readonly Candidate[]
}

/** Many at once, or one after the other where the code does not take that. */
async function trialsOf(
  { workspace, command, signal }: RepairRequest,
  rehearse: Rehearse,
  { script, located, candidates }: Search,
): Promise<Trials> {
  const { commands, failing, prepare, failingMs, timeoutMs, tests, isAlone } = located
  const names = new Set(tests.flatMap(({ name }) => name ?? []))
  const together = await runVariants({
    candidates: candidates.slice(0, canRepeat(script.runner) ? repeatedMax : variantsMax),
    rehearse,
    commands,
    repeats: [...failing.slice(0, 1), ...commands.slice(0, 1)],
    prepare,
    timeoutMs,
    runner: script.runner,
    totalMs: Math.min(variantsMsMax, Math.max(variantsMsMin, failingMs * variantsMin)),
    parallelMax: isAlone ? 1 : parallelMax,
    moreMax: variantsAfterMax,
    shareMin,
    // Long outputs are cut, so a test of another name may have failed before.
    isSameFailure: (output) => {
      const failing = failingTests(workspace, output, command).tests
      return names.size === 0 || failing.some(({ name }) => name !== undefined && names.has(name))
    },
  })
  if (together !== undefined) return together
  const { survivors, tried } = await runTrials({
    candidates,
    rehearse,
    signal,
    // Each needs a build of its own.
    commands: prepare === undefined ? commands : [{ command: prepare, env: {} }, ...commands],
    timeoutMs,
    runsMax,
    totalMsMax: runsMsMax,
    edit: ({ path, before, ...edit }) => changedFile(path, before, edited(before, edit)),
    isDecided: (found, next, since) => since >= runsAfterMax || next.score < likeliest(found) * shareMin,
  })
  return { survivors, tried: candidates.slice(0, tried) }
}

function likeliest(candidates: readonly Candidate[]): number {
  return Math.max(...candidates.map(({ score }) => score))
}

/** How much of the weight of the edits that were not run belongs to one that would pass, before runs have told more. */
const passingShareMax = 0.006

/** That a bug is of one edit at all, and its edit among those that are tried. */
const isSingleEdit = 0.9

/** Each that passed, with the share of the belief that its weight gives it. */
function proposalsOf(
  { survivors, tried }: Trials,
  candidates: readonly Candidate[],
  { proposalsMax }: RepairRequest,
): readonly Proposal[] {
  const wasTried = new Set(tried.map(keyOf))
  const untried = candidates.filter((candidate) => !wasTried.has(keyOf(candidate)))
  const weight = survivors.reduce((sum, { score }) => sum + score, 0)
  const rest = untried.reduce((sum, { score }) => sum + score, 0) * Math.min(passingShareMax, 0.5 / tried.length)
  return [...survivors]
    .sort((a, b) => b.score - a.score)
    .slice(0, Math.max(0, proposalsMax))
    .map((candidate) => {
      const { path, before, score } = candidate
      const rivals = survivors.length - 1
      return proposal({
        title: describeEdit(candidate),
        edits: [changedFile(path, before, edited(before, candidate))],
        plausibility: (isSingleEdit * score) / (weight + rest),
        rationale: `The failing tests execute this place, and with this change alone they pass, with all others${rivals === 0 ? '' : `; ${rivals} other single edits pass too`}.`,
      })
    })
}

function keyOf({ path, start, end, text }: Candidate): string {
  return JSON.stringify([path, start, end, text])
}
