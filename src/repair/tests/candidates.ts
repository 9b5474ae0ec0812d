import type { Fault } from '../../core/fault.js'
import type { Workspace } from '../../core/ports.js'
import type { RepairRequest } from '../../core/repairer.js'
import { isCodeFile } from '../code/code-parse.js'
import { isForDevelopment } from '../imports/import-path.js'
import type { Located } from './locate.js'
import { singleEdits } from './single-edits.js'
import { symptomOf } from './symptom.js'
import type { Candidate } from './variant-trials.js'

/** Files whose code is tried, at most. */
const filesMax = 60

/** All single edits of the code that failing tests execute, the likeliest first. Never one of a test. */
export function candidatesOf(
  { workspace, fault }: Pick<RepairRequest, 'workspace' | 'fault'>,
  { tests, suspicion, paths }: Pick<Located, 'tests' | 'suspicion' | 'paths'>,
): readonly Candidate[] {
  const vocabulary = wordsOf(workspace, [...tests.flatMap(({ file }) => file ?? []), ...paths])
  const told: readonly Pick<Fault, 'details' | 'message'>[] = [fault, ...tests.slice(0, 6).map((test) => test.fault)]
  const symptoms = told.map(symptomOf)
  return paths
    .filter((path) => isCodeFile(path) && !path.endsWith('.d.ts') && !isForDevelopment(path))
    .slice(0, filesMax)
    .flatMap((path) => {
      const before = workspace.read(path)
      if (before === undefined) return []
      const edits = singleEdits(before, { path, symptoms, vocabulary, suspicion: (offset) => suspicion(path, offset) })
      return edits.map((edit) => ({ ...edit, path, before }))
    })
    .sort((a, b) => b.score - a.score)
}

/** Words of the failing tests and of the code they execute. */
function wordsOf(workspace: Workspace, paths: readonly string[]): ReadonlySet<string> {
  const words = new Set<string>()
  for (const path of [...new Set(paths)].slice(0, 20))
    for (const [word] of (workspace.read(path) ?? '').slice(0, 200_000).matchAll(/[A-Za-z][\w-]{2,40}/g))
      if (words.size < 5_000) words.add(word)
  return words
}
