import { createHash } from 'node:crypto'
import { HomeostatError } from '../core/errors.js'
import { sha256 } from '../core/hash.js'
import type { FileDiff, Hunk } from '../core/parse-diff.js'
import type { Action, FileEdit } from '../core/patch.js'
import { safePath } from '../core/path.js'
import {
  createBlockFinder,
  joinLines,
  ownEol,
  replaceBlocks,
  splitLines,
  type BlockFinder,
  type Replacement,
  type TextLine,
} from './text-lines.js'

/** The present text of a file; `undefined` when there is none. */
export type ReadText = (path: string) => string | undefined

/**
 * What a diff makes of the present files. Whole lines must match; fuzz there is none:
 * - when every hunk of a file stands where the diff says, it is taken there;
 * - else the file has moved on, and each hunk must match exactly once in it (the byte order mark and line endings aside).
 *
 * Where bytes match, added lines are taken byte for byte; else they end as the file's own lines do, and the file keeps its byte order
 * mark and its missing final line ending. Changes of mode are not part of edits: see {@link chmodsFromDiff}.
 *
 * @throws HS_PATCH_CONFLICT when something does not match; HS_PATH_REFUSED for a path that must not be touched, a link, or
 *   a binary file.
 */
export function editsFromDiff(diff: readonly FileDiff[], read: ReadText): readonly FileEdit[] {
  return diff.flatMap((file) => editsOfFile(file, read))
}

/**
 * The changes of mode that a diff asks for, as far as they differ from what is there: only whether a file is executable, as in git.
 *
 * @param modeOf - Permission bits of a file; `undefined` when there is none.
 */
export function chmodsFromDiff(
  diff: readonly FileDiff[],
  modeOf: (path: string) => number | undefined,
): readonly Extract<Action, { kind: 'chmod' }>[] {
  return diff.flatMap(({ oldPath, newPath, newMode, kind }) => {
    if (newPath === null) return []
    const modeOld = oldPath === null ? undefined : modeOf(oldPath)
    const executable = newMode === undefined ? modeOld !== undefined && (modeOld & 0o100) !== 0 : (newMode & 0o100) !== 0
    const modeBefore = kind === 'modify' ? modeOld : 0o644
    if (modeBefore === undefined || executable === ((modeBefore & 0o100) !== 0)) return []
    // Executable for those who may read it.
    const mode = executable ? modeBefore | ((modeBefore & 0o444) >> 2) : modeBefore & ~0o111
    return [{ kind: 'chmod' as const, path: safePath(newPath), modeBefore, mode }]
  })
}

function editsOfFile(file: FileDiff, read: ReadText): readonly FileEdit[] {
  const [oldPath, newPath] = [file.oldPath, file.newPath].map((path) => (path === null ? undefined : safePath(path)))
  const shown = newPath ?? oldPath ?? ''
  if (file.binary) throw new HomeostatError('HS_PATH_REFUSED', { path: shown, reason: 'its content is not text' })
  for (const mode of [file.oldMode, file.newMode]) {
    if (mode !== undefined && mode !== 0o100644 && mode !== 0o100755) {
      throw new HomeostatError('HS_PATH_REFUSED', {
        path: shown,
        reason: `the diff gives it the mode ${mode.toString(8)}, which is not a plain file's`,
      })
    }
  }
  if (newPath !== undefined && newPath !== oldPath && read(newPath) !== undefined) throw conflict(newPath, 'it exists already')
  if (oldPath === undefined) return newPath === undefined ? [] : [edit(newPath, null, newText(file))]
  const before = read(oldPath)
  if (before === undefined) throw conflict(oldPath, 'it does not exist, or is not a text file')
  const after = changed(file, oldPath, before)
  if (newPath === undefined) {
    if (after !== '') throw conflict(oldPath, 'it holds more than the diff removes')
    return [edit(oldPath, before, null)]
  }
  if (oldPath === newPath) return after === before ? [] : [edit(oldPath, before, after)]
  const created = edit(newPath, null, after)
  return file.kind === 'copy' ? [created] : [edit(oldPath, before, null), created]
}

function edit(path: string, before: string | null, after: string | null): FileEdit {
  return { path, before, after, baseHash: before === null ? null : sha256(before) }
}

function newText(file: FileDiff): string {
  return joinLines(file.hunks.flatMap((hunk) => hunk.lines))
}

function changed(file: FileDiff, path: string, before: string): string {
  const lines = splitLines(before)
  const places = locate(file, path, { before, lines, finder: createBlockFinder(lines) })
  const eol = ownEol(lines)
  const replacements = places.map(({ hunk, at }): Replacement => {
    const exact = matchesBytes(hunk, lines, at)
    return {
      at,
      length: hunk.oldLines,
      lines: exact ? hunk.lines.filter((line) => line.kind !== 'remove') : adapted(hunk, lines, { at, eol }),
    }
  })
  const result = replaceBlocks(lines, replacements)
  if (result === undefined) throw conflict(path, 'its hunks are found in another order than the diff has them')
  return joinLines(result.map((line, index) => (line.eol === '' && index < result.length - 1 ? { ...line, eol } : line)))
}

interface Present {
  readonly before: string
  readonly lines: readonly TextLine[]
  readonly finder: BlockFinder
}

function locate(
  file: FileDiff,
  path: string,
  { before, lines, finder }: Present,
): readonly { readonly hunk: Hunk; readonly at: number }[] {
  const sameBlob = file.oldBlob === undefined ? undefined : isBlob(before, file.oldBlob)
  const stated = file.hunks.map((hunk) => ({ hunk, at: hunk.oldLines === 0 ? hunk.oldStart : hunk.oldStart - 1 }))
  const allMatch = stated.every(({ hunk, at }) => finder.matchesAt(oldTexts(hunk), at) && endsRight(hunk, lines, at))
  // An object id that differs proves that the diff was made from something else: equal lines may be there by chance.
  if (
    allMatch &&
    (sameBlob === true || (sameBlob === undefined && file.hunks.every((hunk) => hunk.oldLines > 0 || lines.length === 0)))
  )
    return stated
  return file.hunks.map((hunk) => {
    if (hunk.oldLines === 0 && lines.length > 0)
      throw conflict(path, `the hunk at line ${hunk.line} of the diff has no context that shows where it belongs`)
    if (hunk.oldLines === 0) return { hunk, at: 0 }
    const found = finder.findOnly(oldTexts(hunk))
    if ('at' in found && endsRight(hunk, lines, found.at)) return { hunk, at: found.at }
    const count = 'at' in found ? 0 : found.count
    throw conflict(
      path,
      `the lines that the hunk at line ${hunk.line} of the diff replaces are there ${count === 0 ? 'nowhere' : 'more than once'}`,
    )
  })
}

/** Git's id of a text: what its `index` lines show the beginning of; 64 digits mean SHA-256. */
function isBlob(text: string, id: string): boolean {
  const bytes = Buffer.from(text)
  const algorithm = id.length > 40 ? 'sha256' : 'sha1'
  return createHash(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest('hex').startsWith(id)
}

function oldTexts(hunk: Hunk): readonly string[] {
  return hunk.lines.filter((line) => line.kind !== 'add').map((line) => line.text)
}

/** A line without a line ending is the last one. */
function endsRight(hunk: Hunk, lines: readonly TextLine[], at: number): boolean {
  const old = hunk.lines.filter((line) => line.kind !== 'add')
  return old.at(-1)?.eol !== '' || at + old.length === lines.length
}

function matchesBytes(hunk: Hunk, lines: readonly TextLine[], at: number): boolean {
  const old = hunk.lines.filter((line) => line.kind !== 'add')
  return old.every((line, offset) => lines[at + offset]?.text === line.text && lines[at + offset]?.eol === line.eol)
}

/** The new lines in the style of the file: context as it is there, added lines with its line ending. */
function adapted(
  hunk: Hunk,
  lines: readonly TextLine[],
  { at, eol }: { readonly at: number; readonly eol: '\n' | '\r\n' },
): readonly TextLine[] {
  const result: TextLine[] = []
  let next = at
  for (const line of hunk.lines) {
    const present = line.kind === 'add' ? undefined : lines[next]
    if (line.kind !== 'add') next += 1
    if (line.kind === 'context' && present !== undefined) result.push(present)
    if (line.kind === 'add') result.push({ text: line.text, eol: line.eol === '' ? '' : eol })
  }
  return keepStyle(result, { old: lines, at, next, diffKnowsEnd: hunk.lines.some((line) => line.eol === '') })
}

interface Style {
  readonly old: readonly TextLine[]
  readonly at: number
  readonly next: number
  /** The diff speaks of a missing line ending itself. */
  readonly diffKnowsEnd: boolean
}

/** Keeps the byte order mark of the first line, and the missing ending of the last one. */
function keepStyle(result: readonly TextLine[], { old, at, next, diffKnowsEnd }: Style): readonly TextLine[] {
  const styled = [...result]
  const [first] = styled
  if (at === 0 && first !== undefined && old[0]?.text.startsWith('\ufeff') === true && !first.text.startsWith('\ufeff'))
    styled[0] = { ...first, text: `\ufeff${first.text}` }
  const last = styled.at(-1)
  if (last !== undefined && next === old.length && old.at(-1)?.eol === '' && !diffKnowsEnd)
    styled[styled.length - 1] = { ...last, eol: '' }
  return styled
}

function conflict(path: string, reason: string): HomeostatError {
  return new HomeostatError('HS_PATCH_CONFLICT', { path, reason })
}
