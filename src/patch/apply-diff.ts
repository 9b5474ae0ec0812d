import { createHash } from 'node:crypto'
import { HomeostatError } from '../core/errors.js'
import { sha256 } from '../core/hash.js'
import type { FileDiff, Hunk } from '../core/parse-diff.js'
import type { Action, FileEdit } from '../core/patch.js'
import { safePath } from '../core/path.js'
import { conflict, endsRight, oldTexts, onlyPlaceOf, presentText, withChanges, type PresentText } from './place-lines.js'
import { joinLines } from './text-lines.js'

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
  const present = presentText(before)
  const placed = locate(file, path, { ...present, before }).map(({ hunk, at }) => ({ change: hunk, at, exact: true }))
  return withChanges(present, placed, path)
}

function locate(
  file: FileDiff,
  path: string,
  present: PresentText & { readonly before: string },
): readonly { readonly hunk: Hunk; readonly at: number }[] {
  const { before, lines, finder } = present
  const sameBlob = file.oldBlob === undefined ? undefined : isBlob(before, file.oldBlob)
  const stated = file.hunks.map((hunk) => ({ hunk, at: hunk.oldLines === 0 ? hunk.oldStart : hunk.oldStart - 1 }))
  const allMatch = stated.every(({ hunk, at }) => finder.matchesAt(oldTexts(hunk), at) && endsRight(hunk, present, at))
  // An object id that differs proves that the diff was made from something else: equal lines may be there by chance.
  if (
    allMatch &&
    (sameBlob === true || (sameBlob === undefined && file.hunks.every((hunk) => hunk.oldLines > 0 || lines.length === 0)))
  )
    return stated
  return file.hunks.map((hunk) => ({
    hunk,
    at: onlyPlaceOf({ ...hunk, name: `the hunk at line ${hunk.line} of the diff` }, present, path),
  }))
}

/** Git's id of a text: what its `index` lines show the beginning of; 64 digits mean SHA-256. */
function isBlob(text: string, id: string): boolean {
  const bytes = Buffer.from(text)
  const algorithm = id.length > 40 ? 'sha256' : 'sha1'
  return createHash(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest('hex').startsWith(id)
}
