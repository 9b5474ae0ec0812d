import { relative, sep } from 'node:path'
import { HomeostatError } from '../core/errors.js'
import { foldedPath } from '../core/path.js'
import type { Change, FileSystem } from '../core/ports.js'
import { invalidSeal, readSeal, type Seal } from '../core/seal.js'
import { oneLine } from '../core/text.js'
import type { World } from '../core/world.js'
import { changesDigest } from './changes-digest.js'
import { createJournalLock, isProcessAlive, nameOf } from './journal-lock.js'
import type { JournalRecord } from './journal-record.js'
import { createJournalStore, nextNumber, storyBytesMax, type StoredTransaction } from './journal-store.js'
import { planRollback, type RollbackConflict } from './rollback-plan.js'
import { survey, type Plan } from './survey.js'
import type { Place } from './target.js'
import { attempt, createTransactor, reasonOf, type Recovery } from './transactor.js'

export type { RollbackConflict } from './rollback-plan.js'
export type { Recovery } from './transactor.js'

export interface JournalOptions {
  /** The project's folder. The journal lives in `.homeostat` below it. */
  readonly root: string
  readonly files: FileSystem
  readonly world: World
  /** Our own process id, written into the lock; this process's by default. */
  readonly pid?: number
  /** Whether a process that holds the lock still runs; asks the operating system by default. */
  readonly isAlive?: (pid: number) => boolean
  /** How much is kept for rollbacks: 50 transactions and 512 MiB by default. The newest one is always kept. */
  readonly keep?: { readonly transactionsMax: number; readonly bytesMax: number }
  /**
   * Throws unless a seal holds. When it is given, `apply` takes only changes that come with such a seal, and with one that was
   * made for exactly these changes. Absent: whoever opened the journal answers for what is applied.
   */
  readonly verifySeal?: (seal: Seal) => unknown
}

/** One transaction that was committed. */
export interface Transaction {
  readonly id: string
  readonly title: string
  readonly reason: string
  readonly patchId?: string
  /** The proof that it was applied with. */
  readonly seal?: Seal
  readonly state: 'applied' | 'rolled-back'
  /** When it was applied, milliseconds since 1970. */
  readonly atEpochMs: number
  readonly paths: readonly string[]
  /** The transaction that this one rolled back by force; what it overwrote can be brought back by rolling this one back. */
  readonly undoes?: string
  /** Paths that an undo had to leave alone, because someone else had changed them; what they held is in the journal's folder. */
  readonly conflicts: readonly string[]
}

/** How a rollback ended. `refused`: nothing was changed, `conflicts` says why. */
export interface RollbackReport {
  readonly transactionId: string
  readonly outcome: 'rolled-back' | 'already-rolled-back' | 'refused'
  /** Paths that are as they were before the transaction. */
  readonly paths: readonly string[]
  /** What stands against it, or, when it was forced, what was overruled. */
  readonly conflicts: readonly RollbackConflict[]
}

/**
 * Changes to a project as transactions: all or nothing, whatever fails and whenever the process dies; and a way back to the
 * exact bytes. Synchronous, so that nothing else of this process runs in between.
 */
export interface Journal {
  /**
   * Makes all changes, or none.
   *
   * @throws HS_SEAL_INVALID; HS_PATCH_CONFLICT when a file is not as a change assumes; HS_PATH_REFUSED; HS_WRITE_FAILED (the tree is as it
   *   was); HS_UNDO_FAILED (it is not: recover later); HS_JOURNAL_BUSY; HS_JOURNAL_CORRUPT; HS_CLOSED.
   *   RangeError when there is no change, or there are more than 10 000.
   */
  apply(
    changes: readonly Change[],
    meta: { readonly title: string; readonly reason: string; readonly patchId?: string; readonly seal?: Seal },
  ): Transaction
  /**
   * Brings back the exact bytes, modes and absences from before a transaction: the newest applied one by default. Refuses
   * when a file was changed since, by anyone or by a newer transaction. `force` overrules the former; what it overwrites
   * is kept in a transaction of its own.
   *
   * @throws HS_TRANSACTION_UNKNOWN (also when it was pruned), and what {@link apply} throws.
   */
  rollback(id?: string, options?: { readonly force?: boolean }): RollbackReport
  /**
   * Puts right what a dead process left half done. Does nothing, and touches nothing, when there is nothing to do.
   *
   * @throws HS_JOURNAL_BUSY when the process is not dead; HS_JOURNAL_CORRUPT; HS_UNDO_FAILED; HS_WRITE_FAILED; HS_CLOSED.
   */
  recover(): readonly Recovery[]
  /**
   * Committed transactions, newest first.
   *
   * @throws HS_JOURNAL_CORRUPT, HS_CLOSED
   */
  list(): readonly Transaction[]
  /**
   * Keeps a text beside a transaction, for people who ask later how it came about: at most 4 MiB, in place of an earlier one, for
   * as long as the transaction is kept.
   *
   * @throws HS_TRANSACTION_UNKNOWN, HS_JOURNAL_BUSY, HS_WRITE_FAILED, HS_CLOSED; RangeError when it is longer.
   */
  keepStory(id: string, text: string): void
  /**
   * The story of a transaction, as it was kept; `undefined` when none was. Anyone may have changed it since.
   *
   * @throws HS_TRANSACTION_UNKNOWN, HS_CLOSED
   */
  story(id: string): string | undefined
  /** Gives the lock back. Nothing can be done with the journal afterwards. */
  close(): void
}

const changesMax = 10_000

/**
 * The journal of a project. Touches nothing until it is used.
 *
 * @throws HS_FOLDER_MISSING when `root` is not a folder.
 */
export function openJournal({
  root: given,
  files,
  world,
  pid = process.pid,
  isAlive = isProcessAlive,
  keep = { transactionsMax: 50, bytesMax: 536_870_912 },
  verifySeal,
}: JournalOptions): Journal {
  const root = realFolder(given, files)
  const place: Place = { root, files }
  const store = createJournalStore(root, files)
  const transactor = createTransactor(place, store)
  const lock = createJournalLock({ files, world, root, home: store.home, pid, isAlive })
  let closed = false

  const refuseClosed = (): void => {
    if (closed) throw new HomeostatError('HS_CLOSED', { what: `the journal of "${root}"` })
  }

  /** Runs `work` under the lock, with everything half-done put right before. */
  const exclusively = <T>(work: (stored: readonly StoredTransaction[], recovered: readonly Recovery[]) => T): T => {
    refuseClosed()
    return reported(root, () => {
      store.prepare()
      lock.take()
      try {
        const recovered = transactor.recover()
        return work(store.load(), recovered)
      } finally {
        lock.release()
      }
    })
  }

  const recordOf = (
    plan: Plan,
    stored: readonly StoredTransaction[],
    about: Pick<JournalRecord, 'title' | 'reason' | 'patchId' | 'seal' | 'undoes' | 'keep'>,
  ): JournalRecord => ({
    version: 1,
    id: `${nextNumber(stored.map((entry) => entry.record.id))}-${nameOf(world.id())}`,
    ...about,
    atEpochMs: world.clock.epochMs(),
    steps: plan.steps.map(({ step }) => step),
    folders: [...plan.folders],
    emptied: [...plan.emptied],
    keptBytes: plan.keptBytes,
    conflicts: [],
  })

  /** The seal as it may be kept. Checked under the lock, so that nothing of ours runs between this and the first write. */
  const admitted = (changes: readonly Change[], given: Seal | undefined, title: string): Seal | undefined => {
    if (given === undefined && verifySeal === undefined) return undefined
    const seal = readSeal(given, title)
    verifySeal?.(seal)
    if (seal.changesDigest !== changesDigest(changes, files)) throw invalidSeal(title, 'it was made for other changes')
    return seal
  }

  const prune = (): void => {
    let bytes = 0
    for (const [index, { record, state }] of store.load().entries()) {
      if (state === 'committed' || record.conflicts.length > 0) bytes += record.keptBytes
      if (index > 0 && (index >= keep.transactionsMax || bytes > keep.bytesMax)) store.drop(record.id)
    }
  }

  return {
    apply(changes, { title, reason, patchId, seal: given }) {
      if (changes.length === 0 || changes.length > changesMax)
        throw new RangeError(`a transaction has 1 to ${changesMax} changes, not ${changes.length}`)
      return exclusively((stored) => {
        const seal = admitted(changes, given, title)
        const plan = survey(place, changes)
        const about = {
          title: oneLine(title, 200),
          reason: oneLine(reason, 500),
          ...(patchId === undefined ? {} : { patchId: oneLine(patchId, 200) }),
          ...(seal === undefined ? {} : { seal }),
          keep: false,
        }
        const record = recordOf(plan, stored, about)
        transactor.run(plan, record)
        attempt(prune)
        return described({ record, state: 'committed' }, new Set())
      })
    },

    rollback(id, { force = false } = {}) {
      refuseClosed()
      if (reported(root, () => store.load()).length === 0) throw unknown(id)
      return exclusively((stored) => {
        const chosen = stored.find(({ record, state }) =>
          id === undefined ? state === 'committed' && record.undoes === undefined : record.id === id,
        )
        if (chosen === undefined) throw unknown(id)
        const { record } = chosen
        const report = { transactionId: record.id, paths: record.steps.map((step) => step.path), conflicts: [] }
        if (chosen.state === 'rolled-back') return { ...report, outcome: 'already-rolled-back' }
        const newer = newerConflicts(record, stored)
        if (newer.length > 0) return { ...report, outcome: 'refused', paths: [], conflicts: newer }
        const { plan, conflicts, stuck } = planRollback(place, transactor.shelfOf(record), record)
        if (stuck || (conflicts.length > 0 && !force)) return { ...report, outcome: 'refused', paths: [], conflicts }
        const about = {
          title: oneLine(`Roll back: ${record.title}`, 200),
          reason: 'rollback',
          undoes: record.id,
          keep: conflicts.length > 0,
        }
        const back = recordOf(plan, stored, about)
        transactor.run(plan, back)
        attempt(() => transactor.finishRollback(back))
        return { ...report, outcome: 'rolled-back', conflicts }
      })
    },

    recover() {
      refuseClosed()
      const idle = reported(root, () => !transactor.needsRecovery())
      return idle ? [] : exclusively((_, recovered) => recovered)
    },

    list() {
      refuseClosed()
      return reported(root, () => {
        const stored = store.load().filter(({ state }) => state !== 'prepared')
        const undone = new Set(
          stored.flatMap(({ record, state }) => (state === 'committed' && record.undoes !== undefined ? [record.undoes] : [])),
        )
        return stored.filter(({ record }) => record.undoes === undefined || record.keep).map((entry) => described(entry, undone))
      })
    },

    keepStory(id, text) {
      if (Buffer.byteLength(text) > storyBytesMax) throw new RangeError(`a story has at most ${storyBytesMax} bytes`)
      exclusively((stored) => {
        if (!stored.some(({ record }) => record.id === id)) throw unknown(id)
        store.keepStory(id, text)
      })
    },

    story(id) {
      refuseClosed()
      return reported(root, () => {
        if (!store.load().some(({ record }) => record.id === id)) throw unknown(id)
        return store.story(id)
      })
    },

    close() {
      closed = true
      lock.release()
    },
  }
}

function realFolder(root: string, files: FileSystem): string {
  try {
    const real = files.realpath(root)
    if (files.lstat(real)?.kind === 'folder') return real
  } catch (error) {
    throw new HomeostatError('HS_FOLDER_MISSING', { path: root }, { cause: error })
  }
  throw new HomeostatError('HS_FOLDER_MISSING', { path: root })
}

function described({ record, state }: StoredTransaction, undone: ReadonlySet<string>): Transaction {
  return {
    id: record.id,
    title: record.title,
    reason: record.reason,
    ...(record.patchId === undefined ? {} : { patchId: record.patchId }),
    ...(record.seal === undefined ? {} : { seal: record.seal }),
    state: state === 'committed' && !undone.has(record.id) ? 'applied' : 'rolled-back',
    atEpochMs: record.atEpochMs,
    paths: record.steps.map((step) => step.path),
    ...(record.undoes === undefined ? {} : { undoes: record.undoes }),
    conflicts: record.conflicts,
  }
}

function unknown(id: string | undefined): HomeostatError {
  return new HomeostatError('HS_TRANSACTION_UNKNOWN', { id: id === undefined ? 'newest' : oneLine(id, 200) })
}

/** Newer transactions, not rolled back, that touch the same paths: they have to be rolled back first. */
function newerConflicts(record: JournalRecord, stored: readonly StoredTransaction[]): readonly RollbackConflict[] {
  const newer = stored.slice(
    0,
    stored.findIndex((entry) => entry.record.id === record.id),
  )
  const paths = record.steps.map((step) => foldedPath(step.path))
  return newer
    .filter(({ record: other, state }) => state === 'committed' && other.undoes === undefined)
    .flatMap(({ record: other }) => {
      const shared = other.steps.find((step) => paths.some((path) => overlap(path, foldedPath(step.path))))
      return shared === undefined
        ? []
        : [{ path: shared.path, reason: `transaction ${other.id} changed it later; roll that back first` }]
    })
}

function overlap(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
}

/** Lets our own errors through and gives those of the file system a code. */
function reported<T>(root: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof HomeostatError) throw error
    const path: unknown = error instanceof Error && 'path' in error ? error.path : undefined
    const shown = typeof path === 'string' ? relative(root, path).split(sep).join('/') : ''
    throw new HomeostatError('HS_WRITE_FAILED', { path: shown === '' ? root : shown, reason: reasonOf(error) }, { cause: error })
  }
}
