import { HomeostatError } from '../core/errors.js'
import { sha256 } from '../core/hash.js'
import type { JournalRecord, Step } from './journal-record.js'
import { oldOf, type Shelf } from './run-steps.js'
import { foldersFor, keptBytes, stateOf, type Plan, type PlannedStep } from './survey.js'
import { absolute, lookAt, type Place, type Target } from './target.js'
import { treePrint } from './tree-print.js'

/** A path that is not as the transaction left it. */
export interface RollbackConflict {
  readonly path: string
  readonly reason: string
}

/** What would bring a transaction's paths back, and what stands against it. */
export interface RollbackPlan {
  readonly plan: Plan
  readonly conflicts: readonly RollbackConflict[]
  /** Conflicts that even force does not overcome: something there is neither file nor folder as expected. */
  readonly stuck: boolean
}

/** One step back, or the reason why it would destroy what someone else did. */
interface StepBack {
  readonly planned?: PlannedStep
  readonly conflict?: string
  readonly stuck?: boolean
}

/**
 * Plans the way back from a committed transaction, as changes of their own: they are journaled like any other.
 *
 * @param shelf - The shelf of the transaction to be rolled back.
 * @throws HS_JOURNAL_CORRUPT when the journal does not hold what it should.
 */
export function planRollback(place: Place, shelf: Shelf, record: JournalRecord): RollbackPlan {
  const steps: PlannedStep[] = []
  const conflicts: RollbackConflict[] = []
  let stuck = false
  for (const [index, step] of [...record.steps.entries()].toReversed()) {
    const back = stepBack(place, shelf, step, index)
    if (back.planned !== undefined) steps.push(back.planned)
    if (back.conflict !== undefined) conflicts.push({ path: step.path, reason: back.conflict })
    stuck ||= back.stuck === true
  }
  // As they are now: should the rollback be undone, they come back so.
  const emptied = record.folders
    .toReversed()
    .map(({ path, mode }) => ({ path, mode: place.files.lstat(absolute(place, path))?.mode ?? mode }))
  return {
    plan: { steps, folders: stuck ? [] : foldersFor(place, steps), emptied, keptBytes: keptBytes(place, steps) },
    conflicts,
    stuck,
  }
}

function stepBack(place: Place, shelf: Shelf, step: Step, index: number): StepBack {
  const target = look(place, step)
  if (typeof target === 'string') return { conflict: target, stuck: true }
  if (step.kind === 'tree') return treeBack(place, shelf, { step, index, target })
  if (target.kind === 'folder') return { conflict: 'it is a folder now', stuck: true }
  const now = stateOf(target)
  if (step.kind === 'chmod') {
    if (now === null) return { conflict: 'it is gone', stuck: true }
    if (now.mode === step.modeBefore) return {}
    const planned = { step: { kind: 'chmod', path: step.path, modeBefore: now.mode, mode: step.modeBefore } } as const
    return now.mode === step.mode ? { planned } : { planned, conflict: 'its mode was changed since' }
  }
  const { before } = step
  const after = step.kind === 'write' ? step.after : null
  const same = now?.hash === before?.hash
  if (same && now?.mode === before?.mode) return {}
  const changed =
    same || now?.hash === after?.hash ? {} : { conflict: now === null ? 'it was removed since' : 'it was changed since' }
  const old = target.kind === 'file' ? { old: target.bytes } : {}
  if (before !== null) {
    return {
      planned: {
        step: { kind: 'write', path: step.path, before: now, after: before },
        ...old,
        fresh: keptContent(place, shelf, index, before.hash),
      },
      ...changed,
    }
  }
  return now === null ? changed : { planned: { step: { kind: 'remove', path: step.path, before: now }, ...old }, ...changed }
}

interface TreeStep {
  readonly step: Extract<Step, { kind: 'tree' }>
  readonly index: number
  readonly target: Target
}

function treeBack({ files, root }: Place, shelf: Shelf, { step, index, target }: TreeStep): StepBack {
  if (target.kind === 'file') return { conflict: 'it is a file now', stuck: true }
  const present = target.kind === 'folder'
  const kept = oldOf(shelf, index)
  if (step.before && files.lstat(kept)?.kind !== 'folder') throw lost(kept)
  const print = present ? treePrint(files, `${root}/${step.path}`) : null
  const changed = print === step.after ? {} : { conflict: present ? 'it was changed since' : 'it was removed since' }
  if (!present && !step.before) return changed
  const back: Step = {
    kind: 'tree',
    path: step.path,
    before: present,
    after: step.before ? treePrint(files, kept) : null,
    ...(step.before ? { from: index } : {}),
  }
  return { planned: { step: back }, ...changed }
}

/** What stands there, or why nothing can be put there. */
function look(place: Place, step: Step): Target | string {
  try {
    return lookAt(place, step.path)
  } catch (error) {
    if (error instanceof HomeostatError && error.code === 'HS_PATH_REFUSED') return error.message
    throw error
  }
}

function keptContent({ files }: Place, shelf: Shelf, index: number, hash: string): Uint8Array {
  const path = oldOf(shelf, index)
  if (files.lstat(path)?.kind !== 'file') throw lost(path)
  const bytes = files.readFile(path)
  if (sha256(bytes) !== hash) throw lost(path)
  return bytes
}

function lost(path: string): HomeostatError {
  return new HomeostatError('HS_JOURNAL_CORRUPT', { path, reason: 'what it kept is gone or was changed' })
}
