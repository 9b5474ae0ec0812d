import { join } from 'node:path'
import { HomeostatError } from '../core/errors.js'
import { oneLine } from '../core/text.js'
import type { JournalRecord } from './journal-record.js'
import type { JournalStore, StoredTransaction } from './journal-store.js'
import { runSteps, stage, undoSteps, type Shelf } from './run-steps.js'
import type { Plan } from './survey.js'
import type { Place } from './target.js'

/**
 * What recovery did with one half-done transaction. `restored`: undone. `completed`: it had been committed, its last traces
 * were put right. `conflict`: undone but for the paths in `conflicts`, which someone else changed meanwhile.
 */
export interface Recovery {
  readonly transactionId: string
  readonly title: string
  readonly result: 'restored' | 'completed' | 'conflict'
  readonly conflicts: readonly string[]
}

/** Runs transactions to one of their two ends. The caller holds the lock. */
export interface Transactor {
  /** Does all of a plan, or none of it. */
  run(plan: Plan, record: JournalRecord): void
  /** Tells the transaction that a committed rollback undid; what it kept is not needed any more. Can be repeated. */
  finishRollback(record: JournalRecord): void
  needsRecovery(): boolean
  recover(): readonly Recovery[]
  shelfOf(record: JournalRecord): Shelf
}

/** The transactor of one project. */
export function createTransactor(place: Place, store: JournalStore): Transactor {
  const { files } = place

  const shelfOf = (record: JournalRecord): Shelf => ({
    folder: store.shelfOf(record.id),
    ...(record.undoes === undefined ? {} : { undone: store.shelfOf(record.undoes) }),
  })

  /** Undoes what was done of a prepared transaction, and closes its file. Answers which paths it had to leave alone. */
  const undo = (record: JournalRecord, cause?: unknown): readonly string[] => {
    try {
      const conflicts = undoSteps(place, shelfOf(record), record)
      if (conflicts.length === 0) {
        attempt(() => store.drop(record.id)) // undoing again later would find nothing to do
      } else {
        store.write({ ...record, conflicts: [...conflicts] }, 'rolled-back')
        files.unlink(join(store.folderOf(record.id), 'prepared'))
      }
      return conflicts
    } catch (error) {
      throw new HomeostatError(
        'HS_UNDO_FAILED',
        { path: record.steps[0]?.path ?? record.id, reason: reasonOf(error) },
        { cause: cause ?? error },
      )
    }
  }

  /**
   * The commit point is the rename: what fails after it cannot undo it. So nothing after it may throw: whoever undid a transaction
   * that is called committed, and died of it, would leave a mixture that no recovery knows of.
   */
  const commit = (id: string): void => {
    const [prepared, committed] = [join(store.folderOf(id), 'prepared'), join(store.folderOf(id), 'committed')]
    try {
      files.rename(prepared, committed)
    } catch (error) {
      // A file system of the network may have done what it says it could not.
      if (files.lstat(committed) === undefined) throw error
    }
    attempt(() => files.fsyncFolder(store.folderOf(id)))
  }

  const finishRollback = ({ id, undoes, keep }: JournalRecord): void => {
    if (undoes !== undefined && files.lstat(store.folderOf(undoes)) !== undefined) {
      if (files.lstat(join(store.folderOf(undoes), 'committed')) !== undefined) store.move(undoes, 'committed', 'rolled-back')
      files.removeTree(store.shelfOf(undoes))
    }
    if (!keep) store.drop(id)
  }

  return {
    shelfOf,
    finishRollback,

    run(plan, record) {
      const shelf = shelfOf(record)
      try {
        store.create(record.id)
        stage(place, shelf, plan.steps)
        store.write(record, 'prepared')
      } catch (error) {
        // Nothing of the project was touched; what cannot be cleaned up now is garbage for the next one to come.
        attempt(() => store.drop(record.id))
        throw error
      }
      try {
        runSteps(place, shelf, record)
        commit(record.id)
      } catch (error) {
        const [left] = undo(record, error)
        if (left !== undefined)
          throw new HomeostatError(
            'HS_UNDO_FAILED',
            { path: left, reason: 'someone else changed it meanwhile' },
            { cause: error },
          )
        throw error
      }
    },

    needsRecovery() {
      const stored = store.load()
      return (
        stored.some(({ state }) => state === 'prepared') || unfinishedRollbacks(stored).length > 0 || store.garbage().length > 0
      )
    },

    recover() {
      const stored = store.load() // all of it, before anything is touched: one corrupt journal stops everything
      const done: Recovery[] = []
      for (const { record } of stored.filter(({ state }) => state === 'prepared')) {
        const conflicts = undo(record)
        done.push({
          transactionId: record.id,
          title: record.title,
          result: conflicts.length === 0 ? 'restored' : 'conflict',
          conflicts,
        })
      }
      for (const record of unfinishedRollbacks(stored)) {
        finishRollback(record)
        done.push({ transactionId: record.id, title: record.title, result: 'completed', conflicts: [] })
      }
      for (const id of store.garbage()) store.drop(id)
      return done
    },
  }
}

/** Does `act`; its failure is made good by the next recovery. */
export function attempt(act: () => void): void {
  try {
    act()
  } catch {
    // The transaction stands where it stands: `act` only tidies up.
  }
}

/** Why something failed, on one line. */
export function reasonOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error), 300)
}

/** Rollbacks that were committed, but whose original does not know yet. */
function unfinishedRollbacks(stored: readonly StoredTransaction[]): readonly JournalRecord[] {
  const committed = stored.filter(({ state }) => state === 'committed').map(({ record }) => record)
  const ids = new Set(committed.map(({ id }) => id))
  return committed.filter(({ undoes, keep }) => undoes !== undefined && (!keep || ids.has(undoes)))
}
