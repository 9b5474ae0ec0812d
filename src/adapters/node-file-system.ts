import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs'
import { join } from 'node:path'
import type { FileStat, FileSystem } from '../core/ports.js'

/** The file system of this machine. */
export function nodeFileSystem(): FileSystem {
  return {
    readFile: (path) => readFileSync(path),
    writeNew,
    rename: process.platform === 'win32' ? (from, to) => whileBusy(() => renameSync(from, to)) : renameSync,
    unlink: unlinkSync,
    mkdir,
    rmdir: (path) => rmdirSync(path),
    copyTree,
    removeTree: (path) => rmSync(path, { recursive: true, force: true, maxRetries: 3 }),
    chmod(path, mode) {
      chmodSync(path, mode)
      sync(path)
    },
    lstat,
    readdir: (path) => readdirSync(path),
    fsyncFolder: sync,
    realpath: (path) => realpathSync.native(path),
  }
}

/**
 * Does `act` again while it fails as it does on Windows when a virus scanner or an editor holds the file: `EBUSY`, `EPERM`,
 * `EACCES`. Waits 10 ms, then twice as long each time, about a second in all; blocks, as a transaction must not be interrupted.
 *
 * @throws what `act` threw last.
 */
export function whileBusy(act: () => void, wait: (delayMs: number) => void = block): void {
  for (let delayMs = 10; ; delayMs *= 2) {
    try {
      act()
      return
    } catch (error) {
      if (delayMs > 640 || !['EBUSY', 'EPERM', 'EACCES'].includes(codeOf(error))) throw error
      wait(delayMs)
    }
  }
}

function block(delayMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs)
}

function writeNew(path: string, bytes: Uint8Array, mode: number): void {
  const descriptor = openSync(path, 'wx', 0o600)
  try {
    for (let offset = 0; offset < bytes.length;) offset += writeSync(descriptor, bytes, offset)
    setMode(() => fchmodSync(descriptor, mode))
    fsyncSync(descriptor)
  } catch (error) {
    closeSync(descriptor)
    rmSync(path, { force: true })
    throw error
  }
  closeSync(descriptor)
}

function lstat(path: string): FileStat | undefined {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    return stats === undefined
      ? undefined
      : { kind: kindOf(stats), mode: stats.mode & 0o7777, sizeBytes: stats.size, device: stats.dev }
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') return undefined // a file on the way: nothing can be below it
    throw error
  }
}

/** The mode given to `mkdir` is thinned by the umask; ours is exact. */
function mkdir(path: string, mode: number): void {
  mkdirSync(path, mode)
  setMode(() => chmodSync(path, mode))
}

/** A file system without modes refuses to set them; its files have the mode they have. */
function setMode(set: () => void): void {
  try {
    set()
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(codeOf(error))) throw error
  }
}

function copyTree(from: string, to: string): void {
  const { mode } = lstatSync(from)
  // Open to ourselves until it is filled: the original may be read-only.
  mkdirSync(to, 0o700)
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) copyTree(source, target)
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target)
    else if (entry.isFile()) copyFileSync(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    else
      throw Object.assign(new Error(`EINVAL: neither file, folder nor link, copy '${source}'`), { code: 'EINVAL', path: source }) // a pipe would block
  }
  setMode(() => chmodSync(to, mode & 0o7777))
}

/** Windows cannot open a folder, some network file systems cannot sync one, and a file may be closed to us. */
const unsyncable = ['EACCES', 'EBADF', 'EINVAL', 'EISDIR', 'ENOSYS', 'ENOTSUP', 'EPERM']

function sync(path: string): void {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, 'r')
    fsyncSync(descriptor)
  } catch (error) {
    if (!unsyncable.includes(codeOf(error))) throw error
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

function kindOf(stats: Stats): FileStat['kind'] {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'folder'
  return stats.isSymbolicLink() ? 'link' : 'other'
}

function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}
