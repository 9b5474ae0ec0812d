import type { TokenModel } from './code-model.js'
import type { CodeToken, CodeTokens } from './code-tokens.js'
import type { TextEdit } from '../token-edits.js'

/** Damaged text, and what is known of it. */
export interface Damage extends CodeTokens {
  readonly text: string
  readonly model: TokenModel
  /** Where the parser gave up. */
  readonly offset: number
}

/** A change that may be what was meant; the higher the score, the likelier (a difference of log probabilities). */
export interface CodeGuess {
  readonly edits: readonly TextEdit[]
  readonly score: number
}

/** One change of characters, before it is judged. */
export interface Change {
  readonly edits: readonly TextEdit[]
  /** Log probability of the slip that it undoes. */
  readonly prior: number
  /** What must be read anew to judge it. */
  readonly from: number
  readonly to: number
}

/** The index of the token that stands at or after `offset`. */
export function indexAt(tokens: readonly CodeToken[], offset: number): number {
  let low = 0
  let high = tokens.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((tokens[middle]?.end ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  return low
}

/** A line of a text, without its line break. */
export interface Line {
  readonly start: number
  readonly end: number
}

/** Lines longer than this are not searched, in UTF-16 units. */
export const lineLengthMax = 600

/** The line that holds `offset`. */
export function lineOf(text: string, offset: number): Line {
  const start = text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1
  const end = text.indexOf('\n', Math.max(start, offset))
  return { start: Math.min(start, offset), end: end === -1 ? text.length : end }
}

/** Offsets where words and runs of punctuation start or end. */
export function boundaries(line: string, model: TokenModel): readonly number[] {
  const places = new Set<number>([line.trimEnd().length])
  for (const match of line.matchAll(/[\w$]+|[^\w$\s]/g)) {
    places.add(match.index)
    for (const seam of model.seams(match[0])) places.add(match.index + seam)
    places.add(match.index + match[0].length)
  }
  return [...places].slice(0, 120)
}
