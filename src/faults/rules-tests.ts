import type { Location } from '../core/fault.js'
import type { Output } from './output.js'
import { locationOf, type Draft, type Rule, type Sighting } from './rule.js'
import { stackEnd, stackLocation } from './stack.js'

const anyKind = ['plain', 'title'] as const

/** Failing tests: what each runner prints for one of them, and its summary. */
export const testRules: readonly Rule[] = [
  {
    hints: ['●'],
    // Jest
    pattern: /^● (?<name>Test suite failed to run|Validation (?:Error|Warning):?|Cannot log after tests are done.{0,60})/u,
    category: 'test',
    code: 'SUITE_FAILED',
    kinds: anyKind,
    rank: 'wrapper',
    tool: 'jest',
    refine: (draft, sighting) => (/Validation Error/.test(sighting.line) ? { ...draft, category: 'configuration', code: 'CONFIG_INVALID', severity: 'high', rank: 'cause', message: nextWords(sighting), details: {} } : { ...draft, message: nextWords(sighting) }),
  },
  {
    hints: ['●', '✖', '✘', '✕', '×', 'FAIL', 'not ok', ') '],
    pattern: /^(?:● (?<jest>[^•]{1,400})|FAIL {1,3}(?<vitest>\S{1,300} > .{1,400})|not ok \d{1,7}(?: - | )?(?<tap>[^#].{0,400})|(?<mark>[✖✘✕×])(?: \[fail\]:)? (?<spec>.{1,400})|--- FAIL: (?<go>\S{1,300})(?: \(.{1,20}\))?|\d{1,5}\) (?<listed>.{1,400}))$/u,
    category: 'test',
    code: 'TEST_FAILED',
    kinds: anyKind,
    refine: titled,
  },
  {
    hints: ['FAILED ', 'ERROR '],
    // pytest's short summary
    pattern: /^(?:FAILED|ERROR) (?<file>[^\s:]{1,400}\.py)(?:::(?<name>\S{1,300}))?(?: - (?<message>.{1,400}))?$/,
    category: 'test',
    code: 'ASSERTION_FAILED',
    tool: 'pytest',
    refine: pytest,
  },
  {
    hints: ['FAIL: ', 'ERROR: '],
    pattern: /^(?:FAIL|ERROR): (?<name>test\w{0,200}) \((?<suite>[\w.]{1,300})\)$/,
    category: 'test',
    code: 'ASSERTION_FAILED',
    kinds: anyKind,
    tool: 'unittest',
    refine: (draft, sighting) => titledAs(draft, sighting, `${sighting.groups['suite'] ?? ''} ${sighting.groups['name'] ?? ''}`),
  },
  {
    hints: [' FAILED', '... FAILED'],
    pattern: /^(?:test (?<rust>\S{1,300}) \.\.\. FAILED|(?<gradle>[\w.$]{1,200} > .{1,300}) FAILED)$/,
    category: 'test',
    code: 'TEST_FAILED',
    refine: (draft, { groups }) => ({ ...draft, details: { name: groups['rust'] ?? groups['gradle'] } }),
  },
  {
    hints: ['imed out', 'imeout'],
    pattern:
      /(?<message>(?:.{0,60}: )?(?:Exceeded timeout of [\d,]{1,9} ?ms for a (?:test|hook).{0,100}|(?:Test|Hook) timed out in [\d,]{1,9} ?ms.{0,200}|Timeout of [\d,]{1,9} ?ms exceeded.{0,200}|Test timeout of [\d,]{1,9} ?ms exceeded.{0,100}|test timed out after [\d,]{1,9} ?ms|Timed out (?:retrying after|waiting) .{1,300}|[Tt]imed out in waitFor.{0,100}|Timeout [\d,]{1,9} ?ms exceeded.{0,200}|Timed out while running tests|panic: test timed out after .{1,40}))/,
    category: 'test',
    code: 'TEST_TIMEOUT',
    refine: asserted,
  },
  {
    hints: ['toMatchSnapshot', 'toMatchInlineSnapshot', 'napshot', 'obsolete'],
    pattern: /(?<message>(?:Error: )?(?:Snapshot .{1,200} mismatched|expect\(.{0,60}\)\.toMatch(?:Inline)?Snapshot\(.{0,60}\)|Snapshot comparison failed|\d{1,6} snapshots? (?:failed|obsolete)|New snapshot was not written).{0,200})/,
    category: 'test',
    code: 'SNAPSHOT_MISMATCH',
    refine: asserted,
  },
  {
    hints: ['AssertionError', 'ERR_ASSERTION', 'expect(', 'JestAssertionError', 'ExpectationNotMet', 'ComparisonFailure', 'AssertionFailedError', 'TestingLibraryElementError', 'Assertion failed', 'assertion'],
    pattern:
      /^(?:\[\w{1,40}\]: )?(?:Uncaught )?(?:[✖×→] )?(?<message>(?:[\w.$]{0,120}(?:AssertionError|AssertionFailedError|ComparisonFailure|TestingLibraryElementError|ExpectationFailed)(?: \[\w{1,40}\])?(?::.{0,400})?|(?:Error: )?expect\(.{0,200}|thread '(?<name>[^']{1,300})' (?:\(\d{1,12}\) )?panicked at (?:'?assertion.{0,200}|.{0,300})|assertion .{1,200} failed.{0,100}|Assertion failed[:(].{0,300}))$/,
    category: 'test',
    code: 'ASSERTION_FAILED',
    refine: asserted,
  },
  {
    hints: ['E  '],
    pattern: /^E {2,12}(?<message>(?:assert |AssertionError|Failed: ).{0,400})/,
    category: 'test',
    code: 'ASSERTION_FAILED',
    tool: 'pytest',
    refine: (draft, sighting) => ({ ...draft, location: pytestPlace(sighting), details: compared(sighting) }),
  },
  {
    hints: ['hreshold', 'Coverage for', 'coverage for', 'fail-under', 'total of', 'does not meet'],
    pattern:
      /(?<message>(?:Jest: |ERROR: )?(?:".{1,200}" )?[Cc]overage (?:threshold )?for .{1,120}|.{0,60}[Cc]overage.{1,80}(?:below|less than|does not meet|failed to reach).{1,100}|FAIL Required test coverage of .{1,80})/,
    category: 'test',
    code: 'COVERAGE_TOO_LOW',
    severity: 'low',
    kinds: anyKind,
    rank: 'lint',
    refine: (draft, { line }) => {
      const actual = /\((\d{1,3}(?:\.\d{1,4})?)%\)|: (\d{1,3}(?:\.\d{1,4})?)%$|Total coverage: (\d{1,3}(?:\.\d{1,4})?)/.exec(line)
      const expected = /threshold \((\d{1,3}(?:\.\d{1,4})?)%?\)|coverage of (\d{1,3}(?:\.\d{1,4})?)%|\((\d{1,3}(?:\.\d{1,4})?)%\)$/.exec(line)
      if (!/threshold|below|less than|does not meet|Required|failed to reach/.test(line)) return undefined
      return { ...draft, details: { actual: actual?.[1] ?? actual?.[2] ?? actual?.[3], expected: expected?.[1] ?? expected?.[2] ?? expected?.[3] } }
    },
  },
  {
    hints: ['No tests found', 'No test files found', 'no tests ran', 'No test suite found', "Couldn't find any files to test", 'No tests to run', 'No specs found', 'no test files', "Can't run because no spec files", 'test suite must contain at least one test', 'no test found', 'No test files', 'Error: No test'],
    pattern:
      /(?<message>.{0,120}(?:No tests? (?:files? )?(?:were )?found|no tests ran|No test suite found in file .{1,300}|Couldn't find any files to test|No tests to run|No specs found|no spec files were found|must contain at least one test|[Nn]o test files found).{0,200})/,
    category: 'test',
    code: 'NO_TESTS',
    severity: 'low',
    kinds: anyKind,
    refine: (draft, { line, output }) => (/no test files\]$/.test(line) || output.exitCode === 0 ? undefined : draft),
  },
]

/** Summaries: they tell only where no single failing test was read. */
export const summaryRules: readonly Rule[] = [
  {
    hints: ['fail', 'Fail', 'FAIL'],
    pattern:
      /^(?:[^\w]{0,6})(?<message>(?:Tests?:?|Test Files|Test Suites:|Suites:|Specs?:) .{0,80}?\b(?<c1>\d{1,7}) fail(?:ed|ures?)\b.{0,200}|(?<c2>\d{1,7}) (?:failing|failed|failures?)(?:[,. ].{0,200})?|\d{1,7} (?:specs?|tests?|examples?|scenarios?|assertions?|passed),? .{0,60}?\b(?<c3>\d{1,7}) (?:failures?|failed|failing)\b.{0,200}|(?:[#ℹ] )?fail:? (?<c4>\d{1,7})|Tests run: .{1,40}?Failures: (?<c5>\d{1,7}).{0,100}|=+ .{0,60}?\b(?<c6>\d{1,7}) failed.{0,200}|FAILED \((?:failures|errors)=(?<c7>\d{1,7}).{0,60}|.{0,40}✖ (?<c8>\d{1,7}) of .{0,40} failed.{0,60})$/u,
    category: 'test',
    code: 'TEST_FAILED',
    rank: 'wrapper',
    kinds: anyKind,
    always: true,
    refine: counted,
  },
  {
    hints: ['FAIL', 'test failed', 'tests failed', 'There were failing tests', 'failing tests', 'Test failed'],
    pattern: /^(?<message>FAIL(?:\t.{1,300}| {1,3}\S{1,300}(?: \[.{1,80}\])?(?: \(.{1,40}\))?)?|error: (?:\d{1,6} )?tests? failed.{0,100}|error: test failed, to rerun pass .{1,60}|.{0,100}There were failing tests.{0,200}|(?:✖ )?failing tests:|Test failed\.?.{0,100})$/u,
    category: 'test',
    code: 'TEST_FAILED',
    rank: 'wrapper',
    kinds: anyKind,
  },
]

/** One failing test: its name on this line, its error below, up to the next title. */
function titled(draft: Draft, sighting: Sighting): Draft | undefined {
  const { jest, vitest, tap, spec, go, listed } = sighting.groups
  const name = jest ?? vitest ?? tap ?? spec ?? go ?? listed ?? ''
  if (/^\d{1,6} problems?|^Build failed|^\[ERROR\]|^(?:failing tests:|Failed|Expected|Unexpected|ERROR|Error)\b/.test(name)) return undefined
  if (tap !== undefined && /# (?:TODO|SKIP)\b/i.test(tap)) return undefined
  return titledAs(draft, sighting, name)
}

const titleAgain = /^(?:● |FAIL {1,3}|not ok \d|[✖✘✕×] |--- FAIL|\d{1,5}\) |={10}|(?:✓|✔|√|ok \d) )/u
const errorLine =
  /^(?:error: |message: |Error: |Message:$|→ |E {2,})?(?:.{0,60}?(?:[\w.$]{0,80}(?:Error|Exception|Failure)\b(?: \[\w{1,40}\])?:|AssertionError|expect\(|Expected\b|expected\b|Snapshot\b|Timed? ?out|Timeout|Difference|Value |Should |Exceeded timeout|thrown:|should |got |want ).{0,400}|'.{1,400}'$|.{1,80}_test\.go:\d{1,7}: .{1,300})/

function titledAs(draft: Draft, sighting: Sighting, name: string): Draft | undefined {
  const { output, index } = sighting
  const errorAt = errorBelow(output, index)
  if (errorAt === undefined) return undefined
  const error = messageAt(output, errorAt)
  const own = isAssertion(output.lines.slice(errorAt, errorAt + 3).join('\n'))
  const generic = /^(?:message: |error: )?'?Error: (?!.*\b(?:E[A-Z]{4,}|Cannot find|fetch failed|socket hang up|connect ))/.test(output.lines[errorAt] ?? '')
  const mine = own || generic || tapError(output, errorAt)
  const code = /[Tt]imed? ?out|[Tt]imeout/.test(error) ? 'TEST_TIMEOUT' : /[Ss]napshot/.test(error) ? 'SNAPSHOT_MISMATCH' : own ? 'ASSERTION_FAILED' : 'TEST_FAILED'
  const cleanName = name.replace(/\s?\([\d.]{1,12}\s?m?s\)$/, '').replace(/[\s─]{3,}.*$/, '').replace(/:$/, '').trim()
  return {
    ...draft,
    code,
    message: `${cleanName}: ${error}`,
    location: stackLocation(output, errorAt) ?? placeNear(output, index),
    details: { name: cleanName, ...comparedFrom(output, errorAt) },
    lineLast: mine ? stackEnd(output, Math.max(errorAt, comparedUntil(output, errorAt))) : index,
  }
}

function errorBelow(output: Output, index: number): number | undefined {
  for (let at = index + 1; at < Math.min(output.lines.length, index + 40); at += 1) {
    const line = output.lines[at] ?? ''
    if (titleAgain.test(line)) return undefined
    if (/^(?:duration_ms|location|failureType|type|---|\.\.\.)/.test(line) || line === '') continue
    if (errorLine.test(line)) return at
  }
  return undefined
}

/** TAP keeps its message in YAML, sometimes on the line after. */
function messageAt(output: Output, index: number): string {
  const line = output.lines[index] ?? ''
  const block = /^(?:error|message): (?:\|-|>-|\||>)$/.test(line) || /^(?:Message|Difference):?.{0,40}$/.test(line)
  return (block ? (output.lines[index + 1] ?? '') : line.replace(/^(?:error|message): '?/, '').replace(/^→ /, '')).slice(0, 400)
}

function tapError(output: Output, index: number): boolean {
  return /^(?:error|message): /.test(output.lines[index] ?? '')
}

function isAssertion(text: string): boolean {
  return /Assert|ERR_ASSERTION|expect|Expect|[Ss]napshot|Difference|should |got |want |toBe|toEqual|Comparison|[Tt]imed? ?out/.test(text)
}

const placeOnly = /^(?:❯ |at |test at |→ |location: '?)?(?<file>(?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])?[\w@.][^\s:()']{0,300}\.[A-Za-z]{1,6}):(?<line>\d{1,7})(?::(?<column>\d{1,7}))?/u

function placeNear(output: Output, index: number): Location | undefined {
  for (const at of [index - 1, index, ...Array.from({ length: 12 }, (_, step) => index + 1 + step)]) {
    const match = placeOnly.exec(output.lines[at] ?? '')
    if (match !== null) return locationOf(match.groups?.['file'], match.groups?.['line'], match.groups?.['column'])
  }
  return undefined
}

/** An assertion that stands alone: no runner said which test it belongs to. */
function asserted(draft: Draft, sighting: Sighting): Draft {
  const { output, index } = sighting
  return {
    ...draft,
    location: stackLocation(output, index) ?? placeNear(output, index) ?? panicPlace(sighting.line),
    details: { ...draft.details, ...comparedFrom(output, index) },
    lineLast: stackEnd(output, Math.max(index, comparedUntil(output, index))),
  }
}

function panicPlace(line: string): Location | undefined {
  const match = /panicked at (?:.{0,300}, )?(?<file>[^\s:,']{1,300}\.rs):(?<line>\d{1,7}):(?<column>\d{1,7})/.exec(line)
  return locationOf(match?.groups?.['file'], match?.groups?.['line'], match?.groups?.['column'])
}

const labelled = {
  expected: /^["']?(?:[Ee]xpected|want|right|Expected value)["']?(?: value| substring| pattern| length)?\s{0,8}[:=]\s{0,20}(?<value>.{1,200})$/,
  actual: /^["']?(?:[Aa]ctual|[Rr]eceived|got|left)["']?(?: value| string| length)?\s{0,8}[:=]\s{0,20}(?<value>.{1,200})$/,
}
const sentences: readonly RegExp[] = [
  /expected (?<actual>.{1,120}?) to (?:be|equal|deeply equal|strictly equal|deep equal|loosely equal|have a length of)(?: deeply equal(?: to)?)? (?<expected>.{1,120}?)(?: \/\/ Object\.is equality)?'?$/i,
  /Expected (?<actual>.{1,120}?) to (?:be|equal|deeply equal) (?<expected>.{1,120}?)\.$/,
  /expected:? ?<(?<expected>.{1,120}?)> but was:? ?<(?<actual>.{1,120}?)>/,
  /(?:^|: )(?:AssertionError: )?assert (?<actual>[^=]{1,120}?) == (?<expected>.{1,120})$/,
  /(?:^|: )(?:AssertionError: )?(?<actual>[^!=]{1,60}?) != (?<expected>.{1,60})$/,
  /got:? (?<actual>.{1,80}?)[,;] want:? (?<expected>.{1,80})$/,
  /^'?(?<actual>\S{1,60}) (?:!==|!=|deepEqual|==) (?<expected>\S{1,60}?)'?$/,
]

/** What was expected and what came, in the words of the runner. */
function comparedFrom(output: Output, index: number): Record<string, string | undefined> {
  let expected: string | undefined
  let actual: string | undefined
  for (let at = index; at < Math.min(output.lines.length, index + 24); at += 1) {
    const line = output.lines[at] ?? ''
    if (at > index && titleAgain.test(line)) break
    expected ??= labelled.expected.exec(line)?.groups?.['value'] ?? diffSide(output, at, '-', index)
    actual ??= labelled.actual.exec(line)?.groups?.['value'] ?? diffSide(output, at, '+', index)
    if (expected !== undefined && actual !== undefined) break
    if (at > index + 2) continue
    for (const sentence of sentences) {
      const match = expected === undefined && actual === undefined ? sentence.exec(line) : null
      if (match !== null) {
        expected = match.groups?.['expected']
        actual = match.groups?.['actual']
      }
    }
  }
  return { expected: expected?.trim(), actual: actual?.trim() }
}

/** Runners differ in which side carries the plus: they say so above the diff. */
function diffSide(output: Output, at: number, sign: '+' | '-', from: number): string | undefined {
  const line = output.lines[at] ?? ''
  if (/^[+-] (?:expected|actual|Expected|Received|Difference)\b/i.test(line)) return undefined
  const legend = output.lines.slice(from, at).findLast((before) => /^\+ (?:expected|actual|received)\b|^- (?:expected|actual)\b/i.test(before))
  if (legend === undefined) return undefined
  const expectedHasPlus = /\+ expected/i.test(legend)
  const wanted = expectedHasPlus ? (sign === '-' ? '+' : '-') : sign
  return line.startsWith(wanted) ? line.slice(1).trim() : undefined
}

function comparedUntil(output: Output, index: number): number {
  let last = index
  for (let at = index + 1; at < Math.min(output.lines.length, index + 30); at += 1) {
    const line = output.lines[at] ?? ''
    if (titleAgain.test(line)) break
    if (output.kinds[at] === 'quoted' || /^(?:Expected|Received|expected|actual|Difference|Message|Stack)\b/.test(line)) last = at
  }
  return last
}

function compared(sighting: Sighting): Record<string, string | undefined> {
  return comparedFrom(sighting.output, sighting.index)
}

function nextWords({ output, index, line }: Sighting): string {
  return output.lines.slice(index + 1, index + 5).find((next) => next !== '') ?? line
}

function pytest(draft: Draft, sighting: Sighting): Draft {
  const { message, name } = sighting.groups
  const words = message ?? sighting.line
  const collecting = name === undefined && !/assert/i.test(words)
  const assertion = message === undefined || /assert|Failed:|Timeout/i.test(words)
  return {
    ...draft,
    code: assertion ? 'ASSERTION_FAILED' : 'TEST_FAILED',
    rank: collecting ? 'wrapper' : 'test',
    message: name === undefined ? words : `${name}: ${words}`,
    details: { name, ...pairOf(words) },
  }
}

function pairOf(words: string): Record<string, string | undefined> {
  const match = /assert (?<actual>[^=]{1,120}?) == (?<expected>.{1,120})$/.exec(words)
  return { actual: match?.groups?.['actual'], expected: match?.groups?.['expected'] }
}

function pytestPlace({ output, index }: Sighting): Location | undefined {
  for (let at = index + 1; at < Math.min(output.lines.length, index + 20); at += 1) {
    const match = /^(?<file>[^\s:]{1,300}\.py):(?<line>\d{1,7}): \w/.exec(output.lines[at] ?? '')
    if (match !== null) return locationOf(match.groups?.['file'], match.groups?.['line'])
  }
  return undefined
}

/** A summary with no failures is good news. After a success it counts only at the end of the output. */
function counted(draft: Draft, { groups, output, index }: Sighting): Draft | undefined {
  const count = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8'].map((name) => Number(groups[name] ?? 0)).find((number) => number > 0)
  if (count === undefined || /\bexpected fail/.test(draft.message)) return undefined
  if (output.exitCode === 0 && index < output.lines.length - 40) return undefined
  return { ...draft, details: { count } }
}
