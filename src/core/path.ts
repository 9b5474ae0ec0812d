import type { Brand } from './brand.js'
import { HomeostatError } from './errors.js'
import { printable } from './text.js'

/** A path that passed {@link safePath}: relative to a root, with forward slashes, and nowhere near `.git` or `.homeostat`. */
export type SafePath = Brand<string, 'SafePath'>

/** Why a path is refused. `private`: it leads into `.git` or `.homeostat`; `form`: it is not a plain path inside the root. */
export interface PathProblem {
  readonly kind: 'form' | 'private'
  readonly reason: string
}

/**
 * The path as a passport: the same text, known to stay inside whatever root it is joined to, on every platform. Says nothing
 * about links on the way; who writes must `lstat` each component.
 *
 * @throws HS_PATH_REFUSED when {@link pathProblem} finds anything.
 */
export function safePath(path: string): SafePath {
  const problem = pathProblem(path)
  if (problem !== undefined) throw new HomeostatError('HS_PATH_REFUSED', { path: printable(path, 200), reason: problem.reason })
  return path as SafePath // the only cast to SafePath
}

/** What is wrong with a path that a patch wants to touch; `undefined` when nothing is. */
export function pathProblem(path: string): PathProblem | undefined {
  if (path === '') return form('it is empty')
  if (Buffer.byteLength(path) > pathBytesMax) return form(`it is longer than ${pathBytesMax} bytes`)
  if (invisible.test(path)) return form('it holds a control, invisible or unpaired character')
  if (path.includes('\\')) return form('it holds a backslash; use forward slashes')
  if (path.includes(':')) return form('it holds a colon, which names a drive or a stream on Windows')
  if (path.startsWith('/')) return form('it is absolute')
  for (const segment of path.split('/')) {
    const problem = segmentProblem(segment)
    if (problem !== undefined) return problem
  }
  return undefined
}

/**
 * The same for all paths that some file system takes for one: case is folded, composition is normalised, and code points that
 * file systems ignore are dropped. For comparing only.
 */
export function foldedPath(path: string): string {
  // Up and down again folds what one direction leaves: long s, dotless i, sharp s, final sigma.
  return path.normalize('NFC').replace(ignorable, '').toUpperCase().toLowerCase().normalize('NFC')
}

const pathBytesMax = 4096
const segmentBytesMax = 255

function segmentProblem(segment: string): PathProblem | undefined {
  if (segment === '') return form('it has an empty segment')
  if (segment === '.' || segment === '..') return form(`it has a "${segment}" segment`)
  if (/[. ]$/.test(segment)) return form('a segment ends with a dot or a space')
  if (Buffer.byteLength(segment) > segmentBytesMax) return form(`a segment is longer than ${segmentBytesMax} bytes`)
  if (deviceName.test(segment)) return form(`"${segment}" is a device on Windows`)
  if (privateFolder.test(foldedPath(segment))) return { kind: 'private', reason: `"${segment}" belongs to git or homeostat` }
  return undefined
}

function form(reason: string): PathProblem {
  return { kind: 'form', reason }
}

/** Control, line separator, lone surrogate, and all that Unicode calls ignorable but the variation selectors of emoji. */
const invisible = /(?![\ufe00-\ufe0f])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

const ignorable = /\p{Default_Ignorable_Code_Point}/gu

/** Names that Windows gives to devices in every folder, with any extension; superscript digits count as digits there. */
const deviceName = /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\.|$)/i

/** Also by the short names that Windows makes of them. */
const privateFolder = /^(?:\.git|\.homeostat|git~[0-9]+|homeos~[0-9]+)$/
