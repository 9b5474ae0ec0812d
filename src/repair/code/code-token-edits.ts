import { bracketReport, surplus, type BracketReport } from './code-brackets.js'
import { indexAt, type CodeGuess, type Damage } from './code-damage.js'
import type { Splice } from './code-insertions.js'
import type { TokenModel } from './code-model.js'
import { bracketSplices, isBracket, plainSplices, seamSplices, swaps, typos } from './code-splices.js'
import type { CodeToken } from './code-tokens.js'

const reachBack = 9
const reachOn = 3
/** How far back a bracket's place is looked for, in tokens. */
const bracketReach = 700
/** Changes whose brackets are checked against the indentation: the rest is too unlikely to matter. */
const examinedMax = 140
/** Tokens that may be read for that: in a long text fewer changes are checked. */
const tokensReadMax = 1_500_000
const disagreementWeight = 2.6

/** Changes of one token, or of two neighbours, that may undo the damage, most likely first. */
export function tokenGuesses(damage: Damage): readonly CodeGuess[] {
  const { tokens } = damage
  const at = indexAt(tokens, damage.offset)
  const report = bracketReport(tokens)
  const balance = surplus(tokens)
  const near = range(at - reachBack, at + reachOn, tokens.length)
  const splices: Splice[] = []
  if (balance.every((count) => count === 0)) {
    for (const index of near) splices.push(...plainSplices(damage, index))
    for (const index of near) splices.push(...swaps(damage, index))
  } else {
    const places = new Set([
      ...range(at - bracketReach, at + reachOn, tokens.length),
      ...range(report.suspect - 20, report.suspect + 20, tokens.length),
    ])
    for (const index of places) splices.push(...bracketSplices(damage, index, balance))
  }
  for (const index of near) splices.push(...typos(damage, index), ...seamSplices(damage, index, balance))
  return examine(damage, splices, at, report)
}

function examine({ tokens, model }: Damage, splices: readonly Splice[], at: number, report: BracketReport): readonly CodeGuess[] {
  const scored = splices.map((splice) => ({
    splice,
    score: splice.prior + gain(tokens, model, splice) - distance(splice.index - at, report, splice),
  }))
  scored.sort((a, b) => b.score - a.score)
  const examined = Math.max(8, Math.min(examinedMax, Math.floor(tokensReadMax / tokens.length)))
  return scored
    .slice(0, examined)
    .flatMap(({ splice, score }) => {
      const touchesBrackets =
        splice.inserted.some(isBracket) || tokens.slice(splice.index, splice.index + splice.removed).some(isBracket)
      if (!touchesBrackets) return [{ edits: [splice.make()], score }]
      const after = bracketReport([
        ...tokens.slice(0, splice.index),
        ...splice.inserted,
        ...(splice.next === undefined ? [] : [splice.next]),
        ...tokens.slice(splice.index + splice.removed + 1),
      ])
      if (after.unmatched > report.unmatched) return []
      return [
        {
          edits: [splice.make()],
          score: score - disagreementWeight * (after.disagreement - report.disagreement) - 6 * after.unmatched,
        },
      ]
    })
    .sort((a, b) => b.score - a.score)
}

/** The parser stops at the damage or a little after it; brackets are missed late, so their place says little. */
function distance(offset: number, { suspect }: BracketReport, splice: Splice): number {
  const far = offset <= 0 ? -offset : 2 * offset
  const plain = 0.3 * far
  if (!splice.inserted.some(isBracket) && splice.removed === 0) return plain
  return Math.min(plain, suspect === -1 ? 6 : 1.2 + 0.06 * Math.abs(splice.index - suspect), 3 + 0.004 * far)
}

function gain(tokens: readonly CodeToken[], model: TokenModel, { index, removed, inserted, next }: Splice): number {
  const before = [tokens[index - 2], tokens[index - 1]].filter((token) => token !== undefined)
  const after = tokens[index + removed + 1]
  const old = [...before, ...tokens.slice(index, index + removed + 2)]
  const changed = [...before, ...inserted, ...(next === undefined ? [] : [next]), ...(after === undefined ? [] : [after])]
  return model.score(changed, before.length, changed.length) - model.score(old, before.length, old.length)
}

function range(from: number, to: number, length: number): number[] {
  const indexes: number[] = []
  for (let index = Math.max(0, from); index <= Math.min(length, to); index += 1) indexes.push(index)
  return indexes
}
