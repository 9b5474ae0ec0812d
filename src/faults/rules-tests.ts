import { compared } from './compared.js'
import { failingTest, failingTestNamed, junitFailure } from './failing-test.js'
import { pytestPlace } from './rules-python.js'
import { lineAt, oncePerOutput } from './output.js'
import type { Rule } from './rule.js'
import { counted, coverage, looseAssertion, pytestSummary, suiteReason } from './test-summaries.js'

const said = ['plain', 'assertion'] as const
const anyKind = ['plain', 'title', 'assertion'] as const

/** Pytest ends with one line for each failing test. */
const hasPytestSummary = oncePerOutput(({ lines }) => lines.some((line) => /^FAILED \S{1,400}\.py::/.test(line)))

/** Failing tests, as each runner shows one of them. */
export const testRules: readonly Rule[] = [
  {
    hints: ['● '],
    pattern: /^● (?<name>Test suite failed to run|Validation Error:?)/u,
    category: 'test',
    code: 'SUITE_FAILED',
    kinds: anyKind,
    rank: 'wrapper',
    tool: 'jest',
    refine: suiteReason,
  },
  {
    hints: ['●', '✖', '✘', '✕', '×', 'FAIL', 'not ok', ') '],
    pattern:
      /^(?:● (?<jest>[^•]{1,400})|FAIL {1,3}(?<vitest>(?:\|[^|]{1,60}\| )?\S{1,300} > .{1,400}|(?:[^\s"].{0,200}? {1,3})?".{1,400}")|not ok \d{1,7}(?: - | )?(?<tap>[^#].{0,400})|(?<mark>[✖✘✕×])(?: \[fail\]:)? (?<spec>.{1,400})|--- FAIL: (?<go>\S{1,300})(?: \(.{1,20}\))?|\d{1,5}\) (?<listed>.{1,400}))$/u,
    category: 'test',
    code: 'TEST_FAILED',
    kinds: anyKind,
    refine: failingTest,
  },
  {
    hints: ['<failure'],
    pattern: /^<failure\b/,
    category: 'test',
    code: 'TEST_FAILED',
    kinds: anyKind,
    refine: junitFailure,
  },
  {
    hints: ['FAILED ', 'ERROR '],
    pattern: /^(?:FAILED|ERROR) (?<file>[^\s:]{1,400}\.py)(?:::(?<name>\S{1,300}))?(?: - (?<message>.{1,400}))?$/,
    kinds: said,
    category: 'test',
    code: 'ASSERTION_FAILED',
    tool: 'pytest',
    refine: pytestSummary,
  },
  {
    hints: ['FAIL: ', 'ERROR: '],
    pattern: /^(?:FAIL|ERROR): (?<name>test\w{0,200}) \((?<suite>[\w.]{1,300})\)$/,
    category: 'test',
    code: 'ASSERTION_FAILED',
    kinds: anyKind,
    tool: 'unittest',
    refine: (draft, sighting) =>
      failingTestNamed(draft, sighting, unittestName(sighting.groups['suite'] ?? '', sighting.groups['name'] ?? '')),
  },
  {
    hints: [' FAILED'],
    pattern:
      /^(?:test (?<rust>\S{1,300}) \.\.\. FAILED|(?<gradle>[\w.$]{1,200} > .{1,300}) FAILED|(?:Chrome|Firefox|Safari|Edge|HeadlessChrome|jsdom)[^()]{0,40}\([^)]{1,60}\):? (?<karma>.{1,300}) FAILED)$/,
    kinds: said,
    category: 'test',
    code: 'TEST_FAILED',
    refine: (draft, sighting) => {
      const { rust, gradle, karma } = sighting.groups
      const plain = { ...draft, details: { name: rust ?? gradle ?? karma } }
      return karma === undefined ? plain : (failingTestNamed(draft, sighting, karma) ?? plain)
    },
  },
  {
    hints: ['imed out', 'imeout'],
    pattern:
      /^(?:.{0,80}: )?(?<message>(?:thrown: ")?(?:Exceeded timeout of [\d,]{1,9} ?ms for a (?:test|hook)|(?:Test|Hook) timed out in [\d,]{1,9} ?ms|Timeout of [\d,]{1,9} ?ms exceeded|Test timeout of [\d,]{1,9} ?ms exceeded|test timed out after [\d,]{1,9} ?ms|Timed out (?:retrying after|waiting|\d{1,9} ?ms waiting)|[Tt]imed out in waitFor|Timeout [\d,]{1,9} ?ms exceeded|Timed out while running tests|panic: test timed out after).{0,300})/,
    kinds: said,
    category: 'test',
    code: 'TEST_TIMEOUT',
    refine: looseAssertion,
  },
  {
    hints: ['napshot'],
    pattern:
      /^(?<message>(?:Error: )?(?:Snapshot .{1,200} mismatched|expect\(.{0,60}\)\.toMatch(?:Inline)?Snapshot\(.{0,60}\)|Snapshot comparison failed|New snapshot was not written).{0,200})/,
    kinds: said,
    category: 'test',
    code: 'SNAPSHOT_MISMATCH',
    refine: looseAssertion,
  },
  {
    hints: [
      'AssertionError',
      'ERR_ASSERTION',
      'expect(',
      'ComparisonFailure',
      'AssertionFailedError',
      'TestingLibraryElementError',
      'Assertion',
      'assertion',
      'panicked at',
    ],
    pattern:
      /^(?:\[\w{1,40}\]: )?(?:error: )?(?:Uncaught )?(?<message>(?:[\w.$]{0,120}(?:AssertionError|AssertionFailedError|ComparisonFailure|TestingLibraryElementError|ExpectationFailed)(?: \[\w{1,40}\])?(?::.{0,400})?|(?:Error: )?expect\(.{0,200}|thread '(?<name>[^']{1,300})' (?:\(\d{1,12}\) )?panicked at .{0,300}|assertion .{1,200} failed.{0,100}|Assertion failed[:(].{0,300}))$/,
    kinds: said,
    category: 'test',
    code: 'ASSERTION_FAILED',
    refine: (draft, sighting) =>
      /panicked at/.test(sighting.line) && !/assert/.test(`${sighting.line}${lineAt(sighting.output, sighting.index + 1)}`)
        ? undefined
        : looseAssertion(draft, sighting),
  },
  {
    hints: ['E  '],
    pattern: /^E {2,12}(?<message>(?:assert |AssertionError|Failed: ).{0,400})/,
    kinds: said,
    category: 'test',
    code: 'ASSERTION_FAILED',
    tool: 'pytest',
    refine: (draft, sighting) =>
      hasPytestSummary(sighting.output)
        ? undefined
        : {
            ...draft,
            location: pytestPlace(sighting),
            complete: (whole) => ({ ...whole, details: { ...compared(sighting.output, sighting.index) } }),
          },
  },
  {
    hints: ['overage'],
    pattern:
      /(?:Jest: |ERROR: )?(?:".{1,200}" )?[Cc]overage (?:threshold )?for .{1,120}|[Cc]overage.{1,80}(?:below|less than|does not meet|failed to reach).{1,100}|FAIL Required test coverage of .{1,80}/,
    category: 'test',
    code: 'COVERAGE_TOO_LOW',
    severity: 'low',
    kinds: anyKind,
    rank: 'lint',
    refine: coverage,
  },
  {
    hints: ['No test', 'no test', 'find any files to test', 'No specs', 'no spec files', 'at least one test'],
    pattern:
      /No tests? (?:files? )?(?:were )?found|no tests ran|No test suite found in file .{1,300}|Couldn['’]t find any files to test|No tests to run|No specs found|no spec files were found|must contain at least one test|[Nn]o test files found/,
    category: 'test',
    code: 'NO_TESTS',
    severity: 'low',
    kinds: anyKind,
  },
]

/** Summaries: they tell something only where no single failing test was read. */
export const summaryRules: readonly Rule[] = [
  {
    hints: ['fail', 'Fail', 'FAIL'],
    pattern:
      /^(?:[^\w]{0,6})(?<message>(?:Tests?:?|Test Files|Test Suites:|Suites:|Specs?:) .{0,80}?\b(?<c1>\d{1,7}) fail(?:ed|ures?)\b.{0,200}|(?:# \{ total: \d{1,7}, .{0,40}fail: )(?<c9>\d{1,7}).{0,40}|(?<c2>\d{1,7}) (?:(?:tests?|snapshots?|uncaught exceptions?) )?(?:failing|failed|fail|failures?)(?:[,. ].{0,200})?|Executed \d{1,7} of .{0,20}\((?<c10>\d{1,7}) FAILED\).{0,100}|\d{1,7} (?:specs?|tests?|examples?|scenarios?|assertions?|passed),? .{0,60}?\b(?<c3>\d{1,7}) (?:failures?|failed|failing)\b.{0,200}|(?:[#ℹ] )?fail:? {1,3}(?<c4>\d{1,7})|Tests run: .{1,40}?Failures: (?<c5>\d{1,7}).{0,100}|=+ .{0,60}?\b(?<c6>\d{1,7}) failed.{0,200}|FAILED \((?:failures|errors)=(?<c7>\d{1,7}).{0,60}|.{0,40}✖ (?<c8>\d{1,7}) of .{0,40} failed.{0,60})$/u,
    category: 'test',
    code: 'TEST_FAILED',
    rank: 'wrapper',
    kinds: anyKind,
    always: true,
    refine: counted,
  },
  {
    hints: ['FAIL', 'test failed', 'tests failed', 'There were failing tests', 'failing tests', 'Test failed'],
    pattern:
      /^(?<message>FAIL(?:\t.{1,300}| {1,3}\S{1,300}(?: \[.{1,80}\])?(?: \(.{1,40}\))?)?|error: (?:\d{1,6} )?tests? failed.{0,100}|error: test failed, to rerun pass .{1,60}|.{0,100}There were failing tests.{0,200}|(?:✖ )?failing tests:|Test failed\.?.{0,100})$/u,
    category: 'test',
    code: 'TEST_FAILED',
    rank: 'wrapper',
    kinds: anyKind,
  },
]

/** Since Python 3.11 the name of the suite ends with that of the test. */
function unittestName(suite: string, name: string): string {
  return suite.endsWith(name) ? suite : `${suite} ${name}`
}
