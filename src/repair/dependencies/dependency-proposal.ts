import { sha256 } from '../../core/hash.js'
import type { FileEdit } from '../../core/patch.js'
import type { Workspace } from '../../core/ports.js'
import type { Proposal, RepairAnswer } from '../../core/repairer.js'
import { oneLine } from '../../core/text.js'

const titleLengthMax = 120
const noteLengthMax = 600

/** A proposal with a title that fits, and a plausibility in 0..1. */
export function proposal(fields: Omit<Proposal, 'actions' | 'edits'> & Partial<Pick<Proposal, 'actions' | 'edits'>>): Proposal {
  const { title, edits = [], actions = [], plausibility, rationale } = fields
  return {
    title: plain(title, titleLengthMax),
    edits,
    actions,
    plausibility: Math.round(Math.min(1, Math.max(0, plausibility)) * 1000) / 1000,
    rationale: plain(rationale, noteLengthMax),
  }
}

/** Replaces a whole text that exists. */
export function changedFile(path: string, before: string, after: string): FileEdit {
  return { path, before, after, baseHash: sha256(before) }
}

/** Gives a file another path. */
export function movedFile(workspace: Workspace, from: string, to: string): readonly FileEdit[] {
  const text = workspace.read(from)
  if (text === undefined || workspace.stat(to) !== undefined) return []
  return [
    { path: from, before: text, after: null, baseHash: sha256(text) },
    { path: to, before: null, after: text, baseHash: null },
  ]
}

/** Nothing to propose, and why. */
export function nothing(...notes: readonly string[]): RepairAnswer {
  return { proposals: [], notes: notes.map((note) => plain(note, noteLengthMax)) }
}

/** Several answers as one: proposals best first, of several with the same content the best. */
export function joined(...answers: readonly RepairAnswer[]): RepairAnswer {
  const seen = new Set<string>()
  const proposals = answers
    .flatMap((answer) => answer.proposals)
    .sort((a, b) => b.plausibility - a.plausibility)
    .filter((candidate) => {
      const key = JSON.stringify([candidate.edits.map(({ path, after }) => [path, after]), candidate.actions])
      return !seen.has(key) && seen.add(key)
    })
  return { proposals, notes: [...new Set(answers.flatMap((answer) => answer.notes))] }
}

/** Text from a fault in a sentence: quoted, on one line, short. */
export function quoted(text: string): string {
  return `"${plain(text, 80)}"`
}

/** File names may hold what a terminal would obey as well as texts of a fault do. */
function plain(text: string, lengthMax: number): string {
  return oneLine(text, lengthMax).replace(/\s+/g, ' ')
}
