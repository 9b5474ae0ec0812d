import { closeSync, constants, fstatSync, lstatSync, opendirSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { HomeostatError } from '../core/errors.js'
import type { Workspace } from '../core/ports.js'
import { contains, insidePath } from './confined-path.js'

const fileBytesMax = 4 * 1024 * 1024
const namesMax = 10_000
const filesMax = 20_000
/** Folders that `files()` opens, so that a tree of empty folders ends too. */
const foldersMax = 20_000

/**
 * Reads a project from the disk, without ever following a link out of it. What cannot be read, for whatever reason, reads as
 * absent.
 *
 * @param root - The folder of the project; links to it are resolved.
 * @param options - `reachable`: absolute folders outside the root (links resolved) that links may lead to all the same: the
 * packages of the original, for a copy that links them.
 * @throws HS_FOLDER_MISSING when `root` is not a folder.
 */
export function nodeWorkspace(root: string, { reachable = [] }: { readonly reachable?: readonly string[] } = {}): Workspace {
  const home = realFolder(root)
  const locate = (path: string): string | undefined => {
    const plain = insidePath(path)
    if (plain === undefined) return undefined
    const real = present(() => realpathSync(join(home, plain)))
    return real !== undefined && [home, ...reachable].some((folder) => contains(folder, real)) ? real : undefined
  }

  return {
    root: home,
    read(path) {
      const real = locate(path)
      const bytes = real === undefined ? undefined : present(() => readRegular(real))
      return bytes === undefined ? undefined : present(() => utf8.decode(bytes))
    },
    stat(path) {
      const real = locate(path)
      const found = real === undefined ? undefined : present(() => lstatSync(real))
      if (found === undefined) return undefined
      return {
        kind: found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other',
        mode: found.mode & 0o777,
        sizeBytes: found.size,
      }
    },
    list(folder) {
      const real = locate(folder)
      return real === undefined
        ? []
        : entries(real)
            .map((entry) => entry.name)
            .sort()
    },
    files: () => projectFiles(home),
  }
}

/** Fatal, so that bytes that are not UTF-8 are never read as something else; the mark at the beginning is part of the file. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Written by tools, never by people, wherever they are. */
const skipped: ReadonlySet<string> = new Set([
  'node_modules',
  'bower_components',
  '.git',
  '.hg',
  '.svn',
  '.homeostat',
  '.next',
  '.nuxt',
  '.output',
  '.svelte-kit',
  '.turbo',
  '.cache',
  '.parcel-cache',
  '.vite',
  '.vercel',
  '.yarn',
  '.pnpm-store',
  '.nyc_output',
])
/** Generated when they stand beside a manifest; elsewhere (`src/build`) people do use these names. */
const skippedBesideManifest: ReadonlySet<string> = new Set(['dist', 'build', 'coverage', 'out', 'vendor'])

function projectFiles(root: string): readonly string[] {
  const files: string[] = []
  // Folders still to visit, the next one last; so the walk needs no recursion and ends at its limits.
  const waiting = ['']
  for (let folders = 0; folders < foldersMax && files.length < filesMax; folders += 1) {
    const folder = waiting.pop()
    if (folder === undefined) break
    const found = entries(join(root, folder))
    const generated = folder === '' || found.some((entry) => entry.name === 'package.json') ? skippedBesideManifest : none
    for (const entry of found) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.kind === 'file' && files.length < filesMax) files.push(path)
      if (entry.kind === 'folder' && !skipped.has(entry.name) && !generated.has(entry.name)) waiting.push(path)
    }
  }
  return files.sort()
}

const none: ReadonlySet<string> = new Set()

/** What is in a folder, as far as it can be named; at most {@link namesMax}. */
function entries(folder: string): readonly { readonly name: string; readonly kind: 'file' | 'folder' | 'other' }[] {
  const open = present(() => opendirSync(folder))
  const found: { name: string; kind: 'file' | 'folder' | 'other' }[] = []
  if (open === undefined) return found
  for (let entry = present(() => open.readSync()); entry && found.length < namesMax; entry = present(() => open.readSync())) {
    if (insidePath(entry.name) !== entry.name) continue
    found.push({ name: entry.name, kind: entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other' })
  }
  open.closeSync()
  return found
}

function readRegular(path: string): Uint8Array | undefined {
  // Without waiting for a pipe's writer, and without following a link put there a moment ago. Windows has neither.
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  try {
    const found = fstatSync(descriptor)
    if (!found.isFile() || found.size > fileBytesMax) return undefined
    const bytes = Buffer.alloc(found.size)
    let length = 0
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(descriptor, bytes, length, bytes.length - length, null)
    return bytes.subarray(0, length)
  } finally {
    closeSync(descriptor)
  }
}

function realFolder(path: string): string {
  const real = present(() => realpathSync(path))
  if (real === undefined || present(() => statSync(real))?.isDirectory() !== true)
    throw new HomeostatError('HS_FOLDER_MISSING', { path })
  return real
}

/** Absent, unreadable and vanished are one to a reader. */
function present<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
