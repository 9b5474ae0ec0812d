import { isHomeostatError } from '../../core/errors.js'
import { readName, withoutPrefixes } from '../../core/diff-paths.js'
import { parseDiff } from '../../core/parse-diff.js'
import type { FileEdit } from '../../core/patch.js'
import { editsFromDiff, type ReadText } from '../../patch/apply-diff.js'
import { editsFromSearchReplace, type SearchReplace } from '../../patch/search-replace.js'
import type { Fence } from '../../patch/formats/fences.js'
import { pathOfFence } from './reply-path.js'

/** A unified diff as it stands in a reply. */
export interface DiffText {
  readonly lines: readonly string[]
  /** In a fence that is closed: then its end is the end of the diff. */
  readonly closed: boolean
  /** The file that the reply names for it, for a diff without names of its own. */
  readonly path?: string
}

/** The diffs of a reply: fenced ones, and bare ones outside of fences. */
export function diffsOf(lines: readonly string[], fences: readonly Fence[]): readonly DiffText[] {
  const fenced = fences.filter(isDiff).map((fence): DiffText & { at: number } => {
    const path = pathOfFence(fence, lines)?.path
    return { lines: fence.lines, closed: fence.closed, at: fence.at, ...(path !== undefined && { path }) }
  })
  return [...fenced, ...bareDiffs(lines, fences)].sort((a, b) => a.at - b.at)
}

/** Whether a fence holds a diff: its language says so, or it begins like one. */
export function isDiff({ info, lines }: Fence): boolean {
  const first = lines.findIndex((line) => line.trim() !== '')
  return first >= 0 && (/^(?:u?diff|patch)\b/i.test(info) || beginsDiff(lines, first))
}

/**
 * The edits that all diffs together ask for. Read strictly first. Models count hunk lines badly, so when a diff in closed fences
 * cannot be read that way, its hunks are taken as lines to find exactly once and what replaces them; their numbers are not used.
 *
 * @throws HS_PATCH_MALFORMED, HS_PATCH_CONFLICT, HS_PATH_REFUSED
 */
export function editsFromDiffs(diffs: readonly DiffText[], read: ReadText): readonly FileEdit[] {
  try {
    return editsFromDiff(parseDiff(diffs.map(({ lines }) => `${lines.join('\n')}\n`).join('')), read)
  } catch (error) {
    if (!isHomeostatError(error, 'HS_PATCH_MALFORMED') || diffs.some(({ closed }) => !closed)) throw error
    const blocks = diffs.map(blocksOf)
    if (blocks.some((some) => some === undefined)) throw error
    return editsFromSearchReplace(
      blocks.flatMap((some) => some ?? []),
      read,
    )
  }
}

function beginsDiff(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? ''
  return line.startsWith('diff --git ') || (line.startsWith('--- ') && lines[at + 1]?.startsWith('+++ ') === true)
}

function bareDiffs(lines: readonly string[], fences: readonly Fence[]): readonly (DiffText & { readonly at: number })[] {
  const found: (DiffText & { readonly at: number })[] = []
  const ends = new Map(fences.map(({ at, end }) => [at, end]))
  for (let at = 0; at < lines.length; at += 1) {
    const fenceEnd = ends.get(at)
    if (fenceEnd !== undefined) at = fenceEnd - 1
    else if (beginsDiff(lines, at)) {
      const end = bareEnd(lines, at)
      found.push({ lines: lines.slice(at, end), closed: false, at })
      at = end - 1
    }
  }
  return found
}

const headerLine =
  /^(?:diff --git |index |--- |\+\+\+ |(?:old|new|new file|deleted file) mode |(?:rename|copy) (?:from|to) |(?:dis)?similarity index |Binary files )/
const hunkLine = /^@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@/

/** Outside of fences only the counts of the hunks tell where a diff ends and talk goes on. */
function bareEnd(lines: readonly string[], start: number): number {
  let at = start
  while (at < lines.length) {
    const line = lines[at] ?? ''
    const hunk = hunkLine.exec(line)
    if (hunk !== null) at = hunkEnd(lines, at + 1, Number(hunk[1] ?? 1), Number(hunk[2] ?? 1))
    else if (headerLine.test(line) || (line === '' && beginsDiff(lines, at + 1))) at += 1
    else break
  }
  return Math.max(at, start + 1)
}

function hunkEnd(lines: readonly string[], start: number, oldLines: number, newLines: number): number {
  let [at, oldLeft, newLeft] = [start, oldLines, newLines]
  for (; at < lines.length && (oldLeft > 0 || newLeft > 0 || lines[at]?.startsWith('\\ ') === true); at += 1) {
    const mark = lines[at]?.[0] ?? ' '
    if (mark === '\\') continue
    if (!' +-'.includes(mark)) break
    if (mark !== '+') oldLeft -= 1
    if (mark !== '-') newLeft -= 1
  }
  return at
}

/** `undefined` when this is no plain sequence of changed files. */
function blocksOf({ lines, path }: DiffText): readonly SearchReplace[] | undefined {
  const blocks: SearchReplace[] = []
  let current = path
  let hunk: string[] | undefined
  const finish = (): boolean => {
    if (hunk === undefined) return true
    const block = current === undefined ? undefined : blockOf(current, hunk)
    if (block !== undefined) blocks.push(block)
    hunk = undefined
    return block !== undefined
  }
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    if (line.startsWith('--- ') && lines[at + 1]?.startsWith('+++ ') === true) {
      if (!finish()) return undefined
      current = changedPath(line, lines[at + 1] ?? '')
      if (current === undefined) return undefined
      at += 1
    } else if (line.startsWith('@@')) {
      if (!finish()) return undefined
      hunk = []
    } else if (/^(?:diff --git |index )/.test(line)) {
      if (!finish()) return undefined
    } else if (hunk !== undefined) hunk.push(line)
    else if (line.trim() !== '' && !/^new file mode 100(?:644|755)$/.test(line)) return undefined
  }
  return finish() && blocks.length > 0 ? blocks : undefined
}

/** Removed files are left to the strict reading: nothing else shows that all of the file is meant. */
function changedPath(oldLine: string, newLine: string): string | undefined {
  const [old, name] = [readName(oldLine.slice(4).trimEnd()), readName(newLine.slice(4).trimEnd())]
  if (old === undefined || name === undefined) return undefined
  const paths = withoutPrefixes({ old, new: name })
  return paths.old === null || paths.old === paths.new ? (paths.new ?? undefined) : undefined
}

function blockOf(path: string, hunk: readonly string[]): SearchReplace | undefined {
  const end = hunk.findLastIndex((line) => line !== '') + 1
  let [search, replace] = ['', '']
  for (const line of hunk.slice(0, end)) {
    const [mark = ' ', text] = [line[0], `${line.slice(1)}\n`]
    if (!' +-\\'.includes(mark)) return undefined
    if (mark === ' ' || mark === '-') search += text
    if (mark === ' ' || mark === '+') replace += text
  }
  return search === replace ? undefined : { path, search, replace }
}
