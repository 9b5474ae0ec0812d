import { dirname } from 'node:path'
import type { FileSystem } from '../../src/core/ports.js'
import type { MemoryFileSystem } from '../../src/testing/memory-file-system.js'

/*
 * What a power cut can leave, after the model of ALICE (Pillai et al., OSDI 2014): a change of a folder's entries is on disk for
 * certain once every folder that it touches has been synced after it; until then it may be there or not, each by itself.
 * Contents and modes are synced by the calls that write them.
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

/** What a process did to a disk, call by call. */
export interface DiskLog {
  readonly changes: readonly Entry[]
  /** When each folder was synced. */
  readonly syncs: readonly { readonly folder: string; readonly at: number }[]
  readonly calls: number
}

/** Does `act` on a copy of the start, and writes down what it changed in which order. */
export function recordDisk(start: MemoryFileSystem, act: (files: FileSystem) => void): DiskLog {
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

interface Change {
  readonly redo: Entry['redo']
  readonly certain: boolean
}

/** The changes before a power cut behind call `cut`, and whether each is on disk for certain. */
export function changesBefore({ changes, syncs }: DiskLog, cut: number): readonly Change[] {
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
export function diskAfter(
  start: MemoryFileSystem,
  changes: readonly Change[],
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
