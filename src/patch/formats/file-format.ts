import { malformed } from '../../core/diff-reader.js'
import { foldedPath } from '../../core/path.js'
import { beginMark } from './apply-patch-format.js'
import { filesMax, printPathLine, readPathLine } from './patch-lines.js'
import { opensBlock } from './search-replace-blocks.js'
import type { WholeFile } from './whole-file.js'

/**
 * Reads a text that is whole files and nothing else: for each a line with the path, directly below it a fence with all lines of the
 * file. What could be a patch inside of such a fence is not taken for a file.
 *
 * @throws HS_PATCH_MALFORMED with the line.
 */
export function readFileFormat(lines: readonly string[]): readonly WholeFile[] {
  const files: WholeFile[] = []
  const named = new Set<string>()
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    if (line.trim() === '') continue
    const path = readPathLine(line)
    const marks = opening.exec(lines[at + 1] ?? '')?.[1]
    if (path === undefined || marks === undefined) throw malformed('the line is not a path above a fence', at + 1)
    const end = closingOf(lines, at + 2, marks)
    refusePatch(lines, at + 2, end)
    if (named.has(foldedPath(path))) throw malformed('a second text for one path', at + 1)
    named.add(foldedPath(path))
    files.push({
      path,
      text: lines
        .slice(at + 2, end)
        .map((content) => `${content}\n`)
        .join(''),
    })
    if (files.length > filesMax) throw malformed(`it has more than ${filesMax} files`, at + 1)
    at = end
  }
  return files
}

/** The text that {@link readFileFormat} reads to the same files, if the format can say them. */
export function printFileFormat(files: readonly WholeFile[]): string {
  return files
    .map(({ path, text }) => {
      const marks = '`'.repeat(longestRun(text) + 1)
      return `${printPathLine(path)}\n${marks}\n${text}${marks}\n`
    })
    .join('\n')
}

const opening = /^(`{3,32}|~{3,32})[\w+.-]{0,40}$/

/** The most backquotes that a line begins with; two at least, so that one more makes a fence. */
function longestRun(text: string): number {
  return text.split('\n').reduce((most, line) => Math.max(most, /^`*/.exec(line.trimStart())?.[0].length ?? 0), 2)
}

/** The index of the line that closes a fence. A line inside that could open or close another makes the end unclear. */
function closingOf(lines: readonly string[], start: number, marks: string): number {
  for (let at = start; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    if (line === marks) return at
    if (line.trimStart().startsWith(marks))
      throw malformed('a fence stands inside another, so it is unclear where a file ends', at + 1)
  }
  throw malformed('a fence is not closed', lines.length)
}

function refusePatch(lines: readonly string[], start: number, end: number): void {
  if (looksLikePatch(lines.slice(start, end)))
    throw malformed('it can be read as a whole file and as a patch; use a unified diff', start + 1)
}

function looksLikePatch(lines: readonly string[]): boolean {
  const first = lines.findIndex((line) => line.trim() !== '')
  const line = lines[first] ?? ''
  return (
    lines.some(opensBlock) ||
    line === beginMark ||
    line.startsWith('diff --git ') ||
    (line.startsWith('--- ') && lines[first + 1]?.startsWith('+++ ') === true)
  )
}
