import type { Workspace } from '../../core/ports.js'
import type { Proposal, RepairAnswer } from '../../core/repairer.js'
import { type MeantFile, meantFiles, movedTo } from './import-candidates.js'
import { changedFile, joined, movedFile, nothing, proposal, quoted } from '../dependencies/dependency-proposal.js'
import { manifestAbove } from '../dependencies/dependency-manifest.js'
import { projectManifests } from '../dependencies/dependency-project.js'
import { isPlainSpecifier, moduleLiterals, replaceLiterals } from './import-literals.js'
import { extensionOf, folderOf, isTest } from './import-path.js'
import { isRelative, resolveRelative, type Spelling, spellImport, targetOf } from './import-resolve.js'
import { hintOf, type ImportUse, namesTaken, namesTarget, usesOf, usualSpelling } from './import-uses.js'

export interface RelativeQuestion {
  readonly specifier: string
  /** A file of the project. */
  readonly importer: string
  /** Node's own loader for modules spoke: it adds no extension and opens no folder. */
  readonly isExact: boolean
  /** The compiler of TypeScript spoke. */
  readonly isTyped: boolean
}

/** Ways to heal a relative import that leads nowhere: every import of that place is pointed to the file that was meant. */
export function repairRelative(workspace: Workspace, question: RelativeQuestion): RepairAnswer {
  const { specifier, importer } = question
  const target = targetOf(importer, specifier)
  if (target === undefined)
    return nothing(`${importer} imports ${quoted(specifier)}, which leads out of the project. Correct the path by hand.`)
  if (isGenerated(workspace, target)) return nothing(generatedNote(workspace, importer, target))

  const hint = /^[./]*$/.test(specifier) ? '' : hintOf(target)
  const uses = usesOf(workspace, { importer, hint, isMeant: namesTarget(target) }).filter((use) =>
    isBroken(workspace, use, question),
  )
  if (uses.length === 0)
    return nothing(
      `No literal import of ${quoted(specifier)} is in ${importer}; it may be put together as the program runs. Check that ${quoted(target)} exists.`,
    )
  const wanted = { target, importer, names: namesTaken(uses) }
  const near = meantFiles(workspace, wanted)
  const moved = near.length > 0 ? undefined : movedTo(workspace, wanted)
  const candidates = moved === undefined ? near : [moved]
  if (candidates.length === 0)
    return nothing(
      `Nothing in the project is like ${quoted(target)}, which ${importer} imports. Restore the file or remove the import.`,
    )
  const proposals = candidates.flatMap((candidate) => [
    ...pointings(workspace, uses, candidate, question),
    ...renaming(workspace, uses, candidate, target),
  ])
  return joined({ proposals, notes: [] })
}

/** Writes the ending of every relative import of a file that reaches its file only without one. */
export function addEndings(workspace: Workspace, importer: string): RepairAnswer {
  const text = workspace.read(importer) ?? ''
  const replacements = moduleLiterals(text, importer).flatMap((literal) => {
    const file = isRelative(literal.specifier) ? resolveRelative(workspace, importer, literal.specifier) : undefined
    const specifier = file === undefined ? '' : spellImport(importer, file, { extension: 'output' })
    return written.test(extensionOf(literal.specifier)) || !isPlainSpecifier(specifier) ? [] : [{ literal, specifier }]
  })
  if (replacements.length === 0)
    return nothing(`No relative import of ${importer} that reaches a file lacks its ending. Check the paths in it.`)
  const count = `${replacements.length} relative import${replacements.length === 1 ? '' : 's'}`
  return {
    proposals: [
      proposal({
        title: `Write the endings of ${count} in ${importer}`,
        edits: [changedFile(importer, text, replaceLiterals(text, replacements))],
        plausibility: 0.95,
        rationale: 'The files are there; this kind of module needs their endings in the import.',
      }),
    ],
    notes: [],
  }
}

const written = /^\.(?:[cm]?[jt]s|[jt]sx|json)$/

/** Whether the path lies in a folder that a build makes, unless the project keeps sources there. */
function isGenerated(workspace: Workspace, target: string): boolean {
  const path = `${target}/`
  const found = /(?:^|\/)(?:dist|build|out|coverage|generated|\.next|\.nuxt)\//.exec(path)
  return found !== null && !workspace.files().some((file) => file.startsWith(path.slice(0, found.index + found[0].length)))
}

function generatedNote(workspace: Workspace, importer: string, target: string): string {
  const isBuilt = manifestAbove(workspace, folderOf(importer))?.scripts.has('build') === true
  const remedy = isBuilt ? 'Run the "build" script first.' : 'Build the project first.'
  return `${importer} imports ${quoted(target)}, which a build makes. ${remedy}`
}

/** The importer's import is known to fail; another file may reach the target by the rules of another resolver. */
function isBroken(workspace: Workspace, use: ImportUse, { importer, isExact }: RelativeQuestion): boolean {
  return (
    use.path === importer ||
    (isExact && use.literals.some(({ form }) => form !== 'require')) ||
    use.literals.some(({ specifier }) => resolveRelative(workspace, use.path, specifier) === undefined)
  )
}

/** Edits of every use so that it imports the candidate; a second one where nothing shows how the project spells imports. */
function pointings(
  workspace: Workspace,
  uses: readonly ImportUse[],
  candidate: MeantFile,
  question: RelativeQuestion,
): readonly Proposal[] {
  const [first] = uses
  if (first === undefined || uses.some((use) => use.path === candidate.path)) return []
  return spellings(workspace, first, question).flatMap((spelling, index) => {
    const written = spellImport(first.path, candidate.path, spelling)
    const edits = uses.flatMap((use) => pointed(use, candidate.path, spelling))
    if (edits.length !== uses.length) return []
    const places = uses.length === 1 ? first.path : `${first.path} and ${uses.length - 1} more`
    return proposal({
      title: `Import ${quoted(written)} instead of ${quoted(question.specifier)} in ${places}`,
      edits,
      // A second spelling is far enough below the first to be no rival of it: both mean the same file.
      // Who edits a test to make it pass must be sure of more than who edits a source.
      plausibility: candidate.plausibility * (index === 0 ? 1 : 0.8) * (uses.some((use) => isTest(use.path)) ? 0.95 : 1),
      rationale: `There is no ${targetOf(first.path, question.specifier) ?? ''}; ${candidate.path} ${candidate.why}.`,
    })
  })
}

function pointed(use: ImportUse, file: string, spelling: Spelling) {
  const replacements = use.literals.map((literal) => ({
    literal,
    specifier: `${spellImport(use.path, file, spelling)}${/[?#].*$/.exec(literal.specifier)?.[0] ?? ''}`,
  }))
  if (!replacements.every(({ specifier }) => isPlainSpecifier(specifier))) return []
  const after = replaceLiterals(use.text, replacements)
  return after === use.text ? [] : [changedFile(use.path, use.text, after)]
}

function spellings(workspace: Workspace, use: ImportUse, { specifier, isExact, isTyped }: RelativeQuestion): readonly Spelling[] {
  const usual = usualSpelling(workspace, use)
  const isSource = /\.[cm]?tsx?$/.test(use.path)
  const written = extensionOf(specifier)
  const namesOutput = /^\.[cm]?jsx?$/.test(written)
  if (isExact) {
    if (usual !== undefined && usual.extension !== 'none') return [usual]
    if (!isSource || isTyped) return [{ extension: 'output' }]
    // Node itself wants the ending of the source; a bundler that speaks like Node takes the one that is written.
    return namesOutput ? [{ extension: 'output' }, { extension: 'source' }] : [{ extension: 'source' }]
  }
  if (usual !== undefined) return [usual]
  if (/ts/.test(written)) return [{ extension: 'source' }]
  if (namesOutput) return [{ extension: 'output' }]
  return isSource ? [{ extension: 'none' }, { extension: 'output' }] : [{ extension: 'none' }]
}

/**
 * The other way round: the file is called wrongly, not the imports. Likely when a test, or several files, use the missing name
 * and nobody uses the present one.
 */
function renaming(workspace: Workspace, uses: readonly ImportUse[], candidate: MeantFile, target: string): readonly Proposal[] {
  const to = extensionOf(target) === '' ? `${target}${extensionOf(candidate.path)}` : target
  const tests = uses.filter((use) => isTest(use.path)).length
  if (
    (tests === 0 && uses.length < 2) ||
    extensionOf(to) !== extensionOf(candidate.path) ||
    to === candidate.path ||
    isTest(candidate.path)
  )
    return []
  const edits = movedFile(workspace, candidate.path, to)
  if (edits.length === 0 || isUsed(workspace, candidate.path)) return []
  return [
    proposal({
      title: `Rename ${candidate.path} to ${to}`,
      edits,
      plausibility: candidate.plausibility * (tests > 0 ? 0.99 : 0.7),
      rationale: `Every import says ${to} and none says ${candidate.path}, which ${candidate.why}.`,
    }),
  ]
}

/** Whether any import reaches the file, or a manifest names it. */
function isUsed(workspace: Workspace, file: string): boolean {
  const isMeant = (specifier: string, path: string): boolean =>
    isRelative(specifier) && resolveRelative(workspace, path, specifier) === file
  return (
    projectManifests(workspace).some(
      ({ folder, text }) =>
        (folder === '' || file.startsWith(`${folder}/`)) && text.includes(folder === '' ? file : file.slice(folder.length + 1)),
    ) || usesOf(workspace, { importer: undefined, hint: hintOf(file), isMeant }).length > 0
  )
}
