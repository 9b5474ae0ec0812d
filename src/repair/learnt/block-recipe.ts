import type { BlockEdit } from '../../core/experience.js'
import type { FileEdit } from '../../core/patch.js'

const blockLengthMax = 4_000
const contextLinesMax = 12

/** The lines that an edit changed, with as many around them as make the block the only one of its kind in the file. */
export function blockOf({ path, before, after }: FileEdit): BlockEdit | undefined {
  if (before === null || after === null || before === after) return undefined
  const from = before.split('\n')
  const to = after.split('\n')
  const shorter = Math.min(from.length, to.length)
  let head = 0
  while (head < shorter && from[head] === to[head]) head += 1
  let tail = 0
  while (tail < shorter - head && from[from.length - 1 - tail] === to[to.length - 1 - tail]) tail += 1
  for (let context = 1; context <= contextLinesMax; context += 1) {
    const start = Math.max(0, head - context)
    const rest = Math.max(0, tail - context)
    const block = {
      path,
      before: from.slice(start, from.length - rest).join('\n'),
      after: to.slice(start, to.length - rest).join('\n'),
    }
    if (block.before.length > blockLengthMax || block.after.length > blockLengthMax) return undefined
    if (withBlock(before, block) === after) return block
  }
  return undefined
}

/** The text with the block exchanged; `undefined` unless it stands there once, from the start of a line to the end of one. */
export function withBlock(text: string, { before, after }: BlockEdit): string | undefined {
  if (before === '') return undefined
  // A line feed on either side makes the first and the last line like the others.
  const framed = `\n${text}\n`
  const wanted = `\n${before}\n`
  const at = framed.indexOf(wanted)
  if (at === -1 || framed.indexOf(wanted, at + 1) !== -1) return undefined
  return text.slice(0, at) + after + text.slice(at + before.length)
}
