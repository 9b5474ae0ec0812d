import type { FileEdit } from '../../core/patch.js'
import type { Rehearse } from '../../core/repairer.js'
import { changedFile } from '../dependencies/dependency-proposal.js'
import { coverageCommand, readCoverage, type MeasuredRun } from './coverage-script.js'
import { differenceSchema } from './mutant-schema.js'
import type { TestScript } from './test-script.js'
import type { Candidate } from './variant-trials.js'

/** Candidates that are watched, at most; further ones are unlikely to be run at all. */
const watchedMax = 2_000

/**
 * Leaves out candidates that cannot heal: under each of the failing runs, the value that they change was never another. One run tells
 * it of all of them; what cannot be watched without changing what the code does stays.
 */
export async function effectiveCandidates(
  candidates: readonly Candidate[],
  {
    rehearse,
    failing,
    prepare,
    timeoutMs,
  }: {
    readonly rehearse: Rehearse
    readonly failing: readonly MeasuredRun[]
    readonly prepare: TestScript['prepare']
    readonly timeoutMs: number
  },
): Promise<readonly Candidate[]> {
  const numbered = candidates.slice(0, watchedMax).map((candidate, at) => ({ ...candidate, id: at + 1 }))
  const edits: FileEdit[] = []
  const watched = new Set<number>()
  for (const [path, group] of Map.groupBy(numbered, (candidate) => candidate.path)) {
    const before = group[0]?.before ?? ''
    const schema = differenceSchema(path, before, group)
    if (schema === undefined) continue
    edits.push(changedFile(path, before, schema.text))
    for (const id of schema.ids) watched.add(id)
  }
  if (watched.size === 0 || failing.length === 0) return candidates
  const run = await rehearse(coverageCommand(failing, { timeoutMs: timeoutMs * 2, isProbed: true, prepare }), { edits })
  const told = run.ran ? readCoverage(run.result.output) : []
  // A run that passes with nothing changed, or tells of nothing, was not of the code that fails.
  const sound = told.filter(({ exitCode, probes }) => exitCode !== 0 && exitCode !== null && probes.length > 0)
  if (sound.length === 0) return candidates
  const seen = sound.map(({ probes }) => new Set(probes.map(([id]) => id)))
  return candidates.filter((_, at) => !watched.has(at + 1) || seen.every((ids) => ids.has(at + 1)))
}
