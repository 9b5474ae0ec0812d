import type { FaultCategory, FaultSeverity, Location } from '../core/fault.js'
import type { LineKind, Output } from './output.js'

/**
 * How far a fault is from the root of the trouble. Faults are told in this order: a full disk before a missing module,
 * a missing module before a type error, a crash before the tests it fails. A `wrapper` only reports that something
 * below it failed, and is left out when that something is known.
 */
export const ranks = ['environment', 'cause', 'compile', 'crash', 'test', 'lint', 'wrapper'] as const
export type Rank = (typeof ranks)[number]

/** A fault as a rule sees it: raw text, not yet cleaned, bounded or fingerprinted. */
export interface Draft {
  readonly category: FaultCategory
  readonly code: string
  readonly rank: Rank
  /** Absent: what is usual in the category. */
  readonly severity?: FaultSeverity | undefined
  /** Absent: only network faults are. */
  readonly transient?: boolean | undefined
  readonly message: string
  readonly tool?: string | undefined
  readonly location?: Location | undefined
  readonly details: Readonly<Record<string, string | number | undefined>>
  /** Lines it was read from, beyond the one that was matched: they are evidence, and tell of no other fault. */
  readonly lineLast?: number | undefined
  /** Completes it with what takes long to read: asked only of a draft that may be told, for most of a long output never is. */
  readonly complete?: ((draft: Draft) => Draft) | undefined
  /** Where those lines begin, if they do not follow the matched one. */
  readonly lineFirst?: number | undefined
}

/** Where a rule matched. */
export interface Sighting {
  readonly output: Output
  /** Index of the matched line. */
  readonly index: number
  readonly line: string
  /** Named groups that took part in the match. */
  readonly groups: Readonly<Record<string, string | undefined>>
}

/**
 * One thing that tools say, as data. Named groups of the pattern fill the draft: `file`, `line` and `column` make the
 * location, `message` the message, `code` the code, every other name a detail.
 */
export interface Rule {
  /** What to look for first: a line is read only when it holds one of these, in this case of letters. */
  readonly hints: readonly string[]
  /** Tried on the trimmed line; takes time linear in its length. */
  readonly pattern: RegExp
  readonly category: FaultCategory
  /** Absent: the group `code` of the pattern. */
  readonly code?: string
  /** Absent: what is usual in the category. */
  readonly severity?: FaultSeverity
  /** Absent: `cause`, and `test` in the category of that name. */
  readonly rank?: Rank
  /** Absent: only network faults are. */
  readonly transient?: boolean
  readonly tool?: string
  /** Kinds of line it reads; absent: plain ones only. */
  readonly kinds?: readonly LineKind[]
  /** It sees only so much of a line. Absent: all of it. */
  readonly lineLengthMax?: number
  /** It tells of a failure although the command ended well. */
  readonly always?: boolean
  /** Completes the draft from the lines around, splits it, or answers `undefined`: not a fault after all. */
  readonly refine?: (draft: Draft, sighting: Sighting) => Draft | readonly Draft[] | undefined
}

/** What is usual in a category; a rule may know better. */
export const usualSeverity: Readonly<Record<FaultCategory, FaultSeverity>> = {
  dependency: 'high',
  syntax: 'high',
  build: 'high',
  configuration: 'high',
  deployment: 'high',
  test: 'medium',
  runtime: 'medium',
  network: 'medium',
  permission: 'medium',
}

/** Applies a rule to one line. */
export function sight(rule: Rule, output: Output, index: number): readonly Draft[] {
  const line = (output.lines[index] ?? '').slice(0, rule.lineLengthMax)
  const match = rule.pattern.exec(line)
  if (match === null) return []
  const groups = match.groups ?? {}
  const draft = draftOf(rule, excerpt(line, match.index), groups)
  const refined = rule.refine === undefined ? draft : rule.refine(draft, { output, index, line, groups })
  if (refined === undefined) return []
  return 'category' in refined ? [refined] : refined
}

/** Of a very long line, what stands around the match. */
function excerpt(line: string, index: number): string {
  return line.length <= excerptLength ? line : line.slice(Math.max(0, index - 100), index + excerptLength - 100)
}

const excerptLength = 500
const reserved = new Set(['file', 'line', 'column', 'message', 'code'])

function draftOf(rule: Rule, line: string, groups: Readonly<Record<string, string | undefined>>): Draft {
  const details = Object.fromEntries(
    Object.entries(groups).filter(([name, value]) => !reserved.has(name) && value !== undefined && value !== ''),
  )
  return {
    category: rule.category,
    code: rule.code ?? groups['code'] ?? 'UNKNOWN',
    rank: rule.rank ?? (rule.category === 'test' ? 'test' : 'cause'),
    severity: rule.severity,
    transient: rule.transient,
    message: groups['message'] ?? line,
    tool: rule.tool,
    location: locationOf(groups['file'], groups['line'], groups['column']),
    details,
  }
}

/** A location from texts, if there is a file. */
export function locationOf(file: string | undefined, line?: string, column?: string): Location | undefined {
  if (file === undefined || file === '') return undefined
  const lineNumber = positive(line)
  const columnNumber = positive(column)
  return {
    file: withoutScheme(file),
    ...(lineNumber === undefined ? {} : { line: lineNumber }),
    ...(columnNumber === undefined || lineNumber === undefined ? {} : { column: columnNumber }),
  }
}

/** The location that the named groups of a match tell: `file`, `line`, `column`. */
export function placeOf(match: RegExpExecArray | null | undefined): Location | undefined {
  const groups = match?.groups
  return groups === undefined ? undefined : locationOf(groups['file'], groups['line'], groups['column'])
}

/** The first match of a pattern in some lines. */
export function firstMatch(lines: readonly string[], pattern: RegExp): RegExpExecArray | undefined {
  for (const line of lines) {
    const match = pattern.exec(line)
    if (match !== null) return match
  }
  return undefined
}

function positive(text: string | undefined): number | undefined {
  const number = text === undefined ? Number.NaN : Number.parseInt(text, 10)
  return Number.isSafeInteger(number) && number > 0 ? number : undefined
}

/** `file:///app/a%20b.js` becomes `/app/a b.js`; other texts stay. */
export function withoutScheme(file: string): string {
  if (!file.startsWith('file://')) return file
  const path = file.slice('file://'.length).replace(/^\/([A-Za-z]:)/, '$1')
  try {
    return decodeURIComponent(path)
  } catch {
    return path // A stray % is part of the name.
  }
}
