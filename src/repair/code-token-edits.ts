import { editDistance } from '../core/similar-name.js'
import { bracketReport, shapeOf, surplus, type BracketReport } from './code-brackets.js'
import { reservedWords, type TokenModel } from './code-model.js'
import { imagined, type CodeToken } from './code-tokens.js'
import type { TextEdit } from './token-edits.js'

/** A change that may be what was meant; the higher the score, the likelier (a difference of log probabilities). */
export interface CodeGuess {
  readonly edits: readonly TextEdit[]
  readonly score: number
}

/** Damaged text, and what is known of it. */
export interface Damage {
  readonly text: string
  readonly tokens: readonly CodeToken[]
  readonly model: TokenModel
  /** Where the parser gave up. */
  readonly offset: number
}

/** A change of tokens `[index, index + removed)` into `inserted`; `next` is the token after them with its new white space. */
interface Splice {
  readonly index: number
  readonly removed: number
  readonly inserted: readonly CodeToken[]
  readonly next: CodeToken | undefined
  /** Log probability of the slip that it undoes. */
  readonly prior: number
  readonly make: () => TextEdit
}

const marks = [',', ';', '.', ':', '=', '=>', '?', '+', '-', '*', '/', '%', '&&', '||', '??', '===', '!==', '==', '<', '>', '<=', '>=', '+=', '-=', '|', '&', '!', '...', '?.', '++']
const brackets = ['(', ')', '[', ']', '{', '}'] as const
const words = ['const', 'let', 'return', 'new', 'function', 'async', 'await', 'of', 'in', 'from', 'import', 'export', 'if', 'else', 'class', 'case', 'default', 'typeof', 'instanceof', 'extends', 'as', 'catch', 'try', 'while', 'for', 'throw', 'type', 'interface', 'get', 'static']

const reachBack = 9
const reachOn = 3
/** How far back a bracket's place is looked for, in tokens. */
const bracketReach = 700
/** Changes whose brackets are checked against the indentation: the rest is too unlikely to matter. */
const examinedMax = 140
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
    const places = new Set([...range(at - bracketReach, at + reachOn, tokens.length), ...range(report.suspect - 20, report.suspect + 20, tokens.length)])
    for (const index of places) splices.push(...bracketSplices(damage, index, balance))
  }
  for (const index of near) splices.push(...typos(damage, index), ...seamSplices(damage, index, balance))
  return examine(damage, splices, at, report)
}

/** The index of the token that stands at or after `offset`. */
export function indexAt(tokens: readonly CodeToken[], offset: number): number {
  let low = 0
  let high = tokens.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((tokens[middle]?.end ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  return low
}

function examine({ tokens, model }: Damage, splices: readonly Splice[], at: number, report: BracketReport): readonly CodeGuess[] {
  const scored = splices.map((splice) => ({ splice, score: splice.prior + gain(tokens, model, splice) - distance(splice.index - at, report, splice) }))
  scored.sort((a, b) => b.score - a.score)
  return scored.slice(0, examinedMax).flatMap(({ splice, score }) => {
    const touchesBrackets = splice.inserted.some(isBracket) || tokens.slice(splice.index, splice.index + splice.removed).some(isBracket)
    if (!touchesBrackets) return [{ edits: [splice.make()], score }]
    const after = bracketReport([...tokens.slice(0, splice.index), ...splice.inserted, ...(splice.next === undefined ? [] : [splice.next]), ...tokens.slice(splice.index + splice.removed + 1)])
    if (after.unmatched > report.unmatched) return []
    return [{ edits: [splice.make()], score: score - disagreementWeight * (after.disagreement - report.disagreement) - 6 * after.unmatched }]
  }).sort((a, b) => b.score - a.score)
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

function plainSplices(damage: Damage, index: number): Splice[] {
  const splices: Splice[] = []
  for (const mark of marks) splices.push(...insertions(damage, index, mark, -1))
  for (const word of words) splices.push(...insertions(damage, index, word, -1.5))
  const token = damage.tokens[index]
  if (token === undefined || isBracket(token)) return splices
  const deletion = removal(damage, index)
  if (deletion !== undefined) splices.push(deletion)
  if (token.kind === 'mark') for (const mark of marks) if (mark !== token.text) splices.push(replacement(damage, index, mark, -5.5))
  return splices
}

/** A bracket more, less or other, as the balance asks. */
function bracketSplices(damage: Damage, index: number, balance: readonly [number, number, number]): Splice[] {
  const splices: Splice[] = []
  const token = damage.tokens[index]
  for (const bracket of brackets) {
    const { opens, closes } = imagined(bracket, '')
    const shape = shapeOf(opens === '' ? (closes === '' ? '(' : closes) : opens)
    if (balance[shape] === (opens === '' ? 1 : -1) || Math.abs(balance[shape]) > 1 && Math.sign(balance[shape]) === (opens === '' ? 1 : -1)) splices.push(...insertions(damage, index, bracket, -1))
    if (token !== undefined && isBracket(token) && token.kind === 'mark' && token.text !== bracket && (token.opens === '') === (opens === '')) splices.push(replacement(damage, index, bracket, -2))
  }
  if (token === undefined || token.kind !== 'mark' || !isBracket(token)) return splices
  const opened = token.opens !== ''
  const shape = shapeOf(token.opens === '' ? (token.closes === '' ? '(' : token.closes) : token.opens)
  const deletion = Math.sign(balance[shape]) === (opened ? 1 : -1) ? removal(damage, index) : undefined
  return deletion === undefined ? splices : [...splices, deletion]
}

/** The ways in which `text` may have stood before the token at `index`. */
function insertions({ text, tokens }: Damage, index: number, inserted: string, prior: number): Splice[] {
  const next = tokens[index]
  const previous = tokens[index - 1]
  const start = next?.start ?? text.length
  const from = previous?.end ?? 0
  const gap = next?.gap ?? '\n'
  const isWord = /^\w/.test(inserted)
  const what = `Insert the missing "${inserted}"`
  const make = (at: number, added: string) => (): TextEdit => ({ start: at, end: at, text: added, what })
  const splice = (before: CodeToken['gap'], after: CodeToken['gap'], edit: () => TextEdit, extra = 0): Splice => ({
    index,
    removed: 0,
    inserted: [before === '\n' && next !== undefined && after !== '\n' ? { ...imagined(inserted, before), indentation: next.indentation } : imagined(inserted, before)],
    next: next === undefined ? undefined : { ...next, gap: after, indentation: after === '\n' ? next.indentation : -1 },
    prior: prior + extra,
    make: edit,
  })
  const touchesWord = (token: CodeToken | undefined): boolean => token !== undefined && token.kind !== 'mark'
  const splices: Splice[] = []
  if (gap === '') {
    if (!isWord || (!touchesWord(previous) && !touchesWord(next))) splices.push(splice('', '', make(start, inserted)))
    if (isWord && !touchesWord(previous)) splices.push(splice('', ' ', make(start, `${inserted} `), -1.5))
  } else if (gap === '  ') {
    splices.push(splice(' ', ' ', make(from + 1, inserted)))
  } else if (gap === ' ') {
    if (!isWord || !touchesWord(previous)) splices.push(splice('', ' ', make(from, inserted)))
    if (!isWord || !touchesWord(next)) splices.push(splice(' ', '', make(start, inserted)))
    splices.push(splice(' ', ' ', make(start, `${inserted} `), -1))
  } else {
    if (!isWord || !touchesWord(previous)) splices.push(splice('', '\n', make(from, inserted)))
    splices.push(splice(' ', '\n', make(from, ` ${inserted}`), from < start && text[from] === ' ' ? 0 : -1))
    if (!isWord || !touchesWord(next)) splices.push(splice('\n', '', make(start, inserted), -0.5))
    splices.push(splice('\n', ' ', make(start, `${inserted} `), text[start - 1] === ' ' && isOddly(next, tokens, index) ? 0 : -1))
    if (inserted === '}' || inserted === ')' || inserted === ']') {
      const place = ownLine(text, tokens, index, inserted)
      splices.push(splice('\n', '\n', () => ({ ...place, what }), place.text === inserted ? 0.5 : -1))
    }
  }
  return splices
}

/** Whether the first token of a line stands one blank deeper than those around it, as when a word before it was lost. */
function isOddly(next: CodeToken | undefined, tokens: readonly CodeToken[], index: number): boolean {
  if (next === undefined) return false
  for (let at = index - 1; at >= 0 && at > index - 40; at -= 1) {
    const indentation = tokens[at]?.indentation ?? -1
    if (indentation >= 0) return Math.abs(indentation - next.indentation) % 2 === 1
  }
  return next.indentation % 2 === 1
}

/** A closing bracket on a line of its own: on one that was left blank, or on a new one as deep as its opener's. */
function ownLine(text: string, tokens: readonly CodeToken[], index: number, bracket: string): { readonly start: number; readonly end: number; readonly text: string } {
  const from = tokens[index - 1]?.end ?? 0
  const to = tokens[index]?.start ?? text.length
  const depth = ownerIndentation(tokens, index, imagined(bracket, '').closes)
  const gap = text.slice(from, Math.min(to, from + 2_000))
  const blank = new RegExp(`\\n([ \\t]{${depth}})(?=\\r?\\n|$)`).exec(gap)
  if (blank !== null && depth > 0) return { start: from + blank.index + 1 + depth, end: from + blank.index + 1 + depth, text: bracket }
  const line = text.lastIndexOf('\n', from - 1) + 1
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  return { start: from, end: from, text: `${eol}${(text[line] === '\t' ? '\t' : ' ').repeat(Math.min(depth, 200))}${bracket}` }
}

/** The indentation of the line on which the bracket that is open before `index` was opened. */
function ownerIndentation(tokens: readonly CodeToken[], index: number, bracket: CodeToken['opens']): number {
  let depth = 0
  for (let at = index - 1; at >= 0; at -= 1) {
    const token = tokens[at]
    if (token === undefined) break
    if (token.closes === bracket) depth += 1
    if (token.opens !== bracket) continue
    if (depth > 0) {
      depth -= 1
      continue
    }
    for (let first = at; first >= 0; first -= 1) {
      const indentation = tokens[first]?.indentation ?? -1
      if (indentation >= 0) return indentation
    }
  }
  return 0
}

/** Takes a token away: cheap when it repeats its neighbour, never a name or a literal that stands alone. */
function removal({ tokens }: Damage, index: number): Splice | undefined {
  const token = tokens[index]
  if (token === undefined) return undefined
  const twin = tokens[index - 1]?.text === token.text || tokens[index + 1]?.text === token.text
  if (!twin && token.kind !== 'mark' && !(token.kind === 'word' && reservedWords.has(token.text))) return undefined
  const next = tokens[index + 1]
  const previousEnd = tokens[index - 1]?.end ?? 0
  const whole = token.gap === ' ' && next?.gap === ' '
  const gap: CodeToken['gap'] = token.gap === '\n' || next?.gap === '\n' ? '\n' : whole ? ' ' : longer(token.gap, next?.gap ?? '')
  const start = whole ? previousEnd : token.start
  return {
    index,
    removed: 1,
    inserted: [],
    next: next === undefined ? undefined : { ...next, gap, indentation: next.indentation >= 0 ? next.indentation : token.indentation },
    prior: twin ? -1.5 : token.kind === 'mark' ? -4 : -7,
    make: () => ({ start, end: token.end, text: '', what: `Remove the ${twin ? 'repeated' : 'stray'} "${token.text}"` }),
  }
}

function longer(a: CodeToken['gap'], b: CodeToken['gap']): CodeToken['gap'] {
  if (a === '') return b
  return b === '' ? a : '  '
}

function replacement({ tokens }: Damage, index: number, text: string, prior: number): Splice {
  const token = tokens[index]
  const { start, end, gap, indentation } = token ?? { start: 0, end: 0, gap: '', indentation: -1 }
  return {
    index,
    removed: 1,
    inserted: [{ ...imagined(text, gap), indentation }],
    next: tokens[index + 1],
    prior,
    make: () => ({ start, end, text, what: `Replace "${token?.text ?? ''}" by "${text}"` }),
  }
}

function swaps({ tokens, text }: Damage, index: number): Splice[] {
  const first = tokens[index]
  const second = tokens[index + 1]
  if (first === undefined || second === undefined || first.text === second.text) return []
  const between = text.slice(first.end, second.start)
  return [{
    index,
    removed: 2,
    inserted: [{ ...second, gap: first.gap, indentation: first.indentation }, { ...first, gap: second.gap, indentation: second.indentation }],
    next: tokens[index + 2],
    prior: -2.5,
    make: () => ({ start: first.start, end: second.end, text: second.text + between + first.text, what: `Swap "${first.text}" and "${second.text}"` }),
  }]
}

/** A word that is nearly a reserved one. */
function typos(damage: Damage, index: number): Splice[] {
  const token = damage.tokens[index]
  if (token?.kind !== 'word' || reservedWords.has(token.text) || token.text.length > 12) return []
  const lower = token.text.toLowerCase()
  const splices: Splice[] = []
  for (const word of reservedWords) {
    const far = word.length < 4 ? 1 : 2
    const steps = editDistance(lower, word, far)
    if (steps <= far) splices.push(replacement(damage, index, word, -1 - 2 * Math.max(0, steps - 1) - (word.length < 4 ? 1 : 0)))
  }
  return splices
}

/** Two words that ran into one when the punctuation between them was lost. */
function seamSplices({ tokens, model }: Damage, index: number, balance: readonly [number, number, number]): Splice[] {
  const token = tokens[index]
  if (token?.kind !== 'word') return []
  const open = balance.findIndex((count) => count < 0)
  const closed = balance.findIndex((count) => count > 0)
  const between = open !== -1 ? [brackets[open * 2] ?? '('] : closed !== -1 ? [brackets[closed * 2 + 1] ?? ')'] : ['.', ' ', ' = ', ',', ':', '=', '+', '-', '<', '?.']
  return model.seams(token.text).flatMap((at) => between.map((added): Splice => {
    const head = { ...imagined(token.text.slice(0, at), token.gap), indentation: token.indentation }
    const tail = token.text.slice(at)
    const mark = added.trim()
    const gap = mark === added ? '' : ' '
    const kind = /^\d/.test(tail) ? 'number' : 'word'
    return {
      index,
      removed: 1,
      inserted: [head, ...(mark === '' ? [] : [imagined(mark, gap)]), { ...imagined(tail, gap), kind }],
      next: tokens[index + 1],
      prior: 1.5,
      make: () => ({ start: token.start + at, end: token.start + at, text: added, what: mark === '' ? 'Insert the missing blank' : `Insert the missing "${mark}"` }),
    }
  }))
}

function isBracket(token: CodeToken): boolean {
  return token.opens !== '' || token.closes !== ''
}

function range(from: number, to: number, length: number): number[] {
  const indexes: number[] = []
  for (let index = Math.max(0, from); index <= Math.min(length, to); index += 1) indexes.push(index)
  return indexes
}
