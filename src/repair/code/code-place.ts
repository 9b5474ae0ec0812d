import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { oneLine } from '../../core/text.js'

/**
 * The path of a file, as a tool printed it, relative to the workspace with forward slashes; `undefined` when it is outside
 * the workspace, or no path at all. Purely textual: whether the file exists, the workspace says.
 */
export function pathInside(file: string, root: string): string | undefined {
  if (file === '' || file.length > 4_096 || file.includes('\0')) return undefined
  const plain = slashes(file.startsWith('file:') ? pathOfUrl(file) : file)
  const base = slashes(root)
  const absolute = posix.isAbsolute(plain) || /^[A-Za-z]:\//.test(plain)
  const relative = absolute ? posix.relative(base, posix.normalize(plain)) : posix.normalize(plain)
  if (
    relative === '' ||
    relative === '.' ||
    relative === '..' ||
    relative.startsWith('../') ||
    posix.isAbsolute(relative) ||
    /^[A-Za-z]:/.test(relative)
  )
    return undefined
  return relative
}

/** Whether a path belongs to an installed package, which is never repaired in place. */
export function isInstalled(path: string): boolean {
  return path.split('/').includes('node_modules')
}

/** The title of a proposal, on one line of at most 120 characters; of a long path its end stays. */
export function titleOf(what: string, path: string, place: string): string {
  const head = oneLine(what, 70)
  const tail = oneLine(place, 46)
  const name = oneLine(path, 4_096)
  const room = 120 - head.length - tail.length - ' in , '.length
  return `${head} in ${name.length <= room ? name : `…${name.slice(name.length - room + 1)}`}, ${tail}`
}

function slashes(path: string): string {
  return /^[A-Za-z]:\\|^\.{0,2}\\/.test(path) ? path.replaceAll('\\', '/') : path
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url.replace(/[?#].*$/s, ''))
  } catch {
    return ''
  }
}
