import type { Workspace } from '../../core/ports.js'
import { editDistance } from '../../core/similar-name.js'
import { extensionOf, inFolder, insidePath } from '../imports/import-path.js'

/** Something that exists, and that a path which leads nowhere may have meant. */
export interface NearPath {
  readonly path: string
  /** 0..1. */
  readonly plausibility: number
}

export interface NearPathOptions {
  readonly kind: 'file' | 'folder'
  /** Names with another extension are meant too; default: no. */
  readonly anyExtension?: boolean
}

const branchesMax = 4
const stepsMax = 24
const candidatesMax = 5

/**
 * What a path may have meant, best first: walks down name by name, and where a name does not exist goes on with those that are
 * nearly it. Sees generated folders too, which a list of source files leaves out.
 */
export function nearPaths(
  workspace: Workspace,
  path: string,
  { kind, anyExtension = false }: NearPathOptions,
): readonly NearPath[] {
  const names = insidePath(path)?.split('/') ?? []
  if (names.length === 0 || names.length > stepsMax || names[0] === '') return []
  let places: readonly NearPath[] = [{ path: '', plausibility: 1 }]
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1
    places = places
      .flatMap((place) => next(workspace, place, name, { kind: isLast ? kind : 'folder', anyExtension: isLast && anyExtension }))
      .sort(byPlausibility)
      .slice(0, branchesMax)
  }
  return places.filter((place) => place.path !== path).slice(0, candidatesMax)
}

/** Whether there is a file (or folder) of exactly this name. */
export function exists(workspace: Workspace, path: string, kind: 'file' | 'folder'): boolean {
  return workspace.stat(path)?.kind === kind
}

/**
 * How likely `name` was written for `candidate`, 0..1; 0 for another name. Case, separators, one slip for each four letters
 * of a name, and a missing or doubled plural.
 */
export function likeness(name: string, candidate: string): number {
  if (name === candidate) return 1
  const [a, b] = [name.toLowerCase(), candidate.toLowerCase()]
  if (a === b) return 0.97
  if (flat(a) === flat(b) && flat(a) !== '') return 0.93
  const distanceMax = Math.min(3, Math.max(1, Math.floor(Math.min(a.length, b.length) / 4)))
  const distance = editDistance(a, b, distanceMax)
  if (distance > distanceMax || Math.min(a.length, b.length) < 2) return 0
  // Of a very short name one slip leaves little; letters that merely changed places leave all of them.
  const isShuffled = a.split('').sort().join('') === b.split('').sort().join('')
  return (Math.min(a.length, b.length) <= 3 && !isShuffled ? 0.72 : 0.95) - (distance - 1) * 0.1
}

function next(
  workspace: Workspace,
  place: NearPath,
  name: string,
  { kind, anyExtension = false }: NearPathOptions,
): readonly NearPath[] {
  const exact = inFolder(place.path, name)
  if (exists(workspace, exact, kind)) return [{ path: exact, plausibility: place.plausibility }]
  return workspace.list(place.path).flatMap((candidate): readonly NearPath[] => {
    if (candidate === 'node_modules' || candidate === '.git') return []
    const share = kind === 'file' ? fileLikeness(name, candidate, anyExtension) : likeness(name, candidate)
    const path = inFolder(place.path, candidate)
    return share === 0 || !exists(workspace, path, kind) ? [] : [{ path, plausibility: place.plausibility * share }]
  })
}

/** The extension says what is in a file: another one counts only where it may, or where it is a slip of the keyboard. */
function fileLikeness(name: string, candidate: string, anyExtension: boolean): number {
  const [endingA, endingB] = [extensionOf(name), extensionOf(candidate)]
  const stem = likeness(name.slice(0, name.length - endingA.length), candidate.slice(0, candidate.length - endingB.length))
  if (endingA === endingB) return stem
  if (endingA.startsWith('.d.') || endingB.startsWith('.d.')) return 0
  return anyExtension && family(endingA) === family(endingB) ? stem * 0.9 : likeness(name, candidate)
}

function family(extension: string): string {
  return /^\.(?:[cm]?[jt]s|[jt]sx)?$/.test(extension) ? 'script' : extension
}

function flat(name: string): string {
  return name.replace(/[-_.]/g, '')
}

function byPlausibility(a: NearPath, b: NearPath): number {
  return b.plausibility - a.plausibility || (a.path < b.path ? -1 : 1)
}
