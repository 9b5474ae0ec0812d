import type { TextEdit } from '../token-edits.js'

/** What stands between two tokens of a JSON text. */
export interface Trivia {
  /** Where the next token starts, or the length of the text. */
  readonly end: number
  /** What must go: comments, a byte order mark, invisible characters. */
  readonly edits: readonly TextEdit[]
  /** How much the edits speak against the reading, in hundredths of one edit. */
  readonly cost: number
  /** The column of the next token, counted from 0, when it is the first on its line. */
  readonly indentation: number | undefined
}

/** More that must go at one place is no damage, but a text of another kind. */
const editsMax = 1_000

/** Skips white space and what a damaged JSON text may have between two tokens, from `start` on. */
export function triviaAt(text: string, start: number, commentsAllowed: boolean): Trivia {
  const edits: TextEdit[] = []
  let cost = 0
  let at = start
  for (;;) {
    at = skipSpace(text, at)
    const skipped = at === text.length ? undefined : (commentAt(text, at, commentsAllowed) ?? invisibleAt(text, at))
    if (skipped === undefined) break
    if (skipped.edit !== undefined) edits.push(skipped.edit)
    if (edits.length > editsMax) return { end: at, edits: [], cost: Number.POSITIVE_INFINITY, indentation: undefined }
    cost += skipped.cost
    at = skipped.end
  }
  return { end: at, edits, cost, indentation: indentationOf(text, at, start) }
}

/** The column of `offset` when only white space (or the text's start) is before it on its line, and its line starts after `from`. */
function indentationOf(text: string, offset: number, from: number): number | undefined {
  const lineStart = lineStartBefore(text, offset)
  if (lineStart === undefined || lineStart < from) return undefined
  return /^[ \t\ufeff]*$/.test(text.slice(lineStart, offset)) ? offset - lineStart : undefined
}

/** Deeper columns than this do not count as indentation, so that a long line costs no time. */
const columnMax = 500

/** Where the line that holds `offset` starts; `undefined` when that is too far back to matter. */
export function lineStartBefore(text: string, offset: number): number | undefined {
  const from = Math.max(0, offset - columnMax)
  const at = text.slice(from, offset).lastIndexOf('\n')
  if (at !== -1) return from + at + 1
  return from === 0 ? 0 : undefined
}

const commentLengthMax = 32_768

interface Skipped {
  readonly end: number
  readonly edit?: TextEdit
  readonly cost: number
}

function skipSpace(text: string, from: number): number {
  let at = from
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break
  }
  return at
}

function commentAt(text: string, at: number, commentsAllowed: boolean): Skipped | undefined {
  const hash = text[at] === '#'
  if (!hash && text[at] !== '/') return undefined
  let end: number
  if (hash || text[at + 1] === '/') end = lineEnd(text, at)
  else if (text[at + 1] === '*') {
    const close = text.slice(at + 2, at + commentLengthMax).indexOf('*/')
    if (close === -1) return undefined
    end = at + 2 + close + 2
  } else return undefined
  if (commentsAllowed && !hash) return { end, cost: 0 }
  return { end, cost: hash ? 20 : 2, edit: removal(text, at, end) }
}

/** Takes the white space before a trailing comment along, and the line when nothing else is on it. */
function removal(text: string, start: number, end: number): TextEdit {
  const what = 'Remove the comment'
  let from = start
  while (from > 0 && (text[from - 1] === ' ' || text[from - 1] === '\t')) from -= 1
  const to = skipBlanks(text, end)
  const alone = from === 0 || text[from - 1] === '\n'
  const last = to === text.length || text[to] === '\n' || text[to] === '\r'
  if (alone && last) return { start: from, end: Math.min(text.length, afterLineBreak(text, to)), text: '', what }
  return last ? { start: from, end, text: '', what } : { start, end, text: '', what }
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\t') at += 1
  return at
}

function afterLineBreak(text: string, at: number): number {
  if (text[at] === '\r' && text[at + 1] === '\n') return at + 2
  return at + 1
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  if (end === -1) return text.length
  return text[end - 1] === '\r' ? end - 1 : end
}

/** No-break and other exotic spaces, zero-width and control characters, the byte order mark. */
const invisible =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u00a0\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]/

function invisibleAt(text: string, at: number): Skipped | undefined {
  const character = text[at]
  if (character === undefined || !invisible.test(character)) return undefined
  const what = at === 0 && character === '\ufeff' ? 'Remove the byte order mark' : 'Remove the invisible character'
  return { end: at + 1, cost: 5, edit: { start: at, end: at + 1, text: /\s/.test(character) && at > 0 ? ' ' : '', what } }
}
