import type { FileEdit } from '../../core/patch.js'
import type { Rehearse } from '../../core/repairer.js'
import { changedFile } from '../dependencies/dependency-proposal.js'
import { mutantSchema } from './mutant-schema.js'
import type { RankedEdit } from './single-edits.js'
import { prepareMsMax, readVariants, variantCommand, type VariantRuns } from './variant-script.js'

/** A candidate, in its file. */
export interface Candidate extends RankedEdit {
  readonly path: string
  readonly before: string
}

export interface VariantTrialOptions extends Omit<VariantRuns, 'variants'> {
  /** The likeliest first. */
  readonly candidates: readonly Candidate[]
  readonly rehearse: Rehearse
  /** Whether the output of a failing run is that of the failure that is to be undone. */
  isSameFailure(output: string): boolean
}

/** What was found out. */
export interface Trials {
  /** In the order of their weight. */
  readonly survivors: readonly Candidate[]
  readonly tried: readonly Candidate[]
}

/**
 * Runs candidates, many of them in one rehearsal: all are put into the code at once, and each run switches one of them on.
 * `undefined` where that cannot be done: the audit blocks it, or the code with all of them fails in another way than before.
 */
export async function runVariants({
  candidates,
  rehearse,
  isSameFailure,
  ...runs
}: VariantTrialOptions): Promise<Trials | undefined> {
  const numbered = candidates.map((candidate, at) => ({ ...candidate, id: at + 1 }))
  const { edits, ids } = schemataOf(numbered)
  const held = numbered.filter(({ id }) => ids.has(id))
  if (held.length === 0) return undefined
  const variants = held.map(({ id, score }) => [id, score] as const)
  const timeoutMs = Math.ceil(runs.totalMs + runs.timeoutMs * 3 + (runs.prepare === undefined ? 0 : prepareMsMax))
  const run = await rehearse(variantCommand({ ...runs, variants }), { edits, timeoutMs })
  const results = run.ran ? readVariants(run.result.output) : undefined
  if (results === undefined || !results.isFailing || !isSameFailure(results.output)) return undefined
  const original = (id: number): readonly Candidate[] => candidates.slice(id - 1, id)
  return {
    survivors: held.filter(({ id }) => results.passed.includes(id)).flatMap(({ id }) => original(id)),
    tried: held.filter(({ id }) => results.tried.includes(id)).flatMap(({ id }) => original(id)),
  }
}

function schemataOf(candidates: readonly (Candidate & { readonly id: number })[]): {
  readonly edits: readonly FileEdit[]
  readonly ids: ReadonlySet<number>
} {
  const edits: FileEdit[] = []
  const ids = new Set<number>()
  for (const [path, group] of Map.groupBy(candidates, (candidate) => candidate.path)) {
    const before = group[0]?.before ?? ''
    const schema = mutantSchema(path, before, group)
    if (schema === undefined) continue
    edits.push(changedFile(path, before, schema.text))
    for (const id of schema.ids) ids.add(id)
  }
  return { edits, ids }
}
