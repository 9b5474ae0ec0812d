import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import { whole } from '../core/checked-number.js'
import { HomeostatError } from '../core/errors.js'
import type { World } from '../core/world.js'
import { readPattern } from '../memory/knowledge/knowledge-shapes.js'
import { experiencesMaxUsual, type KnowledgeStore } from '../memory/knowledge/knowledge-store.js'
import { merged, type LoggedExperience, type Pattern, type PatternKey } from '../memory/knowledge/pattern.js'
import { sqliteFile } from './sqlite-database.js'

export interface SqliteKnowledgeOptions {
  readonly world: World
  /** Lines of the log that are kept, 0..1 000 000. Default 5 000, which is about 1 MB. */
  readonly experiencesMax?: number
  /** What the file may take on disk, 1 MiB at least. Default 256 MiB. A full file keeps nothing new and says so. */
  readonly bytesMax?: number
  /** Hears that a broken file was put aside, and where to. Default: a process warning. */
  readonly onQuarantine?: (path: string, reason: string) => void
}

const mebibyte = 1024 * 1024

const schema = `
  CREATE TABLE patterns (
    class_id TEXT NOT NULL, strategy TEXT NOT NULL, form TEXT NOT NULL,
    category TEXT NOT NULL, code TEXT NOT NULL,
    worked INTEGER NOT NULL, failed INTEGER NOT NULL, plausibility_sum REAL NOT NULL, cost_ms REAL NOT NULL,
    first_epoch_ms REAL NOT NULL, last_epoch_ms REAL NOT NULL,
    detail TEXT,
    PRIMARY KEY (class_id, strategy, form)
  ) WITHOUT ROWID;
  CREATE INDEX patterns_of_kind ON patterns (category, code, last_epoch_ms) WHERE detail IS NOT NULL;
  CREATE TABLE experiences (
    id INTEGER PRIMARY KEY,
    class_id TEXT NOT NULL, fingerprint TEXT NOT NULL, strategy TEXT NOT NULL,
    worked INTEGER NOT NULL, cost_ms REAL NOT NULL, epoch_ms REAL NOT NULL
  )`

/**
 * Knowledge in one SQLite file, by the SQLite of Node itself, which is loaded at the first use. Several processes may share
 * it. A broken file is put aside and reported, and knowledge begins anew.
 *
 * @param path - Absolute; its folder is made, for its owner alone, when it is not there.
 * @throws RangeError when an option is out of its range. The methods reject with HS_SQLITE_MISSING, HS_KNOWLEDGE_UNREADABLE,
 * HS_KNOWLEDGE_FAILED, HS_PATH_REFUSED.
 */
export function sqliteKnowledgeStore(
  path: string,
  { world, experiencesMax = experiencesMaxUsual, bytesMax = 256 * mebibyte, onQuarantine = warnOf }: SqliteKnowledgeOptions,
): KnowledgeStore {
  whole('experiencesMax', experiencesMax, 0, 1_000_000)
  whole('bytesMax', bytesMax, mebibyte)
  const file = sqliteFile(path, { applicationId: 0x686d7374, schema, version: 1, bytesMax, world, onQuarantine })
  const statements = new WeakMap<DatabaseSync, Map<string, StatementSync>>()
  let closed = false

  /** Preparing costs more than running; a file that was begun anew has its own. */
  const sql = (database: DatabaseSync, text: string): StatementSync => {
    const own = statements.get(database) ?? new Map<string, StatementSync>()
    statements.set(database, own)
    const statement = own.get(text) ?? database.prepare(text)
    own.set(text, statement)
    return statement
  }
  /** A promise rejects; it does not throw. */
  const run = async <T>(how: 'read' | 'transact', work: (query: (text: string) => StatementSync) => T): Promise<T> => {
    if (closed) throw new HomeostatError('HS_CLOSED', { what: 'the knowledge store' })
    return file[how]((database) => work((text) => sql(database, text)))
  }

  return {
    add: (pattern, experience) =>
      run('transact', (query) => {
        const row = query(oneSql).get(...keyOf(pattern))
        put(query, pattern, row)
        if (experience !== undefined) {
          const { classId, fingerprint, strategy, worked, costMs, epochMs } = experience
          query(logSql).run(classId, fingerprint, strategy, Number(worked), costMs, epochMs)
          query('DELETE FROM experiences WHERE id <= (SELECT max(id) FROM experiences) - ?').run(experiencesMax)
        }
        return { detailIsNew: pattern.detail !== undefined && (row === undefined || row['detail'] === null) }
      }),
    ofClass: (classId, limit) => run('read', (query) => query(classSql).all(classId, limit).flatMap(patternsIn)),
    ofKind: ({ category, code }, limit) => run('read', (query) => query(kindSql).all(category, code, limit).flatMap(patternsIn)),
    page: (after, limit) =>
      run('read', (query) => {
        // Rows that cannot be read are passed over, and an empty page would mean the end.
        for (let from = after === undefined ? ['', '', ''] : keyOf(after); ;) {
          const rows = query(pageSql).all(...from, limit)
          const patterns = rows.flatMap(patternsIn)
          const last = rows.at(-1)
          if (patterns.length > 0 || last === undefined) return patterns
          from = [String(last['class_id']), String(last['strategy']), String(last['form'])]
        }
      }),
    replace: (replacements) =>
      run('transact', (query) => {
        let made = 0
        for (const { from, to } of replacements) {
          const { changes } = query(removeSql).run(...keyOf(from), from.worked, from.failed)
          if (Number(changes) === 0) continue
          put(query, to, query(oneSql).get(...keyOf(to)))
          made += 1
        }
        return made
      }),
    recent: (limit) =>
      run('read', (query) =>
        query('SELECT * FROM experiences ORDER BY id DESC LIMIT ?').all(Math.max(0, limit)).map(loggedIn).reverse(),
      ),
    forget: (beforeEpochMs) =>
      run('transact', (query) => Number(query('DELETE FROM experiences WHERE epoch_ms < ?').run(beforeEpochMs).changes)),
    totals: () =>
      run('read', (query) => {
        const counted = query(totalsSql).get() ?? {}
        const all = numberIn(counted, 'rows')
        const patterns = numberIn(counted, 'details')
        const pages = numberIn(query('PRAGMA page_count').get() ?? {}, 'page_count')
        return {
          patterns,
          traces: all - patterns,
          worked: numberIn(counted, 'worked'),
          failed: numberIn(counted, 'failed'),
          experiences: numberIn(query('SELECT count(*) AS rows FROM experiences').get() ?? {}, 'rows'),
          sizeBytes: pages * numberIn(query('PRAGMA page_size').get() ?? {}, 'page_size'),
        }
      }),
    close: () => {
      closed = true
      file.close()
      return Promise.resolve()
    },
  }
}

type Row = Record<string, SQLOutputValue>

const oneSql = 'SELECT * FROM patterns WHERE class_id = ? AND strategy = ? AND form = ?'
const classSql = 'SELECT * FROM patterns WHERE class_id = ? ORDER BY worked DESC, last_epoch_ms DESC, strategy, form LIMIT ?'
const kindSql = `SELECT * FROM patterns WHERE category = ? AND code = ? AND detail IS NOT NULL
  ORDER BY last_epoch_ms DESC, class_id, strategy, form LIMIT ?`
const pageSql = 'SELECT * FROM patterns WHERE (class_id, strategy, form) > (?, ?, ?) ORDER BY class_id, strategy, form LIMIT ?'
const putSql = 'INSERT OR REPLACE INTO patterns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
/** Only as it was read: what another process added meanwhile must not be lost. */
const removeSql = 'DELETE FROM patterns WHERE class_id = ? AND strategy = ? AND form = ? AND worked = ? AND failed = ?'
const logSql = `INSERT INTO experiences (class_id, fingerprint, strategy, worked, cost_ms, epoch_ms) VALUES (?, ?, ?, ?, ?, ?)`
const totalsSql = `SELECT count(*) AS rows, count(detail) AS details, coalesce(sum(worked), 0) AS worked,
  coalesce(sum(failed), 0) AS failed FROM patterns`

/** Adds a pattern to the row of its key, if there is one that can be read. */
function put(query: (text: string) => StatementSync, pattern: Pattern, row: Row | undefined): void {
  const [old] = row === undefined ? [] : patternsIn(row)
  const now = old === undefined ? pattern : merged(old, pattern)
  query(putSql).run(
    ...keyOf(now),
    now.category,
    now.code,
    now.worked,
    now.failed,
    now.plausibilitySum,
    now.costMs,
    now.firstEpochMs,
    now.lastEpochMs,
    now.detail === undefined ? null : JSON.stringify(now.detail),
  )
}

function keyOf({ classId, strategy, form }: PatternKey): [string, string, string] {
  return [classId, strategy, form]
}

/** The pattern of a row. None where the row is not what we write: anyone may have changed the file. */
function patternsIn(row: Row): readonly Pattern[] {
  try {
    const detail: unknown = typeof row['detail'] === 'string' ? JSON.parse(row['detail']) : undefined
    const fields = {
      classId: row['class_id'],
      strategy: row['strategy'],
      form: row['form'],
      category: row['category'],
      code: row['code'],
      worked: row['worked'],
      failed: row['failed'],
      plausibilitySum: row['plausibility_sum'],
      costMs: row['cost_ms'],
      firstEpochMs: row['first_epoch_ms'],
      lastEpochMs: row['last_epoch_ms'],
      ...(detail !== undefined && { detail }),
    }
    return [readPattern(fields, 'a row of the knowledge')]
  } catch {
    return []
  }
}

function loggedIn(row: Row): LoggedExperience {
  return {
    classId: String(row['class_id']),
    fingerprint: String(row['fingerprint']),
    strategy: String(row['strategy']),
    worked: row['worked'] === 1,
    costMs: numberIn(row, 'cost_ms'),
    epochMs: numberIn(row, 'epoch_ms'),
  }
}

function numberIn(row: Row, name: string): number {
  return Number(row[name] ?? 0)
}

function warnOf(path: string, reason: string): void {
  process.emitWarning(`A broken knowledge file was put aside as ${path}, and knowledge begins anew: ${reason}`, {
    code: 'HS_KNOWLEDGE_QUARANTINED',
  })
}
