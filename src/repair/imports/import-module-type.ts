import type { Workspace } from '../../core/ports.js'
import type { Proposal, RepairAnswer } from '../../core/repairer.js'
import { changedFile, joined, movedFile, nothing, proposal } from '../dependencies/dependency-proposal.js'
import { type Manifest, manifestAbove } from '../dependencies/dependency-manifest.js'
import { withManifestText } from '../dependencies/dependency-manifest-edit.js'
import { parseSource, replaceLiterals } from './import-literals.js'
import { folderOf } from './import-path.js'
import { isRelative, resolveRelative } from './import-resolve.js'
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
  if (kind === 'mixed')
    return nothing(
      `${file} uses both "import" and "require". Write it as one kind: replace "require(…)" by an import, or "import" by "require(…)".`,
    )
  if (kind !== needs || !/\.(?:js|jsx)$/.test(file))
    return nothing(`Node reads ${file} as the other kind of module than it is written in. ${advice(needs, manifest)}`)
  const census = censusOf(workspace, manifest)
  const typed = census[other(needs)] === 0 && manifest !== undefined ? typeChange(manifest, needs, census[needs]) : []
  const answer = joined({ proposals: [...typed, ...renaming(workspace, file, needs)], notes: [] })
  return answer.proposals.length > 0 ? answer : nothing(advice(needs, manifest))
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
function censusOf(workspace: Workspace, manifest: Manifest | undefined): Record<ModuleKind, number> {
  const census: Record<ModuleKind, number> = { module: 0, commonjs: 0 }
  const files = workspace
    .files()
    .filter((path) => /\.jsx?$/.test(path) && manifestAbove(workspace, folderOf(path))?.path === manifest?.path)
  for (const path of files.slice(0, 500)) {
    const kind = kindOf(workspace.read(path) ?? '', path)
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
  const isTooling = /(?:^|\/)[^/]*(?:\.config|rc)\.js$/.test(file)
  return [
    proposal({
      title: `Rename ${file} to ${to}`,
      edits: [...moved, ...edits],
      plausibility: isTooling ? 0.85 : 0.6,
      rationale: `${file} is written as ${needs === 'module' ? 'an ECMAScript module' : 'CommonJS'}; the ending ${ending} says so whatever the manifest says.`,
    }),
  ]
}
