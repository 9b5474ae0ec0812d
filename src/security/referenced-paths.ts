import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import type { AuditedFile } from './audited-file.js'
import type { FactKind } from './fact.js'
import { packageOfSpecifier } from './package-names.js'
import { newFacts, type Use } from './uses.js'

/** A path that a patch makes a file refer to. */
export interface Reference {
  readonly use: Use
  /** As it is written. */
  readonly text: string
  /** Where it leads, relative to the root of the project: one of these. Empty for a package. */
  readonly targets: readonly string[]
  /** The package, for a module that is none of the project's own files. */
  readonly packageName?: string
  /** A module may be named without its extension, or by that of what it is compiled to. */
  readonly module: boolean
}

/** References that the patch adds to a file. Aliases of bundlers and compilers (`@/x`, `#x`) are not followed. */
export function newReferences(file: AuditedFile): readonly Reference[] {
  return kinds.flatMap((kind) => newFacts(file, kind).flatMap((use) => referenceOf(file.path, kind, use)))
}

/** Whether a path leads out of the project. */
export function leavesProject(path: string): boolean {
  return path === '..' || path.startsWith('../') || isAbsolutePath(path)
}

/** The paths under any of which a module or a file may lie. */
export function candidatesOf(path: string, module: boolean): readonly string[] {
  const target = path.replace(/\/$/, '')
  if (!module) return [target]
  // The root: `require('..')` of a folder in it.
  if (target === '.') return ['package.json', ...extensions.map((added) => `index${added}`)]
  const [, stem = target, extension = ''] = /^(.{1,4000}?)(\.[cm]?jsx?)$/.exec(target) ?? []
  const compiled = sources.get(extension) ?? []
  return [
    target,
    ...compiled.map((source) => `${stem}${source}`),
    ...extensions.map((added) => `${target}${added}`),
    ...extensions.map((added) => `${target}/index${added}`),
    `${target}/package.json`,
  ]
}

const kinds = ['module-reference', 'file-reference', 'own-file-reference'] as const satisfies readonly FactKind[]
const extensions = [
  '.ts',
  '.tsx',
  '.mts',
  '.cts',
  '.js',
  '.jsx',
  '.mjs',
  '.cjs',
  '.json',
  '.node',
  '.vue',
  '.svelte',
  '.d.ts',
  '.css',
]
const sources = new Map([
  ['.js', ['.ts', '.tsx', '.d.ts', '.jsx']],
  ['.jsx', ['.tsx']],
  ['.mjs', ['.mts', '.d.mts']],
  ['.cjs', ['.cts', '.d.cts']],
])

function referenceOf(path: string, kind: (typeof kinds)[number], use: Use): readonly Reference[] {
  const literal = /^(['"])(.{1,1000})\1$/.exec(use.key)?.[2]
  if (literal === undefined || literal.includes('\\') || /[\0\n*{}]/.test(literal)) return []
  const module = kind === 'module-reference'
  const text = module || kind === 'own-file-reference' ? literal.replace(/[?#].*$/, '') : literal
  const own = posix.normalize(posix.join(posix.dirname(path), text))
  if (isAbsolutePath(text)) return [{ use, text, targets: [text], module }]
  if (/^\.{1,2}(?:\/|$)/.test(text)) {
    // A program may be started in the root or in its own folder.
    const targets = kind === 'file-reference' ? [posix.normalize(text), own] : [own]
    return [{ use, text, targets, module }]
  }
  if (kind === 'own-file-reference') return /^[a-z][a-z0-9+.-]*:/i.test(text) ? [] : [{ use, text, targets: [own], module }]
  if (kind === 'file-reference') return [{ use, text, targets: [posix.normalize(text), own], module }]
  const packageName = isBuiltin(text) ? undefined : packageOfSpecifier(text)
  return packageName === undefined ? [] : [{ use, text, targets: [], packageName, module }]
}

function isAbsolutePath(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path) || path.startsWith('~')
}
