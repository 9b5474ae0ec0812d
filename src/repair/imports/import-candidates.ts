import type { Workspace } from '../../core/ports.js'
import { editDistance } from '../../core/similar-name.js'
import { moduleExports } from './import-exports.js'
import { extensionOf, folderOf, isTest, stemOf } from './import-path.js'

/** A file that a broken relative import may have meant. */
export interface MeantFile {
  readonly path: string
  /** 0..1. */
  readonly plausibility: number
  /** What speaks for it: the end of a sentence about the file. */
  readonly why: string
}

export interface MeantOptions {
  /** The path that leads nowhere, relative to the root. */
  readonly target: string
  /** The importing file, which is never meant. */
  readonly importer: string
  /** Names that the import takes from the module. */
  readonly names: readonly string[]
}

const candidatesMax = 8

/**
 * Files of the project that an import of `target` may have meant, best first: the same file by another extension or case, a
 * neighbour with nearly the same name, or a file of that name elsewhere. Names that the import takes and the file exports
 * count for it, missing ones against it.
 */
export function meantFiles(workspace: Workspace, { target, importer, names }: MeantOptions): readonly MeantFile[] {
  const files = workspace.files().filter((path) => path !== importer)
  const fits = extensionFilter(target, files)
  const ranked = files
    .filter(fits)
    .flatMap((path) => likeness(path, target) ?? [])
    .map((file) => (isTest(file.path) && !isTest(importer) ? { ...file, plausibility: file.plausibility * 0.5 } : file))
    .sort(byPlausibility)
    .slice(0, candidatesMax * 2)
  return ranked
    .flatMap((file) => judgedByExports(workspace, file, names) ?? [])
    .sort(byPlausibility)
    .slice(0, candidatesMax)
}

/**
 * The one file that exports all that is imported from a path, whatever it is called: it was moved or renamed since.
 * `undefined` when there are several, or when too little is imported to tell.
 */
export function movedTo(workspace: Workspace, { target, importer, names }: MeantOptions): MeantFile | undefined {
  if (names.length === 0) return undefined
  const files = workspace.files().filter((path) => scripts.test(extensionOf(path)) && path !== importer && !isTest(path))
  const exporting = files.slice(0, movedMax).filter((path) => {
    const exports = moduleExports(workspace, path)
    return names.every((name) => exports.names.has(name))
  })
  const [path, ...others] = exporting
  if (path === undefined || others.length > 0 || files.length > movedMax) return undefined
  const isNear = folderOf(path) === folderOf(target) || names.length > 1
  return { path, plausibility: isNear ? 0.86 : 0.7, why: 'is the only file that exports what is imported' }
}

const movedMax = 1_000

/** An import of a style sheet never means a script. */
function extensionFilter(target: string, files: readonly string[]): (path: string) => boolean {
  const extension = extensionOf(target)
  const isAsset = extension !== '' && !scripts.test(extension) && files.some((path) => extensionOf(path) === extension)
  if (isAsset || extension === '.json') return (path) => extensionOf(path).toLowerCase() === extension.toLowerCase()
  const writesNone = !scripts.test(extension)
  return (path) => scripts.test(extensionOf(path)) || (writesNone && importable.test(extensionOf(path)))
}

const scripts = /^(?:\.d)?\.(?:[cm]?[jt]s|[jt]sx)$/
const importable = /^\.(?:json|node|vue|svelte)$/

function likeness(path: string, target: string): MeantFile | undefined {
  const stem = stemOf(path)
  const meant = stemOf(target)
  const declaration = path.endsWith('.d.ts') ? 0.9 : 1
  const file = (plausibility: number, why: string): MeantFile => ({ path, plausibility: plausibility * declaration, why })
  if (stem === meant) return file(0.97, 'is that file with its right ending')
  if (stem.toLowerCase() === meant.toLowerCase()) return file(0.95, 'differs in upper and lower case only')
  const name = nameOf(stem)
  const meantName = nameOf(meant)
  const sameFolder = folderOf(stem) === folderOf(meant)
  if (flat(name) === flat(meantName) && name !== '') {
    if (sameFolder) return file(0.9, 'is written with other separators')
    return file(placeLikeness(folderOf(stem), folderOf(meant)), 'has that name in another folder')
  }
  const distanceMax = Math.max(1, Math.floor(meantName.length / 4))
  const distance = editDistance(name.toLowerCase(), meantName.toLowerCase(), distanceMax)
  if (distance > distanceMax || name === '') return undefined
  return sameFolder
    ? file(0.98 - distance * 0.1, 'has nearly that name')
    : file(0.4 / distance, 'has nearly that name in another folder')
}

/** How well a folder fits the one that was written, for a file of the right name: misspelt folders and wrong depths are common. */
function placeLikeness(folder: string, meant: string): number {
  if (editDistance(folder, meant, 2) <= 2) return 0.88
  if (folder === '' || meant === '' || folder.endsWith(`/${meant}`) || meant.endsWith(`/${folder}`)) return 0.84
  if (folder.startsWith(`${meant}/`) || meant.startsWith(`${folder}/`)) return 0.82
  return nameOf(folder) === nameOf(meant) ? 0.8 : 0.74
}

/** `undefined` for a file that certainly exports nothing of what is imported: pointing there would only hide the fault. */
function judgedByExports(workspace: Workspace, file: MeantFile, names: readonly string[]): MeantFile | undefined {
  if (names.length === 0 || !scripts.test(extensionOf(file.path))) return file
  const exports = moduleExports(workspace, file.path)
  const missing = names.filter((name) => !exports.names.has(name))
  if (missing.length === 0)
    return {
      ...file,
      plausibility: file.plausibility + (1 - file.plausibility) * 0.4,
      why: `${file.why} and exports what is imported`,
    }
  if (exports.complete && missing.length === names.length) return undefined
  return exports.complete
    ? { ...file, plausibility: file.plausibility * 0.4, why: `${file.why}, though it does not export all that is imported` }
    : file
}

function byPlausibility(a: MeantFile, b: MeantFile): number {
  return b.plausibility - a.plausibility || (a.path < b.path ? -1 : 1)
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function flat(name: string): string {
  return name.toLowerCase().replace(/[-_.]/g, '')
}
