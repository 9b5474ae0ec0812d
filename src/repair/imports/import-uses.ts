import type { Workspace } from '../../core/ports.js'
import { type ModuleLiteral, moduleLiterals } from './import-literals.js'
import { extensionOf } from './import-path.js'
import { isRelative, resolveRelative, type Spelling, targetOf } from './import-resolve.js'

/** A source file, and the module names in it that a question is about. */
export interface ImportUse {
  readonly path: string
  readonly text: string
  readonly literals: readonly ModuleLiteral[]
}

const filesMax = 2_000
/** Without a hint every one has to be parsed. */
const filesWithoutHintMax = 300
const lengthMax = 16 * 1024 * 1024
const importing = /\.(?:[cm]?[jt]s|[jt]sx|vue|svelte)$/

/**
 * Where the project imports a module, the importer first. Parses only files whose text holds `hint`, and reads at most 2 000
 * files or 16 million characters; 300 files without a hint.
 */
export function usesOf(workspace: Workspace, { importer, hint, isMeant }: UseQuery): readonly ImportUse[] {
  const others = workspace
    .files()
    .filter((path) => path !== importer && importing.test(path))
    .slice(0, hint === '' ? filesWithoutHintMax : filesMax)
  let left = lengthMax
  const uses: ImportUse[] = []
  for (const path of importer === undefined ? others : [importer, ...others]) {
    const text = left > 0 ? workspace.read(path) : undefined
    left -= text?.length ?? 0
    if (text?.includes(hint) !== true) continue
    const literals = moduleLiterals(text, path).filter((literal) => isMeant(literal.specifier, path))
    if (literals.length > 0) uses.push({ path, text, literals })
  }
  return uses
}

/** What stands in every import of a file: its name without the ending; nothing for an index, which a folder stands for. */
export function hintOf(file: string): string {
  const name = file.slice(file.lastIndexOf('/') + 1)
  const stem = name.slice(0, name.length - extensionOf(name).length)
  return stem === 'index' ? '' : stem
}

export interface UseQuery {
  readonly importer: string | undefined
  /** A part of every specifier that is meant. */
  readonly hint: string
  readonly isMeant: (specifier: string, path: string) => boolean
}

/** Names that the uses take from the module, without `default` where a whole module may be meant. */
export function namesTaken(uses: readonly ImportUse[]): readonly string[] {
  return [
    ...new Set(uses.flatMap((use) => use.literals.flatMap((literal) => literal.names.map(({ imported }) => imported)))),
  ].filter((name) => name !== 'default')
}

/** Whether two relative imports name the same place, whoever writes them. */
export function namesTarget(target: string): (specifier: string, path: string) => boolean {
  return (specifier, path) => isRelative(specifier) && targetOf(path, specifier) === target
}

/**
 * How a file writes relative imports: as most of its other imports that reach a file, else as other files of the project do.
 * `undefined` when there is no example.
 */
export function usualSpelling(workspace: Workspace, { path, text }: Pick<ImportUse, 'path' | 'text'>): Spelling | undefined {
  const own = spellingsIn(workspace, path, text)
  if (own.length > 0) return mostOf(own)
  const samples = workspace
    .files()
    .filter((file) => file !== path && importing.test(file))
    .slice(0, 40)
  return mostOf(samples.flatMap((sample) => spellingsIn(workspace, sample, workspace.read(sample) ?? '')))
}

function spellingsIn(workspace: Workspace, path: string, text: string): readonly Spelling['extension'][] {
  return moduleLiterals(text, path).flatMap(({ specifier }) => {
    const file = isRelative(specifier) ? resolveRelative(workspace, path, specifier) : undefined
    if (file === undefined || !/\.(?:[cm]?[jt]s|[jt]sx)$/.test(file)) return []
    return [spellingOf(specifier, file)]
  })
}

function spellingOf(specifier: string, file: string): Spelling['extension'] {
  const written = extensionOf(specifier)
  if (!/^\.(?:[cm]?[jt]s|[jt]sx)$/.test(written)) return 'none'
  // `.js` for a `.js` file says nothing about sources; the compiled name is what most projects mean.
  return /ts/.test(written) && extensionOf(file) === written ? 'source' : 'output'
}

function mostOf(extensions: readonly Spelling['extension'][]): Spelling | undefined {
  const [best] = (['output', 'source', 'none'] as const).toSorted((a, b) => count(extensions, b) - count(extensions, a))
  return extensions.length === 0 || best === undefined ? undefined : { extension: best }
}

function count<T>(items: readonly T[], item: T): number {
  return items.filter((candidate) => candidate === item).length
}
