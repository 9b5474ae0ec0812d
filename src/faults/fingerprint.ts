import type { Fault } from '../core/fault.js'
import { sha256 } from '../core/hash.js'
import { oneLine } from '../core/text.js'

/** What a fingerprint is made of. */
export type Fingerprinted = Pick<Fault, 'category' | 'code' | 'message' | 'location' | 'details'>

/** Details that say which fault it is, rather than when or where it was seen. */
const naming = ['specifier', 'package', 'program', 'name', 'path', 'syscall', 'status', 'expected', 'actual'] as const

/**
 * The same for the same fault on another day, on another machine and after other lines moved: 16 hex digits of SHA-256 over
 * the category, the code, the names in the details, the message without its changing parts, and the file without what lies
 * above the project.
 */
export function fingerprintOf(fault: Fingerprinted): string {
  const names = naming.map((name) => {
    const value = fault.details[name]
    return value === undefined ? '' : projectPath(oneLine(String(value)))
  })
  const file = fault.location === undefined ? '' : projectPath(oneLine(fault.location.file))
  return sha256(JSON.stringify([fault.category, fault.code, names, stable(fault.message), file])).slice(0, 16)
}

/** Folders that start the part of a path which is the same on every machine. */
const projectFolders = /^.*[\\/](?=(?:src|lib|test|tests|__tests__|spec|packages|apps|scripts|bin|dist|build|node_modules)[\\/])/

/** An absolute path without what lies above the project's own folders; anything else as it is, with forward slashes. */
function projectPath(path: string): string {
  const absolute = /^(?:file:\/\/)?(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(path)
  if (!absolute) return path.replaceAll('\\', '/').replace(/^\.\//, '')
  const inside = path.replace(projectFolders, '')
  return (inside === path ? path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1) : inside).replaceAll(
    '\\',
    '/',
  )
}

/** A message without paths above the project, times, durations, sizes, addresses, hashes and other numbers. */
function stable(message: string): string {
  return oneLine(message)
    .replace(/(?:file:\/\/)?(?:[A-Za-z]:[\\/]|(?<![\w@.~-])\/)[^\s'"`()<>|:,;]{2,400}/g, (path) => projectPath(path))
    .replace(/\b\d{4}-\d\d-\d\d[T ]?[\d:.,]*Z?/g, 'T')
    .replace(/\b(?=[0-9a-f-]*\d)[0-9a-f]{8}[0-9a-f-]{0,64}\b|\b0x[0-9a-f]+\b/gi, 'H')
    .replace(/(?<![A-Za-z_@\d])\d[\d.,:]*(?:\s?(?:[mµn]?s|min|[kKMG]i?B|bytes)\b)?/g, 'N')
    .replace(/\s+/g, ' ')
    .trim()
}
