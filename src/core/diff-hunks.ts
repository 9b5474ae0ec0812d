import { malformed, type DiffReader } from './diff-reader.js'
import type { DiffLine, Hunk } from './file-diff.js'

/**
 * Reads the hunks that follow, to the first line that begins none. Counts are exact; hunks follow one another without
 * overlap; nothing comes after the end of the file.
 *
 * @throws HS_PATCH_MALFORMED on any inconsistency.
 */
export function readHunks(reader: DiffReader): readonly Hunk[] {
  const hunks: Hunk[] = []
  let oldEnd = 0
  while (reader.peek()?.startsWith('@@ ') === true) {
    const last = hunks.at(-1)
    const hunk = readHunk(reader)
    if (hunk.oldStart + (hunk.oldLines === 0 ? 1 : 0) <= oldEnd)
      throw malformed('the hunks overlap or are out of order', hunk.line)
    if (last !== undefined && last.lines.some((line) => line.eol === ''))
      throw malformed('a hunk follows the end of the file', hunk.line)
    oldEnd = hunk.oldLines === 0 ? hunk.oldStart : hunk.oldStart + hunk.oldLines - 1
    hunks.push(hunk)
  }
  return hunks
}

/** Any text may follow the second `@@`; git shows the enclosing function there. */
const header = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@(?: |$)/

function readHunk(reader: DiffReader): Hunk {
  const line = reader.line
  const match = header.exec(reader.next())
  if (match === null) throw malformed('the hunk header is not of the form "@@ -1,2 +3,4 @@"', line)
  const [oldStart, oldLines, newStart, newLines] = [count(match[1]), count(match[2]), count(match[3]), count(match[4])]
  if ((oldLines > 0 && oldStart === 0) || (newLines > 0 && newStart === 0)) throw malformed('lines count from 1', line)
  const lines = readLines(reader, oldLines, newLines)
  if (lines.every((entry) => entry.kind === 'context')) throw malformed('the hunk changes nothing', line)
  return { oldStart, oldLines, newStart, newLines, lines, line }
}

/** An absent count is 1. */
function count(digits: string | undefined): number {
  return digits === undefined ? 1 : Number(digits)
}

/** The sides of a hunk that a kind of line stands on. */
const sides = { context: [1, 1], add: [0, 1], remove: [1, 0] } as const

function readLines(reader: DiffReader, oldLines: number, newLines: number): readonly DiffLine[] {
  const lines: DiffLine[] = []
  let [oldLeft, newLeft] = [oldLines, newLines]
  let [oldEnded, newEnded] = [false, false]
  while (oldLeft > 0 || newLeft > 0 || reader.peek()?.startsWith('\\ ') === true) {
    const raw = reader.next()
    if (raw.startsWith('\\ ')) {
      const last = lines.pop()
      if (last === undefined || last.eol === '') throw reader.malformed('the mark for a missing line ending follows no line')
      lines.push({ kind: last.kind, text: last.eol === '\r\n' ? `${last.text}\r` : last.text, eol: '' })
      oldEnded ||= last.kind !== 'add'
      newEnded ||= last.kind !== 'remove'
      continue
    }
    const line = readLine(raw, reader)
    const [onOld, onNew] = sides[line.kind]
    if ((oldLeft -= onOld) < 0 || (newLeft -= onNew) < 0)
      throw reader.malformed('the hunk has other lines than its header counts')
    if ((onOld === 1 && oldEnded) || (onNew === 1 && newEnded)) throw reader.malformed('a line follows the end of the file')
    lines.push(line)
  }
  return lines
}

function readLine(raw: string, reader: DiffReader): DiffLine {
  const kind = kindOf(raw[0])
  if (kind === undefined)
    throw reader.malformed('the hunk ends before its header says, or a line has no leading space, "+" or "-"')
  return raw.endsWith('\r') ? { kind, text: raw.slice(1, -1), eol: '\r\n' } : { kind, text: raw.slice(1), eol: '\n' }
}

/** Some tools strip the one space of an empty context line; counts tell that it is meant. */
function kindOf(mark: string | undefined): DiffLine['kind'] | undefined {
  if (mark === ' ' || mark === undefined) return 'context'
  if (mark === '+') return 'add'
  return mark === '-' ? 'remove' : undefined
}
