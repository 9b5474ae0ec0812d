import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type * as Sqlite from 'node:sqlite'
import { HomeostatError } from '../core/errors.js'
import type { World } from '../core/world.js'

export interface SqliteFileOptions {
  /** Marks files of this kind, so that a stranger's database is never taken for one: 1..2^31-1. */
  readonly applicationId: number
  /** Statements that make the tables, for a new file. */
  readonly schema: string
  /** Of the schema; a file of another version is refused. */
  readonly version: number
  /** What the file may take on disk. */
  readonly bytesMax: number
  readonly world: World
  /** Hears that a broken file was put aside. */
  readonly onQuarantine: (path: string, reason: string) => void
}

/** One database file, opened when it is first used. */
export interface SqliteFile {
  /**
   * Does work in one transaction that may write. A file that turns out to be broken is put aside, reported, and begun anew.
   *
   * @throws HS_SQLITE_MISSING, HS_KNOWLEDGE_UNREADABLE, HS_KNOWLEDGE_FAILED, HS_PATH_REFUSED
   */
  transact<T>(work: (database: Sqlite.DatabaseSync) => T): T
  /** Does work that only reads. */
  read<T>(work: (database: Sqlite.DatabaseSync) => T): T
  close(): void
}

/** A statement waits so long for another process; it holds up this process meanwhile. */
const busyTimeoutMs = 1_000
/** A larger file is not read through before its first use; what is broken in it shows when it is reached. */
const checkedBytesMax = 16 * 1024 * 1024
/** Broken files that are kept for people to look at. */
const quarantinedMax = 3

/** The database at a path, whose folder is made when it is not there. Touches nothing yet. */
export function sqliteFile(path: string, options: SqliteFileOptions): SqliteFile {
  let database: Sqlite.DatabaseSync | undefined
  const close = (): void => {
    const open = database
    database = undefined
    open?.close()
  }
  const attempt = <T>(work: (open: Sqlite.DatabaseSync) => T): T => {
    database ??= openDatabase(path, options)
    return work(database)
  }
  const survive = <T>(work: (open: Sqlite.DatabaseSync) => T): T => {
    try {
      try {
        return attempt(work)
      } catch (error) {
        if (!isBroken(error)) throw error
        close()
        options.onQuarantine(quarantine(path, options.world), messageOf(error))
        return attempt(work)
      }
    } catch (error) {
      if (error instanceof HomeostatError) throw error
      throw new HomeostatError('HS_KNOWLEDGE_FAILED', { path, reason: messageOf(error) }, { cause: error })
    }
  }
  const takeBack = (open: Sqlite.DatabaseSync): void => {
    try {
      open.exec('ROLLBACK')
    } catch {
      // SQLite has done it by itself, as it does on a full disk, or cannot: a new connection begins outside of it.
      close()
    }
  }
  return {
    read: survive,
    transact: (work) =>
      survive((open) => {
        open.exec('BEGIN IMMEDIATE')
        try {
          const result = work(open)
          open.exec('COMMIT')
          return result
        } catch (error) {
          takeBack(open)
          throw error
        }
      }),
    close,
  }
}

function openDatabase(path: string, options: SqliteFileOptions): Sqlite.DatabaseSync {
  const sqlite = builtInSqlite()
  prepareFile(path)
  const database = new sqlite.DatabaseSync(path)
  try {
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
    checkOwner(path, database, options)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF')
    const pageSize = numberOf(database, 'page_size')
    database.exec(`PRAGMA max_page_count = ${Math.max(16, Math.floor(options.bytesMax / pageSize))}`)
    if (numberOf(database, 'page_count') * pageSize <= checkedBytesMax) checkPages(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Not an import: that would warn, or fail, as soon as this file is loaded, and bundlers take the `node:` away, which this name needs. */
function builtInSqlite(): typeof Sqlite {
  const sqlite = process.getBuiltinModule('node:sqlite')
  if (sqlite === undefined) throw new HomeostatError('HS_SQLITE_MISSING', { version: process.versions.node })
  return sqlite
}

/** Only its owner may read it: it tells what went wrong in a project. Neither it nor its folder may be a link to elsewhere. */
function prepareFile(path: string): void {
  const folder = dirname(path)
  if (kindOf(folder) === undefined) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(join(folder, '.gitignore'), '*\n', { flag: 'wx', mode: 0o600 })
  }
  if (kindOf(folder) !== 'folder') throw refused(folder, 'it must be a folder, not a link or a file')
  const kind = kindOf(path)
  if (kind === undefined) closeSync(openSync(path, 'a', 0o600))
  else if (kind !== 'file') throw refused(path, 'it must be a file, not a link or a folder')
}

/** Makes the tables of a new file, and refuses those of strangers and of later versions before anything is written. */
function checkOwner(path: string, database: Sqlite.DatabaseSync, { applicationId, version, schema }: SqliteFileOptions): void {
  const found = numberOf(database, 'application_id')
  const tables = Number(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'] ?? 0)
  if (found !== applicationId) {
    if (tables > 0 || found !== 0) throw unreadable(path, 'it is the database of another program')
    database.exec('BEGIN IMMEDIATE')
    // Another process may have been quicker.
    if (numberOf(database, 'application_id') !== applicationId)
      database.exec(`${schema}; PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}`)
    database.exec('COMMIT')
  }
  const foundVersion = numberOf(database, 'user_version')
  if (foundVersion !== version)
    throw unreadable(path, `it has version ${foundVersion}, and this homeostat understands version ${version}`)
}

function checkPages(database: Sqlite.DatabaseSync): void {
  const answer = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
  if (answer !== 'ok') throw new BrokenPages(String(answer))
}

/** What SQLite says about a file in a row rather than by an error. */
class BrokenPages extends Error {}

/** SQLITE_CORRUPT and SQLITE_NOTADB, https://www.sqlite.org/rescode.html; the low byte is the primary code. */
function isBroken(error: unknown): boolean {
  if (error instanceof BrokenPages) return true
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return false
  return [11, 26].includes(error.errcode & 0xff)
}

/** Moves the file and its journals aside, and answers where to. The oldest such files go when there are too many. */
function quarantine(path: string, world: World): string {
  const mark = `${basename(path)}.corrupt-`
  const aside = join(dirname(path), `${mark}${Math.trunc(world.clock.epochMs())}-${world.id().slice(0, 8)}`)
  for (const ending of ['-wal', '-shm', '']) {
    try {
      renameSync(`${path}${ending}`, `${aside}${ending}`)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
  }
  const kept = readdirSync(dirname(path)).filter((name) => name.startsWith(mark) && !/-(?:wal|shm)$/.test(name))
  for (const name of kept.sort().slice(0, -quarantinedMax))
    for (const ending of ['-wal', '-shm', '']) rmSync(join(dirname(path), `${name}${ending}`), { force: true })
  return aside
}

function numberOf(database: Sqlite.DatabaseSync, pragma: string): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma] ?? 0)
}

function kindOf(path: string): 'file' | 'folder' | 'other' | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  return stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other'
}

function refused(path: string, reason: string): HomeostatError {
  return new HomeostatError('HS_PATH_REFUSED', { path, reason })
}

function unreadable(path: string, reason: string): HomeostatError {
  return new HomeostatError('HS_KNOWLEDGE_UNREADABLE', { path, reason })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
