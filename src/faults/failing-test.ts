import type { Location } from '../core/fault.js'
import { compared, type Compared, comparedUntil } from './compared.js'
import { lineAt, oncePerOutput, type Output } from './output.js'
import { type Draft, locationOf, type Sighting } from './rule.js'
import { stackEnd } from './stack.js'
import { causeOf } from './test-cause.js'
import { codeOf, errorBelow, errorInJunit, errorInYaml, messageAt, ownError } from './test-error.js'
import { placeNear, testPlaces, type TestPlaces } from './test-places.js'
import { attribute, avaReason, reportAt, reportNamed, type TestReport } from './test-report.js'

/** One failing test: its name stands on the matched line, its error below, up to the next title. */
export function failingTest(draft: Draft, sighting: Sighting): Draft | readonly Draft[] | undefined {
  const { jest, vitest, tap, spec, go, listed } = sighting.groups
  const name = jest ?? vitest ?? tap ?? spec ?? go ?? listed ?? ''
  if (notATest.test(name) || (tap !== undefined && /# (?:TODO|SKIP)\b/i.test(tap))) return undefined
  // Vitest lists its tests with a short reason, and tells all below under FAIL.
  if (spec !== undefined && /^→ /u.test(lineAt(sighting.output, sighting.index + 1)) && tellsBelow(sighting.output))
    return undefined
  return told(draft, sighting, name)
}

const tellsBelow = oncePerOutput(({ lines }) => lines.some((line) => /^FAIL {1,3}\S+ > /.test(line)))

const notATest =
  /^\d{1,6} problems?|^Build failed|^\[ERROR\]|^(?:failing tests:|Failed|Expected|Unexpected|ERROR|Error|SyntaxError: |Console$|Validation Warning)|^\(|^\d{1,7} of \d|\bfailed to deploy\b/

/** {@link failingTest}, with the name already known. */
export function failingTestNamed(draft: Draft, sighting: Sighting, title: string): Draft | undefined {
  const found = findError(sighting, title)
  return found === undefined ? undefined : testDraft(draft, sighting, found)
}

/** `<failure>` within a `<testcase>`, as reporters for JUnit write it. */
export function junitFailure(draft: Draft, sighting: Sighting): Draft | readonly Draft[] | undefined {
  const title = attribute(lineAt(sighting.output, sighting.index - 1), 'name')
  return title === undefined ? undefined : told(draft, sighting, title)
}

/** The test, and before it the error of the program that it fails for, where only the report of the test tells it. */
function told(draft: Draft, sighting: Sighting, title: string): Draft | readonly Draft[] | undefined {
  const found = findError(sighting, title)
  if (found === undefined) return undefined
  const test = testDraft(draft, sighting, found)
  const { source, test: inTest } = found.places
  const cause = causeOf(test, sighting, found)
  return cause === undefined ? test : [{ ...cause, complete: undefined, location: source ?? inTest ?? test.location }, test]
}

/** A failing test, as far as it was found. */
interface FoundTest {
  readonly name: string
  readonly report: TestReport | undefined
  /** Line of the error. */
  readonly errorAt: number
  readonly places: TestPlaces
}

function findError(sighting: Sighting, title: string): FoundTest | undefined {
  const { output, index } = sighting
  const name = cleanName(fullTitle(output, index, title))
  const isListed = lineAt(output, index).startsWith('✘ [fail]')
  const report = isListed ? reportNamed(output, name, index) : reportAt(output, index)
  const errorAt = errorOf(sighting, report?.first ?? index, report?.end)
  if (errorAt === undefined) return undefined
  const testFile = report?.file ?? yamlLocation(output, index)?.file
  return { name, report, errorAt, places: testPlaces(output, errorAt, { end: report?.end ?? errorAt + 60, testFile }) }
}

function errorOf({ output, index, line }: Sighting, start: number, end: number | undefined): number | undefined {
  if (line.startsWith('<failure')) return errorInJunit(output, start, end ?? start)
  const isYaml = line.startsWith('not ok ') && lineAt(output, index + 1) === '---'
  return isYaml ? errorInYaml(output, index) : errorBelow(output, start, end)
}

function testDraft(draft: Draft, { output, index }: Sighting, { name, report, errorAt, places }: FoundTest): Draft {
  const message = messageAt(output, errorAt)
  const isFile = /\.[cm]?[jt]sx?$/.test(name) && /test failed|exit/i.test(message)
  const isGroup = isFile || /^\d{1,6} subtests? failed$/.test(message)
  const code = codeOf(output, errorAt, { message, index })
  const start = report?.first ?? index
  const { source } = places
  return {
    ...draft,
    code: isGroup ? 'SUITE_FAILED' : code,
    rank: isGroup ? 'wrapper' : draft.rank,
    message: `${name}: ${message}`,
    location: places.test ?? locationBeside(output, index, { report, message }),
    ...(start > index && { lineFirst: start }),
    lineLast: ownError(output, errorAt, code)
      ? stackEnd(output, Math.max(errorAt, comparedUntil(output, errorAt, report?.end)))
      : start,
    details: {
      name,
      test: report?.test,
      file: source?.file,
      line: source?.line,
    },
    complete: (whole) => ({ ...whole, details: { ...whole.details, ...valuesOf(output, index, { report, errorAt }) } }),
  }
}

/** AVA's TAP shows its difference above the message. */
function valuesOf(output: Output, index: number, { report, errorAt }: Pick<FoundTest, 'report' | 'errorAt'>): Compared {
  const values = compared(output, errorAt, report?.end)
  const isTold = values.expected !== undefined || values.actual !== undefined || !lineAt(output, index).startsWith('not ok ')
  return isTold ? values : compared(output, index + 1, report?.end)
}

/** Where the stack does not tell: as the runner says it beside the title, or in the message. */
function locationBeside(
  output: Output,
  index: number,
  { report, message }: { readonly report: TestReport | undefined; readonly message: string },
): Location | undefined {
  return (
    yamlLocation(output, index) ??
    placeNear(output, report?.first ?? index) ??
    locationOf(report?.file ?? /\((\/[^()]{1,400}\.[cm]?[jt]sx?)\)$/.exec(message)?.[1])
  )
}

/** TAP of Node names the place of the test: `location: '/app/test/a.test.js:3:1'`. */
function yamlLocation(output: Output, index: number): Location | undefined {
  if (!lineAt(output, index).startsWith('not ok ')) return undefined
  for (let at = index + 1; at < index + 8; at += 1) {
    const groups = /^location: '(?<file>.{1,400}?):(?<line>\d{1,7}):(?<column>\d{1,7})'$/.exec(lineAt(output, at))?.groups
    if (groups !== undefined) return locationOf(groups['file'], groups['line'], groups['column'])
  }
  return undefined
}

/** Mocha breaks a title over several lines and ends it with a colon. */
function fullTitle(output: Output, index: number, title: string): string {
  if (title.endsWith(':') || !/^\d{1,5}\) /.test(lineAt(output, index))) return title
  const parts = [title]
  for (let at = index + 1; at < index + 10; at += 1) {
    const line = lineAt(output, at)
    if (line === '' || line === 'Message:') return title // Jasmine
    parts.push(line)
    if (line.endsWith(':')) return parts.join(' ')
  }
  return title
}

function cleanName(title: string): string {
  return title
    .replace(/\s?\(?\d[\d.]{0,12}\s?m?s\)?$/, '')
    .replace(/\s?# time=.*$/, '')
    .replace(/\s─{3,}.*$/u, '')
    .replace(avaReason, '')
    .replace(/^(?:[^\s"].{0,200}? {1,3})?"(.*)"$/, '$1')
    .replace(/:$/, '')
    .trim()
}
