import { basename, dirname, join } from 'node:path'
import { sha256 } from '../../core/hash.js'
import type { SavedFile } from './buffer-options.js'

/**
 * Puts the bytes where the file is, all of them or none whenever the process or the machine stops: a new file beside it, made durable,
 * takes its place by one rename. Makes the folder when it is missing. The file is private to the user.
 *
 * @param id - Unlike that of any other writer.
 * @throws what the file system throws
 */
export function replaceFile({ path, files }: SavedFile, bytes: Uint8Array, id: string): void {
  const folder = dirname(path)
  if (files.lstat(folder) === undefined) files.mkdir(folder, 0o700)
  const temporary = `${path}.${sha256(id).slice(0, 16)}.tmp`
  try {
    files.writeNew(temporary, bytes, 0o600)
    files.rename(temporary, path)
  } catch (error) {
    discard({ path: temporary, files })
    throw error
  }
  files.fsyncFolder(folder)
}

/**
 * The bytes of the file; `undefined`: there is none; a text: why it is not read at all. Takes away what a writer left that was stopped.
 *
 * @throws what the file system throws
 */
export function readFileWithin({ path, files }: SavedFile, bytesMax: number): Uint8Array | string | undefined {
  const folder = dirname(path)
  if (files.lstat(folder) === undefined) return undefined
  for (const name of files.readdir(folder)) if (isTemporary(name, basename(path))) discard({ path: join(folder, name), files })
  const stat = files.lstat(path)
  if (stat === undefined) return undefined
  // A pipe would block, and a link may lead anywhere.
  if (stat.kind !== 'file') return 'it is no file'
  if (stat.sizeBytes > bytesMax) return `it has ${stat.sizeBytes} bytes, and at most ${bytesMax} are read`
  return files.readFile(path)
}

/** Renames the file, so that a person can look at it and it is in nobody's way; gives the new path. @throws what the file system throws */
export function putAside({ path, files }: SavedFile): string {
  const aside = `${path}.corrupt`
  // One is kept, the latest: they must not fill the disk.
  if (files.lstat(aside)?.kind === 'folder') files.removeTree(aside)
  files.rename(path, aside)
  return aside
}

function isTemporary(name: string, base: string): boolean {
  return name.startsWith(`${base}.`) && /^\.[0-9a-f]{16}\.tmp$/.test(name.slice(base.length))
}

/** A file that cannot be removed is in nobody's way: the next load tries again. */
function discard({ path, files }: SavedFile): boolean {
  try {
    files.unlink(path)
    return true
  } catch {
    return false
  }
}
