import type { Location } from '../core/fault.js'
import { compared, comparedUntil } from './compared.js'
import type { Output } from './output.js'
import { type Draft, locationOf, placeOf, type Sighting } from './rule.js'
import { stackEnd, stackLocation } from './stack.js'
import { placeNear } from './test-places.js'

/** A summary further from the end than this is an earlier one. */
const linesMax = 40

/** An assertion that stands alone: no runner said which test it belongs to. */
export function looseAssertion(draft: Draft, { output, index, line }: Sighting): Draft {
  const panic = /panicked at (?:.{0,300}, )?(?<file>[^\s:,']{1,300}\.rs):(?<line>\d{1,7}):(?<column>\d{1,7})/.exec(line)
  const location = panic === null ? (stackLocation(output, index) ?? placeNear(output, index)) : placeOf(panic)
  return {
    ...draft,
    message: panic === null ? draft.message : (output.lines[index + 1] ?? draft.message),
    location,
    complete: (whole) => ({ ...whole, details: { ...whole.details, ...compared(output, index) } }),
    lineLast: stackEnd(output, Math.max(index, comparedUntil(output, index))),
  }
}

/** Jest: the suite failed for what the next words say; its own validation of options is a fault of the configuration. */
export function suiteReason(draft: Draft, { output, index, line }: Sighting): Draft {
  const message = output.lines.slice(index + 1, index + 5).find((next) => next !== '') ?? line
  if (!line.includes('Validation Error')) return { ...draft, message }
  const specifier = missingFromJest
    .exec(message)
    ?.slice(1)
    .find((found) => found !== undefined)
  const cause = { ...draft, rank: 'cause', message, lineLast: index + 3 } as const
  return specifier === undefined
    ? { ...cause, category: 'configuration', code: 'CONFIG_INVALID', details: {} }
    : { ...cause, category: 'dependency', code: 'MODULE_NOT_FOUND', details: { specifier } }
}

/** A package that Jest's configuration names; what starts with a dot or `<rootDir>` is a file of the project. */
const missingFromJest =
  /Test environment ([^\s.<]\S{0,200}) cannot be found|Module ([^\s.</]\S{0,200}) in the \w{1,60} option was not found/

/** One line of pytest's short summary. */
export function pytestSummary(draft: Draft, sighting: Sighting): Draft {
  const { message, name } = sighting.groups
  const words = message ?? sighting.line
  const collecting = name === undefined && !/assert/i.test(words)
  const assertion = message === undefined || /assert|Failed:|Timeout/i.test(words)
  const pair = /assert (?<actual>[^=]{1,120}?) == (?<expected>.{1,120})$/.exec(words)
  return {
    ...draft,
    code: assertion ? 'ASSERTION_FAILED' : 'TEST_FAILED',
    rank: collecting ? 'wrapper' : 'test',
    location: pytestLine(sighting.output, draft.location),
    message: name === undefined ? words : `${name}: ${words}`,
    details: { name, expected: pair?.groups?.['expected'], actual: pair?.groups?.['actual'] },
  }
}

/** Pytest ends each report with the place: `tests/test_a.py:12: AssertionError`. */
function pytestLine(output: Output, location: Location | undefined): Location | undefined {
  if (location === undefined) return undefined
  const start = `${location.file}:`
  const line = output.lines.find(
    (candidate) => candidate.startsWith(start) && /^:\d{1,7}: /.test(candidate.slice(location.file.length)),
  )
  return line === undefined ? location : locationOf(location.file, /:(\d{1,7}): /.exec(line)?.[1])
}

/** Coverage below its threshold; the word alone says nothing. */
export function coverage(draft: Draft, { line }: Sighting): Draft | undefined {
  if (!/threshold|below|less than|does not meet|Required|failed to reach/.test(line)) return undefined
  const actual = /\((\d{1,3}(?:\.\d{1,4})?)%\) does|: (\d{1,3}(?:\.\d{1,4})?)%$|Total coverage: (\d{1,3}(?:\.\d{1,4})?)/.exec(
    line,
  )
  const expected =
    /threshold \((\d{1,3}(?:\.\d{1,4})?)%?\)|coverage of (\d{1,3}(?:\.\d{1,4})?)%|threshold for \w{1,20} \((\d{1,3}(?:\.\d{1,4})?)%\)/.exec(
      line,
    )
  return {
    ...draft,
    details: {
      actual: actual?.slice(1).find((value) => value !== undefined),
      expected: expected?.slice(1).find((value) => value !== undefined),
    },
  }
}

/** A summary with no failures is good news; after a success it counts only at the end of the output. */
export function counted(draft: Draft, { groups, output, index }: Sighting): Draft | undefined {
  const count = Object.entries(groups)
    .filter(([name]) => name.startsWith('c'))
    .map(([, value]) => Number(value ?? 0))
    .find((number) => number > 0)
  if (count === undefined || /\bexpected fail/.test(draft.message)) return undefined
  if (output.exitCode === 0 && index < output.lines.length - linesMax) return undefined
  return { ...draft, details: { count } }
}
