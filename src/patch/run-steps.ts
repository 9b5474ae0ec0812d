import { dirname, join } from 'node:path'
import { safePath, type SafePath } from '../core/path.js'
import type { JournalRecord, Step } from './journal-record.js'
import { conflict, type PlannedStep } from './survey.js'
import { absolute, lookAt, missingFolders, type Place } from './target.js'
import { treePrint } from './tree-print.js'

/** Where a transaction keeps its files: `0.old` is what step 0 put aside, `0.new` what it will put in place. */
export interface Shelf {
  /** The transaction's own folder. */
  readonly folder: string
  /** The folder of the transaction that this one undoes. */
  readonly undone?: string
}

/** Brings everything that the steps need onto the shelf, durably, before anything is changed. */
export function stage(place: Place, shelf: Shelf, steps: readonly PlannedStep[]): void {
  for (const [index, { step, old, fresh, tree }] of steps.entries()) {
    if (old !== undefined && (step.kind === 'write' || step.kind === 'remove')) place.files.writeNew(oldOf(shelf, index), old, step.before?.mode ?? 0o600)
    if (fresh !== undefined && step.kind === 'write') place.files.writeNew(newOf(shelf, step, index), fresh, step.after.mode)
    if (tree !== undefined && step.kind === 'tree' && step.from === undefined) bring(place, tree, newOf(shelf, step, index))
  }
}

/**
 * Does the steps of a prepared transaction. Looks at each file once more just before.
 *
 * @throws HS_PATCH_CONFLICT when a file changed meanwhile; whatever the file system throws. The caller undoes.
 */
export function runSteps(place: Place, shelf: Shelf, record: JournalRecord): void {
  for (const { path, mode } of record.folders) place.files.mkdir(absolute(place, path), mode)
  for (const [index, step] of record.steps.entries()) runStep(place, shelf, step, index)
  for (const { path } of record.emptied) removeIfEmpty(place, path)
  syncTouched(place, record)
}

/**
 * Brings back what was there before the steps, as far as they were done: tells it from what is there now, so it can be
 * repeated after a crash. Leaves alone what someone else wrote meanwhile.
 *
 * @returns the paths that were left alone.
 */
export function undoSteps(place: Place, shelf: Shelf, record: JournalRecord): readonly SafePath[] {
  const conflicts: SafePath[] = []
  for (const { path, mode } of record.emptied.toReversed()) {
    if (look(place, path)?.kind === 'absent') place.files.mkdir(absolute(place, path), mode)
  }
  for (const [index, step] of [...record.steps.entries()].toReversed()) {
    if (!undoStep(place, shelf, step, index)) conflicts.push(step.path)
  }
  for (const { path } of record.folders.toReversed()) removeIfEmpty(place, path)
  syncTouched(place, record)
  return conflicts
}

/** What a step put aside. */
export function oldOf({ folder }: Shelf, index: number): string {
  return join(folder, `${index}.old`)
}

function newOf({ folder, undone }: Shelf, step: Step, index: number): string {
  const borrowed = step.kind === 'tree' ? step.from : undefined
  return borrowed === undefined || undone === undefined ? join(folder, `${index}.new`) : join(undone, `${borrowed}.old`)
}

function bring({ files }: Place, from: string, to: string): void {
  try {
    files.rename(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error
    files.copyTree(from, to)
  }
}

function runStep(place: Place, shelf: Shelf, step: Step, index: number): void {
  const { files } = place
  const at = absolute(place, step.path)
  const target = lookAt(place, step.path)
  if (step.kind === 'tree') {
    if ((target.kind === 'folder') !== step.before) throw conflict(step.path, 'it changed while the patch was being applied')
    if (step.before) files.rename(at, oldOf(shelf, index))
    if (step.after !== null) files.rename(newOf(shelf, step, index), at)
    return
  }
  if (step.kind === 'chmod') {
    if (target.kind !== 'file') throw conflict(step.path, 'it changed while the patch was being applied')
    files.chmod(at, step.mode)
    return
  }
  const hash = target.kind === 'file' ? target.hash : undefined
  if (target.kind === 'folder' || hash !== step.before?.hash) throw conflict(step.path, 'it changed while the patch was being applied')
  if (step.kind === 'remove') files.unlink(at)
  else files.rename(newOf(shelf, step, index), at)
}

/** Answers whether the path is as it was before the step. */
function undoStep(place: Place, shelf: Shelf, step: Step, index: number): boolean {
  if (step.kind === 'tree') return undoTree(place, shelf, step, index)
  const { files } = place
  const at = absolute(place, step.path)
  const target = look(place, step.path)
  if (step.kind === 'chmod') {
    if (target?.kind !== 'file') return false
    if (target.mode === step.mode) files.chmod(at, step.modeBefore)
    return target.mode === step.mode || target.mode === step.modeBefore
  }
  if (target === undefined || target.kind === 'folder') return false
  const hash = target.kind === 'file' ? target.hash : undefined
  const after = step.kind === 'write' ? step.after : undefined
  if (hash === step.before?.hash) {
    // Only the mode was to change: equal bytes do not tell whether it did.
    if (target.kind === 'file' && step.before !== null && hash === after?.hash && target.mode !== step.before.mode) files.chmod(at, step.before.mode)
    return true
  }
  if (hash !== after?.hash) return false
  if (step.before === null) {
    files.unlink(at)
    return true
  }
  if (missingFolders(place, step.path).length > 0 || !isIntact(place, shelf, index, step.before.hash)) return false
  files.rename(oldOf(shelf, index), at)
  return true
}

function undoTree(place: Place, shelf: Shelf, step: Extract<Step, { kind: 'tree' }>, index: number): boolean {
  const { files } = place
  const at = absolute(place, step.path)
  const fresh = newOf(shelf, step, index)
  const target = look(place, step.path)
  if (target === undefined || target.kind === 'file') return false
  const broughtIn = step.after !== null && files.lstat(fresh) === undefined
  if (broughtIn && target.kind === 'folder') {
    if (treePrint(files, at) !== step.after) return false
    files.rename(at, fresh)
  }
  const free = broughtIn || target.kind === 'absent'
  if (step.before && files.lstat(oldOf(shelf, index)) !== undefined) {
    if (!free) return false
    files.rename(oldOf(shelf, index), at)
  }
  return true
}

/** `undefined` when there is a link or the like: not ours, so someone else's. */
function look(place: Place, path: SafePath): ReturnType<typeof lookAt> | undefined {
  try {
    return lookAt(place, path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'HS_PATH_REFUSED') return undefined
    throw error
  }
}

/** Whether what was put aside is still what it was. */
function isIntact({ files }: Place, { folder }: Shelf, index: number, hash: string): boolean {
  const kept = look({ root: folder, files }, safePath(`${index}.old`))
  return kept?.kind === 'file' && kept.hash === hash
}

function removeIfEmpty(place: Place, path: SafePath): void {
  const at = absolute(place, path)
  if (look(place, path)?.kind === 'folder' && place.files.readdir(at).length === 0) place.files.rmdir(at)
}

function syncTouched(place: Place, record: JournalRecord): void {
  const paths = [...record.steps, ...record.folders, ...record.emptied].map(({ path }) => dirname(absolute(place, path)))
  for (const folder of new Set(paths)) {
    if (place.files.lstat(folder)?.kind === 'folder') place.files.fsyncFolder(folder)
  }
}
