import type { Workspace } from '../../core/ports.js'
import { extensionOf, folderOf, inFolder, insidePath, impliedExtensions } from './import-path.js'

/** Whether the text is a path from the importing file: `.`, `..`, `./a`, `../a`. */
export function isRelative(specifier: string): boolean {
  return /^\.\.?(?:\/|$)/.test(specifier)
}

/**
 * The path that a relative import names, before any file is looked for; without the `?query` of a bundler. `undefined` when
 * it leads out of the project.
 */
export function targetOf(importer: string, specifier: string): string | undefined {
  return insidePath(`${folderOf(importer) || '.'}/${specifier.replace(/[?#].*$/, '')}`)
}

/** The file that a relative import reaches by the rules of any resolver; `undefined` when none finds one. */
export function resolveRelative(workspace: Workspace, importer: string, specifier: string): string | undefined {
  const target = targetOf(importer, specifier)
  return target === undefined ? undefined : resolveTarget(workspace, target)
}

/** The file a target stands for: itself, with an extension, its TypeScript source, or the index of a folder. */
function resolveTarget(workspace: Workspace, target: string): string | undefined {
  const isFile = (path: string): boolean => workspace.stat(path)?.kind === 'file'
  const extension = extensionOf(target)
  const sources = sourcesOf.get(extension) ?? []
  const stem = target.slice(0, target.length - extension.length)
  const names = [
    target,
    ...sources.map((source) => `${stem}${source}`),
    ...impliedExtensions.map((ending) => `${target}${ending}`),
    ...impliedExtensions.map((ending) => inFolder(target, `index${ending}`)),
  ]
  return names.find((name) => name !== '' && isFile(name))
}

/** What a compiler looks for when an import names its output. */
const sourcesOf: ReadonlyMap<string, readonly string[]> = new Map([
  ['.js', ['.ts', '.tsx', '.d.ts']],
  ['.jsx', ['.tsx', '.d.ts']],
  ['.mjs', ['.mts', '.d.mts']],
  ['.cjs', ['.cts', '.d.cts']],
])

/** How an importing file writes the files it means. */
export interface Spelling {
  /** `output`: as the compiled file will be called, `.js` for `.ts`; `source`: as it is called; `none`: left away. */
  readonly extension: 'output' | 'source' | 'none'
}

/** A relative import of `file` as `importer` would write it. */
export function spellImport(importer: string, file: string, { extension }: Spelling): string {
  const from = folderOf(importer) === '' ? [] : folderOf(importer).split('/')
  const to = file.split('/')
  let shared = 0
  while (shared < from.length && shared < to.length - 1 && from[shared] === to[shared]) shared += 1
  const steps = [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/')
  const path = steps.startsWith('../') ? steps : `./${steps}`
  const ending = extensionOf(file)
  const stem = path.slice(0, path.length - ending.length)
  if (alwaysWritten.has(ending) || !outputs.has(ending)) return path
  if (extension === 'source') return path
  if (extension === 'output' || /[cm][jt]s$/.test(ending)) return `${stem}${outputs.get(ending) ?? ending}`
  return stem.replace(/\/index$/, '')
}

const alwaysWritten: ReadonlySet<string> = new Set(['.json', '.vue', '.svelte', '.node'])
/** What a source file is called when it is compiled. */
const outputs: ReadonlyMap<string, string> = new Map([
  ...['.js', '.jsx', '.mjs', '.cjs'].map((ending): [string, string] => [ending, ending]),
  ...['.ts', '.tsx', '.d.ts'].map((ending): [string, string] => [ending, '.js']),
  ['.mts', '.mjs'],
  ['.d.mts', '.mjs'],
  ['.cts', '.cjs'],
  ['.d.cts', '.cjs'],
])
