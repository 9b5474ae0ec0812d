import type { FileSystem } from '../core/ports.js'

/** What a {@link faultyFileSystem} throws when it plays a crash, and for every call after it. */
export class Crash extends Error {
  override readonly name = 'Crash'
}

export interface FaultyOptions {
  /** Which call that changes something fails, counted from 1. `Infinity`: none; the calls are only counted. */
  readonly failAt: number
  /** Calls that only read are counted by {@link failAt} as well, and fail. Default: no. */
  readonly reads?: boolean
  /**
   * `error`: this one call fails and does nothing. `full`: this call and every later one that needs room on the disk fails
   * (writing, making folders, copying). `crash`: everything from this call on throws {@link Crash}.
   */
  readonly mode: 'error' | 'full' | 'crash'
  /** The code of the error; `EIO` by default. */
  readonly error?: 'EIO' | 'ENOSPC' | 'EACCES' | 'EMFILE'
  /** A crash does half of the call: half of the bytes written, half of a tree copied or removed. */
  readonly torn?: boolean
}

/** A file system that fails on purpose. */
export interface FaultyFileSystem extends FileSystem {
  /** Calls so far that change something; syncing a folder counts. */
  readonly mutations: number
  /** All calls so far. */
  readonly calls: number
}

/** Passes every call on to `inner`, and fails where it is told to. */
export function faultyFileSystem(
  inner: FileSystem,
  { failAt, reads = false, mode, error = 'EIO', torn = false }: FaultyOptions,
): FaultyFileSystem {
  let mutations = 0
  let calls = 0
  let crashed = false

  const read = <T>(what: string, act: () => T): T => {
    if (crashed) throw new Crash('the process is dead')
    calls += 1
    if (reads && calls === failAt) fail(what)
    return act()
  }
  const change = (what: string, act: () => void, half?: () => void): void => {
    if (crashed) throw new Crash('the process is dead')
    calls += 1
    mutations += 1
    const at = reads ? calls : mutations
    if (mode === 'full' && at >= failAt && half !== undefined) throw failure(error, what)
    if (at === failAt) fail(what, half)
    act()
  }
  /** A disk that is full fails only where room is needed. */
  const fail = (what: string, half?: () => void): void => {
    if (mode === 'full') return
    if (mode === 'error') throw failure(error, what)
    crashed = true
    if (torn) half?.()
    throw new Crash(`killed at call ${failAt}: ${what}`)
  }
  return {
    get mutations() {
      return mutations
    },
    get calls() {
      return calls
    },
    readFile: (path) => read(`read ${path}`, () => inner.readFile(path)),
    lstat: (path) => read(`look at ${path}`, () => inner.lstat(path)),
    readdir: (path) => read(`list ${path}`, () => inner.readdir(path)),
    realpath: (path) => read(`resolve ${path}`, () => inner.realpath(path)),
    writeNew: (path, bytes, bits) =>
      change(
        `write ${path}`,
        () => inner.writeNew(path, bytes, bits),
        () => inner.writeNew(path, bytes.subarray(0, bytes.length >> 1), 0o600),
      ),
    mkdir: (path, bits) =>
      change(
        `mkdir ${path}`,
        () => inner.mkdir(path, bits),
        () => undefined,
      ),
    copyTree: (from, to) =>
      change(
        `copy ${to}`,
        () => inner.copyTree(from, to),
        () => inner.mkdir(to, 0o700),
      ),
    removeTree: (path) => {
      // Removing needs no room: only a crash can do half of it.
      const half = (): void => removeHalf(inner, path)
      change(`remove ${path}`, () => inner.removeTree(path), mode === 'crash' ? half : undefined)
    },
    rename: (from, to) => change(`rename ${from}`, () => inner.rename(from, to)),
    unlink: (path) => change(`unlink ${path}`, () => inner.unlink(path)),
    rmdir: (path) => change(`rmdir ${path}`, () => inner.rmdir(path)),
    chmod: (path, bits) => change(`chmod ${path}`, () => inner.chmod(path, bits)),
    fsyncFolder: (path) => change(`fsync ${path}`, () => inner.fsyncFolder(path)),
  }
}

function removeHalf(inner: FileSystem, path: string): void {
  if (inner.lstat(path)?.kind !== 'folder') return
  const names = inner.readdir(path)
  for (const name of names.slice(0, Math.ceil(names.length / 2))) inner.removeTree(`${path}/${name}`)
}

function failure(code: string, what: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${what}`), { code })
}
