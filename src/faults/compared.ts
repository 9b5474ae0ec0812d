import { lineAt, type Output } from './output.js'
import { differing, isLegend } from './differing.js'

/** How far below an assertion its values are looked for. */
const linesMax = 24
/** With a diff of many lines above them. */
const labelsMax = 90

/** What was expected and what came instead, in the words of the runner. */
export interface Compared {
  readonly expected: string | undefined
  readonly actual: string | undefined
}

/** A line that starts the report of another test. */
export const nextTitle = /^(?:● |FAIL {1,3}|not ok \d|[✖✘✕×] |--- FAIL|\d{1,5}\) |={10}|test at |<\/testcase>|(?:✓|✔|√|ok \d) )/u

const labelled = {
  expected:
    /^(?:- )?["']?(?:[Ee]xpected|wanted|want|right|Expected value)["']?(?: value| substring| pattern| length| constructor| message)?\s{0,8}[:=]\s{0,20}(?<value>.{1,400})$/,
  actual:
    /^(?:\+ )?["']?(?:[Aa]ctual|[Rr]eceived|found|got|left)["']?(?: value| string| length| constructor| message)?\s{0,8}[:=]\s{0,20}(?<value>.{1,400})$/,
}

const sentences: readonly RegExp[] = [
  /Expected \$\S{0,100} = (?<actual>.{1,200}?) to equal (?<expected>.{1,200})\.$/,
  /Expected (?<actual>(?!values?\b)\S.{0,200}?) to (?:be|equal|deeply equal) (?<expected>.{1,200})\.$/,
  /expected (?<actual>(?!values?\b).{1,120}?) to (?:be|equal|deeply equal|strictly equal|deep equal|loosely equal|have a length of)(?: deeply equal(?: to)?)? (?<expected>.{1,120}?)(?: \/\/ Object\.is equality)?'?$/i,
  /expected:? ?<(?<expected>.{1,120}?)> but was:? ?<(?<actual>.{1,120}?)>/,
  /expected to be an instance of "(?<expected>[^"]{1,100})"\. Received "(?<actual>[^"]{1,100})"/,
  /^.{0,60}Missing expected (?:exception|rejection) \((?<expected>\w{1,60})\)/, // Nothing came instead.
  /to throw (?<expected>[A-Z]\w{0,60}), but it threw (?<actual>[A-Z]\w{0,60})/,
  /(?:^|: |\s)(?:AssertionError: )?assert (?<actual>[^=]{1,120}?) == (?<expected>.{1,120})$/,
  /(?:^|: )(?:AssertionError: )?(?<actual>[^!=:]{1,60}?) != (?<expected>.{1,60})$/,
  /got:? (?<actual>.{1,80}?)[,;] want:? (?<expected>.{1,80})$/,
  /^'?(?<actual>\S{1,60}) (?:!==|!=|==) (?<expected>\S{1,60}?)'?$/,
]

/**
 * Reads the values an assertion compared, from its message, the labels or the diff below it.
 *
 * @param reportEnd - The line after the last that the runner tells of this assertion, if that is known.
 */
export function compared(output: Output, index: number, reportEnd = Number.POSITIVE_INFINITY): Compared {
  const end = Math.min(endOf(output, index), reportEnd)
  const said = saidIn(output, index)
  if (isWhole(said) || (said.expected !== undefined && said.actual === undefined)) return said
  const differ = differing(output, index, end)
  if (differ?.expected !== undefined && differ.actual !== undefined) return differ
  const labels = labelsIn(output, index, end)
  const sources = [labels, said, ...(differ === undefined ? [] : [differ])]
  return { expected: best(sources.map(({ expected }) => expected)), actual: best(sources.map(({ actual }) => actual)) }
}

/** The last line that belongs to the comparison: labels, diff, and source. */
export function comparedUntil(output: Output, index: number, reportEnd = output.lines.length): number {
  let last = index
  for (let at = index + 1; at < Math.min(reportEnd, index + linesMax + 6); at += 1) {
    const line = lineAt(output, at)
    if (nextTitle.test(line)) break
    if (output.kinds[at] === 'quoted' || /^(?:Expected|Received|expected|actual|Difference|Message|Stack)\b/.test(line)) last = at
  }
  return last
}

function endOf(output: Output, index: number): number {
  for (let at = index + 1; at < Math.min(output.lines.length, index + labelsMax); at += 1)
    if (nextTitle.test(lineAt(output, at))) return at
  return Math.min(output.lines.length, index + labelsMax)
}

/** In the sentence itself, or one of the next two lines. */
function saidIn(output: Output, index: number): Compared {
  for (let at = index; at <= index + 2; at += 1) {
    const line = lineAt(output, at)
    if (at > index && nextTitle.test(line)) break
    const said = sentences.map((sentence) => sentence.exec(line)).find((match) => match !== null)
    if (said !== undefined && said !== null)
      return { expected: withoutComma(said.groups?.['expected']), actual: withoutComma(said.groups?.['actual']) }
  }
  return neither
}

const neither: Compared = { expected: undefined, actual: undefined }

function labelsIn(output: Output, index: number, end: number): Compared {
  let expected: string | undefined
  let actual: string | undefined
  for (let at = index; at < end; at += 1) {
    const line = lineAt(output, at)
    if (at > index + linesMax && !/^(?:expected|actual): /.test(line)) continue
    if (isLegend(line)) continue
    expected ??= valueAt(output, at, labelled.expected.exec(line)?.groups?.['value'])
    actual ??= valueAt(output, at, labelled.actual.exec(line)?.groups?.['value'])
    expected ??= below(output, at, /^(?:- Expected|Expected instance of):$/)
    actual ??= below(output, at, /^(?:\+ Received|Function threw unexpected exception):$/)
    const notTheValue = /^Value is not `(.{1,100})`:$/.exec(line)?.[1] // AVA
    if (notTheValue !== undefined) {
      expected ??= notTheValue
      actual ??= below(output, at, /:$/)
    }
  }
  return { expected: withoutComma(expected), actual: withoutComma(actual) }
}

/** What stands below a label of its own. */
function below(output: Output, at: number, label: RegExp): string | undefined {
  if (!label.test(lineAt(output, at))) return undefined
  const value = lineAt(output, at + 1) === '' ? lineAt(output, at + 2) : lineAt(output, at + 1)
  const name = /^\[?Function (\w{1,60})(?:\]| \{\})$|^(\w{1,60}(?:Error|Exception)) \{$/.exec(value)
  return value === '' ? undefined : (name?.[1] ?? name?.[2] ?? value)
}

/** A value, or the block of YAML that its label announces. */
function valueAt(output: Output, at: number, value: string | undefined): string | undefined {
  if (value === undefined || !/^[|>]\d?-?$/.test(value)) return value
  const indent = indentOf(output.raw[at])
  const lines: string[] = []
  for (let next = at + 1; next < at + linesMax; next += 1) {
    const raw = output.raw[next]
    if (raw === undefined || (raw.trim() !== '' && indentOf(raw) <= indent)) break
    lines.push(raw.trim())
  }
  const text = lines.join('\\n').replace(/(?:\\n)+$/, '')
  return text === '' ? undefined : text
}

function isWhole({ expected, actual }: Compared): boolean {
  return expected !== undefined && actual !== undefined && !isPart(expected) && !isPart(actual)
}

/** Runners print the heads of long values only. */
function isPart(value: string): boolean {
  return /…|\[(?:Object|Array|Circular[^\]]{0,10})\]|^(?:error|instance of .*)$|[{[(]$/.test(value)
}

function best(values: readonly (string | undefined)[]): string | undefined {
  return values.find((value) => value !== undefined && !isPart(value)) ?? values.find((value) => value !== undefined)
}

function withoutComma(value: string | undefined): string | undefined {
  return value?.trim().replace(/,$/, '')
}

function indentOf(line = ''): number {
  return line.length - line.trimStart().length
}
