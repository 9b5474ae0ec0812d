import { surplus } from './code-brackets.js'
import { reservedWords, type TokenModel } from './code-model.js'
import { indexAt, type CodeGuess, type Damage } from './code-token-edits.js'
import { tokenize, type CodeComment, type CodeToken, type CodeTokens } from './code-tokens.js'
import { applyEdits, type TextEdit } from './token-edits.js'

/** One change of characters, before it is judged. */
interface Change {
  readonly edits: readonly TextEdit[]
  /** Log probability of the slip that it undoes. */
  readonly prior: number
  /** What must be read anew to judge it. */
  readonly from: number
  readonly to: number
}

/** Lines longer than this are not searched for the place of a quote. */
const lineLengthMax = 600
const changesMax = 600
/** How much is read anew to judge all changes of one text. */
const charactersReadMax = 800_000
/** How much is read anew when a change may turn all that follows inside out. */
const spanMax = 8_000

/** Changes of quotes, comments, templates, regular expressions and single characters, most likely first. */
export function lexicalGuesses(damage: Damage): readonly CodeGuess[] {
  const changes = [...characterChanges(damage), ...spacingChanges(damage), ...linesToSearch(damage).flatMap((line) => quoteChanges(damage, line)), ...commentChanges(damage), ...templateChanges(damage)]
  const before = tokenize(damage.text)
  const balance = surplus(before.tokens)
  let left = charactersReadMax
  return changes.slice(0, changesMax).flatMap((change) => {
    left -= change.to - change.from
    return left < 0 ? [] : judged(damage, change, balance, before.bad)
  }).sort((a, b) => b.score - a.score)
}

function judged({ text, model }: Damage, { edits, prior, from, to }: Change, balance: readonly number[], badBefore: number): readonly CodeGuess[] {
  const old = tokenize(text.slice(from, to))
  const changed = tokenize(applyEdits(text.slice(from, to), edits.map((edit) => ({ ...edit, start: edit.start - from, end: edit.end - from }))))
  const bad = badBefore - old.bad + changed.bad
  if (bad > 0 && bad >= badBefore) return []
  const was = surplus(old.tokens)
  const is = surplus(changed.tokens)
  const uneven = balance.reduce((sum, count, shape) => sum + Math.abs(count - (was[shape] ?? 0) + (is[shape] ?? 0)), 0)
  const gain = model.score(changed.tokens, 0, changed.tokens.length) - model.score(old.tokens, 0, old.tokens.length) + contentScore(changed) - contentScore(old) - strangers(changed, model) + strangers(old, model)
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

interface Line {
  readonly start: number
  readonly end: number
}

function lineOf(text: string, offset: number): Line {
  const start = text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1
  const end = text.indexOf('\n', Math.max(start, offset))
  return { start: Math.min(start, offset), end: end === -1 ? text.length : end }
}

/** The line of the error, the one before it, and that of the first token that cannot be read. */
function linesToSearch({ text, tokens, offset }: Damage): readonly Line[] {
  const bad = tokens.find((token) => token.kind === 'bad')
  const at = indexAt(tokens, offset)
  const offsets = [offset, tokens[at - 1]?.start, tokens[at]?.start, bad?.start, swallower(tokens)?.start].filter((place) => place !== undefined)
  const lines = new Map<number, Line>()
  for (const place of offsets) {
    const line = lineOf(text, place)
    if (line.end - line.start <= lineLengthMax) lines.set(line.start, line)
  }
  return [...lines.values()]
}

/** The first template literal with what looks like lines of code inside: its start may be the end of another, or a stray quote. */
export function swallower(tokens: readonly CodeToken[]): CodeToken | undefined {
  return tokens.find((token) => token.kind === 'template' && token.text.length < 20_000 && /[;{},]\r?\n/.test(token.text))
}

/** A quote or slash that is missing, too many, of the wrong kind or not escaped. */
function quoteChanges({ text, model }: Damage, { start, end }: Line): Change[] {
  const changes: Change[] = []
  const line = text.slice(start, end)
  const change = (at: number, width: number, replacement: string, what: string, prior: number): void => {
    const spans = replacement.includes('`') || (width > 0 && text[at] === '`')
    changes.push({ edits: [{ start: at, end: at + width, text: replacement, what }], prior, from: start, to: spans ? Math.min(text.length, start + spanMax) : end })
  }
  for (const quote of ["'", '"', '`', '/']) {
    const places = [...line.matchAll(quote === '/' ? /\//g : quote === "'" ? /'/g : quote === '"' ? /"/g : /`/g)].map((match) => start + match.index)
    if (places.length === 0) continue
    const name = quote === '/' ? 'slash' : 'quote'
    const odd = places.length % 2 === 1
    if (odd || quote === '/') for (const at of boundaries(line, model)) change(start + at, 0, quote, `Insert the missing ${name} ${quote}`, /[;,)\]}]/.test(line[at - 1] ?? '') ? -1.7 : -1)
    for (const at of places) {
      if (quote === '/') continue
      const apostrophe = /\w/.test(text[at - 1] ?? '') && /^(?:s|t|re|ve|ll|d|m)\b/.test(text.slice(at + 1, at + 4))
      change(at, 1, '', `Remove the stray quote ${quote}`, apostrophe ? -3 : -1.5)
      if (places.length > 2 || odd) change(at, 1, `\\${quote}`, `Escape the quote ${quote}`, apostrophe ? -1 : -1.7)
      for (const other of ["'", '"', '`']) if (other !== quote) change(at, 1, other, `Replace the quote ${quote} by ${other}`, -1.5)
    }
    if (places.length > 3 && quote !== '/') for (let index = 1; index + 2 < places.length; index += 1) {
      const pair = [places[index], places[index + 1]].filter((place) => place !== undefined)
      changes.push({ edits: pair.map((at) => ({ start: at, end: at + 1, text: `\\${quote}`, what: `Escape the quote ${quote}` })), prior: -4, from: start, to: end })
    }
  }
  for (const match of line.matchAll(/(?<!\\)\\(?=['"`])/g)) change(start + match.index, 0, '\\', 'Escape the backslash', -1.5)
  // A line that starts with a lone slash and a blank was a comment.
  const slash = line.search(/\S/)
  if (/^\/ \S/.test(line.slice(slash))) change(start + slash, 0, '/', 'Open the comment', 8)
  return changes
}

/** Offsets where words and runs of punctuation start or end. */
function boundaries(line: string, model: TokenModel): readonly number[] {
  const places = new Set<number>([line.trimEnd().length])
  for (const match of line.matchAll(/[\w$]+|[^\w$\s]/g)) {
    places.add(match.index)
    for (const seam of model.seams(match[0])) places.add(match.index + seam)
    places.add(match.index + match[0].length)
  }
  return [...places].slice(0, 120)
}

const lookalikes: ReadonlyMap<string, string> = new Map([
  ['“', '"'], ['”', '"'], ['„', '"'], ['″', '"'], ['«', '"'], ['»', '"'], ['‘', "'"], ['’', "'"], ['‚', "'"], ['′', "'"], ['´', "'"],
  ['–', '-'], ['—', '-'], ['−', '-'], ['…', '...'], ['×', '*'], ['÷', '/'], ['≤', '<='], ['≥', '>='], ['≠', '!=='], ['→', '=>'], ['⇒', '=>'],
  ['；', ';'], ['，', ','], ['：', ':'], ['（', '('], ['）', ')'], ['［', '['], ['］', ']'], ['｛', '{'], ['｝', '}'], ['＝', '='], ['．', '.'], ['！', '!'], ['？', '?'], ['\u037e', ';'], ['\u00a0', ' '],
])
const invisible = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffd]/

/** Characters that no token may have: lookalikes, invisible and stray ones; all of them at once, and the first alone. */
function characterChanges({ text, tokens, offset }: Damage): Change[] {
  const bad = tokens.filter((token) => token.kind === 'bad' && token.end - token.start <= 2).slice(0, 200)
  const changes: Change[] = []
  const all = bad.flatMap((token) => fixOf(token))
  const whole = { from: 0, to: text.length }
  if (all.length > 0) changes.push({ edits: all, prior: -0.5, ...whole })
  const opening = bad.find((token) => typographic.test(token.text))
  if (opening !== undefined) changes.push(...typographicChanges(text, opening.start))
  const hidden = lineOf(text, offset)
  const inside = [...text.slice(hidden.start, hidden.end).matchAll(new RegExp(invisible, 'g'))].slice(0, 50).map((match): TextEdit => ({ start: hidden.start + match.index, end: hidden.start + match.index + 1, text: '', what: 'Remove the invisible character' }))
  if (inside.length > 0) changes.push({ edits: inside, prior: -0.5, from: hidden.start, to: hidden.end })
  for (const token of bad.filter((candidate) => Math.abs(candidate.start - offset) < 200 || candidate === bad[0]).slice(0, 8)) {
    const line = lineOf(text, token.start)
    const range = { from: line.start, to: Math.max(line.end, token.end) }
    changes.push({ edits: [{ start: token.start, end: token.end, text: '', what: `Remove the stray "${token.text}"` }], prior: -2, ...range })
    changes.push({ edits: [{ start: token.start, end: token.end, text: ' ', what: `Remove the stray "${token.text}"` }], prior: -4, ...range })
  }
  return changes
}

function fixOf({ start, end, text }: CodeToken): readonly TextEdit[] {
  const meant = lookalikes.get(text)
  if (meant !== undefined) return [{ start, end, text: meant, what: `Replace the typographic "${text}" by "${meant}"` }]
  return invisible.test(text) ? [{ start, end, text: '', what: 'Remove the invisible character' }] : []
}

const typographic = /[“”„″«»‘’‚′´]/

/** Typographic quotes around a string: the two of a pair become the same plain quote, single or double. */
function typographicChanges(text: string, offset: number): Change[] {
  const line = lineOf(text, offset)
  const places = [...text.slice(line.start, line.end).matchAll(/[“”„″«»‘’‚′´]/g)].map((match) => line.start + match.index)
  return ["'", '"'].map((quote) => ({
    edits: places.map((at): TextEdit => ({ start: at, end: at + 1, text: quote, what: `Replace the typographic quote by ${quote}` })),
    prior: -0.5,
    from: line.start,
    to: line.end,
  }))
}

/** Blanks lost between words, or put inside a word or an operator. */
function spacingChanges({ text, tokens, offset }: Damage): Change[] {
  const changes: Change[] = []
  const at = indexAt(tokens, offset)
  for (let index = Math.max(0, at - 6); index <= at + 2; index += 1) {
    const token = tokens[index]
    const next = tokens[index + 1]
    if (token === undefined) break
    const line = lineOf(text, token.start)
    const add = (start: number, end: number, replacement: string, what: string, prior: number): void => {
      changes.push({ edits: [{ start, end, text: replacement, what }], prior, from: line.start, to: Math.max(line.end, end) })
    }
    if (token.kind === 'word') {
      if (token.text.startsWith('#')) add(token.start, token.start + 1, '', 'Remove the stray "#"', -1)
      for (const word of reservedWords) if (word.length > 1 && token.text.length > word.length && token.text.startsWith(word)) add(token.start + word.length, token.start + word.length, ' ', `Insert the missing blank after "${word}"`, -2)
    }
    if (next === undefined || next.gap === '' || next.gap === '\n') continue
    const joined = token.text + next.text
    const known = token.kind === 'mark' ? operators.has(joined) : token.kind === 'word' && reservedWords.has(joined)
    if (known) add(token.end, next.start, '', `Join "${token.text}" and "${next.text}"`, -2)
  }
  return changes
}

const operators: ReadonlySet<string> = new Set(['=>', '===', '!==', '==', '!=', '<=', '>=', '&&', '||', '??', '?.', '++', '--', '+=', '-=', '*=', '/=', '...', '**'])

/** Comments that lost their end or their start. */
function commentChanges({ text, model, offset }: Damage): Change[] {
  const changes: Change[] = []
  const { comments } = tokenize(text)
  const suspects = comments.filter((comment) => comment.open || swallowsComment(text, comment)).slice(0, 4)
  for (const { start, end } of suspects) {
    let lines = 0
    const first = text.slice(start + 2, Math.min(lineOf(text, start).end, start + lineLengthMax))
    for (const at of boundaries(first, model).filter((place) => place > 1).slice(0, 24)) changes.push({ edits: [{ start: start + 2 + at, end: start + 2 + at, text: '*/', what: 'Close the comment' }], prior: -2, from: start, to: text.length })
    for (let at = start; at < end && lines < 60; lines += 1) {
      const line = lineOf(text, at + 1)
      const stop = text.slice(line.start, line.end).trimEnd().length + line.start
      const next = text.slice(line.end + 1, line.end + 200)
      const lone = /^[ \t]*\*$/.test(text.slice(line.start, stop))
      const blank = stop === line.start && line.end > line.start && /\*/.test(text.slice(Math.max(start, line.start - 200), line.start))
      const last = !/^[ \t]*\*(?!\/)/.test(next)
      if (blank) changes.push({ edits: [{ start: line.end, end: line.end, text: '*/', what: 'Close the comment' }], prior: 1 - 0.1 * lines, from: start, to: text.length })
      else if (stop > start) changes.push({ edits: [{ start: stop, end: stop, text: lone ? '/' : ' */', what: 'Close the comment' }], prior: (lone ? 0 : -1) - (last ? 0 : 4) - 0.1 * lines, from: start, to: text.length })
      at = line.end + 1
    }
  }
  changes.push(...openedComments({ text, offset, model }, comments))
  return changes
}

/** Whether a block comment holds the start of another: it may have lost its own end. */
export function swallowsComment(text: string, { start, end }: CodeComment): boolean {
  if (!text.startsWith('/*', start)) return false
  const inner = text.indexOf('/*', start + 2)
  return inner !== -1 && inner < end - 2
}

/** A comment end without a start after the error: the start was lost at the error or above it. */
function openedComments({ text, offset, model }: Pick<Damage, 'text' | 'offset' | 'model'>, comments: readonly CodeComment[]): Change[] {
  const here = lineOf(text, offset)
  const close = text.indexOf('*/', here.start)
  if (close === -1 || close - offset > 5_000 || comments.some((comment) => comment.start <= close && comment.end >= close + 2)) return []
  const changes: Change[] = []
  let line = here
  for (let lines = 0; lines < 40; lines += 1) {
    const content = text.slice(line.start, line.end)
    const first = line.start + (content.length - content.trimStart().length)
    const star = text[first] === '*'
    if (content.trim() !== '') changes.push({ edits: [{ start: first, end: first, text: star ? '/' : '/* ', what: 'Open the comment' }], prior: -1 - lines * 0.5, from: line.start, to: close + 2 })
    if (line.start === 0 || (lines > 0 && !star)) break
    line = lineOf(text, line.start - 1)
  }
  if (close < here.end) for (const at of boundaries(text.slice(here.start, close), model).slice(0, 40)) changes.push({ edits: [{ start: here.start + at, end: here.start + at, text: '/* ', what: 'Open the comment' }], prior: -2, from: here.start, to: close + 2 })
  for (const slash of [...text.slice(here.start, here.end).matchAll(/\//g)].slice(0, 8)) changes.push({ edits: [{ start: here.start + slash.index + 1, end: here.start + slash.index + 1, text: '*', what: 'Open the comment' }], prior: -1, from: here.start, to: close + 2 })
  return changes
}

/** Template literals that lost a back quote or the brace of a placeholder. */
function templateChanges({ text, tokens, model, offset }: Damage): Change[] {
  const at = indexAt(tokens, offset)
  const suspects = tokens.filter((token, index) => (token.kind === 'template' || token.text === '`') && (token.kind === 'bad' || Math.abs(index - at) < 12 || (token.start <= offset && token.end >= offset))).slice(-6)
  const changes: Change[] = []
  const seen = new Set<number>()
  for (const token of suspects) {
    let line = lineOf(text, token.start + 1)
    for (let lines = 0; lines < 6 && line.start < text.length; lines += 1) {
      if (!seen.has(line.start) && line.end - line.start <= lineLengthMax) {
        seen.add(line.start)
        const content = text.slice(line.start, line.end)
        const to = Math.min(text.length, line.start + spanMax)
        for (const place of boundaries(content, model).map((index) => line.start + index)) {
          changes.push({ edits: [{ start: place, end: place, text: '`', what: 'Insert the missing back quote' }], prior: -1.5 - lines, from: line.start, to })
          if (content.includes('${')) changes.push({ edits: [{ start: place, end: place, text: '}', what: 'Insert the missing "}"' }], prior: -1.5 - lines, from: line.start, to })
        }
      }
      if (line.end + 1 >= text.length) break
      line = lineOf(text, line.end + 1)
    }
  }
  return changes
}
