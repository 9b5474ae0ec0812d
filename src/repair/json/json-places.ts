import { closerOf, type Frame } from './json-state.js'
import { lineStartBefore, type Trivia } from './json-trivia.js'

/** The indentation of the line that holds `offset`. */
export function lineIndentation(text: string, offset: number): number {
  const start = lineStartBefore(text, offset)
  if (start === undefined) return 0
  let at = start
  while ((text[at] === ' ' || text[at] === '\t' || text[at] === '\ufeff') && at - start < 1_000) at += 1
  return at - start
}

/** After the blank that follows the last token on its line, or right before the next token when that is on the same line. */
export function openerPlace(text: string, tokenEnd: number, next: number): number {
  if (!text.slice(tokenEnd, Math.min(next, tokenEnd + 4_096)).includes('\n')) return next
  return text[tokenEnd] === ' ' ? tokenEnd + 1 : tokenEnd
}

interface CloserContext {
  readonly text: string
  readonly eol: string
  /** End of the last token before the bracket. */
  readonly tokenEnd: number
  /** What stands between there and the next token. */
  readonly trivia: Trivia
  /** What the bracket closes. */
  readonly frame: Frame
  readonly atEnd: boolean
}

/** Where a closing bracket reads best: on the line it seems to have been taken from, else on one of its own. */
export function closerPlace({ text, eol, tokenEnd, trivia, frame, atEnd }: CloserContext): {
  readonly at: number
  readonly text: string
} {
  const closer = closerOf(frame)
  if (frame.memberIndentation === undefined) return { at: tokenEnd, text: closer }
  if (trivia.indentation === frame.lineIndentation && text[trivia.end] === ',') return { at: trivia.end, text: closer }
  const gap = text.slice(tokenEnd, Math.min(trivia.end, tokenEnd + 4_096))
  const margin = indentationText(text, frame.lineIndentation, tokenEnd)
  for (let at = gap.indexOf('\n'); at !== -1; at = gap.indexOf('\n', at + 1)) {
    const blank = /^[ \t]*/.exec(gap.slice(at + 1))?.[0] ?? ''
    const ends = tokenEnd + at + 1 + blank.length
    const next = text[ends]
    if (blank === margin && (next === '\n' || next === '\r') && (blank !== '' || atEnd || text[ends + 1] !== undefined))
      return { at: ends, text: closer }
  }
  return { at: tokenEnd, text: `${eol}${margin}${closer}` }
}

/** White space of the given width, in the characters that lines nearby use. */
function indentationText(text: string, width: number, near: number): string {
  const start = lineStartBefore(text, near) ?? 0
  return (text[start] === '\t' ? '\t' : ' ').repeat(width)
}
