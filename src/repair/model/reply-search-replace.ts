import type { SearchReplace } from '../../patch/search-replace.js'
import { pathOfFence, pathOfLine } from './reply-path.js'

/** What search-and-replace blocks a reply holds. */
export interface SearchReplaceReading {
  readonly blocks: readonly SearchReplace[]
  /** Why the blocks cannot be read; then none counts. */
  readonly problem?: string
  /** The lines of the reply with those of the blocks emptied: what else it says. */
  readonly rest: readonly string[]
}

/**
 * Reads `<<<<<<< SEARCH`, `=======`, `>>>>>>> REPLACE` blocks. The path stands in the line before, or before the fence around it,
 * or is that of the block before.
 *
 * @param fallbackPath - Taken when no path is named at all.
 */
export function readSearchReplace(lines: readonly string[], fallbackPath: string | undefined): SearchReplaceReading {
  const blocks: SearchReplace[] = []
  const rest = [...lines]
  for (let at = 0; at < lines.length; at += 1) {
    if (!opening.test(lines[at] ?? '')) continue
    const end = blockEnd(lines, at)
    if (typeof end === 'string') return { blocks: [], problem: end, rest }
    const path = pathBefore(lines, at) ?? blocks.at(-1)?.path ?? fallbackPath
    if (path === undefined) return { blocks: [], problem: `the block at line ${at + 1} does not say which file it is for`, rest }
    blocks.push({ path, search: textOf(lines, at + 1, end.divider), replace: textOf(lines, end.divider + 1, end.closing) })
    rest.fill('', at, end.closing + 1)
    at = end.closing
  }
  return { blocks, rest }
}

const opening = /^<{5,9} ?SEARCH\b/
const divider = /^={5,9}\s{0,8}$/
const closing = /^>{5,9} ?REPLACE\b/

/** A second divider or opening could be content as well as a mark: such a block has two readings, and none is taken. */
function blockEnd(lines: readonly string[], at: number): { readonly divider: number; readonly closing: number } | string {
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
  return `the block at line ${at + 1} has no "REPLACE" line: the reply ends too early`
}

function pathBefore(lines: readonly string[], at: number): string | undefined {
  let index = at - 1
  while (index >= 0 && lines[index]?.trim() === '') index -= 1
  const line = lines[index] ?? ''
  const [, info] = /^ {0,12}(?:`{3,32}|~{3,32})([^`]*)$/.exec(line) ?? []
  if (info === undefined) return pathOfLine(line)?.path
  return pathOfFence({ info: info.trim(), at: index }, lines)?.path
}

function textOf(lines: readonly string[], from: number, to: number): string {
  return lines
    .slice(from, to)
    .map((line) => `${line}\n`)
    .join('')
}
