import { dirname, join } from 'node:path'
import { safePath, type SafePath } from '../core/path.js'
import type { FileState, JournalRecord, Step } from './journal-record.js'
import { conflict, type PlannedStep } from './survey.js'
import { absolute, lookAt, missingFolders, type Place } from './target.js'
import { treePrint } from './tree-print.js'

/**
 * Where a transaction keeps its files: `0.old` is what step 0 puts aside, `0.new` what it will put in place. A `0.new` that is
 * still there tells that step 0 was not done.
 */
export interface Shelf {
  /** The transaction's own. */
  readonly folder: string
  /** That of the transaction that this one undoes. */
  readonly undone?: string
}

/** Brings everything that the steps need onto the shelf, durably, before anything is changed. */
export function stage(place: Place, shelf: Shelf, steps: readonly PlannedStep[]): void {
  for (const [index, { step, old, fresh, tree }] of steps.entries()) {
    if (old !== undefined && step.kind === 'write') place.files.writeNew(oldOf(shelf, index), old, step.before?.mode ?? 0o600)
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
  syncTouched(place, shelf, record)
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
  syncTouched(place, shelf, record)
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
    files.fsyncFolder(dirname(from))
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
  if (target.kind === 'folder' || hash !== step.before?.hash)
    throw conflict(step.path, 'it changed while the patch was being applied')
  // A file to be removed is moved: what is put aside by then is the file itself.
  if (step.kind === 'remove') files.rename(at, oldOf(shelf, index))
  else files.rename(newOf(shelf, step, index), at)
}

/** Answers whether nothing of the step is left. */
function undoStep(place: Place, shelf: Shelf, step: Step, index: number): boolean {
  switch (step.kind) {
    case 'tree':
      return undoTree(place, shelf, step, index)
    case 'chmod':
      return undoChmod(place, step)
    case 'write':
      return place.files.lstat(newOf(shelf, step, index)) !== undefined || undoWrite(place, shelf, step, index)
    case 'remove':
      return (
        place.files.lstat(oldOf(shelf, index)) === undefined ||
        (look(place, step.path)?.kind === 'absent' && restore(place, shelf, step, index))
      )
  }
}

function undoChmod(place: Place, step: Extract<Step, { kind: 'chmod' }>): boolean {
  const target = look(place, step.path)
  if (target?.kind !== 'file') return target?.kind === 'absent'
  if (target.mode === step.mode) place.files.chmod(absolute(place, step.path), step.modeBefore)
  return target.mode === step.mode || target.mode === step.modeBefore
}

function undoWrite(place: Place, shelf: Shelf, step: Extract<Step, { kind: 'write' }>, index: number): boolean {
  const { before, after } = step
  const target = look(place, step.path)
  if (target === undefined || target.kind === 'folder') return false
  const hash = target.kind === 'file' ? target.hash : undefined
  // Undone before, unless only the mode was to change: equal bytes do not tell.
  if (hash === before?.hash && (hash !== after.hash || (target.kind === 'file' && target.mode === before?.mode))) return true
  if (hash !== after.hash) return false
  if (before !== null) return restore(place, shelf, { path: step.path, before }, index)
  place.files.unlink(absolute(place, step.path))
  return true
}

/** Puts back what was put aside, if it still is what it was. */
function restore(
  place: Place,
  shelf: Shelf,
  { path, before }: { readonly path: SafePath; readonly before: FileState },
  index: number,
): boolean {
  if (missingFolders(place, path).length > 0 || !isIntact(place, shelf, index, before.hash)) return false
  place.files.rename(oldOf(shelf, index), absolute(place, path))
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

/** Makes the steps durable before the journal says that they are done: a move is certain when both its folders are synced. */
function syncTouched(place: Place, { folder, undone = folder }: Shelf, record: JournalRecord): void {
  const paths = [...record.steps, ...record.folders, ...record.emptied].map(({ path }) => dirname(absolute(place, path)))
  for (const touched of new Set([...paths, undone, folder])) {
    if (place.files.lstat(touched)?.kind === 'folder') place.files.fsyncFolder(touched)
  }
}
