import { lineAt, type Output } from './output.js'

/** The two sides of a diff, each on one line. */
interface Sides {
  readonly expected: string | undefined
  readonly actual: string | undefined
}

/**
 * Folds the first diff of some lines: of each side what the other has not, and where only one side has something of its own,
 * both sides whole. `undefined`: there is no diff.
 */
export function differing(output: Output, from: number, end: number): Sides | undefined {
  const bare = withoutLegend(output, from, end)
  if (bare !== undefined) return bare
  for (let at = from; at < end; at += 1) {
    const legend = lineAt(output, at)
    if (!isLegend(legend)) continue
    const lines = diffLines(output, at, end)
    if (lines.length === 0) continue
    return sidesOf(lines, /\+{1,3} ?expected/i.test(legend) || /^-{1,3} ?(?:actual|received)/i.test(legend))
  }
  return undefined
}

/** `+ expected - actual`, `- Expected`, `+++ actual`, `Difference (- actual, + expected):`: which side carries which sign. */
export function isLegend(line: string): boolean {
  return /^(?:[+-]{1,3} ?(?:expected|actual|received|snapshot)(?! ?[:=])\b|'?Difference \()/i.test(line)
}

/** One line of a diff. */
interface DiffLine {
  readonly sign: '+' | '-' | ' '
  readonly text: string
}

function diffLines(output: Output, legend: number, end: number): readonly DiffLine[] {
  const raw: string[] = []
  for (let at = legend + 1; at < end; at += 1) {
    const line = lineAt(output, at)
    // The second line of a legend stands directly below the first; another one starts another diff.
    if (isLegend(line) && at > legend + 1) break
    if (isLegend(line)) continue
    if (line !== '' && indentOf(output.raw[at]) < indentOf(output.raw[legend])) break
    if (isAfter(line) || (output.kinds[at] === 'quoted' && /^>?\s{0,8}\d{1,7}\s{0,4}[|│]/u.test(line))) break
    if (line !== '') raw.push(output.raw[at] ?? '')
  }
  // The signs stand further left than all that they stand before.
  const column = Math.min(...raw.map(indentOf))
  return raw.map((line) => {
    const sign = line.charAt(column)
    const text = line.slice(column + 1).trim()
    return sign === '+' || sign === '-'
      ? { sign, text }
      : { sign: ' ', text: /^(?:\.{3}|@@ .* @@$)/.test(line.trim()) ? '…' : line.trim() }
  })
}

/** Stacks and blocks of properties come after a diff. */
function isAfter(line: string): boolean {
  return /^(?:at |❯ |› |─|⎯|\]? ?\{$)/u.test(line) && line !== '{'
}

function sidesOf(lines: readonly DiffLine[], isPlusExpected: boolean): Sides | undefined {
  const [expected, actual] = isPlusExpected ? (['+', '-'] as const) : (['-', '+'] as const)
  const own = (sign: DiffLine['sign']): readonly DiffLine[] => lines.filter((line) => line.sign === sign)
  const isWhole = own(expected).length === 0 || own(actual).length === 0
  if (isWhole && own(expected).length === own(actual).length) return undefined
  const side = (sign: DiffLine['sign']): string | undefined =>
    folded(isWhole ? lines.filter((line) => line.sign === sign || line.sign === ' ') : own(sign))
  return { expected: side(expected), actual: side(actual) }
}

function folded(lines: readonly DiffLine[]): string | undefined {
  const text = lines
    .map((line) => line.text)
    .join(' ')
    .replace(/(?:… ?)+/g, '… ')
    .replaceAll('␊', '') // AVA's line ends
    .trim()
    .slice(0, 1_000)
    .replace(/,$/, '')
  return text === '' ? undefined : text
}

/** uvu writes its signs twice and names the sides behind or above. */
function withoutLegend(output: Output, from: number, end: number): Sides | undefined {
  const found: Record<'expected' | 'actual', string[]> = { expected: [], actual: [] }
  let named = false
  for (let at = from; at < Math.min(end, from + 30); at += 1) {
    const line = lineAt(output, at)
    if (/^at /.test(line)) break
    named ||= /^(?:\+\+|--).*\((?:Expected|Actual)\)$|^(?:Actual|Expected):$/.test(line)
    const text = line
      .slice(2)
      .replace(/\s*\((?:Expected|Actual)\)$/, '')
      .replaceAll('·', ' ')
      .trim()
    if (line.startsWith('++')) found.expected.push(text)
    else if (line.startsWith('--')) found.actual.push(text)
  }
  if (!named) return undefined
  const join = (texts: readonly string[]): string | undefined =>
    texts.length === 0 ? undefined : texts.join(' ').replace(/,$/, '')
  return { expected: join(found.expected), actual: join(found.actual) }
}

function indentOf(line = ''): number {
  return line.length - line.trimStart().length
}
