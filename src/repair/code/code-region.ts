import type { CodeParser } from './code-parse.js'

/** Part of a text, `start` inclusive, `end` exclusive. */
export interface Region {
  readonly start: number
  readonly end: number
}

/** Shorter texts are searched whole. */
const wholeLengthMax = 1_500
const attemptsMax = 7
/** How much may be parsed to find the region, in UTF-16 units. */
const charactersMax = 500_000

/**
 * The smallest run of top-level statements that holds all damage: without it the rest of `text` parses. Top-level statements
 * are told by lines that start in the first column, which is true of formatted code and checked by the parse.
 *
 * @param offsets - Where damage is suspected, the surest first.
 */
export function damagedRegion(text: string, parser: CodeParser, offsets: readonly number[]): Region {
  const whole = { start: 0, end: text.length }
  if (text.length <= wholeLengthMax) return whole
  const starts = statementStarts(text)
  const tried = new Set<string>()
  for (const region of attempts(text, starts, offsets)) {
    const key = `${region.start}:${region.end}`
    if (tried.has(key)) continue
    if (tried.size >= attemptsMax || tried.size * text.length > charactersMax || region.end - region.start > text.length * 0.8)
      break
    tried.add(key)
    if (parser.partProblem(text.slice(0, region.start) + text.slice(region.end)) === undefined) return region
  }
  return whole
}

function* attempts(text: string, starts: readonly number[], offsets: readonly number[]): Generator<Region> {
  const indexes = offsets.map((offset) =>
    Math.max(
      0,
      starts.findLastIndex((start) => start <= offset),
    ),
  )
  for (const [before, after] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
    [4, 1],
  ] as const) {
    for (const index of indexes) yield between(text, starts, index - before, index + after)
  }
  if (indexes.length > 1) yield between(text, starts, Math.min(...indexes), Math.max(...indexes))
}

function between(text: string, starts: readonly number[], first: number, last: number): Region {
  return { start: starts[Math.max(0, first)] ?? 0, end: starts[last + 1] ?? text.length }
}

function statementStarts(text: string): readonly number[] {
  const starts = [0]
  for (const match of text.matchAll(/\n(?=[\p{ID_Start}$_@#'"(/])/gu))
    if (match.index + 1 < text.length) starts.push(match.index + 1)
  return starts
}
