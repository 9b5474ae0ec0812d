import { malformed } from '../../core/diff-reader.js'
import type { SearchReplace } from '../search-replace.js'
import { filesMax, printPathLine, readPathLine } from './patch-lines.js'
import { printBlock, readBlocks } from './search-replace-blocks.js'

/**
 * Reads a text that is search-and-replace blocks and nothing else: a line with the path, then one or more blocks for that file, with
 * or without a fence around them. A block without a path of its own is for the file of the block before.
 *
 * @throws HS_PATCH_MALFORMED with the line.
 */
export function readBlockFormat(lines: readonly string[]): readonly SearchReplace[] {
  const reading = readBlocks(lines, (at, previous) => pathAbove(lines, at) ?? previous?.block.path)
  if (reading.problem !== undefined) throw malformed(reading.problem, reading.at + 1)
  const blocks = reading.blocks.map(({ block }) => block)
  refuseTalk(lines, reading.blocks)
  if (blocks.length > filesMax) throw malformed(`it has more than ${filesMax} blocks`, 1)
  return blocks
}

/** The text that {@link readBlockFormat} reads to the same blocks, if the format can say them. */
export function printBlockFormat(blocks: readonly SearchReplace[]): string {
  return blocks.map((block) => `${printPathLine(block.path)}\n${printBlock(block)}`).join('\n')
}

const fence = /^(?:`{3,32}|~{3,32})[\w+.-]{0,40}$/

/** The path right above a block, or above its fence. */
function pathAbove(lines: readonly string[], at: number): string | undefined {
  const above = lines[at - 1] ?? ''
  return readPathLine(above) ?? (fence.test(above) ? readPathLine(lines[at - 2] ?? '') : undefined)
}

/** Between the blocks there are paths, fences and blank lines; anything else would be left out silently. */
function refuseTalk(lines: readonly string[], blocks: readonly { readonly at: number; readonly end: number }[]): void {
  let at = 0
  let open: string | undefined
  for (const block of [...blocks, { at: lines.length, end: lines.length }]) {
    for (; at < block.at; at += 1) {
      const line = lines[at] ?? ''
      if (line.trim() === '') continue
      if (open !== undefined && line === open) open = undefined
      else if (open === undefined && opensFence(lines, at, block.at)) open = line.replace(/[^`~].*$/, '')
      else if (!leadsToBlock(lines, at, block.at)) throw malformed('the line belongs to no block', at + 1)
    }
    at = block.end
  }
  if (open !== undefined) throw malformed('a fence is not closed', lines.length)
}

/** A fence directly above a block, or above the path of one. */
function opensFence(lines: readonly string[], at: number, block: number): boolean {
  if (block >= lines.length || !fence.test(lines[at] ?? '')) return false
  return at === block - 1 || (at === block - 2 && readPathLine(lines[at + 1] ?? '') !== undefined)
}

/** A path directly above a block, or above the fence that opens it. */
function leadsToBlock(lines: readonly string[], at: number, block: number): boolean {
  if (block >= lines.length || readPathLine(lines[at] ?? '') === undefined) return false
  return at === block - 1 || (at === block - 2 && fence.test(lines[block - 1] ?? ''))
}
