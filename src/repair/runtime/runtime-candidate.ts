import { editDistance } from '../../core/similar-name.js'
import type { Proposal } from '../../core/repairer.js'
import type { SyntaxNode } from '../code/syntax-node.js'
import { changedFile, proposal } from '../dependencies/dependency-proposal.js'
import { applyEdits, describeEdits, lowerFirst, placeOf, type TextEdit } from '../token-edits.js'
import type { Source } from './runtime-source.js'

/** One change of one file that may heal the fault. */
export interface Candidate {
  readonly source: Source
  readonly edits: readonly TextEdit[]
  /** How likely it looks before anything has been run, above 0, to compare with those of other candidates; 1 is as good as certain. */
  readonly weight: number
  /** What speaks for it: a sentence. */
  readonly why: string
}

/** A candidate that replaces one stretch of text. */
export function replacing(
  source: Source,
  { start, end }: Pick<SyntaxNode, 'start' | 'end'>,
  { text, what, weight, why }: { readonly text: string; readonly what: string; readonly weight: number; readonly why: string },
): Candidate {
  return { source, edits: [{ start, end, text, what }], weight, why }
}

/** A candidate that inserts one text. */
export function insertedAt(source: Source, at: number, text: string, what: string, weight: number, why: string): Candidate {
  return replacing(source, { start: at, end: at }, { text, what, weight, why })
}

/** The text of the file with the change made. */
export function textAfter({ source, edits }: Candidate): string {
  return applyEdits(source.text, edits)
}

export function proposalOf(candidate: Candidate, plausibility: number): Proposal {
  const { source, edits, why } = candidate
  return proposal({
    title: `${describeEdits(edits)} in ${source.path}, ${placeOf(source.text, edits)}`,
    edits: [changedFile(source.path, source.text, textAfter(candidate))],
    plausibility,
    rationale: `${why} The change: ${lowerFirst(describeEdits(edits))}.`,
  })
}

/** Best first; of several that make the same text the best; without those that change nothing. */
export function ranked(candidates: Iterable<Candidate>): readonly Candidate[] {
  const byText = new Map<string, Candidate>()
  for (const candidate of candidates) {
    const after = textAfter(candidate)
    if (after === candidate.source.text || !(candidate.weight > 0)) continue
    const key = `${candidate.source.path}\n${after}`
    if ((byText.get(key)?.weight ?? 0) < candidate.weight) byText.set(key, candidate)
  }
  return [...byText.values()].sort((a, b) => b.weight - a.weight)
}

/** How alike two names are, 0..1: the same but for case and ornaments, a misspelling, one inside the other or short for it, a shared word. */
export function likeness(a: string, b: string): number {
  if (a === b) return 1
  const plainA = plain(a)
  const plainB = plain(b)
  if (plainA === plainB && plainA !== '') return 0.95
  const lengthMin = Math.min(plainA.length, plainB.length)
  const distanceMax = Math.max(1, Math.floor(Math.max(plainA.length, plainB.length) / 3))
  const distance = editDistance(plainA.slice(0, 100), plainB.slice(0, 100), distanceMax)
  if (distance <= distanceMax && lengthMin >= 2) return Math.max(0.5, 0.95 - 0.12 * distance)
  if (lengthMin >= 2 && (plainA.startsWith(plainB) || plainB.startsWith(plainA))) return 0.7
  if (lengthMin >= 3 && (plainA.includes(plainB) || plainB.includes(plainA))) return 0.6
  if (isAbbreviation(plainA, plainB) || isAbbreviation(plainB, plainA)) return 0.5
  return wordsOf(a).some((word) => word.length > 2 && wordsOf(b).includes(word)) ? 0.4 : 0.1
}

function plain(name: string): string {
  return name.replace(/[_$\d]+/g, '').toLowerCase()
}

/** `opts` of `options`: the same first letter, the others in their order. */
function isAbbreviation(short: string, long: string): boolean {
  if (short.length < 3 || short.length >= long.length || short[0] !== long[0]) return false
  let at = 0
  for (const letter of long) if (letter === short[at]) at += 1
  return at === short.length
}

function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s_$\d]+/)
}
