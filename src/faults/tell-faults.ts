import type { Fault, Location } from '../core/fault.js'
import { oneLine } from '../core/text.js'
import { endingDraft } from './fallback.js'
import { rootsFirst, type Candidate } from './causes.js'
import { lineAt, type Output } from './output.js'
import { endedWell } from './ending.js'
import { createHintIndex, type HintIndex } from './hint-index.js'
import { ranks, sight, usualSeverity, type Draft, type Rule } from './rule.js'
import { rules } from './rules.js'
import { reportAt } from './test-report.js'
import { toolOf } from './tool.js'

const faultsMax = 50
/** What one rule sees more often than this is the same again and again; other rules still have their say. */
const draftsPerRuleMax = 1_000

/** Rules in the order in which they are asked, ready to be looked up. */
export interface RuleBook {
  readonly all: HintIndex
  /** Those that tell of a failure although the command ended well. */
  readonly always: HintIndex
}

/** Makes a book of the built-in rules. `own`: rules that are asked before them. */
export function createRuleBook(own: readonly Rule[]): RuleBook {
  const all = [...own, ...rules]
  return { all: createHintIndex(all), always: createHintIndex(all.filter((rule) => rule.always === true)) }
}

/** Tells which faults an output shows: root faults first, then what follows from them, each once, at most 50. */
export function tellFaults(output: Output, book: RuleBook): Fault[] {
  const well = endedWell(output)
  const drafts = ordered(found(output, well ? book.always : book.all))
  const ending = well
    ? undefined
    : endingDraft(
        output,
        drafts.map(({ draft }) => draft),
      )
  if (ending !== undefined) drafts.unshift({ draft: ending, index: -1 })
  return rootsFirst(candidates(drafts, output), faultsMax)
}

function* candidates(drafts: readonly Found[], output: Output): Generator<Candidate> {
  const tool = toolOf(output)
  const said = new Set<string>()
  for (const { draft, index } of drafts) {
    // The same words again, but for numbers, make the same fault; most of a long output is that, and need not be cleaned to be known.
    const message = draft.message.replace(/(?<![A-Za-z_@\d])\d+/g, 'N')
    const words = [draft.category, draft.code, message, draft.location?.file, ...Object.entries(draft.details).flat()].join('\n')
    if (said.has(words)) continue
    said.add(words)
    yield { fault: faultOf(draft.complete?.(draft) ?? draft, index, output, tool), rank: draft.rank }
  }
}

interface Found {
  readonly draft: Draft
  /** Of the line it was read from. */
  readonly index: number
}

/** Each line tells of what the first rule that fits it says; lines that belong to an earlier fault tell of nothing more. */
function found(output: Output, index: HintIndex): readonly Found[] {
  const all: Found[] = []
  const counts = new Map<Rule, number>()
  const claimed = new Uint8Array(output.lines.length)
  for (const [at, line] of output.lines.entries()) {
    if (line === '' || claimed[at] === 1) continue
    const kind = output.kinds[at] ?? 'plain'
    for (const rule of index.rulesFor(line)) {
      if (rule.kinds === undefined ? kind !== 'plain' : !rule.kinds.includes(kind)) continue
      const drafts = sight(rule, output, at)
      if (drafts.length === 0) continue
      const count = (counts.get(rule) ?? 0) + drafts.length
      counts.set(rule, count)
      for (const draft of drafts) {
        if (count <= draftsPerRuleMax) all.push({ draft: withTest(draft, output, at), index: at })
        claimed.fill(1, draft.lineFirst ?? at, (draft.lineLast ?? at) + 1)
      }
      break
    }
  }
  return all
}

/** An error of the program that a test shows is told with the title of that test. */
function withTest(draft: Draft, output: Output, at: number): Draft {
  const test = draft.category === 'runtime' && draft.details['test'] === undefined ? reportAt(output, at)?.test : undefined
  return test === undefined ? draft : { ...draft, details: { ...draft.details, test } }
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
  const located = new Map<string, Set<string>>()
  for (const one of all) {
    if (one.draft.location === undefined) continue
    const messages = located.get(kindOf(one)) ?? new Set()
    if (messages.size < faultsMax) located.set(kindOf(one), messages.add(one.draft.message))
  }
  return all.filter(
    (one) =>
      one.draft.location !== undefined ||
      ![...(located.get(kindOf(one)) ?? [])].some((message) => message.includes(one.draft.message)),
  )
}

function faultOf(draft: Draft, index: number, output: Output, tool: string | undefined): Candidate['fault'] {
  const location = draft.location === undefined ? undefined : cleanLocation(draft.location)
  const details: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(draft.details)) {
    if (typeof value === 'number') details[name] = value
    else if (value !== undefined && value !== '') details[name] = oneLine(value, 300)
  }
  const speaker = draft.tool ?? tool
  return {
    category: draft.category,
    code:
      draft.code === 'SYNTAX_ERROR' && location !== undefined && /\.json[c5]?$/.test(location.file)
        ? 'JSON_SYNTAX'
        : oneLine(draft.code, 60),
    message: oneLine(draft.message, 500),
    ...(location === undefined ? {} : { location }),
    details,
    severity: draft.severity ?? usualSeverity[draft.category],
    transient: isTransient(draft),
    ...(speaker === undefined ? {} : { tool: speaker }),
    ...(output.command === '' ? {} : { command: oneLine(output.command, 300) }),
    ...(output.exitCode === undefined ? {} : { exitCode: output.exitCode }),
    evidence: evidenceOf(draft, index, output),
  }
}

/** An answer that never came may come the next time; a certificate that is wrong stays wrong. */
function isTransient({ category, message, transient }: Draft): boolean {
  if (category === 'network' && /certificate|self[- ]signed|\bCERT_/i.test(message)) return false
  return transient ?? category === 'network'
}

function cleanLocation(location: Location): Location | undefined {
  const file = oneLine(location.file, 500)
  return file === '' ? undefined : { ...location, file }
}

const evidenceMax = 12

function evidenceOf(draft: Draft, index: number, output: Output): readonly string[] {
  if (index < 0) return lastWords(output)
  const first = draft.lineFirst ?? index
  const last = Math.max(draft.lineLast ?? 0, first + 3)
  return output.raw
    .slice(first, Math.min(last + 1, first + evidenceMax))
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
