import { lineAt, type Output } from './output.js'
import { nextTitle } from './compared.js'
import { attribute } from './test-report.js'
import { isThrownByProgram } from './thrown.js'

/** How far below its title the error of a test is looked for. */
const linesMax = 40

const errorLine =
  /^(?:error: |message: |Error: |Message:$|→ |E {2,})?(?:.{0,60}?(?:[\w.$]{0,80}(?:Error|Exception|Failure)\b(?: \[\w{1,40}\])?:|AssertionError|expect\(|Expected\b|expected\b|Snapshot\b|Timed? ?out|Timeout|Test timeout|Difference|Exceeded timeout|thrown:|Did not match snapshot|Value is not |Function (?:threw|returned)\b|should |got |want ).{0,400}|'.{1,400}'$|\|-$|.{1,80}_test\.go:\d{1,7}: .{1,300})/

/** The line that says what went wrong; a runner that prints bare messages is believed at its first word. */
export function errorBelow(output: Output, index: number, end = output.lines.length): number | undefined {
  let first: number | undefined
  for (let at = index + 1; at < Math.min(end, index + linesMax); at += 1) {
    const line = lineAt(output, at)
    if (nextTitle.test(line)) break
    if (line === '' || /^(?:duration_ms|location|failureType|type|operator|compare|---|\.\.\.|─|at |❯ )/u.test(line)) continue
    if (errorLine.test(line)) return typedBelow(output, at, end) ?? at
    if (output.kinds[at] === 'plain' && !/^[^\s:]{1,300}:\d{1,7}$|^\d{1,7}: |^\S{1,300}$/.test(line)) first ??= at
  }
  return /^(?:● |FAIL .*"$)/u.test(lineAt(output, index)) ? first : undefined
}

/** Mocha's TAP says the bare message first, and below it the same with the kind of error. */
function typedBelow(output: Output, bare: number, end: number): number | undefined {
  const message = lineAt(output, bare)
  if (/^[\w.$]{0,80}(?:Error|Exception)\b/.test(message)) return undefined
  for (let at = bare + 1; at < Math.min(end, bare + linesMax); at += 1) {
    const line = lineAt(output, at)
    if (nextTitle.test(line) || line.startsWith('at ')) return undefined
    if (line.length > message.length && line.endsWith(`: ${message}`) && /^[A-Z][\w.$]{0,80}Error\b/.test(line)) return at
  }
  return undefined
}

/** Node wraps what a test threw: the cause tells more. Else the first line that looks like an error, or the tag itself. */
export function errorInJunit(output: Output, index: number, end: number): number {
  for (const wanted of [/^\[?cause\]?: /, errorLine])
    for (let at = index + 1; at < end; at += 1) if (wanted.test(lineAt(output, at))) return at
  return index
}

/** TAP tells in a block of YAML; a block without a reason belongs to a file or a group, whose own tests tell it. */
export function errorInYaml(output: Output, index: number): number | undefined {
  let compares: number | undefined
  for (let at = index + 1; at < Math.min(output.lines.length, index + 80); at += 1) {
    const line = lineAt(output, at)
    if (line === '...' || nextTitle.test(line)) break
    if (/^(?:error|message): /.test(line)) return at
    if (/^(?:diff|operator|compare|expected|found|wanted): /.test(line)) compares ??= at
  }
  return compares
}

/** TAP and Jasmine put the words on the line below their label; AVA shows only a difference. */
export function messageAt(output: Output, index: number): string {
  const line = lineAt(output, index)
  if (line.startsWith('<failure')) return attribute(line, 'message') ?? ''
  if (/^Difference/.test(line) || /^(?:error|message): ''$/.test(line)) return 'the values differ'
  if (/^(?:operator|expected|diff|compare|found|wanted): /.test(line)) return 'the values differ'
  const label = /^(?:error|message): (?:\|-?|>-?)$|^Message:$|^\|-$/.test(line)
  return (
    label
      ? lineAt(output, index + 1)
      : line
          .replace(/^(?:error|message|cause): /, '')
          .replace(/^\[?Error(?: \[ERR_TEST_FAILURE\])?: (.*)\] \{.*$/, '$1')
          .replace(/^→ |^E {2,}/u, '')
          .replace(/^(['"])(.*)\1,?$/, (_, quote: string, text: string) => text.replaceAll(`\\${quote}`, quote))
          .replace(/^'/, '')
  ).slice(0, 400)
}

export function codeOf(output: Output, errorAt: number, { message, index }: { message: string; index: number }): string {
  if (/[Tt]imed? ?out|[Tt]imeout/.test(message)) return 'TEST_TIMEOUT'
  if (/[Ss]napshot/.test(message)) return 'SNAPSHOT_MISMATCH'
  if (/^(?:cause: )?SyntaxError\b/.test(message)) return 'TEST_FAILED'
  return isAssertion(said(output, errorAt, index).join('\n')) ? 'ASSERTION_FAILED' : 'TEST_FAILED'
}

/** The error and the words around it: in YAML the whole block, for its keys tell the kind. */
function said(output: Output, errorAt: number, index: number): readonly string[] {
  if (!lineAt(output, index).startsWith('not ok ') || lineAt(output, index + 1) !== '---')
    return output.lines.slice(errorAt, errorAt + 3)
  const block = output.lines.slice(index + 1, index + 60)
  const end = block.indexOf('...')
  // AVA calls whatever fails a test an AssertionError.
  return block.slice(0, end < 0 ? block.length : end).filter((line) => line !== 'name: AssertionError')
}

function isAssertion(text: string): boolean {
  return /Assert|ERR_ASSERTION|^assertion: |^operator: |\bexpect\b|\b[Ee]xpected|[Ss]napshot|Difference|Value is not |^Function (?:threw|returned)|\bshould |\bgot |\bwant |toBe|toEqual|Comparison/m.test(
    text,
  )
}

/** Errors that mean something outside tests too are left for the rule that knows them. */
export function ownError(output: Output, index: number, code: string): boolean {
  const line = lineAt(output, index)
  if (code !== 'TEST_FAILED') return true
  if (/^(?:cause: )?SyntaxError\b/.test(line)) return isThrownByProgram(output, index)
  return (
    /^(?:error|message): /.test(line) ||
    (/^(?:\[?(?:cause: )?Error: )/.test(line) &&
      !/\bE[A-Z]{4,}|Cannot find|fetch failed|socket hang up|\bconnect |[Ee]nvironment variable|net::ERR|Executable|status code/.test(
        line,
      ))
  )
}
