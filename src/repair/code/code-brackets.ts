import type { Bracket, CodeToken } from './code-tokens.js'

/** What brackets and indentation say about a sequence of tokens. */
export interface BracketReport {
  /** Brackets without a partner. */
  readonly unmatched: number
  /** How often indentation contradicts the brackets; weights, not a count. */
  readonly disagreement: number
  /** Index of the first token that either tells on; -1 when all is well. */
  readonly suspect: number
}

interface Frame {
  readonly bracket: Bracket
  readonly lineIndentation: number
  memberIndentation: number
}

/** Matches brackets and compares each line's indentation with the bracket that it stands in. */
export function bracketReport(tokens: readonly CodeToken[]): BracketReport {
  const frames: Frame[] = []
  let unmatched = 0
  let disagreement = 0
  let suspect = -1
  let line = 0
  let previous: CodeToken | undefined
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index]
    if (token === undefined) break
    const frame = frames.at(-1)
    if (token.indentation >= 0) {
      line = token.indentation
      const against = misplaced(token, frame, previous)
      disagreement += against
      if (against > 0 && suspect === -1) suspect = index
    }
    if (token.closes !== '') {
      if (frame?.bracket === token.closes) frames.pop()
      else {
        if (suspect === -1) suspect = index
        // The partner of this one may be further out: then what is in between lacks its own.
        const outer = partnerOf(token, frames)
        if (outer === -1) unmatched += 1
        else {
          unmatched += frames.length - 1 - outer
          frames.length = outer
        }
      }
    }
    if (token.opens !== '') frames.push({ bracket: token.opens, lineIndentation: line, memberIndentation: -1 })
    previous = token
  }
  if (frames.length > 0 && suspect === -1) suspect = tokens.length
  return { unmatched: unmatched + frames.length, disagreement, suspect }
}

/** Openers less closers of each shape: `(`, `[`, `{`. */
export function surplus(tokens: readonly CodeToken[]): readonly [number, number, number] {
  const counts: [number, number, number] = [0, 0, 0]
  for (const token of tokens) {
    if (token.opens !== '') counts[shapeOf(token.opens)] += 1
    if (token.closes !== '') counts[shapeOf(token.closes)] -= 1
  }
  return counts
}

/** The place of a bracket's shape in {@link surplus}. */
export function shapeOf(bracket: Exclude<Bracket, ''>): 0 | 1 | 2 {
  return bracket === '(' ? 0 : bracket === '[' ? 1 : 2
}

/** The frame that `token` closes, if it is among the innermost three; else -1. */
function partnerOf(token: CodeToken, frames: readonly Frame[]): number {
  for (let index = frames.length - 1; index >= Math.max(0, frames.length - 3); index -= 1)
    if (frames[index]?.bracket === token.closes) return index
  return -1
}

function misplaced(token: CodeToken, frame: Frame | undefined, previous: CodeToken | undefined): number {
  const { indentation } = token
  const startsStatement = previous === undefined || previous.text === ';' || previous.text === '}'
  if (token.closes !== '') return frame !== undefined && indentation !== frame.lineIndentation ? 1 : 0
  if (frame === undefined) return indentation > 0 && startsStatement ? 0.7 : 0
  if (frame.memberIndentation === -1) {
    frame.memberIndentation = indentation
    return indentation <= frame.lineIndentation ? 1 : 0
  }
  if (indentation < frame.memberIndentation) return indentation <= frame.lineIndentation ? 1 : 0.5
  return frame.bracket === '{' && startsStatement && indentation > frame.memberIndentation ? 0.7 : 0
}
