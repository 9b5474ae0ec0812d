import { withoutEscapes } from '../core/text.js'
import { createLineStore } from './line-store.js'

/** What is known of a command that was run; any part may be missing. */
export interface OutputReport {
  readonly stdout?: string | undefined
  readonly stderr?: string | undefined
  /** Both streams together, when they were captured together. */
  readonly output?: string | undefined
  /** Absent or `null`: not known, the text alone decides. */
  readonly exitCode?: number | null | undefined
  /** The command line, for people: it names the tool where the text does not. */
  readonly command?: string | undefined
}

/**
 * What part a line plays. `quoted`: source or a diff that a tool shows, not the tool's own words. `passing`: tells of a
 * success. `title`: names a failing test in the words of whoever wrote it. `assertion`: says what was expected, in words
 * that may be anything. `log`: a message below error level, or what a test printed.
 */
export type LineKind = 'plain' | 'quoted' | 'passing' | 'title' | 'assertion' | 'log'

/** The output, cleaned, bounded and cut into lines. */
export interface Output {
  /** Without escapes, prefixes of loggers and outer space. */
  readonly lines: readonly string[]
  /** The same lines with their indentation. */
  readonly raw: readonly string[]
  readonly kinds: readonly LineKind[]
  readonly exitCode: number | undefined
  readonly command: string
}

/** The line at an index; beyond the ends there are only empty ones. */
export function lineAt(output: Output, index: number): string {
  return output.lines[index] ?? ''
}

/** Asks something of a whole output once, however many of its lines want to know it. */
export function oncePerOutput<T>(ask: (output: Output) => T): (output: Output) => T {
  const answers = new WeakMap<Output, { readonly answer: T }>()
  return (output) => {
    const known = answers.get(output) ?? { answer: ask(output) }
    answers.set(output, known)
    return known.answer
  }
}

/** Nobody should hand over more; of more, only the two ends are looked at. */
const rawLengthMax = 16_000_000
/** Cleans and cuts what a command printed. */
export function readOutput(report: OutputReport): Output {
  const parts = [report.output, report.stderr, report.stdout].filter((part) => typeof part === 'string' && part !== '')
  const store = createLineStore()
  for (const line of endsOf(parts.join('\n')).split(/\r\n|\n|\r/)) store.add(line)
  const raw = store.lines().map(withoutEscapes)
  const unprefixed = withoutPrefixes(raw)
  const lines = unprefixed.map((line) => line.trim())
  return {
    lines,
    raw: unprefixed,
    kinds: kindsOf(lines, unprefixed),
    exitCode: typeof report.exitCode === 'number' ? report.exitCode : undefined,
    command: (report.command ?? '').slice(0, 2_000),
  }
}

function endsOf(text: string): string {
  return text.length <= rawLengthMax ? text : `${text.slice(0, rawLengthMax / 4)}\n${text.slice((-rawLengthMax * 3) / 4)}`
}

/** What runners and loggers put in front of a tool's own lines. */
const linePrefixes: readonly RegExp[] = [
  /^\ufeff/,
  /^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[\d.,]{0,12}(?:Z|[+-]\d\d:?\d\d)?\]?\s/, // CI logs, docker logs -t
  /^\d{1,2}:\d\d:\d\d [AP]M: /, // Netlify
  /^#\d{1,4} (?:\d{1,6}\.\d{1,6} )?/, // docker buildx
  /^\[\d{1,3}\] (?=\S)/, // concurrently
  /^##\[(?:error|warning|group|command)\]/, // GitHub Actions, Azure Pipelines
  /^Error: (?=fatal: )/, // actions/checkout repeats git
  /^(?!std(?:out|err) \|)[A-Za-z][\w.-]{0,60} {0,40}\| /, // docker compose; Vitest has its own
  /^[│┃] ?/, // boxes
]
/** Most lines have none; to see that is cheaper than to try them all. */
function mayHavePrefix(line: string): boolean {
  return /^[\ufeff[\d#│┃]/u.test(line) || line.includes('| ') || line.startsWith('Error: fatal: ')
}

const turboPrefix = /^(?:@[\w.-]{1,60}\/)?[\w.-]{1,60}[:#][A-Za-z][\w:-]{0,40}: /

function withoutPrefixes(lines: readonly string[]): readonly string[] {
  const workspaces = new Set<string>()
  let turbo = false
  for (const line of lines) {
    const workspace = /^(\S{1,120} [\w:-]{1,40})\$ /.exec(line)?.[1] // pnpm --recursive
    if (workspace !== undefined && workspaces.size < 200) workspaces.add(`${workspace}: `)
    turbo ||= line.includes('cache miss, executing') || line.includes('turbo')
  }
  return lines.map((line) => {
    let rest = line
    if (mayHavePrefix(line)) for (const prefix of linePrefixes) rest = rest.replace(prefix, '')
    if (turbo) rest = rest.replace(turboPrefix, '')
    const named = workspaces.size === 0 ? undefined : /^\S{1,120} [\w:-]{1,40}: /.exec(rest)?.[0]
    return named !== undefined && workspaces.has(named) ? rest.slice(named.length) : rest
  })
}

const lineKinds: readonly (readonly [LineKind, RegExp])[] = [
  ['quoted', /^[>❯|]?\s{0,8}\d{1,7}\s{0,4}[|│┃▏](?:\s|$)/u], // code frames
  ['quoted', /^[+-]\s+\S/], // diffs
  ['quoted', /^[+-]['"[{(\d]/],
  ['quoted', /^["']?(?:expected|received|actual|want|got|left|right)["']?(?: value| string| substring| pattern)?\s{0,8}[:=]/i],
  ['quoted', /^(?:\/\/|\/\*|\* )/],
  ['passing', /^(?:✓|✔|√|☑|✅|ok \d+|PASS\b|--- PASS|\[PASS\]|PASSED\b)/u],
  ['passing', /(?:\bPASSED|\.\.\. ok)$/],
  ['title', /^(?:not ok \d+|FAIL\b|--- FAIL|●|\d{1,5}\) )/u],
  ['title', /^[✖✕✗×] .*\(\d[\d.]*\s?m?s\)$/u],
  ['log', /^[[({<]?(?:warn(?:ing)?|info|debug|trace|notice|verbose)[\])}>]?\s?:?(?:\s|$)/i],
  ['log', /^npm (?:warn|notice|http|info|verb|sill)\b/i],
  ['log', /^\{.{0,200}"level":\s?(?:[123]0|"(?:warn|info|debug|trace)")/],
  ['log', /\[(?:warn|info|debug|trace)\]/i],
  [
    'assertion',
    /AssertionError|\bexpect(?:ed)?\b.{0,200}?\bto (?:be|equal|deeply|throw|match|reject|have|contain)\b|\btoThrow\b/i,
  ],
]

/**
 * Frames are quoted, and so are the source lines that Node shows between `file:line` and a caret, and Python below
 * `File "…", line n`. What a test printed itself is a log.
 */
function kindsOf(lines: readonly string[], raw: readonly string[]): readonly LineKind[] {
  let printed = -1
  return lines.map((line, index) => {
    const indent = (raw[index] ?? '').length - line.length
    if (printed >= 0 && (line === '' ? printed === captureByBlank : indent <= printed && printed !== captureByBlank)) printed = -1
    if (/^console\.(?:log|error|warn|info|debug)(?: \S{1,300}:\d{1,7})?$/.test(line)) printed = Math.max(0, indent) // Jest
    else if (/^(?:stdout|stderr) \| \S/.test(line)) printed = captureByBlank // Vitest
    if (printed >= 0) return 'log'
    if (/^(?:at |❯ )\S/u.test(line)) return 'quoted'
    const above = lines[index - 1] ?? ''
    if (/^(?:E\s{1,12})?File "[^"]{1,500}", line \d{1,7}/.test(above) && /^\s{3}|^E {8}/.test(raw[index] ?? '')) return 'quoted'
    if (/^(?:file:\/\/|\/|[A-Za-z]:[\\/])\S.{0,500}:\d{1,7}$/.test(above) && /^[\^~]+$/.test(lines[index + 1] ?? ''))
      return 'quoted'
    return kindOf(line)
  })
}

/** The captured output of a test ends at an empty line, not at a smaller indentation. */
const captureByBlank = 1_000_000

function kindOf(line: string): LineKind {
  for (const [kind, pattern] of lineKinds) if (pattern.test(line)) return kind
  return 'plain'
}
