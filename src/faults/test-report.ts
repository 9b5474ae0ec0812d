import { oncePerOutput, type Output } from './output.js'

/** What a runner tells of one failing test. */
export interface TestReport {
  /** Line of its title, or, where the title stands apart, the first line of what went wrong. */
  readonly first: number
  /** The line after its last. */
  readonly end: number
  /** Its title after those of its suites: `cart > adds up prices`. */
  readonly test: string
  /** The file it is in, where its title or its attributes name one. */
  readonly file?: string | undefined
}

/** The report that a line belongs to, if it does to any. */
export function reportAt(output: Output, index: number): TestReport | undefined {
  const { reports, numbers } = reportsOf(output)
  return reports[(numbers[index] ?? 0) - 1]
}

/** AVA lists its failing tests first, and tells of each below, under its bare title. */
export function reportNamed(output: Output, title: string, after: number): TestReport | undefined {
  return reportsOf(output).reports.find(({ first }) => first > after && output.lines[first] === title)
}

const reportsMax = 1_000
const reportLinesMax = 200

const reportsOf = oncePerOutput(({ lines, raw }) => {
  const scan = newScan(lines, raw)
  const reports: TestReport[] = []
  /** For each line the number of its report, counted from 1. */
  const numbers = new Uint16Array(lines.length)
  let open: (Titled & { readonly first: number }) | undefined
  const close = (end: number): void => {
    if (open !== undefined && reports.length < reportsMax) {
      const last = Math.min(end, open.first + reportLinesMax)
      numbers.fill(reports.push({ ...open, end: last }), open.first, last)
    }
    open = undefined
  }
  for (const [index, line] of lines.entries()) {
    if (line === '' || !mayMatter(line, scan)) continue
    const titled = titleAt(scan, index, line)
    if (titled !== undefined || ends.test(line)) close(index)
    if (titled !== undefined) open = { ...titled, first: index }
  }
  close(lines.length)
  return { reports, numbers }
})

/** What a title tells. */
type Titled = Pick<TestReport, 'test' | 'file'>

/** What was seen on the way down an output. */
interface Scan {
  readonly lines: readonly string[]
  readonly raw: readonly string[]
  /** Suites that are open, each within the one before. */
  readonly suites: { readonly indent: number; readonly name: string }[]
  /** node:test tells its tests in a tree, and those that failed again at the end, without their suites. */
  readonly paths: Map<string, string>
  /** Titles in AVA's list. */
  readonly listed: Set<string>
  /** tape: the title of the test whose assertions come. */
  group: string | undefined
  readonly isTap: boolean
  /** JUnit: the test whose `<failure>` may come. */
  testcase: Titled | undefined
}

function newScan(lines: readonly string[], raw: readonly string[]): Scan {
  const isTap = lines.some((line) => line.startsWith('TAP version'))
  return { lines, raw, suites: [], paths: new Map(), listed: new Set(), group: undefined, isTap, testcase: undefined }
}

/** Most lines neither begin nor end a report; a look at the first character tells. */
function mayMatter(line: string, { listed }: Scan): boolean {
  return /^[●✖✘✕×▶✔✓√⎯─Fnotℹ#<P\dTSE]/u.test(line) || listed.has(line)
}

/** What stands below these belongs to no failing test, or to the next one. */
const ends =
  /^(?:[✔✓√] |▶ |ok \d|# (?:Subtest: |tests |pass |fail )|ℹ |PASS\b|FAIL\b|\d{1,7} (?:passing|failing|tests? failed|specs?,)|Tests?:|Test Suites:|Test Files |Snapshots |Failed tests:|test at |─$|⎯{5}|<\/testcase>|Total: )/u

function titleAt(scan: Scan, index: number, line: string): Titled | undefined {
  if (scan.listed.has(line)) return scan.lines[index - 1] === '' ? { test: line.replaceAll(' › ', ' > ') } : undefined
  for (const [start, read] of readers) if (line.startsWith(start)) return read(scan, index, line)
  return /^\d{1,5}\) \S/.test(line) ? numbered(scan, index, line) : undefined
}

type ReadTitle = (scan: Scan, index: number, line: string) => Titled | undefined

const readers: readonly (readonly [string, ReadTitle])[] = [
  ['● ', (_, __, line) => jestTitle(line.slice(2))],
  ['FAIL ', (_, __, line) => failTitle(line)],
  ['✘ [fail]: ', listedTitle],
  ['✖ ', crossTitle],
  ['✘ ', crossTitle],
  ['✕ ', crossTitle],
  ['× ', crossTitle],
  ['▶ ', suiteTitle],
  ['# ', commentTitle],
  ['not ok ', tapTitle],
  ['<testsuite ', junitSuite],
  ['</testsuite>', junitSuite],
  ['<testcase ', junitCase],
  ['<failure', ({ testcase }) => testcase],
]

function jestTitle(title: string): Titled | undefined {
  return /^(?:Test suite failed to run|Validation |Console$|Deprecation )/.test(title) || title.includes('•')
    ? undefined
    : { test: title.replaceAll(' › ', ' > ') }
}

/** Vitest: `FAIL  file > suite > test`; uvu: `FAIL  suite  "test"`. */
function failTitle(line: string): Titled | undefined {
  const vitest = /^FAIL {1,3}(?:\|[^|]{1,60}\| )?(?<file>\S{1,300}) > (?<test>.{1,400})$/.exec(line)?.groups
  if (vitest !== undefined) return { test: vitest['test'] ?? '', file: vitest['file'] }
  const uvu = /^FAIL {1,3}(?:(?<suite>[^\s"].{0,200}?) {1,3})?"(?<test>.{1,400})"$/.exec(line)?.groups
  return uvu === undefined ? undefined : { test: joined([uvu['suite'], uvu['test']]) }
}

function listedTitle(scan: Scan, _: number, line: string): undefined {
  const title = line.slice('✘ [fail]: '.length).replace(avaReason, '')
  if (title !== '' && scan.listed.size < reportsMax) scan.listed.add(title)
}

/** What AVA adds to a title in its list. */
export const avaReason =
  / (?:Error thrown in test|Rejected promise returned by test|Test timeout exceeded|Did not match snapshot|Test finished without running any assertions)$/

/** node:test and those that look like it. */
function crossTitle(scan: Scan, index: number, line: string): Titled | undefined {
  const title = withoutDuration(line.slice(2))
  if (title === 'failing tests:') return undefined
  const indent = indentOf(scan.raw[index])
  closeSuites(scan, indent)
  const path = scan.paths.get(line) ?? joined([...scan.suites.map(({ name }) => name), title])
  // A duration has so many digits that title and duration together name the test.
  if (indent > 0 && scan.paths.size < reportsMax) scan.paths.set(line, path)
  const at = /^test at (?<file>\S.{0,400}?):\d{1,7}:\d{1,7}$/.exec(scan.lines[index - 1] ?? '')?.groups?.['file']
  return { test: path, file: at }
}

function suiteTitle(scan: Scan, index: number, line: string): undefined {
  const indent = indentOf(scan.raw[index])
  closeSuites(scan, indent)
  if (!/ \(\d[\d.]*m?s\)$/.test(line) && scan.suites.length < depthMax) scan.suites.push({ indent, name: line.slice(2) })
}

function commentTitle(scan: Scan, index: number, line: string): Titled | undefined {
  const indent = indentOf(scan.raw[index])
  if (line.startsWith('# Subtest: ')) {
    closeSuites(scan, indent)
    if (scan.suites.length < depthMax) scan.suites.push({ indent, name: line.slice('# Subtest: '.length) })
    return undefined
  }
  if (!scan.isTap || indent > 0 || scan.suites.length > 0 || /^# (?:tests|pass|fail|skip|todo|time|\{)/.test(line))
    return undefined
  scan.group = line.slice(2)
  // Below the title of a test of tape may come the error that ends the program.
  return { test: scan.group }
}

/** A test of TAP, or an assertion within one. */
function tapTitle(scan: Scan, index: number, line: string): Titled | undefined {
  const title = /^not ok \d{1,7}(?: - | )?(?<title>[^#].{0,400}?)(?: #.*)?$/.exec(line)?.groups?.['title']
  if (title === undefined || /# (?:TODO|SKIP)\b/i.test(line)) return undefined
  const indent = indentOf(scan.raw[index])
  const isSubtest = scan.suites.some((suite) => suite.indent === indent && suite.name === title)
  closeSuites(scan, indent)
  const parents = scan.suites.map(({ name }) => name)
  if (isSubtest) return { test: joined([...parents, title]) }
  return { test: parents.length > 0 ? joined(parents) : (scan.group ?? title) }
}

function junitSuite(scan: Scan, index: number, line: string): undefined {
  const indent = indentOf(scan.raw[index])
  closeSuites(scan, indent)
  if (line.startsWith('<testsuite ') && scan.suites.length < depthMax)
    scan.suites.push({ indent, name: attribute(line, 'name') ?? '' })
}

function junitCase(scan: Scan, index: number, line: string): undefined {
  closeSuites(scan, indentOf(scan.raw[index]))
  const test = joined([...scan.suites.map(({ name }) => name), attribute(line, 'name')])
  scan.testcase = line.endsWith('/>') ? undefined : { test, file: attribute(line, 'file') }
}

/** An attribute of an XML tag, with its entities resolved. */
export function attribute(tag: string, name: string): string | undefined {
  const start = tag.indexOf(` ${name}="`)
  if (start < 0) return undefined
  const from = start + name.length + 3
  const end = tag.indexOf('"', from)
  return withoutEntities(tag.slice(from, end < 0 ? from + 400 : Math.min(end, from + 400)))
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", '#10': '\n', '#39': "'", amp: '&' }

function withoutEntities(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|#10|#39|amp);/g, (_, name: string) => entities[name] ?? '')
}

/** Mocha shows the titles of suites and test below each other, and ends the last with a colon; Jasmine writes one line. */
function numbered({ lines, raw }: Scan, index: number, line: string): Titled | undefined {
  const parts = [line.replace(/^\d{1,5}\) /, '')]
  let at = index + 1
  while (!(parts.at(-1) ?? '').endsWith(':') && at < index + depthMax && lines[at] !== '' && lines[at] !== 'Message:') {
    if (indentOf(raw[at]) <= indentOf(raw[index]) + 1) break
    parts.push(lines[at] ?? '')
    at += 1
  }
  return { test: joined(parts).replace(/:$/, '') }
}

const depthMax = 20

function closeSuites({ suites }: Scan, indent: number): void {
  while ((suites.at(-1)?.indent ?? -1) >= indent) suites.pop()
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '' && !isFile.test(part)).join(' > ')
}

/** Runners that make a suite of each file name it so. */
const isFile = /^\S{1,400}\.[cm]?[jt]sx?$/

function withoutDuration(title: string): string {
  return title.replace(/ \(?\d[\d.]{0,12}\s?m?s\)?$/, '')
}

function indentOf(line = ''): number {
  return line.length - line.trimStart().length
}
