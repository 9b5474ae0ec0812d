import type { Location } from '../core/fault.js'
import { compared, comparedUntil, nextTitle } from './compared.js'
import { lineAt, type Output } from './output.js'
import { type Draft, locationOf, placeOf, type Sighting } from './rule.js'
import { runtimeError } from './rules-runtime.js'
import { stackEnd, stackLocation } from './stack.js'

/** How far below its title the error of a test is looked for. */
const linesMax = 40

/** One failing test: its name stands on the matched line, its error below, up to the next title. */
export function failingTest(draft: Draft, sighting: Sighting): Draft | readonly Draft[] | undefined {
  const { jest, vitest, tap, spec, go, listed } = sighting.groups
  const name = jest ?? vitest ?? tap ?? spec ?? go ?? listed ?? ''
  if (notATest.test(name) || (tap !== undefined && /# (?:TODO|SKIP)\b/i.test(tap))) return undefined
  // Vitest lists its tests with a short reason, and tells all below under FAIL.
  if (
    spec !== undefined &&
    /^→ /u.test(lineAt(sighting.output, sighting.index + 1)) &&
    sighting.output.lines.some((line) => /^FAIL {1,3}\S+ > /.test(line))
  )
    return undefined
  const test = failingTestNamed(draft, sighting, name)
  const cause = tap === undefined || test === undefined ? undefined : causeInYaml(test, sighting)
  return cause === undefined ? test : test === undefined ? undefined : [cause, test]
}

const notATest =
  /^\d{1,6} problems?|^Build failed|^\[ERROR\]|^(?:failing tests:|Failed|Expected|Unexpected|ERROR|Error|Console$|Validation Warning)|^\(|^\d{1,7} of \d|\bfailed to deploy\b/

/** {@link failingTest}, with the name already known. */
export function failingTestNamed(draft: Draft, sighting: Sighting, title: string): Draft | undefined {
  const { output, index } = sighting
  const name = cleanName(fullTitle(output, index, title))
  const errorAt =
    sighting.groups['tap'] === undefined
      ? (errorBelow(output, index) ?? errorElsewhere(output, index, name))
      : errorInYaml(output, index)
  if (errorAt === undefined) return undefined
  const message = messageAt(output, errorAt)
  const isFile = /\.[cm]?[jt]sx?$/.test(name) && /test failed|exit/i.test(message)
  const code = codeOf(output, errorAt, message)
  return {
    ...draft,
    code: isFile ? 'SUITE_FAILED' : code,
    rank: isFile ? 'wrapper' : draft.rank,
    message: `${name}: ${message}`,
    location: stackLocation(output, errorAt) ?? yamlPlace(output, index) ?? placeNear(output, index),
    details: { name, ...compared(output, errorAt) },
    lineLast: ownError(output, errorAt, code) ? stackEnd(output, Math.max(errorAt, comparedUntil(output, errorAt))) : index,
  }
}

/** Mocha breaks a title over several lines and ends it with a colon. */
function fullTitle(output: Output, index: number, title: string): string {
  if (title.endsWith(':') || !/^\d{1,5}\) /.test(lineAt(output, index))) return title
  const parts = [title]
  for (let at = index + 1; at < index + 6; at += 1) {
    const line = lineAt(output, at)
    if (line === '') return title
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
    .replace(/ Error thrown in test$/, '')
    .replace(/^"(.*)"$/, '$1')
    .replace(/:$/, '')
    .trim()
}

const errorLine =
  /^(?:error: |message: |Error: |Message:$|→ |E {2,})?(?:.{0,60}?(?:[\w.$]{0,80}(?:Error|Exception|Failure)\b(?: \[\w{1,40}\])?:|AssertionError|expect\(|Expected\b|expected\b|Snapshot\b|Timed? ?out|Timeout|Test timeout|Difference|Exceeded timeout|thrown:|should |got |want ).{0,400}|'.{1,400}'$|\|-$|.{1,80}_test\.go:\d{1,7}: .{1,300})/

/** The line that says what went wrong; a runner that prints bare messages is believed at its first word. */
function errorBelow(output: Output, index: number): number | undefined {
  let first: number | undefined
  for (let at = index + 1; at < Math.min(output.lines.length, index + linesMax); at += 1) {
    const line = lineAt(output, at)
    if (nextTitle.test(line)) break
    if (line === '' || /^(?:duration_ms|location|failureType|type|operator|compare|---|\.\.\.|─)/u.test(line)) continue
    if (errorLine.test(line)) return at
    if (output.kinds[at] === 'plain' && !/^[^\s:]{1,300}:\d{1,7}$|^\d{1,7}: |^\S{1,300}$/.test(line)) first ??= at
  }
  return /^● /u.test(lineAt(output, index)) ? first : undefined
}

/** AVA lists its tests first, and tells below, under the bare name, what went wrong. */
function errorElsewhere(output: Output, index: number, name: string): number | undefined {
  if (!output.lines[index]?.startsWith('✘ [fail]')) return undefined
  const again = output.lines.indexOf(name, index + 1)
  return again < 0 ? undefined : errorBelow(output, again)
}

/** TAP tells in a block of YAML; a block without a reason belongs to a file or a group, whose own tests tell it. */
function errorInYaml(output: Output, index: number): number | undefined {
  let compares: number | undefined
  for (let at = index + 1; at < Math.min(output.lines.length, index + 80); at += 1) {
    const line = lineAt(output, at)
    if (line === '...' || nextTitle.test(line)) break
    if (/^(?:error|message): /.test(line)) return at
    if (/^(?:diff|operator|compare|expected|found|wanted): /.test(line)) compares ??= at
  }
  return compares
}

/** A program that may not be started: `error: 'spawnSync ./bin/run EACCES'`. */
const refusedCall = /^(?:error|message): ['"]?(?<syscall>spawn(?:Sync)?|execve?) (?<path>\S{1,400}) (?<code>EACCES|EPERM)['"]?$/

/** TAP names the kind of error apart from its message; an error of the program itself is the root of the failure. */
function causeInYaml(test: Draft, { output, index }: Sighting): Draft | undefined {
  const below = output.lines.slice(index + 1, index + 30)
  const end = below.indexOf('...')
  const block = below.slice(0, end < 0 ? below.length : end)
  const refused = block.map((line) => refusedCall.exec(line)?.groups).find((groups) => groups !== undefined)
  if (refused !== undefined)
    return {
      ...test,
      category: 'permission',
      code: refused['code'] ?? 'EACCES',
      rank: 'cause',
      details: { path: refused['path'], syscall: refused['syscall'] },
    }
  const kind = block
    .map((line) => /^name: '?(TypeError|ReferenceError|RangeError)'?$/.exec(line)?.[1])
    .find((found) => found !== undefined)
  if (kind === undefined) return undefined
  const message =
    block.map((line) => /^(?:error|message): (['"])(.{1,400})\1$/.exec(line)?.[2]).find((found) => found !== undefined) ?? ''
  if (message === 'fetch failed')
    return { ...test, category: 'network', code: 'FETCH_FAILED', rank: 'cause', message: `${kind}: ${message}`, details: {} }
  return { ...test, category: 'runtime', code: kind, rank: 'crash', ...runtimeError(kind, message) }
}

/** TAP's stack has no `at`. */
function yamlPlace(output: Output, index: number): Location | undefined {
  const start = output.lines.slice(index + 1, index + 40).findIndex((line) => /^stack: \|-?$/.test(line))
  if (start < 0 || !/^not ok /.test(lineAt(output, index))) return undefined
  for (const line of output.lines.slice(index + 2 + start, index + 16 + start)) {
    if (line === '...') return undefined
    const match = /\((?<file>[^():]{1,400}|file:\/\/[^():]{1,400}):(?<line>\d{1,7}):(?<column>\d{1,7})\)$/.exec(line)
    if (match !== null && !/node_modules|^node:/.test(match.groups?.['file'] ?? '')) return placeOf(match)
  }
  return undefined
}

/** TAP and Jasmine put the words on the line below their label; AVA shows only a difference. */
function messageAt(output: Output, index: number): string {
  const line = lineAt(output, index)
  if (/^Difference/.test(line)) return 'the values differ'
  if (/^(?:operator|expected|diff|compare|found|wanted): /.test(line)) return 'the values differ'
  const label = /^(?:error|message): (?:\|-?|>-?)$|^Message:$|^\|-$/.test(line)
  return (
    label
      ? lineAt(output, index + 1)
      : line
          .replace(/^(?:error|message): /, '')
          .replace(/^→ |^E {2,}/u, '')
          .replace(/^'(.*)'$/, '$1')
          .replace(/^'/, '')
  ).slice(0, 400)
}

function codeOf(output: Output, index: number, message: string): string {
  if (/[Tt]imed? ?out|[Tt]imeout/.test(message)) return 'TEST_TIMEOUT'
  if (/[Ss]napshot/.test(message)) return 'SNAPSHOT_MISMATCH'
  return isAssertion(output.lines.slice(index, index + 3).join('\n')) ? 'ASSERTION_FAILED' : 'TEST_FAILED'
}

function isAssertion(text: string): boolean {
  return /Assert|ERR_ASSERTION|\bexpect\b|[Ee]xpected|[Ss]napshot|Difference|\bshould |\bgot |\bwant |toBe|toEqual|Comparison/.test(
    text,
  )
}

/** Errors that mean something outside tests too are left for the rule that knows them. */
function ownError(output: Output, index: number, code: string): boolean {
  const line = lineAt(output, index)
  if (code !== 'TEST_FAILED') return true
  return (
    /^(?:error|message): /.test(line) ||
    (/^(?:\[?Error: )/.test(line) &&
      !/\bE[A-Z]{4,}|Cannot find|fetch failed|socket hang up|\bconnect |[Ee]nvironment variable|net::ERR|Executable|status code/.test(
        line,
      ))
  )
}

const placeOnly =
  /^(?:❯ |at |test at |→ |› |location: '?)?(?<file>(?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])?[\w@.][^\s:()']{0,300}\.[A-Za-z]{1,6}):(?<line>\d{1,7})(?::(?<column>\d{1,7}))?/u

function placeNear(output: Output, index: number): Location | undefined {
  const inTitle = /(?<file>[\w@./-]{1,300}\.[cm]?[jt]sx?):(?<line>\d{1,7}):(?<column>\d{1,7})/.exec(lineAt(output, index))
  if (inTitle !== null) return placeOf(inTitle)
  for (const at of [index - 1, ...Array.from({ length: 30 }, (_, step) => index + 1 + step)]) {
    const line = lineAt(output, at)
    if (at > index && nextTitle.test(line)) break
    const match = placeOnly.exec(line)
    if (match !== null) return placeOf(match)
  }
  return undefined
}

/** An assertion that stands alone: no runner said which test it belongs to. */
export function looseAssertion(draft: Draft, { output, index, line }: Sighting): Draft {
  const panic = /panicked at (?:.{0,300}, )?(?<file>[^\s:,']{1,300}\.rs):(?<line>\d{1,7}):(?<column>\d{1,7})/.exec(line)
  const location = panic === null ? (stackLocation(output, index) ?? placeNear(output, index)) : placeOf(panic)
  return {
    ...draft,
    message: panic === null ? draft.message : (output.lines[index + 1] ?? draft.message),
    location,
    details: { ...draft.details, ...compared(output, index) },
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
