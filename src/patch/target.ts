import { join } from 'node:path'
import { HomeostatError } from '../core/errors.js'
import { sha256 } from '../core/hash.js'
import type { SafePath } from '../core/path.js'
import type { FileSystem } from '../core/ports.js'

/** What stands at a path of the project. */
export type Target =
  | { readonly kind: 'absent' }
  | { readonly kind: 'folder'; readonly mode: number }
  | { readonly kind: 'file'; readonly mode: number; readonly hash: string; readonly bytes: Uint8Array }

/** A project whose paths are resolved with care: `root` is absolute and real. */
export interface Place {
  readonly root: string
  readonly files: FileSystem
}

/** The absolute path. */
export function absolute({ root }: Place, path: SafePath): string {
  return join(root, path)
}

/**
 * Looks at a path without following links. Each component on the way is looked at, too.
 *
 * @throws HS_PATH_REFUSED when a component is a link or not a folder, or the target neither a file nor a folder.
 */
export function lookAt(place: Place, path: SafePath): Target {
  if (missingFolders(place, path).length > 0) return { kind: 'absent' }
  const at = absolute(place, path)
  const stat = place.files.lstat(at)
  if (stat === undefined) return { kind: 'absent' }
  if (stat.kind === 'folder') return { kind: 'folder', mode: stat.mode }
  if (stat.kind !== 'file') throw refused(path, stat.kind === 'link' ? 'it is a link' : 'it is neither a file nor a folder')
  const bytes = place.files.readFile(at)
  return { kind: 'file', mode: stat.mode, hash: sha256(bytes), bytes }
}

/**
 * The folders above a path that do not exist, outermost first.
 *
 * @throws HS_PATH_REFUSED when something on the way is not a folder.
 */
export function missingFolders(place: Place, path: SafePath): readonly SafePath[] {
  const missing: SafePath[] = []
  for (const folder of foldersAbove(path)) {
    const stat = place.files.lstat(absolute(place, folder))
    if (stat === undefined) missing.push(folder)
    else if (stat.kind !== 'folder')
      throw refused(path, `"${folder}" on the way is ${stat.kind === 'link' ? 'a link' : 'not a folder'}`)
  }
  return missing
}

/** `a`, `a/b` for `a/b/c`. */
function foldersAbove(path: SafePath): readonly SafePath[] {
  const segments = path.split('/').slice(0, -1)
  // What stands before a slash of a safe path is a safe path: each of its segments was judged alone.
  return segments.map((_, index) => segments.slice(0, index + 1).join('/') as SafePath)
}

function refused(path: string, reason: string): HomeostatError {
  return new HomeostatError('HS_PATH_REFUSED', { path, reason })
}
