import { conflictMarkers } from '../conflict-markers.js'
import { plainJson } from './json-comments.js'
import { searchJsonRepairs, type JsonRepair } from './json-search.js'
import { applyEdits, describeEdits, lowerFirst, placeOf } from '../token-edits.js'

/** One way to make a JSON text valid. */
export interface JsonCandidate {
  /** The whole text after the repair; what was not broken is as it was, byte for byte. */
  readonly text: string
  /** 0..1: how likely this is what was meant; candidates that nothing tells apart have nearly the same. */
  readonly plausibility: number
  /** What was done, without the place: `Insert the missing ","`. */
  readonly title: string
  /** Where it was done: `line 10, column 58`. */
  readonly place: string
}

export interface RepairJsonOptions {
  /** Comments and trailing commas are legal and stay (`tsconfig.json`, `.jsonc`). */
  readonly commentsAllowed?: boolean
}

/** Longer texts are not looked at, in UTF-16 units. */
export const jsonLengthMax = 2 * 1024 * 1024
const candidatesMax = 6

/**
 * Ways to repair a damaged JSON text by the fewest edits, best first; none when it is valid, or when something was lost that
 * only its author knows (a value, a key, the rest of the file). Duplicate keys are legal and stay.
 */
export function repairJson(text: string, { commentsAllowed = false }: RepairJsonOptions = {}): readonly JsonCandidate[] {
  if (text.length > jsonLengthMax || isJson(text, commentsAllowed)) return []
  const conflict = conflictMarkers(text)
  if (conflict === undefined) return candidatesOf(text, commentsAllowed)
  return withoutDoubles(
    (['ours', 'theirs'] as const).flatMap((side): readonly JsonCandidate[] => {
      const resolved = conflict[side]
      const title = `Take the ${side === 'ours' ? 'first' : 'second'} side of the merge conflict`
      if (isJson(resolved, commentsAllowed))
        return [{ text: resolved, title, place: `line ${conflict.line}`, plausibility: side === 'ours' ? 0.45 : 0.44 }]
      return candidatesOf(resolved, commentsAllowed)
        .slice(0, 2)
        .map((candidate) => ({
          ...candidate,
          title: `${title}; ${lowerFirst(candidate.title)}`,
          plausibility: candidate.plausibility * 0.4,
        }))
    }),
  )
}

/** Whether `text` is one JSON document; with comments, trailing commas and a byte order mark where these are allowed. */
export function isJson(text: string, commentsAllowed = false): boolean {
  try {
    JSON.parse(commentsAllowed ? plainJson(text) : text)
    return true
  } catch {
    return false
  }
}

/** Wide and cheap first; then, for texts with many faults, narrower and longer. A long text is read once, with what a sound one needs. */
function effortsFor({ length }: string): readonly { readonly statesMax: number; readonly lookBackMax: number }[] {
  if (length > 200_000) return [{ statesMax: 30_000 + length / 4.5, lookBackMax: 2_000 }]
  return [
    { statesMax: 40_000, lookBackMax: Number.POSITIVE_INFINITY },
    { statesMax: 60_000, lookBackMax: 2_000 },
    { statesMax: 80_000, lookBackMax: 300 },
  ]
}

function candidatesOf(text: string, commentsAllowed: boolean): readonly JsonCandidate[] {
  for (const effort of effortsFor(text)) {
    const repairs = searchJsonRepairs(text, { commentsAllowed, repairsMax: candidatesMax + 2, ...effort })
    if (repairs.length > 0) return ranked(text, repairs, commentsAllowed)
  }
  return []
}

function ranked(text: string, repairs: readonly JsonRepair[], commentsAllowed: boolean): readonly JsonCandidate[] {
  const least = Math.min(...repairs.map((repair) => repair.cost))
  const weights = repairs.map((repair) => Math.exp((least - repair.cost) / 20))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const candidates = repairs.map((repair, index): JsonCandidate => {
    const share = (weights[index] ?? 0) / total
    return {
      text: applyEdits(text, repair.edits),
      title: describeEdits(repair.edits),
      place: placeOf(text, repair.edits),
      plausibility: 0.98 * share * Math.exp(-repair.cost / 800),
    }
  })
  return withoutDoubles(candidates.filter((candidate) => isJson(candidate.text, commentsAllowed))).slice(0, candidatesMax)
}

function withoutDoubles(candidates: readonly JsonCandidate[]): readonly JsonCandidate[] {
  const texts = new Map<string, JsonCandidate>()
  for (const candidate of [...candidates].sort((a, b) => b.plausibility - a.plausibility))
    if (!texts.has(meaning(candidate.text))) texts.set(meaning(candidate.text), candidate)
  return [...texts.values()]
}

/** Two repairs that differ in white space only are one. */
function meaning(text: string): string {
  try {
    return JSON.stringify(JSON.parse(plainJson(text)))
  } catch {
    return text
  }
}
