import { faultCategories, faultSeverities, type FaultCategory, type FaultSeverity } from '../core/fault.js'
import { HomeostatError } from '../core/errors.js'
import { oneLine } from '../core/text.js'
import { costOf, patternLineLengthMax } from './pattern-cost.js'
import { ranks, type Rank, type Rule } from './rule.js'

/**
 * What a tool of one's own says when something is wrong. Named groups of the expression fill the fault: `file`, `line` and
 * `column` the location, `message` the message, `code` the code, every other name a detail.
 */
export interface FaultPattern {
  /** Unique among the patterns of a classifier; letters, digits, `.`, `_` and `-`, at most 80. */
  readonly name: string
  /** Tried on each line, trimmed, without colours and prefixes of loggers; it sees the first 500 characters. */
  readonly pattern: RegExp
  readonly category: FaultCategory
  /** Letters, digits and `_`, at most 60. Absent: the group `code` of the expression. */
  readonly code?: string
  /** Absent: what is usual in the category. */
  readonly severity?: FaultSeverity
  /** Whether the same command may pass later although nothing is changed. Absent: only network faults are. */
  readonly transient?: boolean
  /** The tool that speaks so. */
  readonly tool?: string
  /** How near to the root of the trouble: see `docs/faults.md`. Default: `cause`, and `test` in the category of that name. */
  readonly rank?: Rank
  /** It tells of a failure although the command ended well. Default: no. */
  readonly always?: boolean
}

const sourceLengthMax = 500

/**
 * A rule made of a pattern.
 *
 * @throws HomeostatError `HS_FAULT_PATTERN_INVALID` when a field is wrong, or the expression may take more than bounded time.
 */
export function ruleOfPattern(given: FaultPattern): Rule {
  const name = given !== null && typeof given === 'object' && typeof given.name === 'string' ? oneLine(given.name, 80) : '?'
  const refuse = (reason: string): never => {
    throw new HomeostatError('HS_FAULT_PATTERN_INVALID', { name, reason })
  }
  if (given === null || typeof given !== 'object') return refuse('it is not an object')
  const { pattern, category, code, severity, transient, tool, rank, always } = given
  if (typeof given.name !== 'string' || !/^[\w.-]{1,80}$/.test(given.name))
    return refuse('its name must be 1 to 80 letters, digits, ".", "_" or "-"')
  if (!(pattern instanceof RegExp)) return refuse('its pattern is not a regular expression')
  if (pattern.source.length > sourceLengthMax) return refuse(`its pattern is longer than ${sourceLengthMax} characters`)
  if (/[vms]/.test(pattern.flags)) return refuse(`its pattern has the flags "${pattern.flags}": only i and u mean something here`)
  if (!oneOf(faultCategories, category)) return refuse(`its category must be one of ${faultCategories.join(', ')}`)
  if (severity !== undefined && !oneOf(faultSeverities, severity))
    return refuse(`its severity must be one of ${faultSeverities.join(', ')}`)
  if (rank !== undefined && !oneOf(ranks, rank)) return refuse(`its rank must be one of ${ranks.join(', ')}`)
  if (code === undefined ? !pattern.source.includes('(?<code>') : typeof code !== 'string' || !/^\w{1,60}$/.test(code))
    return refuse('it needs a code of 1 to 60 letters, digits or "_", or a group named "code"')
  if (tool !== undefined && (typeof tool !== 'string' || !/^[\w@./-]{1,60}$/.test(tool)))
    return refuse('its tool must be a name of 1 to 60 letters')
  for (const [field, value] of Object.entries({ transient, always }))
    if (value !== undefined && typeof value !== 'boolean') return refuse(`its field "${field}" must be true or false`)
  // A copy without `g` and `y`: those would remember where the last match was. What is tried is what was judged.
  const expression = new RegExp(pattern.source, pattern.flags.replace(/[^iu]/g, ''))
  if (expression.test('')) return refuse('its pattern matches the empty line, and so every line')
  const { refusal, hints } = costOf(expression)
  if (refusal !== undefined) return refuse(refusal)
  return {
    hints,
    pattern: expression,
    category,
    kinds: ['plain', 'title', 'assertion', 'log'],
    lineLengthMax: patternLineLengthMax,
    ...(code === undefined ? {} : { code }),
    ...(severity === undefined ? {} : { severity }),
    ...(transient === undefined ? {} : { transient }),
    ...(tool === undefined ? {} : { tool }),
    ...(rank === undefined ? {} : { rank }),
    ...(always === undefined ? {} : { always }),
  }
}

function oneOf(list: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && list.includes(value)
}
