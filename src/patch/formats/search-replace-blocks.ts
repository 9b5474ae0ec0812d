import type { SearchReplace } from '../search-replace.js'

/** A block as it stands in a text. */
export interface WrittenBlock {
  readonly block: SearchReplace
  /** Index of its first line, and of the line after its last. */
  readonly at: number
  readonly end: number
}

/** The blocks of a text, or why they cannot be read; then none counts. */
export type BlockReading =
  | { readonly blocks: readonly WrittenBlock[]; readonly problem?: undefined }
  | { readonly problem: string; readonly at: number }

/**
 * Reads `<<<<<<< SEARCH`, `=======`, `>>>>>>> REPLACE` blocks, wherever they stand among the lines. A text that could be read in
 * two ways is not read.
 *
 * @param pathOf - The file of the block at a line; it may be that of the block before.
 */
export function readBlocks(
  lines: readonly string[],
  pathOf: (at: number, previous: WrittenBlock | undefined) => string | undefined,
): BlockReading {
  const blocks: WrittenBlock[] = []
  for (let at = 0; at < lines.length; at += 1) {
    if (!opensBlock(lines[at] ?? '')) continue
    const marks = marksOf(lines, at)
    if (typeof marks === 'string') return { problem: marks, at }
    const path = pathOf(at, blocks.at(-1))
    if (path === undefined) return { problem: `the block at line ${at + 1} does not say which file it is for`, at }
    const search = textOf(lines, at + 1, marks.divider)
    const replace = textOf(lines, marks.divider + 1, marks.closing)
    blocks.push({ block: { path, search, replace }, at, end: marks.closing + 1 })
    at = marks.closing
  }
  return { blocks }
}

/** Whether a line begins a block. */
export function opensBlock(line: string): boolean {
  return opening.test(line)
}

/** A block as {@link readBlocks} reads it, if its texts are whole lines and hold no marks of their own. */
export function printBlock({ search, replace }: SearchReplace): string {
  return `<<<<<<< SEARCH\n${search}=======\n${replace}>>>>>>> REPLACE\n`
}

const opening = /^<{5,9} ?SEARCH\b/
const divider = /^={5,9}\s{0,8}$/
const closing = /^>{5,9} ?REPLACE\b/

/** A second divider or opening could be content as well as a mark: such a block has two readings, and none is taken. */
function marksOf(lines: readonly string[], at: number): { readonly divider: number; readonly closing: number } | string {
  let dividedAt: number | undefined
  for (let index = at + 1; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    if (opening.test(line)) return `the block at line ${at + 1} is not closed before the next begins`
    if (divider.test(line)) {
      if (dividedAt !== undefined)
        return `the block at line ${at + 1} has more than one "=======" line; use a unified diff where the text itself holds such lines`
      dividedAt = index
    }
    if (!closing.test(line)) continue
    return dividedAt === undefined ? `the block at line ${at + 1} has no "=======" line` : { divider: dividedAt, closing: index }
  }
  return `the block at line ${at + 1} has no "REPLACE" line: the text ends too early`
}

function textOf(lines: readonly string[], from: number, to: number): string {
  return lines
    .slice(from, to)
    .map((line) => `${line}\n`)
    .join('')
}
