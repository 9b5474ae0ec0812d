import { HomeostatError } from '../core/errors.js'
import type { DiffLine } from '../core/file-diff.js'
import { createBlockFinder, joinLines, ownEol, replaceBlocks, splitLines } from './text-lines.js'
import type { BlockFinder, Replacement, TextLine } from './text-lines.js'

/** A change of lines that says by its old lines where it belongs, and by nothing else. */
export interface LineChange {
  /** Context, removed and added lines in the order of the file. */
  readonly lines: readonly DiffLine[]
  /** What an error calls it: `the hunk at line 12 of the diff`. */
  readonly name: string
}

/** The present lines of a file, taken apart once for all changes. */
export interface PresentText {
  readonly lines: readonly TextLine[]
  readonly finder: BlockFinder
  readonly eol: '\n' | '\r\n'
}

/** A text, ready for changes to be placed in it. */
export function presentText(text: string): PresentText {
  const lines = splitLines(text)
  return { lines, finder: createBlockFinder(lines), eol: ownEol(lines) }
}

/**
 * The line (from 0) where the old lines of a change stand, as whole lines, once and nowhere else; line endings and the byte
 * order mark aside.
 *
 * @throws HS_PATCH_CONFLICT
 */
export function onlyPlaceOf(change: LineChange, present: PresentText, path: string): number {
  const old = oldTexts(change)
  if (old.length === 0) {
    if (present.lines.length === 0) return 0
    throw conflict(path, `${change.name} has no context that shows where it belongs`)
  }
  const found = present.finder.findOnly(old)
  if ('at' in found && endsRight(change, present, found.at)) return found.at
  const nowhere = 'at' in found || found.count === 0
  throw conflict(path, `the lines that ${change.name} replaces are there ${nowhere ? 'nowhere' : 'more than once'}`)
}

/**
 * The text with changes made at their places, in the order of the text. Where a change has the bytes of the file, its added lines
 * are taken byte for byte; else they end as the file's own lines do, and the file keeps its byte order mark and its missing
 * final line ending.
 *
 * @throws HS_PATCH_CONFLICT when places overlap or are out of order.
 */
export function withChanges(
  present: PresentText,
  placed: readonly { readonly change: Pick<LineChange, 'lines'>; readonly at: number; readonly exact?: boolean }[],
  path: string,
): string {
  const { lines, eol } = present
  const replacements = placed.map(({ change, at, exact = false }): Replacement => {
    const old = change.lines.filter((line) => line.kind !== 'add')
    const same = exact && old.every((line, offset) => isSameLine(line, lines[at + offset]))
    return {
      at,
      length: old.length,
      lines: same ? change.lines.filter((line) => line.kind !== 'remove') : adapted(change.lines, present, at),
    }
  })
  const result = replaceBlocks(lines, replacements)
  if (result === undefined) throw conflict(path, 'its changes overlap, or are found in another order than the patch has them')
  return joinLines(result.map((line, index) => (line.eol === '' && index < result.length - 1 ? { ...line, eol } : line)))
}

/**
 * Lines that take the place of others, as a change: what both begin and end with is context, and stays as it is in the file.
 *
 * @param search - Whole lines that are there. One final line ending does not count.
 */
export function changeOf(search: string, replace: string): readonly DiffLine[] {
  const [old, fresh] = [search, replace].map((text) => splitLines(text).map((line) => line.text)) as [string[], string[]] // two in, two out
  const shorter = Math.min(old.length, fresh.length)
  let head = 0
  while (head < shorter && old[head] === fresh[head]) head += 1
  let tail = 0
  while (tail < shorter - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1
  return [
    ...marked('context', old.slice(0, head)),
    ...marked('remove', old.slice(head, old.length - tail)),
    ...marked('add', fresh.slice(head, fresh.length - tail)),
    ...marked('context', old.slice(old.length - tail)),
  ]
}

/** The lines of a change that must be there. */
export function oldTexts({ lines }: Pick<LineChange, 'lines'>): readonly string[] {
  return lines.filter((line) => line.kind !== 'add').map((line) => line.text)
}

/** A line without a line ending is the last one. */
export function endsRight(change: Pick<LineChange, 'lines'>, { lines }: PresentText, at: number): boolean {
  const old = change.lines.filter((line) => line.kind !== 'add')
  return old.at(-1)?.eol !== '' || at + old.length === lines.length
}

/** The error for a file that is not as the patch assumes. */
export function conflict(path: string, reason: string): HomeostatError<'HS_PATCH_CONFLICT'> {
  return new HomeostatError('HS_PATCH_CONFLICT', { path, reason })
}

function marked(kind: DiffLine['kind'], texts: readonly string[]): readonly DiffLine[] {
  return texts.map((text) => ({ kind, text, eol: '\n' }))
}

function isSameLine(line: TextLine, present: TextLine | undefined): boolean {
  return present?.text === line.text && present.eol === line.eol
}

/** The new lines in the style of the file: context as it is there, added lines with its line ending. */
function adapted(change: readonly DiffLine[], { lines, eol }: PresentText, at: number): readonly TextLine[] {
  const result: TextLine[] = []
  let next = at
  for (const line of change) {
    const present = line.kind === 'add' ? undefined : lines[next]
    if (line.kind !== 'add') next += 1
    if (line.kind === 'context' && present !== undefined) result.push(present)
    if (line.kind === 'add') result.push({ text: line.text, eol: line.eol === '' ? '' : eol })
  }
  return keepStyle(result, { old: lines, at, next, knowsEnd: change.some((line) => line.eol === '') })
}

interface Style {
  readonly old: readonly TextLine[]
  readonly at: number
  readonly next: number
  /** The change speaks of a missing line ending itself. */
  readonly knowsEnd: boolean
}

/** Keeps the byte order mark of the first line, and the missing ending of the last one. */
function keepStyle(result: readonly TextLine[], { old, at, next, knowsEnd }: Style): readonly TextLine[] {
  const styled = [...result]
  const [first] = styled
  if (at === 0 && first !== undefined && old[0]?.text.startsWith('\ufeff') === true && !first.text.startsWith('\ufeff'))
    styled[0] = { ...first, text: `\ufeff${first.text}` }
  const last = styled.at(-1)
  if (last !== undefined && next === old.length && old.at(-1)?.eol === '' && !knowsEnd)
    styled[styled.length - 1] = { ...last, eol: '' }
  return styled
}
