import { join } from 'node:path'
import { HomeostatError } from '../core/errors.js'
import type { FileSystem } from '../core/ports.js'
import { readRecord, transactionId, writeRecord, type JournalRecord } from './journal-record.js'

/**
 * Where a transaction stands. The state is the name of its journal file, so that one atomic rename moves it on:
 * `prepared` (being applied; undone by recovery), `committed`, `rolled-back`. A folder without a journal file is garbage.
 */
export const journalStates = ['prepared', 'committed', 'rolled-back'] as const
export type JournalState = (typeof journalStates)[number]

/** The longest story of a transaction. */
export const storyBytesMax = 4_194_304

export interface StoredTransaction {
  readonly record: JournalRecord
  readonly state: JournalState
}

/** The folder `.homeostat` of a project: its transactions on disk. */
export interface JournalStore {
  /** `.homeostat` itself. */
  readonly home: string
  /** Makes the folders, private to the user and invisible to git. */
  prepare(): void
  /**
   * All transactions, newest first.
   *
   * @throws HS_JOURNAL_CORRUPT, HS_PATH_REFUSED
   */
  load(): readonly StoredTransaction[]
  /** Ids of folders without a journal file: what a crash left before anything was changed, or while cleaning up. */
  garbage(): readonly string[]
  /** The folder of a transaction, with its journal file. */
  folderOf(id: string): string
  /** The folder below it where a transaction keeps its files. */
  shelfOf(id: string): string
  /** Makes the folders of a new transaction. */
  create(id: string): void
  /** Writes the journal file, durably. */
  write(record: JournalRecord, state: JournalState): void
  /** Moves a transaction on by one atomic rename. */
  move(id: string, from: JournalState, to: JournalState): void
  /** What was written about a transaction by {@link keepStory}; `undefined` when there is nothing. */
  story(id: string): string | undefined
  /** Keeps a text beside a transaction for as long as it is kept, in place of an earlier one. */
  keepStory(id: string, text: string): void
  /** Forgets a transaction and all it keeps: first its journal file, so that half a folder is never taken for a whole one. */
  drop(id: string): void
}

/** The store of the project at `root`, which is absolute and real. Touches nothing yet. */
export function createJournalStore(root: string, files: FileSystem): JournalStore {
  const home = join(root, '.homeostat')
  const transactions = join(home, 'txn')
  const folderOf = (id: string): string => join(transactions, id)
  // Whole folders of packages are put aside here, their own tests too. By this name, test runners, linters and compilers pass them by.
  const shelfOf = (id: string): string => join(folderOf(id), 'node_modules')

  const ids = (): readonly string[] => {
    if (!isFolder(files, home) || !isFolder(files, transactions)) return []
    return files.readdir(transactions).filter((name) => transactionId.test(name) && isFolder(files, folderOf(name)))
  }
  const stateOf = (id: string): JournalState | undefined =>
    journalStates.find((state) => files.lstat(join(folderOf(id), state))?.kind === 'file')
  const load = (id: string): readonly StoredTransaction[] => {
    const state = stateOf(id)
    if (state === undefined) return []
    const file = join(folderOf(id), state)
    try {
      return [{ record: readRecord(files.readFile(file), id, file), state }]
    } catch (error) {
      // Listing takes no lock: another process may have moved the transaction on, or dropped it, since we looked.
      if (files.lstat(file) === undefined) return load(id)
      throw error
    }
  }

  /** Another process may be doing the same. */
  const ensure = (path: string, make: () => void): void => {
    try {
      if (files.lstat(path) === undefined) make()
    } catch (error) {
      if (files.lstat(path) === undefined) throw error
    }
  }

  return {
    home,
    folderOf,
    shelfOf,
    prepare() {
      if (isFolder(files, home) && isFolder(files, transactions)) return
      ensure(home, () => files.mkdir(home, 0o700))
      ensure(join(home, '.gitignore'), () => files.writeNew(join(home, '.gitignore'), Buffer.from('*\n'), 0o600))
      ensure(transactions, () => files.mkdir(transactions, 0o700))
      files.fsyncFolder(home)
      files.fsyncFolder(root)
    },
    load: () => [...ids()].sort(newestFirst).flatMap(load),
    garbage: () => ids().filter((id) => stateOf(id) === undefined),
    create(id) {
      files.mkdir(folderOf(id), 0o700)
      files.mkdir(shelfOf(id), 0o700)
    },
    write(record, state) {
      const draft = join(folderOf(record.id), 'draft')
      files.removeTree(draft)
      files.writeNew(draft, writeRecord(record), 0o600)
      // What the journal speaks of must be on disk before the journal is.
      files.fsyncFolder(shelfOf(record.id))
      files.fsyncFolder(folderOf(record.id))
      files.rename(draft, join(folderOf(record.id), state))
      files.fsyncFolder(folderOf(record.id))
      files.fsyncFolder(transactions)
    },
    move(id, from, to) {
      files.rename(join(folderOf(id), from), join(folderOf(id), to))
      files.fsyncFolder(folderOf(id))
    },
    story(id) {
      const file = join(folderOf(id), 'story')
      const stat = files.lstat(file)
      if (stat?.kind !== 'file' || stat.sizeBytes > storyBytesMax) return undefined
      return new TextDecoder().decode(files.readFile(file))
    },
    keepStory(id, text) {
      const draft = join(folderOf(id), 'story-draft')
      files.removeTree(draft)
      files.writeNew(draft, Buffer.from(text), 0o600)
      files.rename(draft, join(folderOf(id), 'story'))
      files.fsyncFolder(folderOf(id))
    },
    drop(id) {
      for (const state of journalStates) {
        const file = join(folderOf(id), state)
        if (files.lstat(file) === undefined) continue
        files.unlink(file)
        files.fsyncFolder(folderOf(id))
      }
      files.removeTree(folderOf(id))
    },
  }
}

/** The number that a new transaction gets, after those that exist. */
export function nextNumber(ids: readonly string[]): string {
  const last = ids.reduce((highest, id) => Math.max(highest, Number.parseInt(id, 10)), 0)
  return String(last + 1).padStart(6, '0')
}

function newestFirst(a: string, b: string): number {
  return Number.parseInt(b, 10) - Number.parseInt(a, 10) || (a < b ? 1 : -1)
}

/** Whether a folder is there; our own folders are never links, whoever made them. */
function isFolder(files: FileSystem, path: string): boolean {
  const stat = files.lstat(path)
  if (stat === undefined) return false
  if (stat.kind !== 'folder')
    throw new HomeostatError('HS_PATH_REFUSED', { path, reason: 'it must be a folder, not a link or a file' })
  return true
}
