import { lineAt, type Output } from './output.js'

/** How far below an assertion its values are looked for. */
const linesMax = 24

/** What was expected and what came instead, in the words of the runner. */
export interface Compared {
  readonly expected: string | undefined
  readonly actual: string | undefined
}

/** A line that starts the report of another test. */
export const nextTitle = /^(?:● |FAIL {1,3}|not ok \d|[✖✘✕×] |--- FAIL|\d{1,5}\) |={10}|(?:✓|✔|√|ok \d) )/u

const labelled = {
  expected:
    /^["']?(?:[Ee]xpected|want|right|Expected value)["']?(?: value| substring| pattern| length)?\s{0,8}[:=]\s{0,20}(?<value>.{1,200})$/,
  actual: /^["']?(?:[Aa]ctual|[Rr]eceived|got|left)["']?(?: value| string| length)?\s{0,8}[:=]\s{0,20}(?<value>.{1,200})$/,
}

const sentences: readonly RegExp[] = [
  /expected (?<actual>(?!values\b).{1,120}?) to (?:be|equal|deeply equal|strictly equal|deep equal|loosely equal|have a length of)(?: deeply equal(?: to)?)? (?<expected>.{1,120}?)(?: \/\/ Object\.is equality)?'?$/i,
  /Expected (?<actual>(?!values\b).{1,120}?) to (?:be|equal|deeply equal) (?<expected>.{1,120}?)\.$/,
  /expected:? ?<(?<expected>.{1,120}?)> but was:? ?<(?<actual>.{1,120}?)>/,
  /(?:^|: |\s)(?:AssertionError: )?assert (?<actual>[^=]{1,120}?) == (?<expected>.{1,120})$/,
  /(?:^|: )(?:AssertionError: )?(?<actual>[^!=:]{1,60}?) != (?<expected>.{1,60})$/,
  /got:? (?<actual>.{1,80}?)[,;] want:? (?<expected>.{1,80})$/,
  /^'?(?<actual>\S{1,60}) (?:!==|!=|==) (?<expected>\S{1,60}?)'?$/,
]

/** Reads the values an assertion compared, from its message, the labels or the diff below it. */
export function compared(output: Output, index: number): Compared {
  let expected: string | undefined
  let actual: string | undefined
  for (let at = index; at < Math.min(output.lines.length, index + linesMax); at += 1) {
    const line = lineAt(output, at)
    if (at > index && nextTitle.test(line)) break
    if (at <= index + 2 && expected === undefined && actual === undefined) {
      const said = sentences.map((sentence) => sentence.exec(line)).find((match) => match !== null)
      expected = said?.groups?.['expected']
      actual = said?.groups?.['actual']
    }
    expected ??= labelled.expected.exec(line)?.groups?.['value'] ?? diffSide(output, at, 'expected', index)
    actual ??= labelled.actual.exec(line)?.groups?.['value'] ?? diffSide(output, at, 'actual', index)
    if (expected !== undefined && actual !== undefined) break
  }
  return { expected: withoutComma(expected), actual: withoutComma(actual) }
}

/** The last line that belongs to the comparison: labels, diff, and source. */
export function comparedUntil(output: Output, index: number): number {
  let last = index
  for (let at = index + 1; at < Math.min(output.lines.length, index + linesMax + 6); at += 1) {
    const line = lineAt(output, at)
    if (nextTitle.test(line)) break
    if (output.kinds[at] === 'quoted' || /^(?:Expected|Received|expected|actual|Difference|Message|Stack)\b/.test(line)) last = at
  }
  return last
}

/** Runners differ in which side of a diff carries the plus: they say so above it. */
function diffSide(output: Output, at: number, side: 'expected' | 'actual', from: number): string | undefined {
  const line = lineAt(output, at)
  const sign = line.charAt(0)
  if ((sign !== '+' && sign !== '-') || isLegend(line)) return undefined
  const legend = output.lines.slice(from, at).findLast(isLegend)
  if (legend === undefined) return undefined
  const plusIsExpected = /\+{1,3} ?expected/i.test(legend)
  const says = (sign === '+') === plusIsExpected ? 'expected' : 'actual'
  return says === side ? line.replace(/^[+-]{1,2}/, '').trim() : undefined
}

/** `+ expected - actual`, `- Expected`, `+++ actual`, `Difference (- actual, + expected):`. */
function isLegend(line: string): boolean {
  return /^(?:[+-]{1,3} ?(?:expected|actual|received)\b|Difference \()/i.test(line)
}

function withoutComma(value: string | undefined): string | undefined {
  return value?.trim().replace(/,$/, '')
}
