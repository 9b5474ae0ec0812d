import { diffArrays } from 'diff'
import { isHomeostatError } from '../core/errors.js'
import type { FileDiff, Hunk } from '../core/file-diff.js'
import { parseDiff } from '../core/parse-diff.js'
import type { FileEdit, Patch } from '../core/patch.js'
import { foldedPath, pathProblem } from '../core/path.js'
import { auditedFile, type AuditedFile, type AuditedPatch, type FileFacts } from './audited-file.js'
import type { SideLine } from './side.js'

/** What is known of the files that a diff changes. */
export interface PatchSurroundings {
  /** The text of a file before the patch, if it is at hand: then rules see whole files instead of hunks. */
  before?(path: string): string | undefined
}

/** A patch, or the text of a unified diff, as rules see it. What cannot be read is `malformed`. */
export function readPatch(
  patch: Patch | string,
  surroundings: PatchSurroundings,
): Pick<AuditedPatch, 'files' | 'actions' | 'malformed'> {
  if (typeof patch === 'string') return readDiff(patch, surroundings)
  const problem = problemOf(patch)
  if (problem !== undefined) return { files: [], actions: patch.actions, malformed: { reason: problem } }
  return { files: patch.edits.map(fileFromEdit), actions: patch.actions }
}

function readDiff(text: string, { before }: PatchSurroundings): Pick<AuditedPatch, 'files' | 'actions' | 'malformed'> {
  try {
    const diffs = parseDiff(text)
    return { files: diffs.map((diff) => fileFromDiff(diff, readBefore(diff.oldPath, before))), actions: [] }
  } catch (error) {
    if (!isHomeostatError(error, 'HS_PATCH_MALFORMED')) throw error
    return { files: [], actions: [], malformed: error.details }
  }
}

/** A path of a diff is not asked for before it is known to stay inside. */
function readBefore(path: string | null, before: PatchSurroundings['before']): string | undefined {
  return path === null || pathProblem(path) !== undefined ? undefined : before?.(path)
}

const patchCharactersMax = 32 * 1024 * 1024

function problemOf({ edits }: Patch): string | undefined {
  const paths = new Set<string>()
  let length = 0
  for (const { path, before, after } of edits) {
    if (before === null && after === null) return `it neither has nor makes "${path}"`
    if (paths.has(foldedPath(path))) return `it edits "${path}" twice`
    paths.add(foldedPath(path))
    length += (before?.length ?? 0) + (after?.length ?? 0)
  }
  return length > patchCharactersMax ? `it is longer than ${patchCharactersMax} characters` : undefined
}

/** An edit of a patch as rules see it; both sides are whole. */
function fileFromEdit(edit: FileEdit): AuditedFile {
  const change = edit.before === null ? 'create' : edit.after === null ? 'delete' : 'modify'
  const facts: FileFacts = { path: edit.path, change, binary: isBinary(edit.before) || isBinary(edit.after) }
  const before = edit.before === null ? [] : linesOf(edit.before)
  const after = edit.after === null ? [] : linesOf(edit.after)
  const touched = compareLines(before, after)
  return auditedFile(
    facts,
    edit.before === null ? null : numbered(before, (index) => touched.before.has(index)),
    edit.after === null ? null : numbered(after, (index) => touched.after.has(index)),
    true,
  )
}

/**
 * A section of a diff as rules see it. Both sides are whole when `textBefore` is the file that the diff was made from;
 * otherwise they hold the lines that the diff shows.
 */
function fileFromDiff(diff: FileDiff, textBefore: string | undefined): AuditedFile {
  const path = diff.newPath ?? diff.oldPath ?? ''
  const facts: FileFacts = {
    path,
    ...(diff.oldPath !== null && diff.oldPath !== path && { oldPath: diff.oldPath }),
    change: diff.kind,
    ...(diff.oldMode !== undefined && { modeBefore: diff.oldMode }),
    ...(diff.newMode !== undefined && { modeAfter: diff.newMode }),
    binary: diff.binary,
  }
  const whole = diff.oldPath === null || diff.newPath === null ? undefined : textBefore
  const sides = (whole === undefined ? undefined : wholeSides(diff.hunks, linesOf(whole))) ?? shownSides(diff.hunks)
  const complete = diff.oldPath === null || diff.newPath === null || sides.whole
  return auditedFile(facts, diff.oldPath === null ? null : sides.before, diff.newPath === null ? null : sides.after, complete)
}

interface Sides {
  readonly before: readonly SideLine[]
  readonly after: readonly SideLine[]
  readonly whole: boolean
}

function shownSides(hunks: readonly Hunk[]): Sides {
  const before: SideLine[] = []
  const after: SideLine[] = []
  for (const hunk of hunks)
    addHunk(hunk, {
      before,
      after,
      oldNumber: hunk.oldStart + (hunk.oldLines === 0 ? 1 : 0),
      newNumber: hunk.newStart + (hunk.newLines === 0 ? 1 : 0),
    })
  return { before, after, whole: false }
}

/** `undefined` when a hunk does not fit at the line it states: then the text is not what the diff was made from. */
function wholeSides(hunks: readonly Hunk[], lines: readonly string[]): Sides | undefined {
  const before: SideLine[] = []
  const after: SideLine[] = []
  const keepUntil = (index: number): void => {
    for (let at = before.length; at < index; at += 1) {
      const text = lines[at] ?? ''
      before.push({ number: at + 1, text, touched: false })
      after.push({ number: after.length + 1, text, touched: false })
    }
  }
  for (const hunk of hunks) {
    const start = hunk.oldStart - (hunk.oldLines === 0 ? 0 : 1)
    const old = hunk.lines.filter((line) => line.kind !== 'add')
    if (start < before.length || old.some((line, index) => lines[start + index] !== line.text)) return undefined
    keepUntil(start)
    addHunk(hunk, { before, after, oldNumber: start + 1, newNumber: after.length + 1 })
  }
  keepUntil(lines.length)
  return { before, after, whole: true }
}

function addHunk(hunk: Hunk, to: { before: SideLine[]; after: SideLine[]; oldNumber: number; newNumber: number }): void {
  let { oldNumber, newNumber } = to
  for (const { kind, text } of hunk.lines) {
    const touched = kind !== 'context'
    if (kind !== 'add') to.before.push({ number: oldNumber++, text, touched })
    if (kind !== 'remove') to.after.push({ number: newNumber++, text, touched })
  }
}

/** Lines without their ends; a last line end begins no further line. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function numbered(lines: readonly string[], touched: (index: number) => boolean): readonly SideLine[] {
  return lines.map((text, index) => ({ number: index + 1, text, touched: touched(index) }))
}

/** More edits than these are not searched for the shortest script: then every line in the middle counts as changed. */
const editsMax = 2_000

/** Which lines are on one side only, by index. */
export function compareLines(
  before: readonly string[],
  after: readonly string[],
): { readonly before: ReadonlySet<number>; readonly after: ReadonlySet<number> } {
  let head = 0
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1
  let tail = 0
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail += 1
  const oldMiddle = before.slice(head, before.length - tail)
  const newMiddle = after.slice(head, after.length - tail)
  const changes = diffArrays([...oldMiddle], [...newMiddle], { maxEditLength: editsMax })
  const removed = new Set<number>()
  const added = new Set<number>()
  let old = head
  let next = head
  for (const change of changes ?? [
    { removed: true, added: false, count: oldMiddle.length },
    { added: true, removed: false, count: newMiddle.length },
  ]) {
    for (let index = 0; index < change.count; index += 1) {
      if (change.removed) removed.add(old + index)
      else if (change.added) added.add(next + index)
    }
    if (!change.added) old += change.count
    if (!change.removed) next += change.count
  }
  return { before: removed, after: added }
}

function isBinary(text: string | null): boolean {
  return text?.includes('\0') ?? false
}
