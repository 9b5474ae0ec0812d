import type { Workspace } from '../../core/ports.js'
import type { Proposal, RepairAnswer } from '../../core/repairer.js'
import { changedFile, joined, movedFile, nothing, proposal } from '../dependencies/dependency-proposal.js'
import { type Manifest, manifestAbove } from '../dependencies/dependency-manifest.js'
import { withManifestText } from '../dependencies/dependency-manifest-edit.js'
import { asCommonJsExports, asModuleExports } from './export-rewrite.js'
import { moduleExports } from './import-exports.js'
import { parseSource, replaceLiterals } from './import-literals.js'
import { moduleOf } from './import-names.js'
import { folderOf } from './import-path.js'
import { isRelative, resolveRelative, spellImport } from './import-resolve.js'
import { asImports, asRequires } from './import-rewrite.js'
import { hintOf, usesOf } from './import-uses.js'

type ModuleKind = 'module' | 'commonjs'

/**
 * Ways to heal a file that Node reads as the wrong kind of module: the manifest's `type` when all files that depend on it are
 * of the other kind, else the file's ending.
 *
 * @param file - The file that fails, relative to the root.
 * @param needs - What the file is written as.
 */
export function repairModuleType(workspace: Workspace, file: string, needs: ModuleKind): RepairAnswer {
  const kind = kindOf(workspace.read(file) ?? '', file)
  const manifest = manifestAbove(workspace, folderOf(file))
  if (kind === 'mixed') return rewriting(workspace, file, manifest)
  if (kind !== needs || !/\.(?:js|jsx)$/.test(file))
    return nothing(`Node reads ${file} as the other kind of module than it is written in. ${advice(needs, manifest)}`)
  const census = censusOf(workspace, manifest)
  const typed = census[other(needs)] === 0 && manifest !== undefined ? typeChange(manifest, needs, census[needs]) : []
  const isStranger =
    !isTooling(file) && census[needs] === 1 && census[other(needs)] > 0 && manifest?.json['type'] === other(needs)
  const rewritten = isStranger ? exportsRewritten(workspace, file, needs) : []
  const answer = joined({ proposals: [...typed, ...rewritten, ...renaming(workspace, file, needs)], notes: [] })
  return answer.proposals.length > 0 ? answer : nothing(advice(needs, manifest))
}

/** The same for a fault that does not say where it lies: files that are of both kinds, else those of the kind that cannot run. */
export function repairModuleTypes(workspace: Workspace, needs: ModuleKind): RepairAnswer {
  const files = workspace.files().filter((path) => /\.jsx?$/.test(path))
  const kinds = files.slice(0, filesMax).map((path) => ({ path, kind: kindOf(workspace.read(path) ?? '', path) }))
  const mixed = kinds.filter(({ kind }) => kind === 'mixed')
  const suspects =
    mixed.length > 0
      ? mixed
      : kinds.filter(({ path, kind }) => kind === needs && manifestAbove(workspace, folderOf(path))?.type !== needs)
  return joined(...suspects.slice(0, suspectsMax).map(({ path }) => repairModuleType(workspace, path, needs)))
}

const filesMax = 500
const suspectsMax = 3

/** A file of both kinds, written as the one that the project is of. */
function rewriting(workspace: Workspace, file: string, manifest: Manifest | undefined): RepairAnswer {
  const text = workspace.read(file) ?? ''
  const wanted = wantedKind(workspace, file, manifest)
  const isModule = wanted === 'module'
  const exported = (isModule ? asModuleExports(text, file, takenFrom(workspace, file)) : asCommonJsExports(text, file)) ?? text
  const reach = (specifier: string): string | undefined =>
    moduleOf(workspace, file, { specifier, form: isModule ? 'import' : 'require' })
  const imported = isModule
    ? asImports(exported, file, {
        specifier: (present) => withEnding(workspace, file, present),
        whole: (specifier) => {
          const path = reach(specifier)
          return path === undefined || moduleExports(workspace, path).names.has('default') ? 'default' : 'namespace'
        },
      })
    : asRequires(exported, file, {
        specifier: (present) => present,
        whole: (specifier) => {
          const path = reach(specifier)
          const kind = path === undefined ? undefined : kindOf(workspace.read(path) ?? '', path)
          return kind === 'module' ? 'namespace' : 'default'
        },
      })
  const after = imported ?? (exported === text ? undefined : exported)
  if (after === undefined || kindOf(after, file) !== wanted)
    return nothing(
      `${file} uses both "import" and "require". Write it as one kind: replace "require(…)" by an import, or "import" by "require(…)".`,
    )
  const [to, from] = isModule ? ['"import"', '"require"'] : ['"require"', '"import"']
  return {
    proposals: [
      proposal({
        title: `Write every ${from} of ${file} as ${to}`,
        edits: [changedFile(file, text, after)],
        plausibility: 0.9,
        rationale: `${file} uses both, and the project is written as ${isModule ? 'ECMAScript modules' : 'CommonJS'}.`,
      }),
    ],
    notes: [],
  }
}

/** Names that other files import from a file. */
function takenFrom(workspace: Workspace, file: string): ReadonlySet<string> {
  const isMeant = (specifier: string, path: string): boolean =>
    isRelative(specifier) && resolveRelative(workspace, path, specifier) === file
  const uses = usesOf(workspace, { importer: undefined, hint: hintOf(file), isMeant })
  return new Set(uses.flatMap(({ literals }) => literals.flatMap(({ names }) => names.map(({ imported }) => imported))))
}

/** A file of one kind in a project that is of the other: what it exports, written as the project does. */
function exportsRewritten(workspace: Workspace, file: string, needs: ModuleKind): readonly Proposal[] {
  const text = workspace.read(file) ?? ''
  const after = needs === 'commonjs' ? asModuleExports(text, file, takenFrom(workspace, file)) : asCommonJsExports(text, file)
  // What it imports has to be of the right kind as well.
  if (after === undefined || kindOf(after, file) !== other(needs)) return []
  const to = needs === 'commonjs' ? 'an ECMAScript module' : 'CommonJS'
  return [
    proposal({
      title: `Write the exports of ${file} as those of ${to}`,
      edits: [changedFile(file, text, after)],
      plausibility: 0.88,
      rationale: `${file} is the only file that is not written as ${to}, which the project is.`,
    }),
  ]
}

/** By the file's ending, the manifest, and without a word there by the other files. */
function wantedKind(workspace: Workspace, file: string, manifest: Manifest | undefined): ModuleKind {
  if (/\.[mc]js$/.test(file)) return file.endsWith('.mjs') ? 'module' : 'commonjs'
  if (manifest?.json['type'] !== undefined) return manifest.type
  const { module, commonjs } = censusOf(workspace, manifest, (kind) => kind !== 'mixed')
  return module > commonjs ? 'module' : 'commonjs'
}

/** As an `import` needs it: a relative one with its ending. */
function withEnding(workspace: Workspace, file: string, specifier: string): string {
  const target = isRelative(specifier) ? resolveRelative(workspace, file, specifier) : undefined
  return target === undefined ? specifier : spellImport(file, target, { extension: 'source' })
}

function advice(needs: ModuleKind, manifest: Manifest | undefined): string {
  const ending = needs === 'module' ? '.mjs' : '.cjs'
  return `Either set "type": "${needs}" in ${manifest?.path ?? 'package.json'}, or give the file the ending ${ending}, or rewrite its imports.`
}

function other(kind: ModuleKind): ModuleKind {
  return kind === 'module' ? 'commonjs' : 'module'
}

function kindOf(text: string, path: string): ModuleKind | 'mixed' | undefined {
  const isCommonJs = /\brequire\s?\(\s?["'`]|\bmodule\.exports\b|\bexports\.[\w$]+\s?=/.test(text)
  const isModule = parseSource(text, path)?.['sourceType'] === 'module'
  if (isModule && /\bcreateRequire\b/.test(text)) return 'module'
  return isModule ? (isCommonJs ? 'mixed' : 'module') : isCommonJs ? 'commonjs' : undefined
}

/** How many files depend on the manifest's `type`, by the kind they are written as. */
function censusOf(
  workspace: Workspace,
  manifest: Manifest | undefined,
  counts: (kind: ModuleKind | 'mixed' | undefined) => boolean = () => true,
): Record<ModuleKind, number> {
  const census: Record<ModuleKind, number> = { module: 0, commonjs: 0 }
  const files = workspace
    .files()
    .filter((path) => /\.jsx?$/.test(path) && manifestAbove(workspace, folderOf(path))?.path === manifest?.path)
  for (const path of files.slice(0, filesMax)) {
    const kind = kindOf(workspace.read(path) ?? '', path)
    if (!counts(kind)) continue
    if (kind === 'module' || kind === 'commonjs') census[kind] += 1
    if (kind === 'mixed') census.module += 1
  }
  return census
}

function typeChange(manifest: Manifest, needs: ModuleKind, files: number): readonly Proposal[] {
  const after = manifest.type === needs ? undefined : withManifestText(manifest.text, ['type'], needs)
  if (after === undefined) return []
  return [
    proposal({
      title: `Set "type": "${needs}" in ${manifest.path}`,
      edits: [changedFile(manifest.path, manifest.text, after)],
      plausibility: 0.93,
      rationale: `${files === 1 ? 'The only file' : `All ${files} files`} that ${files === 1 ? 'depends' : 'depend'} on it ${files === 1 ? 'is' : 'are'} written as ${needs === 'module' ? 'ECMAScript modules' : 'CommonJS'}.`,
    }),
  ]
}

/** The file with the ending of its kind, and every import of it changed with it. */
function renaming(workspace: Workspace, file: string, needs: ModuleKind): readonly Proposal[] {
  const to = file.replace(/\.jsx?$/, needs === 'module' ? '.mjs' : '.cjs')
  const moved = movedFile(workspace, file, to)
  const ending = to.slice(to.lastIndexOf('.'))
  const isMeant = (specifier: string, path: string): boolean =>
    isRelative(specifier) && resolveRelative(workspace, path, specifier) === file
  const uses = usesOf(workspace, { importer: undefined, hint: hintOf(file), isMeant }).filter((use) => use.path !== file)
  // An import without the ending would no longer find the file.
  const edits = uses.map((use) =>
    changedFile(
      use.path,
      use.text,
      replaceLiterals(
        use.text,
        use.literals.map((literal) => ({ literal, specifier: `${literal.specifier.replace(/\.jsx?$/, '')}${ending}` })),
      ),
    ),
  )
  if (moved.length === 0 || uses.some(({ literals }) => literals.some(({ specifier }) => /(?:^|\/)\.{0,2}$/.test(specifier))))
    return []
  return [
    proposal({
      title: `Rename ${file} to ${to}`,
      edits: [...moved, ...edits],
      plausibility: isTooling(file) ? 0.85 : 0.6,
      rationale: `${file} is written as ${needs === 'module' ? 'an ECMAScript module' : 'CommonJS'}; the ending ${ending} says so whatever the manifest says.`,
    }),
  ]
}

/** Settings of a tool: written as the tool wants them, whatever the project is written as. */
function isTooling(file: string): boolean {
  return /(?:^|\/)[^/]*(?:\.config|rc)\.js$/.test(file)
}
