import { readBlocks } from '../../patch/formats/search-replace-blocks.js'
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
  const reading = readBlocks(lines, (at, previous) => pathBefore(lines, at) ?? previous?.block.path ?? fallbackPath)
  if (reading.problem !== undefined) return { blocks: [], problem: reading.problem, rest: lines }
  const rest = [...lines]
  for (const { at, end } of reading.blocks) rest.fill('', at, end)
  return { blocks: reading.blocks.map(({ block }) => block), rest }
}

function pathBefore(lines: readonly string[], at: number): string | undefined {
  let index = at - 1
  while (index >= 0 && lines[index]?.trim() === '') index -= 1
  const line = lines[index] ?? ''
  const [, info] = /^ {0,12}(?:`{3,32}|~{3,32})([^`]*)$/.exec(line) ?? []
  if (info === undefined) return pathOfLine(line)?.path
  return pathOfFence({ info: info.trim(), at: index }, lines)?.path
}
