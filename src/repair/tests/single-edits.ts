import { callEdits, callWords, type CallWords } from './call-edits.js'
import { literalEdits, literalWords, type LiteralWords } from './literal-edits.js'
import { lostStatements, statementWords, type StatementWords } from './lost-statements.js'
import { operatorEdits } from './operator-edits.js'
import { orderEdits } from './order-edits.js'
import type { SingleEdit } from './single-edit.js'
import type { Symptom } from './symptom.js'
import type { SyntaxNode } from '../code/syntax-node.js'
import { treeOf, walk, type Placed } from './syntax-tree.js'
import { variableEdits } from './variable-edits.js'

export interface SingleEditOptions {
  readonly path: string
  readonly symptoms: readonly Symptom[]
  /** Words that the tests use, and other code: a literal may be one of them, misspelt. */
  readonly vocabulary?: ReadonlySet<string>
  /** How suspicious the place is, 0..1; edits at places with 0 are left out. */
  suspicion(offset: number): number
}

/** An edit with everything that speaks for it: prior weight, suspicion of its place, and what the failing tests want. */
export interface RankedEdit extends SingleEdit {
  readonly score: number
}

/** Edits of one text at most; more would never be tried. So many are weighed to find them. */
const editsMax = 3_000
const weighedMax = 30_000

/**
 * All single edits of a text that may undo a bug of one edit, the likeliest first; none of them says the same as another. Empty
 * for a text that does not parse.
 */
export function singleEdits(
  text: string,
  { path, symptoms, vocabulary = new Set(), suspicion }: SingleEditOptions,
): readonly RankedEdit[] {
  const root = treeOf(path, text)
  if (root === undefined) return []
  const all = placedNodes(root)
  const nodes = all.map(({ node }) => node)
  const calls = callWords(nodes, text)
  const words = {
    calls,
    literals: literalWords(nodes, text, vocabulary),
    statements: statementWords(all, text, calls.unused),
  }
  const found = new Map<string, RankedEdit>()
  // The most suspicious places first: in a large file it is the others that are not looked at.
  const suspects = all
    .map((placed) => ({ placed, trust: suspicion(placed.node.start) }))
    .filter(({ trust }) => trust > 0)
    .sort((a, b) => b.trust - a.trust)
  for (const { placed, trust } of suspects) {
    for (const edit of editsAt(placed, words, symptoms, text)) {
      const score = edit.weight * trust * encouragement(edit, symptoms)
      const key = keyOf(edit, text)
      const known = found.get(key)
      if (score > 0 && (known === undefined || known.score < score)) found.set(key, { ...edit, score })
    }
    if (found.size >= weighedMax) break
  }
  return [...found.values()].sort((a, b) => b.score - a.score || a.start - b.start).slice(0, editsMax)
}

function placedNodes(root: SyntaxNode): readonly Placed[] {
  const all: Placed[] = []
  walk(root, (placed) => all.push(placed))
  return all
}

function editsAt(
  placed: Placed,
  words: { readonly calls: CallWords; readonly literals: LiteralWords; readonly statements: StatementWords },
  symptoms: readonly Symptom[],
  text: string,
): readonly SingleEdit[] {
  return [
    ...operatorEdits(placed, text),
    ...literalEdits(placed, words.literals, symptoms, text),
    ...callEdits(placed, words.calls, symptoms, text),
    ...orderEdits(placed, text),
    ...lostStatements(placed, words.statements, text),
    ...variableEdits(placed, text),
  ].filter((edit) => text.slice(edit.start, edit.end) !== edit.text)
}

/** The most that any of the failing tests says for this kind of edit. */
function encouragement({ kind }: SingleEdit, symptoms: readonly Symptom[]): number {
  return symptoms.reduce((most, { favours }) => Math.max(most, favours.get(kind) ?? 1), 1)
}

/** The same for two edits that leave the same text. */
function keyOf({ start, end, text: replacement }: SingleEdit, text: string): string {
  const before = text.slice(start, end)
  let head = 0
  while (head < before.length && head < replacement.length && before[head] === replacement[head]) head += 1
  return `${start + head}:${end}:${replacement.slice(head)}`
}
