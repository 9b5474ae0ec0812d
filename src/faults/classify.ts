import type { Fault, Location } from '../core/fault.js'
import { oneLine } from '../core/text.js'
import { endingDraft } from './fallback.js'
import { fingerprintOf } from './fingerprint.js'
import { lineAt, readOutput, type Output, type OutputReport } from './output.js'
import { endedWell } from './ending.js'
import { ranks, sight, usualSeverity, type Draft, type Rule } from './rule.js'
import { rules } from './rules.js'
import { toolOf } from './tool.js'

export type { OutputReport } from './output.js'

const faultsMax = 50
/** What one rule sees more often than this is the same again and again; other rules still have their say. */
const draftsPerRuleMax = 200

/**
 * Reads what a command printed and tells which faults it shows: root faults first, consequences after them, each once, at
 * most 50. Empty when nothing is wrong; never empty when the exit code is not 0. Every text in a fault is printable and
 * bounded, and none of it is to be trusted.
 *
 * @example
 * ```ts
 * const [fault] = classify({ stderr: "Error: Cannot find module 'left-pad'\nRequire stack:\n- /app/index.js", exitCode: 1 })
 * expect(fault).toMatchObject({ category: 'dependency', code: 'MODULE_NOT_FOUND', details: { specifier: 'left-pad' } })
 * ```
 */
export function classify(report: OutputReport): Fault[] {
  const output = readOutput(report)
  const well = endedWell(output)
  const drafts = ordered(found(output, well ? rules.filter((rule) => rule.always === true) : rules))
  const ending = well
    ? undefined
    : endingDraft(
        output,
        drafts.map(({ draft }) => draft),
      )
  if (ending !== undefined) drafts.unshift({ draft: ending, index: -1 })
  const tool = toolOf(output)
  const faults = new Map<string, Fault>()
  for (const { draft, index } of drafts) {
    const fault = faultOf(draft, index, output, tool)
    if (!faults.has(fault.fingerprint)) faults.set(fault.fingerprint, fault)
    if (faults.size >= faultsMax) break
  }
  return [...faults.values()]
}

interface Found {
  readonly draft: Draft
  /** Of the line it was read from. */
  readonly index: number
}

/** Each line tells of what the first rule that fits it says; lines that belong to an earlier fault tell of nothing more. */
function found(output: Output, candidates: readonly Rule[]): readonly Found[] {
  const text = output.lines.join('\n')
  const likely = candidates.filter((rule) => rule.hints.some((hint) => text.includes(hint)))
  const all: Found[] = []
  const counts = new Map<Rule, number>()
  let claimedUntil = -1
  for (const [index, line] of output.lines.entries()) {
    if (line === '' || index <= claimedUntil) continue
    const kind = output.kinds[index] ?? 'plain'
    for (const rule of likely) {
      if (rule.kinds === undefined ? kind !== 'plain' : !rule.kinds.includes(kind)) continue
      if (!rule.hints.some((hint) => line.includes(hint))) continue
      const drafts = sight(rule, output, index)
      if (drafts.length === 0) continue
      const count = (counts.get(rule) ?? 0) + drafts.length
      counts.set(rule, count)
      for (const draft of drafts) {
        if (count <= draftsPerRuleMax) all.push({ draft, index })
        claimedUntil = Math.max(claimedUntil, draft.lineLast ?? index)
      }
      break
    }
  }
  return all
}

/** By rank, then in the order of the output; wrappers only where they are all there is. */
function ordered(all: readonly Found[]): Found[] {
  const substance = all.filter(({ draft }) => draft.rank !== 'wrapper')
  return withoutEchoes(substance.length > 0 ? substance : all)
    .map((entry, order) => ({ entry, order, rank: ranks.indexOf(entry.draft.rank) }))
    .sort((a, b) => a.rank - b.rank || a.order - b.order)
    .map(({ entry }) => entry)
}

/** Leaves out what does not know its place where another draft says the same and does. */
function withoutEchoes(all: readonly Found[]): readonly Found[] {
  const kindOf = ({ draft }: Found): string => `${draft.category} ${draft.code}`
  const located = new Map<string, string[]>()
  for (const one of all) {
    if (one.draft.location === undefined) continue
    const messages = located.get(kindOf(one)) ?? []
    if (messages.length < faultsMax) located.set(kindOf(one), [...messages, one.draft.message])
  }
  return all.filter(
    (one) =>
      one.draft.location !== undefined ||
      located.get(kindOf(one))?.some((message) => message.includes(one.draft.message)) !== true,
  )
}

function faultOf(draft: Draft, index: number, output: Output, tool: string | undefined): Fault {
  const location = draft.location === undefined ? undefined : cleanLocation(draft.location)
  const details: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(draft.details)) {
    if (typeof value === 'number') details[name] = value
    else if (value !== undefined && value !== '') details[name] = oneLine(value, 300)
  }
  const named = {
    category: draft.category,
    code:
      draft.code === 'SYNTAX_ERROR' && location !== undefined && /\.json[c5]?$/.test(location.file)
        ? 'JSON_SYNTAX'
        : oneLine(draft.code, 60),
    message: oneLine(draft.message, 500),
    ...(location === undefined ? {} : { location }),
    details,
  }
  const speaker = draft.tool ?? tool
  return {
    ...named,
    severity: draft.severity ?? usualSeverity[draft.category],
    transient: draft.transient ?? draft.category === 'network',
    fingerprint: fingerprintOf(named),
    ...(speaker === undefined ? {} : { tool: speaker }),
    evidence: evidenceOf(draft, index, output),
  }
}

function cleanLocation(location: Location): Location | undefined {
  const file = oneLine(location.file, 500)
  return file === '' ? undefined : { ...location, file }
}

const evidenceMax = 12

function evidenceOf(draft: Draft, index: number, output: Output): readonly string[] {
  if (index < 0) return lastWords(output)
  const last = Math.max(draft.lineLast ?? 0, index + 3)
  return output.raw
    .slice(index, Math.min(last + 1, index + evidenceMax))
    .map((line) => oneLine(line, 300))
    .filter((line) => line !== '')
}

/** What the command said at the end, newest first. */
function lastWords(output: Output): readonly string[] {
  const words: string[] = []
  for (let at = output.lines.length - 1; at >= 0 && words.length < evidenceMax; at -= 1) {
    const line = oneLine(lineAt(output, at), 300)
    if (line !== '') words.push(line)
  }
  return words
}
