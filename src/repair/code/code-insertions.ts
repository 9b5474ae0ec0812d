import type { Damage } from './code-damage.js'
import { imagined, type CodeToken } from './code-tokens.js'
import type { TextEdit } from '../token-edits.js'

/** A change of tokens `[index, index + removed)` into `inserted`; `next` is the token after them with its new white space. */
export interface Splice {
  readonly index: number
  readonly removed: number
  readonly inserted: readonly CodeToken[]
  readonly next: CodeToken | undefined
  /** Log probability of the slip that it undoes. */
  readonly prior: number
  readonly make: () => TextEdit
}

/** The ways in which `text` may have stood before the token at `index`. */
export function insertions({ text, tokens }: Damage, index: number, inserted: string, prior: number): readonly Splice[] {
  const next = tokens[index]
  const previous = tokens[index - 1]
  const start = next?.start ?? text.length
  const from = previous?.end ?? 0
  const gap = next?.gap ?? '\n'
  const isWord = /^\w/.test(inserted)
  const what = `Insert the missing "${inserted}"`
  const make = (at: number, added: string) => (): TextEdit => ({ start: at, end: at, text: added, what })
  const splice = (before: CodeToken['gap'], after: CodeToken['gap'], edit: () => TextEdit, extra = 0): Splice => ({
    index,
    removed: 0,
    inserted: [
      before === '\n' && next !== undefined && after !== '\n'
        ? { ...imagined(inserted, before), indentation: next.indentation }
        : imagined(inserted, before),
    ],
    next: next === undefined ? undefined : { ...next, gap: after, indentation: after === '\n' ? next.indentation : -1 },
    prior: prior + extra,
    make: edit,
  })
  const touchesWord = (token: CodeToken | undefined): boolean => token !== undefined && token.kind !== 'mark'
  const splices: Splice[] = []
  if (gap === '') {
    if (!isWord || (!touchesWord(previous) && !touchesWord(next))) splices.push(splice('', '', make(start, inserted)))
    if (isWord && !touchesWord(previous)) splices.push(splice('', ' ', make(start, `${inserted} `), -1.5))
  } else if (gap === '  ') {
    splices.push(splice(' ', ' ', make(from + 1, inserted)))
  } else if (gap === ' ') {
    if (!isWord || !touchesWord(previous)) splices.push(splice('', ' ', make(from, inserted)))
    if (!isWord || !touchesWord(next)) splices.push(splice(' ', '', make(start, inserted)))
    splices.push(splice(' ', ' ', make(start, `${inserted} `), -1))
  } else {
    if (!isWord || !touchesWord(previous)) splices.push(splice('', '\n', make(from, inserted)))
    splices.push(splice(' ', '\n', make(from, ` ${inserted}`), from < start && text[from] === ' ' ? 0 : -1))
    if (!isWord || !touchesWord(next)) splices.push(splice('\n', '', make(start, inserted), -0.5))
    splices.push(splice('\n', ' ', make(start, `${inserted} `), text[start - 1] === ' ' && isOddly(next, tokens, index) ? 0 : -1))
    if (inserted === '}' || inserted === ')' || inserted === ']') {
      const place = ownLine(text, tokens, index, inserted)
      splices.push(splice('\n', '\n', () => ({ ...place, what }), place.text === inserted ? 0.5 : -1))
    }
  }
  return splices
}

/** Whether the first token of a line stands one blank deeper than those around it, as when a word before it was lost. */
function isOddly(next: CodeToken | undefined, tokens: readonly CodeToken[], index: number): boolean {
  if (next === undefined) return false
  for (let at = index - 1; at >= 0 && at > index - 40; at -= 1) {
    const indentation = tokens[at]?.indentation ?? -1
    if (indentation >= 0) return Math.abs(indentation - next.indentation) % 2 === 1
  }
  return next.indentation % 2 === 1
}

/** A closing bracket on a line of its own: on one that was left blank, or on a new one as deep as its opener's. */
function ownLine(
  text: string,
  tokens: readonly CodeToken[],
  index: number,
  bracket: string,
): { readonly start: number; readonly end: number; readonly text: string } {
  const from = tokens[index - 1]?.end ?? 0
  const to = tokens[index]?.start ?? text.length
  const depth = ownerIndentation(tokens, index, imagined(bracket, '').closes)
  const gap = text.slice(from, Math.min(to, from + 2_000))
  const blank = new RegExp(`\\n([ \\t]{${depth}})(?=\\r?\\n|$)`).exec(gap)
  if (blank !== null && depth > 0)
    return { start: from + blank.index + 1 + depth, end: from + blank.index + 1 + depth, text: bracket }
  const line = text.lastIndexOf('\n', from - 1) + 1
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  return { start: from, end: from, text: `${eol}${(text[line] === '\t' ? '\t' : ' ').repeat(Math.min(depth, 200))}${bracket}` }
}

/** The indentation of the line on which the bracket that is open before `index` was opened. */
function ownerIndentation(tokens: readonly CodeToken[], index: number, bracket: CodeToken['opens']): number {
  let depth = 0
  for (let at = index - 1; at >= 0; at -= 1) {
    const token = tokens[at]
    if (token === undefined) break
    if (token.closes === bracket) depth += 1
    if (token.opens !== bracket) continue
    if (depth > 0) {
      depth -= 1
      continue
    }
    for (let first = at; first >= 0; first -= 1) {
      const indentation = tokens[first]?.indentation ?? -1
      if (indentation >= 0) return indentation
    }
  }
  return 0
}
