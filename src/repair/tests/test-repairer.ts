import type { Fault } from '../../core/fault.js'
import type { Proposal, RepairAnswer, Repairer, RepairRequest } from '../../core/repairer.js'
import { isCodeFile } from '../code/code-parse.js'
import { changedFile, nothing, proposal } from '../dependencies/dependency-proposal.js'
import { isForDevelopment } from '../imports/import-path.js'
import { describeEdit } from './describe-edit.js'
import { locate, type Located } from './locate.js'
import { edited } from './single-edit.js'
import { singleEdits, type RankedEdit } from './single-edits.js'
import { symptomOf } from './symptom.js'
import { testScriptOf } from './test-script.js'
import { runTrials } from './trials.js'

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

/** Runs of candidates for one fault, their time in all, and how many more are made after the first that passes. */
const runsMax = 160
const totalMsMax = 120_000
const runsAfterMax = 30

/** A candidate, in its file. */
interface Candidate extends RankedEdit {
  readonly path: string
  readonly before: string
}

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
  const candidates = candidatesOf(request, located)
  if (candidates.length === 0) return nothing('No code of the project that the failing tests execute was found.')
  const { survivors, tried } = await runTrials({
    candidates,
    rehearse,
    signal,
    commands: located.commands,
    timeoutMs: located.timeoutMs,
    runsMax,
    totalMsMax,
    edit: ({ path, before, ...edit }) => changedFile(path, before, edited(before, edit)),
    isDecided: (found, next, since) => since >= runsAfterMax || next.score < likeliest(found) / 8,
  })
  if (survivors.length === 0)
    return nothing(`${tried} single edits of the code that the failing tests execute were tried; none makes them pass.`)
  return { proposals: proposalsOf(survivors, candidates.slice(tried), request), notes: [] }
}

function candidatesOf({ workspace, fault }: RepairRequest, { tests, suspicion, paths }: Located): readonly Candidate[] {
  const vocabulary = wordsOf(
    workspace,
    tests.flatMap(({ file }) => file ?? []),
    paths,
  )
  const symptoms = [...new Set<Pick<Fault, 'details' | 'message'>>([fault, ...tests.slice(0, 6).map((test) => test.fault)])].map(
    symptomOf,
  )
  return paths
    .filter((path) => isCodeFile(path) && !path.endsWith('.d.ts') && !isForDevelopment(path))
    .slice(0, 60)
    .flatMap((path) => {
      const before = workspace.read(path)
      if (before === undefined) return []
      const edits = singleEdits(before, { path, symptoms, vocabulary, suspicion: (offset) => suspicion(path, offset) })
      return edits.map((edit) => ({ ...edit, path, before }))
    })
    .sort((a, b) => b.score - a.score)
}

/** Words of the failing tests and of the code they execute. */
function wordsOf(workspace: RepairRequest['workspace'], tests: readonly string[], paths: readonly string[]): ReadonlySet<string> {
  const words = new Set<string>()
  for (const path of [...new Set([...tests, ...paths])].slice(0, 20))
    for (const [word] of (workspace.read(path) ?? '').slice(0, 200_000).matchAll(/[A-Za-z][\w-]{2,40}/g))
      if (words.size < 5_000) words.add(word)
  return words
}

function likeliest(candidates: readonly Candidate[]): number {
  return Math.max(...candidates.map(({ score }) => score))
}

/** How much of the weight of the edits that were not run belongs to one that would pass. */
const passingShare = 0.01

/** That a bug is of one edit at all, and its edit among those that are tried. */
const isSingleEdit = 0.9

/** Each that passed, with the share of the belief that its weight gives it. */
function proposalsOf(
  survivors: readonly Candidate[],
  untried: readonly Candidate[],
  { proposalsMax }: RepairRequest,
): readonly Proposal[] {
  const weight = survivors.reduce((sum, { score }) => sum + score, 0)
  const rest = untried.reduce((sum, { score }) => sum + score, 0) * passingShare
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
