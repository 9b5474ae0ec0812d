import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sqliteKnowledgeStore, type SqliteKnowledgeOptions } from '../../src/adapters/sqlite-knowledge.js'
import type { KnowledgeStore } from '../../src/memory/knowledge/knowledge-store.js'
import { logged, patternOf } from '../../src/memory/knowledge/pattern.js'
import { createTestWorld } from '../../src/testing/index.js'
import { experience } from '../memory/knowledge/experiences.js'
import { knowledgeStoreContract } from '../memory/knowledge/knowledge-store-contract.js'
import { temporaryFolder } from './temporary.js'

const open = (path: string, options: Partial<SqliteKnowledgeOptions> = {}): KnowledgeStore =>
  sqliteKnowledgeStore(path, { world: createTestWorld(), onQuarantine: () => expect.unreachable(), ...options })
const pattern = patternOf(experience())

knowledgeStoreContract('sqliteKnowledgeStore()', () => open(join(temporaryFolder(), 'knowledge.db'), { experiencesMax: 3 }))

describe('sqliteKnowledgeStore()', () => {
  afterEach(() => vi.restoreAllMocks())

  it('touches nothing before it is used, and then keeps its file to its owner', async () => {
    const root = temporaryFolder()
    const path = join(root, '.homeostat', 'knowledge.db')
    const store = open(path)
    expect(readdirSync(root)).toEqual([])
    await store.add(pattern)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(join(root, '.homeostat')).mode & 0o777).toBe(0o700)
    expect(readFileSync(join(root, '.homeostat', '.gitignore'), 'utf8')).toBe('*\n')
    await store.close()
  })

  it('remembers after it was closed, also what another one added meanwhile', async () => {
    const path = join(temporaryFolder(), 'knowledge.db')
    const first = open(path)
    const second = open(path)
    await first.add(pattern, logged(experience()))
    await second.add(pattern)
    expect(await first.replace([{ from: pattern, to: pattern }])).toBe(0)
    await first.close()
    await second.close()
    const third = open(path)
    expect(await third.ofClass(pattern.classId, 5)).toMatchObject([{ worked: 2 }])
    expect(await third.recent(5)).toEqual([logged(experience())])
    await third.close()
  })

  it('puts a file aside that is no database, reports it, and begins anew', async () => {
    const folder = temporaryFolder({ 'knowledge.db': 'not a database '.repeat(1_000) })
    const onQuarantine = vi.fn()
    const store = open(join(folder, 'knowledge.db'), { onQuarantine })
    await store.add(pattern)
    expect(await store.totals()).toMatchObject({ worked: 1 })
    expect(onQuarantine).toHaveBeenCalledOnce()
    const aside = String(onQuarantine.mock.calls[0]?.[0])
    expect(aside).toContain('knowledge.db.corrupt-1700000000000')
    expect(readFileSync(aside, 'utf8')).toContain('not a database')
    await store.close()
  })

  it('puts a file aside whose pages are broken', async () => {
    const path = join(temporaryFolder(), 'knowledge.db')
    const store = open(path)
    for (let at = 0; at < 200; at += 1) await store.add({ ...pattern, strategy: `s${at}` })
    await store.close()
    const bytes = readFileSync(path)
    bytes.fill(0xff, 8_192, bytes.length - 4_096)
    writeFileSync(path, bytes)
    const onQuarantine = vi.fn()
    const again = open(path, { onQuarantine })
    expect(await again.totals()).toMatchObject({ worked: 0 })
    expect(onQuarantine).toHaveBeenCalledOnce()
    await again.close()
  })

  it('keeps three broken files, and warns when nobody listens', async () => {
    const folder = temporaryFolder()
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const path = join(folder, 'knowledge.db')
    for (let at = 0; at < 5; at += 1) {
      const world = createTestWorld(1, { epochMs: 1_700_000_000_000 + at })
      writeFileSync(path, 'broken '.repeat(1_000))
      const store = sqliteKnowledgeStore(path, { world })
      await store.totals()
      await store.close()
    }
    expect(readdirSync(folder).filter((name) => name.includes('corrupt'))).toHaveLength(3)
    expect(warn.mock.calls.some(([, options]) => JSON.stringify(options).includes('HS_KNOWLEDGE_QUARANTINED'))).toBe(true)
  })

  it('refuses the database of another program or of a later version, and leaves it as it is', async () => {
    const folder = temporaryFolder()
    const foreign = new DatabaseSync(join(folder, 'foreign.db'))
    foreign.exec('CREATE TABLE mine (a)')
    foreign.close()
    const bytes = readFileSync(join(folder, 'foreign.db'))
    await expect(open(join(folder, 'foreign.db')).totals()).rejects.toMatchObject({ code: 'HS_KNOWLEDGE_UNREADABLE' })
    expect(readFileSync(join(folder, 'foreign.db'))).toEqual(bytes)

    const store = open(join(folder, 'later.db'))
    await store.totals()
    await store.close()
    const later = new DatabaseSync(join(folder, 'later.db'))
    later.exec('PRAGMA user_version = 2')
    later.close()
    await expect(open(join(folder, 'later.db')).totals()).rejects.toMatchObject({
      code: 'HS_KNOWLEDGE_UNREADABLE',
      message: expect.stringContaining('version 2'),
    })
  })

  it('follows no link out of its folder, and takes no folder for a file', async () => {
    const root = temporaryFolder({ 'elsewhere/x': '' })
    symlinkSync(join(root, 'elsewhere'), join(root, '.homeostat'))
    symlinkSync(join(root, 'elsewhere', 'x'), join(root, 'link.db'))
    mkdirSync(join(root, 'folder.db'))
    for (const path of ['.homeostat/knowledge.db', 'link.db', 'folder.db'])
      await expect(open(join(root, path)).totals(), path).rejects.toMatchObject({ code: 'HS_PATH_REFUSED' })
    expect(readdirSync(join(root, 'elsewhere'))).toEqual(['x'])
    expect(existsSync(join(root, 'elsewhere', 'knowledge.db'))).toBe(false)
  })

  it('passes over rows that someone else wrote wrongly', async () => {
    const path = join(temporaryFolder(), 'knowledge.db')
    const store = open(path)
    await store.add(pattern)
    for (let at = 0; at < 5; at += 1) await store.add({ ...pattern, strategy: `a${at}` })
    await store.close()
    const database = new DatabaseSync(path)
    database.exec(`UPDATE patterns SET detail = '{"shape":1}' WHERE strategy LIKE 'a%'`)
    database.close()
    const again = open(path)
    expect(await again.page(undefined, 2)).toEqual([pattern])
    expect(await again.ofClass(pattern.classId, 10)).toEqual([pattern])
    await again.add({ ...pattern, strategy: 'a1' })
    expect(await again.ofClass(pattern.classId, 10)).toHaveLength(2)
    await again.close()
  })

  it('keeps nothing new in a full file, and says so', async () => {
    const path = join(temporaryFolder(), 'knowledge.db')
    const store = open(path, { bytesMax: 1024 * 1024 })
    const detail = { ...pattern.detail, shape: 'x', parameters: { text: 'y'.repeat(300) }, fingerprints: [] }
    const fill = async (): Promise<void> => {
      for (let at = 0; at < 20_000; at += 1) await store.add({ ...pattern, strategy: `s${at}`, detail })
    }
    await expect(fill()).rejects.toMatchObject({ code: 'HS_KNOWLEDGE_FAILED', retryable: true })
    expect((await store.totals()).sizeBytes).toBeLessThanOrEqual(1024 * 1024)
    await store.close()
  })

  it('says what is missing where Node has no SQLite', async () => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
    const store = open(join(temporaryFolder(), 'knowledge.db'))
    await expect(store.totals()).rejects.toMatchObject({ code: 'HS_SQLITE_MISSING' })
  })

  it('refuses limits that are none', () => {
    expect(() => open('/x', { experiencesMax: 1.5 })).toThrow(RangeError)
    expect(() => open('/x', { bytesMax: 10 })).toThrow(RangeError)
  })
})
