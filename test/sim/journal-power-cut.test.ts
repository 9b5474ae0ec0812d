import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Change, FileSystem } from '../../src/core/ports.js'
import type { MemoryFileSystem } from '../../src/testing/memory-file-system.js'
import { createTestWorld } from '../../src/testing/test-world.js'
import { everyChange, isOneOf, project, reopen, tree } from './journal-scenario.js'

/*
 * What a power cut can leave, after the model of ALICE (Pillai et al., OSDI 2014): a change of a folder's entries is on disk for
 * certain once every folder that it touches has been synced after it; until then it may be there or not, each by itself.
 * Kills cannot show a missing fsync; this does. Contents and modes are synced by the calls that write them.
 */

interface Entry {
  readonly redo: (files: FileSystem) => void
  /** Folders whose entries it changes. */
  readonly folders: readonly string[]
  /** The folder that it removes. */
  readonly removes?: string
  /** Place in the order of all calls. */
  readonly at: number
}
interface Log {
  readonly changes: readonly Entry[]
  /** When each folder was synced. */
  readonly syncs: readonly { readonly folder: string; readonly at: number }[]
  readonly calls: number
}

const meta = { title: 'power cut', reason: 'test' }

/** Does `act` on a copy of the start, and writes down what it changed in which order. */
function record(start: MemoryFileSystem, act: (files: FileSystem) => void): Log {
  const files = start.clone()
  const changes: Entry[] = []
  const syncs: { folder: string; at: number }[] = []
  let calls = 0
  const change = (folders: readonly string[], redo: (on: FileSystem) => void, removes?: string): void => {
    changes.push({ redo, folders, at: (calls += 1), ...(removes === undefined ? {} : { removes }) })
    redo(files)
  }
  /** Each entry for itself, as the operating system sees it; links are not followed. */
  const removeEach = (path: string): void => {
    const kind = files.lstat(path)?.kind
    if (kind === undefined) return
    if (kind !== 'folder') return change([dirname(path)], (on) => on.unlink(path))
    for (const name of files.readdir(path)) removeEach(`${path}/${name}`)
    change([dirname(path)], (on) => on.rmdir(path), path)
  }
  act({
    ...files,
    writeNew: (path, bytes, mode) => change([dirname(path)], (on) => on.writeNew(path, bytes, mode)),
    rename: (from, to) => change([dirname(from), dirname(to)], (on) => on.rename(from, to)),
    unlink: (path) => change([dirname(path)], (on) => on.unlink(path)),
    mkdir: (path, mode) => change([dirname(path)], (on) => on.mkdir(path, mode)),
    rmdir: (path) => change([dirname(path)], (on) => on.rmdir(path), path),
    copyTree: (from, to) => change([dirname(to)], (on) => on.copyTree(from, to)),
    removeTree: (path) => removeEach(path),
    chmod: (path, mode) => change([], (on) => on.chmod(path, mode)),
    fsyncFolder: (path) => void syncs.push({ folder: path, at: (calls += 1) }),
  })
  return { changes, syncs, calls }
}

/** The changes before a power cut behind call `cut`, and whether each is on disk for certain. */
function changesBefore(
  { changes, syncs }: Log,
  cut: number,
): readonly { readonly redo: Entry['redo']; readonly certain: boolean }[] {
  const synced = (folder: string, after: number): boolean =>
    syncs.some((sync) => sync.folder === folder && sync.at > after && sync.at <= cut)
  // Where a folder is certainly gone, so is what was in it.
  const gone = (folder: string, after: number): boolean =>
    changes.some(
      ({ removes, at }) =>
        removes === folder && at > after && at <= cut && (synced(dirname(folder), at) || gone(dirname(folder), at)),
    )
  return changes
    .filter(({ at }) => at <= cut)
    .map(({ redo, folders, at }) => ({ redo, certain: folders.every((folder) => synced(folder, at) || gone(folder, at)) }))
}

/** The disk after a power cut, when of the changes that were not certain those that `keeps` says were kept. */
function diskAfter(
  start: MemoryFileSystem,
  changes: ReturnType<typeof changesBefore>,
  keeps: (index: number) => boolean,
): MemoryFileSystem {
  const files = start.clone()
  let uncertain = 0
  for (const { redo, certain } of changes) {
    if (!certain && !keeps((uncertain += 1))) continue
    try {
      redo(files)
    } catch {
      // It built upon a change that was lost, so it is lost as well.
    }
  }
  return files
}

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
  const log = record(start, (files) => void reopen(files, 1).apply(others, meta))
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
  const log = record(start, act)
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
    const log = record(project(), (files) => {
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
