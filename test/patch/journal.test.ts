import { describe, expect, it } from 'vitest'
import { isHomeostatError, type ErrorCode } from '../../src/core/errors.js'
import { sha256 } from '../../src/core/hash.js'
import type { Change, FileSystem } from '../../src/core/ports.js'
import { openJournal, type Journal, type JournalOptions } from '../../src/patch/journal.js'
import { Crash, faultyFileSystem } from '../../src/testing/faulty-file-system.js'
import { memoryFileSystem, type MemoryFileSystem } from '../../src/testing/memory-file-system.js'
import { createTestWorld, type TestWorld } from '../../src/testing/test-world.js'
import { everyChange, project, tree, write } from '../sim/journal-scenario.js'

const meta = { title: 'Repair', reason: 'it was broken' }
const text = (content: string): Uint8Array => Buffer.from(content)

interface Setup {
  readonly files: MemoryFileSystem
  readonly world: TestWorld
  readonly journal: Journal
  open(options?: Partial<JournalOptions>): Journal
}

function setUp(options: Partial<JournalOptions> = {}): Setup {
  const files = project()
  const world = createTestWorld()
  const open = (more: Partial<JournalOptions> = {}): Journal => openJournal({ root: '/p', files, world, ...options, ...more })
  return { files, world, journal: open(), open }
}

function codeOf(act: () => unknown): ErrorCode | undefined {
  try {
    act()
  } catch (error) {
    if (isHomeostatError(error)) return error.code
    throw error
  }
  return undefined
}

function replace(files: MemoryFileSystem, path: string, content: string, mode = 0o644): void {
  files.removeTree(path)
  files.writeNew(path, text(content), mode)
}

describe('apply()', () => {
  it('makes every kind of change, with exact bytes and modes', () => {
    const { files, journal, world } = setUp()
    const transaction = journal.apply(everyChange(), { title: 'Repair\u001b[31m', reason: 'r', patchId: 'patch-1' })
    expect(tree(files)).toEqual({
      bin: 'folder 755 ',
      'bin/run': 'file 755 #!/usr/bin/env node\n',
      new: 'folder 755 ',
      'new/deep': 'folder 755 ',
      'new/deep/d.js': 'file 644 d',
      'new/run': 'file 755 #!/bin/sh\n',
      node_modules: 'folder 755 ',
      'node_modules/x': 'folder 755 ',
      'node_modules/x/index.js': 'file 644 x version 2',
      'node_modules/y': 'folder 755 ',
      'node_modules/y/index.js': 'file 644 y',
      old: 'folder 755 ',
      'package.json': 'file 644 { "whole": true }\n',
      src: 'folder 755 ',
      'src/a.js': 'file 644 let a = 1\r\n',
      'src/b.js': 'file 644 #!/bin/sh\n',
    })
    expect(transaction).toMatchObject({
      title: 'Repair',
      reason: 'r',
      patchId: 'patch-1',
      state: 'applied',
      atEpochMs: world.clock.epochMs(),
      conflicts: [],
    })
    expect(transaction.paths).toHaveLength(8)
    expect(journal.list()).toEqual([transaction])
  })

  it('keeps its own folder private and out of git', () => {
    const { files, journal } = setUp()
    journal.apply([write('new', null, 'n')], meta)
    expect(files.lstat('/p/.homeostat')).toMatchObject({ kind: 'folder', mode: 0o700 })
    expect(Buffer.from(files.readFile('/p/.homeostat/.gitignore')).toString()).toBe('*\n')
    expect(files.lstat('/p/.homeostat/lock')).toBeUndefined()
  })

  it('keeps the mode of what it replaces', () => {
    const { files, journal } = setUp()
    journal.apply([write('src/b.js', '#!/bin/sh\n', 'x')], meta)
    expect(files.lstat('/p/src/b.js')?.mode).toBe(0o755)
  })

  const refusals: readonly (readonly [string, ErrorCode, readonly Change[]])[] = [
    ['a file that has changed', 'HS_PATCH_CONFLICT', [write('src/a.js', 'something else', 'x')]],
    ['a file that is gone', 'HS_PATCH_CONFLICT', [write('src/gone.js', 'x', 'y')]],
    ['a new file that exists', 'HS_PATCH_CONFLICT', [write('src/a.js', null, 'x')]],
    ['removing a file that is gone', 'HS_PATCH_CONFLICT', [{ kind: 'remove', path: 'gone', baseHash: sha256('') }]],
    ['removing a file that has changed', 'HS_PATCH_CONFLICT', [{ kind: 'remove', path: 'src/a.js', baseHash: sha256('') }]],
    ['another mode than said', 'HS_PATCH_CONFLICT', [{ kind: 'chmod', path: 'bin/run', modeBefore: 0o600, mode: 0o755 }]],
    ['the mode of a file that is gone', 'HS_PATCH_CONFLICT', [{ kind: 'chmod', path: 'gone', modeBefore: 0o644, mode: 0o755 }]],
    ['the mode of a folder', 'HS_PATH_REFUSED', [{ kind: 'chmod', path: 'bin', modeBefore: 0o755, mode: 0o700 }]],
    ['one path twice', 'HS_PATCH_CONFLICT', [write('n', null, 'x'), write('n', null, 'y')]],
    ['one path twice but for case', 'HS_PATCH_CONFLICT', [write('new', null, 'x'), write('NEW', null, 'y')]],
    [
      'a path inside a tree of the same transaction',
      'HS_PATCH_CONFLICT',
      [{ kind: 'tree', path: 'node_modules', from: null }, write('node_modules/x/z', null, 'y')],
    ],
    ['removing a tree that is not there', 'HS_PATCH_CONFLICT', [{ kind: 'tree', path: 'vendor', from: null }]],
    ['a tree in place of a file', 'HS_PATH_REFUSED', [{ kind: 'tree', path: 'package.json', from: '/stage/node_modules' }]],
    ['a tree from a file', 'HS_PATH_REFUSED', [{ kind: 'tree', path: 'node_modules', from: '/stage/node_modules/y/index.js' }]],
    ['a path that leads outside', 'HS_PATH_REFUSED', [write('../x', null, 'x')]],
    ['git', 'HS_PATH_REFUSED', [write('.git/hooks/pre-commit', null, 'x')]],
    ['the journal itself', 'HS_PATH_REFUSED', [write('.homeostat/lock', null, 'x')]],
    ['a folder', 'HS_PATH_REFUSED', [write('src', null, 'x')]],
    ['a path below a file', 'HS_PATH_REFUSED', [write('package.json/x', null, 'x')]],
    ['a link', 'HS_PATH_REFUSED', [write('link', 'x', 'x')]],
    ['a path through a link', 'HS_PATH_REFUSED', [write('linked/new.js', null, 'x')]],
  ]
  it.each(refusals)('refuses %s and changes nothing', (_, code, changes) => {
    const { files, journal } = setUp()
    files.link('/stage', '/p/linked')
    files.link('package.json', '/p/link')
    const [before, stage] = [tree(files), files.dump('/stage')]
    expect(codeOf(() => journal.apply([write('also', null, 'x'), ...changes], meta))).toBe(code)
    expect(tree(files)).toEqual(before)
    expect(files.dump('/stage')).toEqual(stage)
    expect(journal.list()).toEqual([])
  })

  it('takes 1 to 10 000 changes', () => {
    const { journal } = setUp()
    expect(() => journal.apply([], meta)).toThrow(RangeError)
    expect(() =>
      journal.apply(
        Array.from({ length: 10_001 }, (_, index) => write(`f${index}`, null, '')),
        meta,
      ),
    ).toThrow(RangeError)
  })

  it('undoes what it did when a file changes under its hands', () => {
    const files = project()
    // Someone writes package.json between our look at it and the rename: just before the last change is made.
    let renames = 0
    const meddled: FileSystem = {
      ...files,
      rename(from, to) {
        if (to.startsWith('/p/src/') && (renames += 1) === 1) replace(files, '/p/package.json', 'mine')
        files.rename(from, to)
      },
    }
    const journal = openJournal({ root: '/p', files: meddled, world: createTestWorld() })
    const changes = [write('src/a.js', 'let a\r\n', 'x'), write('package.json', '{ "broken": ', 'y')]
    expect(codeOf(() => journal.apply(changes, meta))).toBe('HS_PATCH_CONFLICT')
    expect(tree(files)).toMatchObject({ 'src/a.js': 'file 644 let a\r\n', 'package.json': 'file 644 mine' })
  })

  it.each([
    [
      'a tree that vanished',
      { kind: 'tree', path: 'node_modules', from: null } as const,
      (files: MemoryFileSystem) => files.removeTree('/p/node_modules'),
    ],
    [
      'a file that vanished',
      { kind: 'chmod', path: 'bin/run', modeBefore: 0o644, mode: 0o755 } as const,
      (files: MemoryFileSystem) => files.unlink('/p/bin/run'),
    ],
  ])('undoes what it did at %s', (_, change, meddle) => {
    const files = project()
    const meddled: FileSystem = {
      ...files,
      rename(from, to) {
        if (from.endsWith('0.new')) meddle(files)
        files.rename(from, to)
      },
    }
    const journal = openJournal({ root: '/p', files: meddled, world: createTestWorld() })
    expect(codeOf(() => journal.apply([write('src/a.js', 'let a\r\n', 'x'), change], meta))).toBe('HS_PATCH_CONFLICT')
    expect(tree(files)['src/a.js']).toBe('file 644 let a\r\n')
  })

  it('says so when someone else keeps it from undoing', () => {
    const files = project()
    const meddled: FileSystem = {
      ...files,
      rename(from, to) {
        if (to === '/p/package.json') {
          replace(files, '/p/src/a.js', 'mine')
          throw Object.assign(new Error('EIO'), { code: 'EIO', path: '/p/package.json' })
        }
        files.rename(from, to)
      },
    }
    const journal = openJournal({ root: '/p', files: meddled, world: createTestWorld() })
    const changes = [write('src/a.js', 'let a\r\n', 'x'), write('package.json', '{ "broken": ', 'y')]
    expect(codeOf(() => journal.apply(changes, meta))).toBe('HS_UNDO_FAILED')
    expect(tree(files)['src/a.js']).toBe('file 644 mine')
    expect(journal.list()).toMatchObject([{ state: 'rolled-back', conflicts: ['src/a.js'] }])
    expect(journal.recover()).toEqual([])
  })

  it('says HS_UNDO_FAILED when the disk fails twice, and recovers later', () => {
    const files = project()
    const fail = (): never => {
      throw Object.assign(new Error('EIO: input/output error'), { code: 'EIO' })
    }
    const failing: FileSystem = {
      ...files,
      rename: (from, to) => (to === '/p/package.json' ? fail() : files.rename(from, to)),
      unlink: fail,
    }
    const before = tree(files)
    const journal = openJournal({ root: '/p', files: failing, world: createTestWorld() })
    expect(codeOf(() => journal.apply([write('new', null, 'x'), write('package.json', '{ "broken": ', 'y')], meta))).toBe(
      'HS_UNDO_FAILED',
    )
    expect(tree(files)['new']).toBeDefined()
    const healthy = openJournal({ root: '/p', files, world: createTestWorld() })
    expect(healthy.list()).toEqual([])
    expect(healthy.recover()).toMatchObject([{ title: 'Repair', result: 'restored', conflicts: [] }])
    expect(tree(files)).toEqual(before)
    expect(files.readdir('/p/.homeostat/txn')).toEqual([])
  })

  it('has succeeded when only the sync after the commit fails', () => {
    const files = project()
    const failing: FileSystem = {
      ...files,
      fsyncFolder(path) {
        if (files.lstat(`${path}/committed`) !== undefined) throw Object.assign(new Error('EIO'), { code: 'EIO' })
      },
    }
    const journal = openJournal({ root: '/p', files: failing, world: createTestWorld() })
    expect(journal.apply([write('src/a.js', 'let a\r\n', 'x')], meta).state).toBe('applied')
    expect(tree(files)['src/a.js']).toBe('file 644 x')
    expect(journal.list()).toMatchObject([{ state: 'applied' }])
  })

  it('copies a tree that comes from another file system', () => {
    const files = project()
    const apart: FileSystem = {
      ...files,
      rename(from, to) {
        if (from.startsWith('/stage') !== to.startsWith('/stage')) throw Object.assign(new Error('EXDEV'), { code: 'EXDEV' })
        files.rename(from, to)
      },
    }
    const before = tree(files)
    const journal = openJournal({ root: '/p', files: apart, world: createTestWorld() })
    journal.apply([{ kind: 'tree', path: 'node_modules', from: '/stage/node_modules' }], meta)
    expect(tree(files)['node_modules/y/index.js']).toBe('file 644 y')
    expect(files.lstat('/stage/node_modules/y')).toBeDefined()
    journal.rollback()
    expect(tree(files)).toEqual(before)
  })

  it('names the file in the project when the disk fails', () => {
    const files = project()
    const failing: FileSystem = {
      ...files,
      mkdir(path, mode) {
        if (path === '/p/new') throw Object.assign(new Error(`EROFS: read-only, mkdir '${path}'`), { code: 'EROFS', path })
        files.mkdir(path, mode)
      },
    }
    const journal = openJournal({ root: '/p', files: failing, world: createTestWorld() })
    expect(() => journal.apply([write('new/x', null, 'x')], meta)).toThrow(
      'Cannot write "new": EROFS: read-only, mkdir \'/p/new\'; the tree is as it was',
    )
  })
})

describe('rollback()', () => {
  it('brings back exact bytes, modes, absences and trees', () => {
    const { files, journal } = setUp()
    const before = tree(files)
    const { id, paths } = journal.apply(everyChange(), meta)
    const report = journal.rollback()
    expect(report).toMatchObject({ transactionId: id, outcome: 'rolled-back', conflicts: [] })
    expect([...report.paths].sort()).toEqual([...paths].sort())
    expect(tree(files)).toEqual(before)
    expect(journal.list()).toMatchObject([{ id, state: 'rolled-back' }])
  })

  it('goes back one transaction at a time, the newest first', () => {
    const { files, journal } = setUp()
    const before = tree(files)
    journal.apply([write('src/a.js', 'let a\r\n', 'one')], meta)
    journal.apply([write('src/a.js', 'one', 'two')], meta)
    journal.rollback()
    expect(tree(files)['src/a.js']).toBe('file 644 one')
    journal.rollback()
    expect(tree(files)).toEqual(before)
    expect(codeOf(() => journal.rollback())).toBe('HS_TRANSACTION_UNKNOWN')
    expect(journal.list().map(({ state }) => state)).toEqual(['rolled-back', 'rolled-back'])
  })

  it('takes back an older one that no newer one touches', () => {
    const { files, journal } = setUp()
    const { id } = journal.apply([write('one', null, '1')], meta)
    journal.apply([write('two', null, '2')], meta)
    expect(journal.rollback(id).outcome).toBe('rolled-back')
    expect(Object.keys(tree(files))).toContain('two')
    expect(journal.rollback(id)).toMatchObject({ outcome: 'already-rolled-back' })
  })

  it('refuses, naming them, while newer transactions touch the same paths; also below a tree', () => {
    const { files, journal } = setUp()
    const first = journal.apply([{ kind: 'tree', path: 'node_modules', from: '/stage/node_modules' }], meta)
    const second = journal.apply([write('node_modules/z', null, 'z')], meta)
    const before = tree(files)
    expect(journal.rollback(first.id, { force: true })).toMatchObject({
      outcome: 'refused',
      paths: [],
      conflicts: [{ path: 'node_modules/z', reason: expect.stringContaining(second.id) }],
    })
    expect(tree(files)).toEqual(before)
    journal.rollback(second.id)
    expect(journal.rollback(first.id).outcome).toBe('rolled-back')
  })

  const meddlings: readonly (readonly [string, string, (files: MemoryFileSystem) => void])[] = [
    ['a file that was changed since', 'src/a.js', (files) => replace(files, '/p/src/a.js', 'mine')],
    ['a file that was removed since', 'src/a.js', (files) => files.unlink('/p/src/a.js')],
    ['a new file that was changed since', 'new/deep/d.js', (files) => replace(files, '/p/new/deep/d.js', 'mine')],
    ['a removed file that was written since', 'old/c.txt', (files) => files.writeNew('/p/old/c.txt', text('mine'), 0o644)],
    ['a mode that was changed since', 'bin/run', (files) => files.chmod('/p/bin/run', 0o700)],
    ['another set of packages', 'node_modules', (files) => files.mkdir('/p/node_modules/mine', 0o755)],
    ['packages that are gone', 'node_modules', (files) => files.removeTree('/p/node_modules')],
  ]
  it.each(meddlings)(
    'refuses %s, changing nothing, unless forced; and what is overruled can be brought back',
    (_, path, meddle) => {
      const { files, journal } = setUp()
      const before = tree(files)
      const { id } = journal.apply(everyChange(), meta)
      meddle(files)
      const theirs = tree(files)
      expect(journal.rollback()).toMatchObject({ transactionId: id, outcome: 'refused', paths: [], conflicts: [{ path }] })
      expect(tree(files)).toEqual(theirs)
      expect(journal.rollback(id, { force: true })).toMatchObject({ outcome: 'rolled-back', conflicts: [{ path }] })
      expect(tree(files)).toEqual(before)
      const [overruled, original] = journal.list()
      expect([overruled?.undoes, overruled?.state, original?.id, original?.state]).toEqual([id, 'applied', id, 'rolled-back'])
      expect(codeOf(() => journal.rollback())).toBe('HS_TRANSACTION_UNKNOWN')
      expect(journal.rollback(overruled?.id).outcome).toBe('rolled-back')
      expect(tree(files)).toEqual(theirs)
    },
  )

  it.each([
    ['a folder in place of a file', 'src/a.js', (files: MemoryFileSystem) => files.mkdir('/p/src/a.js', 0o755)],
    ['a link in place of a file', 'src/a.js', (files: MemoryFileSystem) => files.link('b.js', '/p/src/a.js')],
    ['nothing whose mode could be set', 'bin/run', () => undefined],
    [
      'a file in place of a tree',
      'node_modules',
      (files: MemoryFileSystem) => files.writeNew('/p/node_modules', text('mine'), 0o644),
    ],
    ['a link in place of a folder', 'new', (files: MemoryFileSystem) => files.link('src', '/p/new')],
  ])('refuses %s, even when forced', (_, path, meddle) => {
    const { files, journal } = setUp()
    journal.apply(everyChange(), meta)
    files.removeTree(`/p/${path}`)
    meddle(files)
    const theirs = tree(files)
    expect(journal.rollback(undefined, { force: true }).outcome).toBe('refused')
    expect(tree(files)).toEqual(theirs)
  })

  it('takes what was brought back by hand for brought back', () => {
    const { files, journal } = setUp()
    const before = tree(files)
    journal.apply(
      [
        write('new.js', null, 'n'),
        write('src/a.js', 'let a\r\n', 'x'),
        { ...write('src/b.js', '#!/bin/sh\n', '#!/bin/sh\n'), mode: 0o644 },
        { kind: 'chmod', path: 'bin/run', modeBefore: 0o644, mode: 0o755 },
        { kind: 'remove', path: 'old/c.txt', baseHash: sha256('c') },
      ],
      meta,
    )
    files.unlink('/p/new.js')
    replace(files, '/p/src/a.js', 'let a\r\n')
    files.chmod('/p/bin/run', 0o644)
    files.writeNew('/p/old/c.txt', text('c'), 0o600)
    expect(journal.rollback()).toMatchObject({ outcome: 'rolled-back', conflicts: [] })
    expect(tree(files)).toEqual(before)
  })

  it('leaves folders that hold something new', () => {
    const { files, journal } = setUp()
    journal.apply([write('new/deep/d.js', null, 'd')], meta)
    files.writeNew('/p/new/mine', text('mine'), 0o644)
    expect(journal.rollback().outcome).toBe('rolled-back')
    expect(Object.keys(tree(files)).filter((path) => path.startsWith('new'))).toEqual(['new', 'new/mine'])
  })

  it('makes folders again that were removed since', () => {
    const { files, journal } = setUp()
    journal.apply([{ kind: 'remove', path: 'old/c.txt', baseHash: sha256('c') }], meta)
    files.rmdir('/p/old')
    expect(journal.rollback().outcome).toBe('rolled-back')
    expect(tree(files)['old/c.txt']).toBe('file 600 c')
  })

  it('ignores what tools cache in a tree', () => {
    const { files, journal } = setUp()
    const before = tree(files)
    journal.apply([{ kind: 'tree', path: 'node_modules', from: '/stage/node_modules' }], meta)
    files.mkdir('/p/node_modules/.cache', 0o755)
    files.writeNew('/p/node_modules/.cache/x', text('x'), 0o644)
    expect(journal.rollback().outcome).toBe('rolled-back')
    expect(tree(files)).toEqual(before)
  })

  it.each(['', 'nonsense', '../../x', '000001-x', '__proto__'])('does not know the transaction %j', (id) => {
    const { journal, files } = setUp()
    expect(codeOf(() => journal.rollback(id))).toBe('HS_TRANSACTION_UNKNOWN')
    expect(files.lstat('/p/.homeostat')).toBeUndefined()
    journal.apply([write('n', null, 'n')], meta)
    expect(codeOf(() => journal.rollback(id))).toBe('HS_TRANSACTION_UNKNOWN')
  })

  it.each([
    ['changed', (files: MemoryFileSystem, path: string) => replace(files, path, 'tampered')],
    ['gone', (files: MemoryFileSystem, path: string) => files.unlink(path)],
  ])('refuses when what was kept is %s, and changes nothing', (_, tamper) => {
    const { files, journal } = setUp()
    const { id } = journal.apply([write('src/a.js', 'let a\r\n', 'x')], meta)
    const after = tree(files)
    tamper(files, `/p/.homeostat/txn/${id}/node_modules/0.old`)
    expect(codeOf(() => journal.rollback())).toBe('HS_JOURNAL_CORRUPT')
    expect(tree(files)).toEqual(after)
  })

  it('refuses when the tree that was kept is gone', () => {
    const { files, journal } = setUp()
    const { id } = journal.apply([{ kind: 'tree', path: 'node_modules', from: null }], meta)
    files.removeTree(`/p/.homeostat/txn/${id}/node_modules/0.old`)
    expect(codeOf(() => journal.rollback())).toBe('HS_JOURNAL_CORRUPT')
  })

  it('has nothing to do where a tree that was new is gone', () => {
    const { files, journal } = setUp()
    journal.apply([{ kind: 'tree', path: 'vendor', from: '/stage/node_modules' }], meta)
    files.removeTree('/p/vendor')
    expect(journal.rollback().outcome).toBe('refused')
    expect(journal.rollback(undefined, { force: true }).outcome).toBe('rolled-back')
  })

  it('keeps what it puts aside where test runners and compilers do not look', () => {
    const { files, journal } = setUp()
    const { id } = journal.apply(everyChange(), meta)
    expect(files.readdir(`/p/.homeostat/txn/${id}`)).toEqual(['committed', 'node_modules'])
    expect(files.readdir(`/p/.homeostat/txn/${id}/node_modules`)).toContain('0.old')
  })

  it('keeps nothing of what was rolled back but the note of it', () => {
    const { files, journal } = setUp()
    const { id } = journal.apply(everyChange(), meta)
    journal.rollback()
    expect(files.readdir('/p/.homeostat/txn')).toEqual([id])
    expect(files.readdir(`/p/.homeostat/txn/${id}`)).toEqual(['rolled-back'])
  })
})

describe('recover()', () => {
  /** Applies every change and dies at the given call. */
  const die = (files: MemoryFileSystem, failAt: number): void => {
    const journal = openJournal({
      root: '/p',
      files: faultyFileSystem(files, { failAt, mode: 'crash' }),
      world: createTestWorld(7),
      pid: 42,
    })
    expect(() => journal.apply(everyChange(), meta)).toThrow()
  }
  /** In the middle of the steps: the second file is in place, the third is not. */
  const middle = (): number => {
    const files = project()
    let at = 0
    const counting = faultyFileSystem(files, { failAt: Number.POSITIVE_INFINITY, mode: 'error' })
    const watched: FileSystem = {
      ...counting,
      rename(from, to) {
        counting.rename(from, to)
        if (to === '/p/src/a.js') at = counting.mutations
      },
    }
    openJournal({ root: '/p', files: watched, world: createTestWorld(7) }).apply(everyChange(), meta)
    return at + 1
  }
  const dead = { isAlive: () => false }

  it('does not touch a project without a journal, nor one in order', () => {
    const { files, journal } = setUp()
    expect(journal.recover()).toEqual([])
    expect(journal.list()).toEqual([])
    expect(files.lstat('/p/.homeostat')).toBeUndefined()
    journal.apply([write('n', null, 'n')], meta)
    const before = files.dump('/p')
    expect(journal.recover()).toEqual([])
    expect(files.dump('/p')).toEqual(before)
  })

  it('undoes a half-done transaction, once', () => {
    const { files, open } = setUp(dead)
    const before = tree(files)
    die(files, middle())
    expect(tree(files)).not.toEqual(before)
    expect(open().list()).toEqual([])
    const [recovery, ...others] = open().recover()
    expect(others).toEqual([])
    expect(recovery).toMatchObject({ title: 'Repair', result: 'restored', conflicts: [] })
    expect(tree(files)).toEqual(before)
    expect(open().recover()).toEqual([])
  })

  it('is done by the next apply as well', () => {
    const { files, open } = setUp(dead)
    die(files, middle())
    open().apply([write('src/a.js', 'let a\r\n', 'x')], meta)
    expect(tree(files)['src/a.js']).toBe('file 644 x')
    expect(tree(files)['package.json']).toBe('file 644 { "broken": ')
  })

  it.each([
    ['a file', 'src/a.js', (files: MemoryFileSystem) => replace(files, '/p/src/a.js', 'mine')],
    ['a file, by removing it', 'src/a.js', (files: MemoryFileSystem) => files.unlink('/p/src/a.js')],
    [
      'a file, by a folder',
      'src/a.js',
      (files: MemoryFileSystem) => (files.unlink('/p/src/a.js'), files.mkdir('/p/src/a.js', 0o755)),
    ],
    [
      'a file, by a link',
      'src/a.js',
      (files: MemoryFileSystem) => (files.unlink('/p/src/a.js'), files.link('b.js', '/p/src/a.js')),
    ],
  ])('leaves alone what someone else changed meanwhile (%s), and keeps what it held', (_, path, meddle) => {
    const { files, open } = setUp(dead)
    die(files, middle())
    meddle(files)
    const theirs = files.dump('/p/src')
    const [recovery] = open().recover()
    expect(recovery).toMatchObject({ result: 'conflict', conflicts: [path] })
    expect(files.dump('/p/src')).toEqual(theirs)
    expect(tree(files)['package.json']).toBe('file 644 { "broken": ')
    expect(open().recover()).toEqual([])
    expect(open().list()).toMatchObject([{ state: 'rolled-back', conflicts: [path] }])
    expect(Buffer.from(files.readFile(`/p/.homeostat/txn/${recovery?.transactionId}/node_modules/1.old`)).toString()).toBe(
      'let a\r\n',
    )
  })

  const dieInTree = (files: MemoryFileSystem, when: (from: string, to: string) => boolean): void => {
    let dead = false
    const dying: FileSystem = {
      ...files,
      rename(from, to) {
        dead ||= when(from, to)
        if (dead) throw new Crash('killed')
        files.rename(from, to)
      },
      // Dead processes do not clean up.
      unlink: () => {
        throw new Crash('killed')
      },
    }
    const journal = openJournal({ root: '/p', files: dying, world: createTestWorld(7), pid: 42 })
    expect(() => journal.apply([{ kind: 'tree', path: 'node_modules', from: '/stage/node_modules' }], meta)).toThrow()
  }
  it.each([
    [
      'changed the new tree',
      (from: string) => from.endsWith('prepared'),
      (files: MemoryFileSystem) => files.mkdir('/p/node_modules/mine', 0o755),
    ],
    [
      'put one where none was',
      (_: string, to: string) => to === '/p/node_modules',
      (files: MemoryFileSystem) => (files.mkdir('/p/node_modules', 0o755), files.mkdir('/p/node_modules/mine', 0o755)),
    ],
    [
      'put a file there',
      (_: string, to: string) => to === '/p/node_modules',
      (files: MemoryFileSystem) => files.writeNew('/p/node_modules', text('mine'), 0o644),
    ],
  ])('leaves a tree alone when someone else %s meanwhile', (_, when, meddle) => {
    const { files, open } = setUp(dead)
    dieInTree(files, when)
    meddle(files)
    const theirs = tree(files)
    const [recovery] = open().recover()
    expect(recovery).toMatchObject({ result: 'conflict', conflicts: ['node_modules'] })
    expect(tree(files)).toEqual(theirs)
    expect(files.lstat(`/p/.homeostat/txn/${recovery?.transactionId}/node_modules/0.old/x/index.js`)).toBeDefined()
  })

  it('restores a tree although the new one was removed meanwhile', () => {
    const { files, open } = setUp(dead)
    const before = tree(files)
    dieInTree(files, (from) => from.endsWith('prepared'))
    files.removeTree('/p/node_modules')
    expect(open().recover()).toMatchObject([{ result: 'restored' }])
    expect(tree(files)).toEqual(before)
  })

  it('says when the process that does it is still alive', () => {
    const { files, open } = setUp({ isAlive: (pid) => pid === 42 })
    die(files, middle())
    const before = tree(files)
    expect(codeOf(() => open().recover())).toBe('HS_JOURNAL_BUSY')
    expect(tree(files)).toEqual(before)
  })

  it('does not restore a kept file that was tampered with', () => {
    const { files, open } = setUp(dead)
    die(files, middle())
    const [id] = files.readdir('/p/.homeostat/txn')
    files.unlink(`/p/.homeostat/txn/${id}/node_modules/1.old`)
    files.link('/stage/secret', `/p/.homeostat/txn/${id}/node_modules/1.old`)
    expect(open().recover()).toMatchObject([{ result: 'conflict', conflicts: ['src/a.js'] }])
    expect(files.lstat('/p/src/a.js')?.kind).toBe('file')
  })
})

describe('a journal that was tampered with', () => {
  const record = (files: MemoryFileSystem, change: (text: string) => string): void => {
    const [id] = files.readdir('/p/.homeostat/txn')
    const path = `/p/.homeostat/txn/${id}/committed`
    replace(files, path, change(Buffer.from(files.readFile(path)).toString()), 0o600)
  }
  it.each([
    ['is not JSON', () => '{'],
    ['is not UTF-8', () => '\udcff'],
    ['is empty', () => ''],
    ['is of another version', (json: string) => json.replace('"version":1', '"version":2')],
    ['has unknown fields', (json: string) => json.replace('{', '{"extra":1,')],
    ['leads outside', (json: string) => json.replace('src/a.js', '../../etc/passwd')],
    ['leads to git', (json: string) => json.replace('src/a.js', '.git/config')],
    ['has a bad hash', (json: string) => json.replace(/"hash":"../, '"hash":"zz')],
    ['has a bad mode', (json: string) => json.replace(/"mode":\d+/, '"mode":99999')],
    ['is of another transaction', (json: string) => json.replace('"id":"000001', '"id":"000002')],
    ['is a list', () => '[]'],
    ['has __proto__', (json: string) => json.replace('{', '{"__proto__":{},')],
  ])('is refused when it %s, and nothing is touched', (_, change) => {
    const { files, journal } = setUp()
    journal.apply([write('src/a.js', 'let a\r\n', 'x')], meta)
    record(files, change)
    const before = files.dump('/p')
    for (const act of [
      () => journal.list(),
      () => journal.rollback(),
      () => journal.recover(),
      () => journal.apply([write('n', null, 'n')], meta),
    ]) {
      expect(codeOf(act)).toBe('HS_JOURNAL_CORRUPT')
      expect(files.dump('/p')).toEqual(before)
    }
  })

  it.each(['/p/.homeostat', '/p/.homeostat/txn'])('is refused when %s is a link', (path) => {
    const { files, journal } = setUp()
    if (path !== '/p/.homeostat') files.mkdir('/p/.homeostat', 0o700)
    files.link('/stage', path)
    const before = files.dump('/')
    for (const act of [() => journal.list(), () => journal.recover(), () => journal.apply([write('n', null, 'n')], meta)])
      expect(codeOf(act)).toBe('HS_PATH_REFUSED')
    expect(files.dump('/')).toEqual(before)
  })

  it('is read although another process moves it on or drops it meanwhile', () => {
    const { files, journal } = setUp()
    const { id } = journal.apply([write('n', null, 'n')], meta)
    const folder = `/p/.homeostat/txn/${id}`
    let meddle = (): void => files.rename(`${folder}/committed`, `${folder}/rolled-back`)
    const busy: FileSystem = {
      ...files,
      readFile(path) {
        const act = meddle
        meddle = () => undefined
        act()
        return files.readFile(path)
      },
    }
    const reader = openJournal({ root: '/p', files: busy, world: createTestWorld() })
    expect(reader.list()).toMatchObject([{ id, state: 'rolled-back' }])
    meddle = () => files.unlink(`${folder}/rolled-back`)
    expect(reader.list()).toEqual([])
  })

  it('ignores foreign names in its folder', () => {
    const { files, journal } = setUp()
    journal.apply([write('n', null, 'n')], meta)
    files.writeNew('/p/.homeostat/txn/.DS_Store', text(''), 0o644)
    expect(journal.list()).toHaveLength(1)
  })
})

describe('old transactions', () => {
  it('are pruned to the number kept; what was pruned is unknown', () => {
    const { journal, files } = setUp({ keep: { transactionsMax: 2, bytesMax: 1_000_000 } })
    const ids = ['a', 'b', 'c'].map((name) => journal.apply([write(name, null, name)], meta).id)
    expect(journal.list().map(({ id }) => id)).toEqual([ids[2], ids[1]])
    expect(codeOf(() => journal.rollback(ids[0]))).toBe('HS_TRANSACTION_UNKNOWN')
    expect(files.readdir('/p/.homeostat/txn')).toHaveLength(2)
  })

  it('are pruned to the bytes kept, the newest aside', () => {
    const { journal } = setUp({ keep: { transactionsMax: 10, bytesMax: 10 } })
    journal.apply([write('a', null, 'x'.repeat(8))], meta)
    journal.apply([write('a', 'x'.repeat(8), 'y'.repeat(8))], meta)
    expect(journal.list()).toHaveLength(2)
    journal.apply([write('a', 'y'.repeat(8), 'z')], meta)
    expect(journal.list()).toHaveLength(1)
    journal.apply([{ kind: 'tree', path: 'node_modules', from: '/stage/node_modules' }], meta)
    journal.apply([{ kind: 'remove', path: 'a', baseHash: sha256('z') }], meta)
    expect(journal.list()).toHaveLength(2)
    expect(journal.rollback().outcome).toBe('rolled-back')
  })
})

describe('openJournal()', () => {
  it('wants a folder, and touches nothing', () => {
    const files = memoryFileSystem()
    files.writeNew('/file', text(''), 0o644)
    const world = createTestWorld()
    expect(codeOf(() => openJournal({ root: '/none', files, world }))).toBe('HS_FOLDER_MISSING')
    expect(codeOf(() => openJournal({ root: '/file', files: { ...files, realpath: (path) => path }, world }))).toBe(
      'HS_FOLDER_MISSING',
    )
    files.mkdir('/p', 0o755)
    openJournal({ root: '/p', files, world }).close()
    expect(files.dump('/p')).toEqual({})
  })

  it('cannot be used after close()', () => {
    const { journal } = setUp()
    journal.close()
    journal.close()
    for (const act of [
      () => journal.list(),
      () => journal.rollback(),
      () => journal.recover(),
      () => journal.apply([write('n', null, 'n')], meta),
    ])
      expect(codeOf(act)).toBe('HS_CLOSED')
  })
})
