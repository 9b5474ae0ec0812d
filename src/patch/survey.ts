import { HomeostatError } from '../core/errors.js'
import { sha256 } from '../core/hash.js'
import { foldedPath, safePath, type SafePath } from '../core/path.js'
import type { Change } from '../core/ports.js'
import type { FileState, FolderState, Step } from './journal-record.js'
import { lookAt, missingFolders, type Place, type Target } from './target.js'
import { treeBytes, treePrint } from './tree-print.js'

/** A step together with what it needs besides the journal. */
export interface PlannedStep {
  readonly step: Step
  /** The bytes that it replaces or removes. */
  readonly old?: Uint8Array
  /** The bytes that it writes. */
  readonly fresh?: Uint8Array
  /** Where the folder stands that it brings in; absolute. */
  readonly tree?: string
}

/** All that a transaction will do, checked against the project, with nothing done yet. */
export interface Plan {
  readonly steps: readonly PlannedStep[]
  /** Folders to make, parents first. */
  readonly folders: readonly FolderState[]
  /** Folders to remove if they are empty by then, children first. */
  readonly emptied: readonly FolderState[]
  /** Bytes that the transaction puts aside. */
  readonly keptBytes: number
}

/**
 * Checks changes against the project as it stands.
 *
 * @throws HS_PATH_REFUSED, HS_PATCH_CONFLICT
 */
export function survey(place: Place, changes: readonly Change[]): Plan {
  const paths = changes.map((change) => safePath(change.path))
  refuseOverlaps(paths)
  const steps = changes.map((change) => planChange(place, change, safePath(change.path)))
  return { steps, folders: foldersFor(place, steps), emptied: [], keptBytes: keptBytes(place, steps) }
}

/** The folders that must be made for the steps, parents first. */
export function foldersFor(place: Place, steps: readonly PlannedStep[]): readonly FolderState[] {
  const missing = new Set<SafePath>()
  for (const { step } of steps) {
    const fills = step.kind === 'write' || (step.kind === 'tree' && step.after !== null)
    if (fills) for (const folder of missingFolders(place, step.path)) missing.add(folder)
  }
  return [...missing].map((path) => ({ path, mode: 0o755 }))
}

/** Bytes that the steps put aside. */
export function keptBytes({ root, files }: Place, steps: readonly PlannedStep[]): number {
  let bytes = 0
  for (const { step, old } of steps) {
    bytes += old?.length ?? 0
    if (step.kind === 'tree' && step.before) bytes += treeBytes(files, `${root}/${step.path}`)
  }
  return bytes
}

/** What the journal notes of a file; `null` when there is none. */
export function stateOf(target: Target): FileState | null {
  return target.kind === 'file' ? { hash: target.hash, mode: target.mode, sizeBytes: target.bytes.length } : null
}

/** The error for a file that is not as the patch assumes. */
export function conflict(path: string, reason: string): HomeostatError<'HS_PATCH_CONFLICT'> {
  return new HomeostatError('HS_PATCH_CONFLICT', { path, reason })
}

/** Each path once, also where case does not count, and none inside another: the order of the steps must not matter. */
function refuseOverlaps(paths: readonly SafePath[]): void {
  const folded = new Set<string>()
  for (const path of paths) {
    const key = foldedPath(path)
    if (folded.has(key)) throw conflict(path, 'two changes of one transaction name it')
    folded.add(key)
  }
  for (const path of paths) {
    const key = foldedPath(path)
    for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
      if (folded.has(key.slice(0, slash))) throw conflict(path, 'another change of the transaction concerns a folder above it')
    }
  }
}

function planChange(place: Place, change: Change, path: SafePath): PlannedStep {
  if (change.kind === 'tree') return planTree(place, change, path)
  const target = lookAt(place, path)
  if (target.kind === 'folder') throw new HomeostatError('HS_PATH_REFUSED', { path, reason: 'it is a folder' })
  const before = stateOf(target)
  if (change.kind === 'chmod') {
    if (before === null) throw conflict(path, 'it does not exist')
    if ((before.mode & 0o777) !== change.modeBefore)
      throw conflict(path, `its mode is ${octal(before.mode)}, not ${octal(change.modeBefore)}`)
    return { step: { kind: 'chmod', path, modeBefore: before.mode, mode: change.mode } }
  }
  if ((before?.hash ?? null) !== change.baseHash) throw conflict(path, baseProblem(before, change.baseHash))
  const old = target.kind === 'file' ? { old: target.bytes } : {}
  if (change.kind === 'remove') {
    if (before === null) throw conflict(path, 'it does not exist')
    return { step: { kind: 'remove', path, before }, ...old }
  }
  const after = { hash: sha256(change.bytes), mode: change.mode ?? before?.mode ?? 0o644, sizeBytes: change.bytes.length }
  return { step: { kind: 'write', path, before, after }, ...old, fresh: change.bytes }
}

function baseProblem(before: FileState | null, baseHash: string | null): string {
  if (before === null) return 'it does not exist any more'
  return baseHash === null ? 'it exists already' : 'it has changed since the patch was made'
}

function planTree(place: Place, change: Extract<Change, { kind: 'tree' }>, path: SafePath): PlannedStep {
  const target = lookAt(place, path)
  if (target.kind === 'file') throw new HomeostatError('HS_PATH_REFUSED', { path, reason: 'it is not a folder' })
  const before = target.kind === 'folder'
  if (change.from === null) {
    if (!before) throw conflict(path, 'it does not exist')
    return { step: { kind: 'tree', path, before, after: null } }
  }
  if (place.files.lstat(change.from)?.kind !== 'folder')
    throw new HomeostatError('HS_PATH_REFUSED', { path, reason: 'what is to replace it is not a folder' })
  return { step: { kind: 'tree', path, before, after: treePrint(place.files, change.from) }, tree: change.from }
}

function octal(mode: number): string {
  return `0o${(mode & 0o777).toString(8)}`
}
