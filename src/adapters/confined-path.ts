import { posix, relative, isAbsolute } from 'node:path'

/**
 * The plain form of a path relative to a root (`a/./b` reads `a/b`); `''` for the root itself. `undefined` for what names nothing
 * inside: absolute paths, drives, `..` that climbs out, backslashes (a separator to some systems), NUL.
 */
export function insidePath(path: string): string | undefined {
  if (path.length > pathLengthMax || /[\\\0]/.test(path) || /^[A-Za-z]:/.test(path)) return undefined
  const plain = posix.normalize(path).replace(/\/$/, '')
  if (plain.startsWith('/') || plain === '..' || plain.startsWith('../') || path.startsWith('/')) return undefined
  return plain === '.' ? '' : plain
}

/** Whether an absolute path is the folder or lies under it. Both must have their links resolved. */
export function contains(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !/^\.\.[\\/]/.test(way) && !isAbsolute(way)
}

/** No system opens a longer one. */
const pathLengthMax = 4_096
