import { posix } from 'node:path'
import type { Workspace } from '../core/ports.js'

/** What a file of {@link memoryWorkspace} holds: its text, or its text and permission bits (`0o644` when not said). */
export type MemoryFile = string | { readonly text: string; readonly mode: number }

const sizeBytesMax = 4 * 1024 * 1024
const namesMax = 10_000
const filesMax = 20_000
/** Folders that hold no source of the project, at any depth. */
const notProject: ReadonlySet<string> = new Set(['node_modules', '.git', '.homeostat', 'dist', 'coverage', 'build'])

/**
 * A project that exists only in memory, for tests. Folders exist where files are; nothing exists outside the root.
 *
 * @param files - By path, relative to the root, with forward slashes.
 * @param options - `root`: the absolute path it pretends to have.
 * @example
 * ```ts
 * const workspace = memoryWorkspace({ 'src/a.js': 'export {}\n', 'run.sh': { text: '#!/bin/sh\n', mode: 0o755 } })
 * expect(workspace.list('')).toEqual(['run.sh', 'src'])
 * ```
 */
export function memoryWorkspace(
  files: Readonly<Record<string, MemoryFile>>,
  { root = '/project' }: { readonly root?: string } = {},
): Workspace {
  const byPath = new Map<string, { readonly text: string; readonly mode: number }>()
  const namesByFolder = new Map<string, Set<string>>([['', new Set()]])
  for (const [key, file] of Object.entries(files)) {
    const path = relativePath(key)
    if (path === undefined || path === '') throw new RangeError(`Cannot put a file at "${key}": it is not a path inside the root`)
    byPath.set(path, typeof file === 'string' ? { text: file, mode: 0o644 } : file)
    addToFolders(path, namesByFolder)
  }
  const find = (path: string) => {
    const inside = relativePath(path)
    return inside === undefined ? undefined : byPath.get(inside)
  }
  return {
    root,
    read(path) {
      const text = find(path)?.text
      return text === undefined || /\p{Cs}/u.test(text) || Buffer.byteLength(text) > sizeBytesMax ? undefined : text
    },
    stat(path) {
      const file = find(path)
      if (file !== undefined) return { kind: 'file', mode: file.mode, sizeBytes: Buffer.byteLength(file.text) }
      return namesByFolder.has(relativePath(path) ?? path) ? { kind: 'folder', mode: 0o755, sizeBytes: 0 } : undefined
    },
    list: (folder) => [...(namesByFolder.get(relativePath(folder) ?? folder) ?? [])].sort().slice(0, namesMax),
    files: () =>
      [...byPath.keys()]
        .filter(
          (path) =>
            !path
              .split('/')
              .slice(0, -1)
              .some((name) => notProject.has(name)),
        )
        .sort()
        .slice(0, filesMax),
  }
}

/** In its shortest form, `''` for the root; `undefined` when it is absolute, leads outside, or holds a NUL. */
function relativePath(path: string): string | undefined {
  if (path.startsWith('/') || path.includes('\0')) return undefined
  const short = posix.normalize(path).replace(/\/$/, '')
  if (short === '..' || short.startsWith('../')) return undefined
  return short === '.' ? '' : short
}

function addToFolders(path: string, namesByFolder: Map<string, Set<string>>): void {
  let folder = ''
  for (const name of path.split('/')) {
    const names = namesByFolder.get(folder) ?? new Set()
    names.add(name)
    namesByFolder.set(folder, names)
    folder = folder === '' ? name : `${folder}/${name}`
  }
}
