import { describe, expect, it } from 'vitest'
import type { Change, FileSystem } from '../../src/core/ports.js'
import type { MemoryFileSystem } from '../../src/testing/memory-file-system.js'
import { createTestWorld } from '../../src/testing/test-world.js'
import { changesBefore, diskAfter, recordDisk } from '../patch/power-cut.js'
import { everyChange, isOneOf, project, reopen, tree } from './journal-scenario.js'

const meta = { title: 'power cut', reason: 'test' }

/** The project after some transactions. */
function applied(...transactions: readonly (readonly Change[])[]): MemoryFileSystem {
  const files = project()
  for (const changes of transactions) reopen(files).apply(changes, meta)
  return files
}

const scenarios = [
  { name: 'an apply', start: project(), act: (files: FileSystem) => void reopen(files).apply(everyChange(), meta) },
  {
    name: 'a rollback',
    start: applied(everyChange()),
    act: (files: FileSystem) => void reopen(files).rollback(),
  },
  {
    name: 'an apply that fails half way',
    start: project(),
    act: (files: FileSystem) => {
      const failing: FileSystem = {
        ...files,
        chmod() {
          throw Object.assign(new Error('EIO'), { code: 'EIO' })
        },
      }
      expect(() => reopen(failing).apply(everyChange(), meta)).toThrow('EIO')
    },
  },
]

it('a power cut while old transactions are pruned leaves none of them half', () => {
  const [first, second, ...others] = everyChange()
  const start = applied(first === undefined ? [] : [first], second === undefined ? [] : [second])
  const log = recordDisk(start, (files) => void reopen(files, 1).apply(others, meta))
  for (let cut = 0; cut <= log.calls; cut += 1) {
    const changes = changesBefore(log, cut)
    for (let lost = 0; lost <= 6; lost += 1) {
      const files = diskAfter(start, changes, (index) => index !== lost)
      const journal = reopen(files)
      journal.recover()
      for (const { state } of journal.list())
        if (state === 'applied') expect(journal.rollback().outcome, `cut after call ${cut}, lost ${lost}`).toBe('rolled-back')
    }
  }
})

describe.each(scenarios)('a power cut during $name', ({ start, act }) => {
  const old = tree(start)
  const log = recordDisk(start, act)
  const fresh = tree(diskAfter(start, changesBefore(log, log.calls), () => true))
  const { random } = createTestWorld(5)
  const choices: readonly ((index: number) => boolean)[] = [
    () => false,
    () => true,
    ...Array.from({ length: 3 }, (_, only) => (index: number) => index === only + 1),
    ...Array.from({ length: 20 }, (_, all) => (index: number) => index !== all + 1),
    ...Array.from({ length: 4 }, () => () => random() < 0.5),
  ]

  it('leaves the old tree or the new one after recovery', () => {
    for (let cut = 0; cut <= log.calls; cut += 1) {
      const changes = changesBefore(log, cut)
      for (const [number, keeps] of choices.entries()) {
        const files = diskAfter(start, changes, keeps)
        const conflicts = reopen(files)
          .recover()
          .filter(({ result }) => result === 'conflict')
        expect(conflicts, `cut after call ${cut}, choice ${number}`).toEqual([])
        expect(isOneOf(files, old, fresh), `cut after call ${cut}, choice ${number}`).toBe(true)
      }
    }
  })

  it('loses nothing once it has returned', () => {
    for (const keeps of choices) {
      const files = diskAfter(start, changesBefore(log, log.calls), keeps)
      reopen(files).recover()
      expect(tree(files)).toEqual(fresh)
    }
  })
})

describe('diskAfter()', () => {
  it('keeps what was synced and drops what was not', () => {
    const log = recordDisk(project(), (files) => {
      files.writeNew('/p/synced', Buffer.from('x'), 0o644)
      files.fsyncFolder('/p')
      files.writeNew('/p/not', Buffer.from('x'), 0o644)
      files.rename('/p/synced', '/p/src/moved')
      files.fsyncFolder('/p/src')
    })
    const files = diskAfter(project(), changesBefore(log, log.calls), () => false)
    expect([files.lstat('/p/synced')?.kind, files.lstat('/p/not'), files.lstat('/p/src/moved')]).toEqual([
      'file',
      undefined,
      undefined,
    ])
  })
})
