import { surplus } from './code-brackets.js'
import { characterChanges } from './code-character-edits.js'
import { commentChanges } from './code-comment-edits.js'
import type { Change, CodeGuess, Damage } from './code-damage.js'
import type { TokenModel } from './code-model.js'
import { quoteChanges } from './code-quote-edits.js'
import { spacingChanges } from './code-spacing-edits.js'
import { templateChanges } from './code-template-edits.js'
import { tokenize, type CodeTokens } from './code-tokens.js'
import { applyEdits } from '../token-edits.js'

const changesMax = 600
/** How much is read anew to judge all changes of one text. */
const charactersReadMax = 800_000

/** Changes of quotes, comments, templates, regular expressions and single characters, most likely first. */
export function lexicalGuesses(damage: Damage): readonly CodeGuess[] {
  const changes = [
    ...characterChanges(damage),
    ...spacingChanges(damage),
    ...quoteChanges(damage),
    ...commentChanges(damage),
    ...templateChanges(damage),
  ]
  const balance = surplus(damage.tokens)
  let left = charactersReadMax
  return changes
    .slice(0, changesMax)
    .flatMap((change) => {
      left -= change.to - change.from
      return left < 0 ? [] : judged(damage, change, balance)
    })
    .sort((a, b) => b.score - a.score)
}

function judged(
  { text, model, bad: badBefore }: Damage,
  { edits, prior, from, to }: Change,
  balance: readonly number[],
): readonly CodeGuess[] {
  const old = tokenize(text.slice(from, to))
  const changed = tokenize(
    applyEdits(
      text.slice(from, to),
      edits.map((edit) => ({ ...edit, start: edit.start - from, end: edit.end - from })),
    ),
  )
  const bad = badBefore - old.bad + changed.bad
  if (bad > 0 && bad >= badBefore) return []
  const was = surplus(old.tokens)
  const is = surplus(changed.tokens)
  const uneven = balance.reduce((sum, count, shape) => sum + Math.abs(count - (was[shape] ?? 0) + (is[shape] ?? 0)), 0)
  const gain =
    model.score(changed.tokens, 0, changed.tokens.length) -
    model.score(old.tokens, 0, old.tokens.length) +
    contentScore(changed) -
    contentScore(old) -
    strangers(changed, model) +
    strangers(old, model)
  return [{ edits, score: prior + gain - 4 * uneven - 6 * bad }]
}

/**
 * What is inside comments and literals costs too, or a change that swallows code would always look best. Code costs the
 * model about 0.4 a character, prose read as code about 1: what comments cost lies between, what strings cost below.
 */
function contentScore({ tokens, comments }: CodeTokens): number {
  let characters = 0
  for (const comment of comments) characters += 0.5 * (comment.end - comment.start)
  for (const token of tokens) {
    if (token.kind === 'word' || token.kind === 'number' || token.kind === 'mark') continue
    characters += 0.3 * token.text.length
    if (token.kind === 'string' && holdsOtherQuote(token.text)) characters += 2.5
  }
  return -characters
}

/** Names that occur nowhere else cost: they may be text that lost its quotes. A few tell as much as many. */
function strangers({ tokens }: CodeTokens, model: TokenModel): number {
  return 1.2 * Math.min(4, tokens.filter((token) => token.kind === 'word' && !model.knows(token.text)).length)
}

/** One quote of the other kind in a string is seldom meant, but for an apostrophe. */
function holdsOtherQuote(text: string): boolean {
  return text.startsWith("'") ? text.split('"').length === 2 : text.split(/(?<!\w)'|'(?!\w)/).length === 2
}
