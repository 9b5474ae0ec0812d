import type { Fault } from '../../core/fault.js'
import type { Workspace } from '../../core/ports.js'
import { classify } from '../../faults/classify.js'
import { isTest, projectPath } from '../imports/import-path.js'

/** A failing test, as its runner told it. */
export interface FailingTest {
  readonly fault: Fault
  /** As its runner can be told to run it alone; absent: it has none, or it is a file. */
  readonly name?: string
  /** The file it is in, where that is known. */
  readonly file?: string
}

/** The failing tests that the output of a run tells of, and the files they are in. */
export function failingTests(
  workspace: Workspace,
  output: string,
  command: readonly string[],
): { readonly tests: readonly FailingTest[]; readonly files: readonly string[] } {
  const faults = classify({ output, exitCode: 1, command: command.join(' ') }).filter(
    ({ category }) => category === 'test' || category === 'runtime',
  )
  const tests = faults.slice(0, 40).map((fault) => {
    const title = String(fault.details['name'] ?? '')
    const file = [fault.location?.file, title.split(' > ', 1)[0], ...filesIn(fault.evidence.join('\n'))]
      .map((named) => testFile(workspace, named))
      .find((path) => path !== undefined)
    const name = nameIn(title)
    return { fault, ...(name !== undefined && { name }), ...(file !== undefined && { file }) }
  })
  const files = new Set(tests.flatMap(({ file }) => file ?? []))
  for (const line of output.split('\n').slice(0, 20_000)) {
    if (files.size >= 20) break
    if (!/FAIL|❯|\bat\b|✖|✘|^\s*(?:location|file):/u.test(line.slice(0, 400))) continue
    for (const named of filesIn(line.slice(0, 600))) {
      const path = testFile(workspace, named)
      if (path !== undefined) files.add(path)
    }
  }
  return { tests, files: [...files] }
}

/** `suite test` for `file > suite > test` and `suite › test`. */
function nameIn(title: string): string | undefined {
  const parts = title.split(/ [>›] /u)
  const words = parts.filter((part, at) => at > 0 || !/\.[cm]?[jt]sx?$/.test(part)).join(' ')
  return words === '' || words.length > 300 || /\.[cm]?[jt]sx?$/.test(words) ? undefined : words
}

function filesIn(text: string): readonly string[] {
  return (text.match(/(?:file:\/\/)?[\w@./+~-]{1,300}\.[cm]?[jt]sx?(?![\w])/g) ?? []).slice(0, 40)
}

function testFile(workspace: Workspace, named: string | undefined): string | undefined {
  const path = named === undefined ? undefined : projectPath(workspace, named)
  if (path === undefined || path === '' || /(?:^|\/)node_modules\//.test(path) || !isTest(path)) return undefined
  return workspace.stat(path)?.kind === 'file' ? path : undefined
}
