import type { Workspace } from '../../core/ports.js'
import type { Proposal } from '../../core/repairer.js'
import { similarNames } from '../../core/similar-name.js'
import { changedFile, proposal, quoted } from '../dependencies/dependency-proposal.js'
import { withRenamedVariable } from './identifier-rename.js'
import { isTest } from './import-path.js'
import { isRelative, resolveRelative } from './import-resolve.js'
import { usesOf } from './import-uses.js'

export interface ExportQuestion {
  /** A file of the project. */
  readonly module: string
  /** The name that is imported and not exported. */
  readonly name: string
  readonly importer: string
  /** What the module exports. */
  readonly exports: ReadonlySet<string>
}

/**
 * The other way round: the module spells the name that it exports wrongly. Certain when a test or several files take the missing
 * name, or the rest of the project writes it, and nobody takes the present one.
 */
export function exportRenaming(workspace: Workspace, { module, name, importer, exports }: ExportQuestion): Proposal | undefined {
  const [present] = similarNames(
    name,
    [...exports].filter((one) => one !== 'default'),
    1,
  )
  const text = workspace.read(module)
  const isOwn = !/(?:^|\/)node_modules\//.test(module) && !isTest(module)
  if (present === undefined || text === undefined || !isOwn || takersOf(workspace, module, present).length > 0) return undefined
  const takers = takersOf(workspace, module, name)
  const aside = [module, importer]
  const isWritten = takers.length > 1 || takers.some(isTest) || isMentioned(workspace, name, aside)
  const after =
    isWritten && !isMentioned(workspace, present, aside) ? withRenamedVariable(text, module, [present, name]) : undefined
  return after === undefined
    ? undefined
    : proposal({
        title: `Export ${quoted(name)} instead of ${quoted(present)} from ${module}`,
        edits: [changedFile(module, text, after)],
        plausibility: 0.95,
        rationale: `The project writes ${quoted(name)}, and nothing but ${module} writes ${quoted(present)}.`,
      })
}

/** Files that take a name from a module of the project. */
function takersOf(workspace: Workspace, module: string, name: string): readonly string[] {
  const isMeant = (specifier: string, path: string): boolean =>
    isRelative(specifier) && resolveRelative(workspace, path, specifier) === module
  return usesOf(workspace, { importer: undefined, hint: name, isMeant })
    .filter(({ literals }) => literals.some(({ names }) => names.some(({ imported }) => imported === name)))
    .map(({ path }) => path)
}

const filesMax = 500
const lengthMax = 4 * 1024 * 1024

/** Whether any other text of the project has the name as a word: other sources, declarations, what is written for people. */
function isMentioned(workspace: Workspace, name: string, aside: readonly string[]): boolean {
  const plain = name.replace(/\$/g, String.raw`\$`)
  const word = new RegExp(String.raw`(?<![\w$])${plain}(?![\w$])`)
  // In prose any name may be an ordinary word; a call or a quoted name is none.
  const quotedWord = new RegExp(String.raw`(?<![\w$])${plain}\(|${'`'}${plain}(?![\w$])`)
  const files = workspace.files().filter((path) => !aside.includes(path) && /\.(?:[cm]?[jt]sx?|md|vue|svelte)$/.test(path))
  let left = lengthMax
  for (const path of files.slice(0, filesMax)) {
    const text = left > 0 ? workspace.read(path) : undefined
    left -= text?.length ?? 0
    if (text?.includes(name) === true && (path.endsWith('.md') ? quotedWord : word).test(text)) return true
  }
  return false
}
