import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../src/core/errors.js'
import type { Change } from '../../src/core/ports.js'
import { faultyFileSystem, type FaultyFileSystem, type FaultyOptions } from '../../src/testing/faulty-file-system.js'
import type { MemoryFileSystem } from '../../src/testing/memory-file-system.js'
import { everyChange, isOneOf, project, reopen, tree, write } from './journal-scenario.js'

const meta = { title: 'simulation', reason: 'test' }

/** Something a process does with the journal of a prepared project. */
interface Scenario {
  readonly name: string
  /** What happened before, without faults. */
  readonly before: (files: MemoryFileSystem) => void
  readonly act: (files: FaultyFileSystem | MemoryFileSystem) => void
}

const apply = (changes: () => readonly Change[]) => (files: FaultyFileSystem | MemoryFileSystem) =>
  void reopen(files).apply(changes(), meta)

const scenarios: readonly Scenario[] = [
  { name: 'the first apply of every kind of change', before: () => undefined, act: apply(everyChange) },
  {
    name: 'a later apply',
    before: (files) => void reopen(files).apply([write('src/e.js', null, 'e')], meta),
    act: apply(everyChange),
  },
  {
    name: 'removing a tree',
    before: () => undefined,
    act: apply(() => [{ kind: 'tree', path: 'node_modules', from: null }, write('z', null, 'z')]),
  },
  {
    name: 'bringing in a tree where none was',
    before: () => undefined,
    act: apply(() => [{ kind: 'tree', path: 'lib/node_modules', from: '/stage/node_modules' }]),
  },
  { name: 'a rollback', before: apply(everyChange), act: (files) => void reopen(files).rollback() },
  {
    name: 'a forced rollback over changes of someone else',
    before: (files) => {
      apply(everyChange)(files)
      files.unlink('/p/src/a.js')
      files.writeNew('/p/src/a.js', Buffer.from('mine'), 0o644)
      files.writeNew('/p/new/mine', Buffer.from('mine'), 0o644)
    },
    act: (files) => void reopen(files).rollback(undefined, { force: true }),
  },
  {
    name: 'an apply that prunes',
    before: (files) => {
      for (let index = 0; index < 4; index += 1) reopen(files).apply([write(`f${index}`, null, 'f')], meta)
    },
    act: (files) => void reopen(files, 2).apply([write('src/a.js', 'let a\r\n', 'b')], meta),
  },
]

interface Run {
  readonly old: Readonly<Record<string, string>>
  readonly files: MemoryFileSystem
  readonly error: unknown
}

const prepared = new Map<string, MemoryFileSystem>()

/** A copy of the project as the scenario finds it. */
function start({ name, before }: Scenario): MemoryFileSystem {
  let files = prepared.get(name)
  if (files === undefined) {
    files = project()
    before(files)
    prepared.set(name, files)
  }
  return files.clone()
}

function run(scenario: Scenario, options: FaultyOptions): Run {
  const files = start(scenario)
  const old = tree(files)
  try {
    scenario.act(faultyFileSystem(files, options))
  } catch (error) {
    return { old, files, error }
  }
  return { old, files, error: undefined }
}

function clean(scenario: Scenario): { readonly count: number; readonly fresh: Readonly<Record<string, string>> } {
  const files = start(scenario)
  const counting = faultyFileSystem(files, { failAt: Number.POSITIVE_INFINITY, mode: 'error' })
  scenario.act(counting)
  return { count: counting.mutations, fresh: tree(files) }
}

/** The journal and the tree tell the same story, and the next process can work. */
function expectUsable(files: MemoryFileSystem): void {
  const journal = reopen(files)
  expect(journal.recover()).toEqual([])
  const before = tree(files)
  journal.apply([write('after', null, 'after')], meta)
  expect(journal.rollback().outcome).toBe('rolled-back')
  expect(tree(files)).toEqual(before)
  expect(Object.keys(files.dump('/p')).filter((path) => /^\.homeostat\/(?:lock|txn\/[^/]+\/draft)/.test(path))).toEqual([])
}

describe.each(scenarios)('$name', (scenario) => {
  const { count, fresh } = clean(scenario)

  it('changes the tree at all', () => {
    expect(run(scenario, { failAt: Number.POSITIVE_INFINITY, mode: 'error' }).old).not.toEqual(fresh)
    expect(count).toBeGreaterThan(8)
  })

  it.each(['EIO', 'ENOSPC'] as const)('is done or not done at all when any one call fails with %s', (error) => {
    for (let failAt = 1; failAt <= count; failAt += 1) {
      const result = run(scenario, { failAt, mode: 'error', error })
      if (result.error === undefined) {
        expect(isOneOf(result.files, fresh), `call ${failAt}`).toBe(true)
      } else {
        expect(isHomeostatError(result.error, 'HS_WRITE_FAILED'), `call ${failAt}`).toBe(true)
        expect(isOneOf(result.files, result.old), `call ${failAt}`).toBe(true)
      }
      reopen(result.files).recover()
      expect(isOneOf(result.files, result.error === undefined ? fresh : result.old), `call ${failAt}, recovered`).toBe(true)
      expectUsable(result.files)
    }
  })

  it('is done or not done at all when the disk is full from any call on', () => {
    for (let failAt = 1; failAt <= count; failAt += 1) {
      const result = run(scenario, { failAt, mode: 'full', error: 'ENOSPC' })
      expect(isOneOf(result.files, result.error === undefined ? fresh : result.old), `call ${failAt}`).toBe(true)
      if (result.error !== undefined) expect(isHomeostatError(result.error, 'HS_WRITE_FAILED'), `call ${failAt}`).toBe(true)
      expectUsable(result.files)
    }
  })

  it.each([false, true])('is done or not done at all after a crash at any call and recovery (torn: %s)', (torn) => {
    for (let failAt = 1; failAt <= count; failAt += 1) {
      const { old, files } = run(scenario, { failAt, mode: 'crash', torn })
      reopen(files).recover()
      expect(isOneOf(files, old, fresh), `call ${failAt}`).toBe(true)
      const isOld = isOneOf(files, old)
      const applied = reopen(files).list()
      expectUsable(files)
      // What the journal lists as applied is what is there.
      if (scenario.name === 'a rollback') expect(applied[0]?.state, `call ${failAt}`).toBe(isOld ? 'applied' : 'rolled-back')
    }
  })

  // Every few calls of the first run; each call of the recovery.
  it('survives a crash inside recovery, at any call of it', () => {
    for (let failAt = 1; failAt <= count; failAt += 5) {
      for (let again = 1; ; again += 1) {
        const { old, files } = run(scenario, { failAt, mode: 'crash' })
        const faulty = faultyFileSystem(files, { failAt: again, mode: 'crash', torn: again % 2 === 0 })
        let died = true
        try {
          reopen(faulty).recover()
          died = false
        } catch {
          reopen(files).recover()
        }
        expect(isOneOf(files, old, fresh), `call ${failAt}, then ${again}`).toBe(true)
        if (!died) break
      }
    }
  })

  it('survives a failing call inside recovery, and says so', () => {
    for (let failAt = 1; failAt <= count; failAt += 7) {
      for (let again = 1; ; again += 1) {
        const { old, files } = run(scenario, { failAt, mode: 'crash' })
        const faulty = faultyFileSystem(files, { failAt: again, mode: 'error' })
        try {
          reopen(faulty).recover()
        } catch (error) {
          expect(isHomeostatError(error)).toBe(true)
        }
        reopen(files).recover()
        expect(isOneOf(files, old, fresh), `call ${failAt}, then ${again}`).toBe(true)
        if (faulty.mutations < again) break
      }
    }
  })
})
