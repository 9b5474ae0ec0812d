import { editDistance } from '../core/similar-name.js'
import type { TextEdit } from './token-edits.js'

/** One way to read a scalar that starts at an offset. */
export interface Reading {
  /** Where it ends. */
  readonly end: number
  /** What must change for it to be valid there. */
  readonly edits: readonly TextEdit[]
  /** In hundredths of one edit. */
  readonly cost: number
  readonly kind: 'string' | 'other'
}

/** How far from a quote another reading of it is looked for. */
const reachMax = 1_024
/** Longer strings are not looked for. */
const stringLengthMax = 1024 * 1024
const alternativesMax = 12

/** Every way to read the string, number, literal or bare word at `at`; cheapest not always first. */
export function readingsAt(text: string, at: number): readonly Reading[] {
  const first = text[at]
  if (first === undefined) return []
  const closers = quotePairs.get(first)
  if (closers !== undefined) return quotedReadings(text, at, closers)
  return [...bareReadings(text, at), ...openedReadings(text, at)]
}

/** An opening quote and what may close it. */
const quotePairs: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”“"'],
  ['”', '”“"'],
  ['„', '“”"'],
  ['‘', '’‘\''],
  ['’', '’‘\''],
  ['«', '»'],
  ['″', '″"'],
])

function quotedReadings(text: string, at: number, closers: string): Reading[] {
  const readings: Reading[] = []
  const plain = text[at] === '"'
  const close = closingQuote(text, at + 1, closers)
  const crosses = close === undefined || hasLineBreak(text, at, close)
  if (close !== undefined) readings.push(stringReading(text, at, close, 1))
  if (!plain && !crosses) return readings
  if (plain && close === at + 1 && text[at + 2] === '"') {
    const end = closingQuote(text, at + 2, '"')
    readings.push({ end: at + 2, kind: 'string', cost: 40, edits: [remove(at + 1, 'Remove the second quote')] }, { end: at + 3, kind: 'string', cost: 60, edits: [remove(at + 2, 'Remove the stray quote')] })
    if (end !== undefined && end > at + 2) readings.push(doubled(text, at))
  } else if (plain && close === at + 1 && /[\w$@./^~-]/.test(text[at + 2] ?? '')) readings.push(doubled(text, at))
  if (crosses || oddQuotes(text, at)) readings.push(...closedEarlier(text, at))
  if (close !== undefined && !crosses && !endsWell(text, close + 1)) readings.push(...extended(text, at, close))
  return readings
}

/** `""name"`: the second quote is one too many. */
function doubled(text: string, at: number): Reading {
  const close = closingQuote(text, at + 2, '"') ?? at + 1
  const inner = stringReading(text, at, close, 1)
  return { ...inner, cost: inner.cost + 60, edits: [remove(at + 1, 'Remove the second quote'), ...inner.edits.filter((edit) => edit.start > at + 1)] }
}

/** The string from the quote at `at` to the one at `close`, with what is illegal inside escaped. */
function stringReading(text: string, at: number, close: number, width: number): Reading {
  const raw = text.slice(at + 1, close)
  const plain = text[at] === '"' && text[close] === '"'
  if (plain && wellFormed.test(raw)) return { end: close + 1, edits: [], cost: 0, kind: 'string' }
  const edits: TextEdit[] = []
  let cost = 0
  if (text[at] !== '"') edits.push({ start: at, end: at + 1, text: '"', what: 'Replace the quote by a double quote' })
  let lines = 0
  for (const match of raw.matchAll(illegal)) {
    const found = match[0]
    if (found === '"' && plain) continue
    const start = at + 1 + match.index
    const fixed = legal(found)
    if (fixed === undefined) continue
    if (found === '\n') lines += 1
    cost += found.length === 1 && found < ' ' ? 8 : found === '"' ? 1 : 15
    edits.push({ start, end: start + found.length, text: fixed, what: found.startsWith('\\') ? 'Correct the escape sequence' : 'Escape the character' })
  }
  if (text[close] !== '"') edits.push({ start: close, end: close + width, text: '"', what: 'Replace the quote by a double quote' })
  if (lines > 0) cost += 100 + 10 * Math.min(lines, 50)
  return { end: close + width, edits, cost: cost + (plain ? 0 : 2), kind: 'string' }
}

const wellFormed = /^(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*$/
/** Escapes, raw control characters and quotes; a legal escape is matched so that its second character is not met again. */
const illegal = /\\(?:u[\dA-Fa-f]{4}|[^])?|[\u0000-\u001f"]/g

/** The legal form of what {@link illegal} found; `undefined` when it is legal as it is. */
function legal(found: string): string | undefined {
  if (!found.startsWith('\\')) return found === '"' ? '\\"' : controlEscapes.get(found) ?? `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`
  if (/^\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})$/.test(found)) return undefined
  const next = found.slice(1)
  if (next === "'" || next === '`') return next
  if (next === '\n' || next === '\r') return ''
  return next < ' ' ? `\\\\${controlEscapes.get(next) ?? ''}` : `\\\\${next}`
}

const controlEscapes: ReadonlyMap<string, string> = new Map([['\n', '\\n'], ['\r', '\\r'], ['\t', '\\t'], ['\b', '\\b'], ['\f', '\\f']])

/** The offset of the next unescaped closing quote. */
function closingQuote(text: string, from: number, closers: string): number | undefined {
  const end = Math.min(text.length, from + (closers === '"' ? stringLengthMax : reachMax * 4))
  for (let at = from; at < end; at += 1) {
    const character = text[at]
    if (character === '\\') at += 1
    else if (character !== undefined && closers.includes(character)) return at
  }
  return undefined
}

function hasLineBreak(text: string, from: number, to: number): boolean {
  return text.slice(from, to).includes('\n')
}

/** The end of the line of `at`, no further than {@link reachMax}. */
function reach(text: string, at: number): number {
  const near = text.slice(at, at + reachMax)
  const end = near.indexOf('\n')
  return at + (end === -1 ? near.length : near[end - 1] === '\r' ? end - 1 : end)
}

function oddQuotes(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - reachMax), at)
  const line = before.slice(before.lastIndexOf('\n') + 1) + text.slice(at, reach(text, at))
  let quotes = 0
  for (let index = 0; index < line.length; index += 1) {
    if (line[index] === '\\') index += 1
    else if (line[index] === '"') quotes += 1
  }
  return quotes % 2 === 1
}

/** The closing quote was lost: it may have stood before any punctuation on the line, or at the line's end. */
function closedEarlier(text: string, at: number): Reading[] {
  const end = reach(text, at)
  const ends: number[] = []
  for (let index = at + 1; index < end && ends.length < alternativesMax; index += 1) {
    const character = text[index] ?? ''
    if (character === '"' && text[index - 1] !== '\\') break
    if (',:}]'.includes(character)) ends.push(index)
  }
  const line = text.slice(at, end)
  // What follows the last value of a line is punctuation only: the likeliest place of a quote lost at the line's end.
  const tail = /[\s,}\]]{0,64}$/.exec(line.slice(-64))
  if (tail !== null && end < text.length) for (let index = end - tail[0].length; index <= end; index += 1) ends.push(index)
  return [...new Set(ends)].filter((stop) => stop > at).flatMap((stop) => {
    const inner = stringReading(text, at, stop, 0)
    const clean = inner.edits.filter((edit) => edit.start < stop)
    if (/\s$/.test(text.slice(stop - 1, stop)) || clean.some((edit) => text[edit.start] === '"')) return []
    const likely = /^[ \t]*(?::|[,}\]]*[ \t]*$)/.test(text.slice(stop, end)) ? 0 : 15
    return [{ end: stop, kind: 'string' as const, cost: 100 + likely, edits: [...clean, { start: stop, end: stop, text: '"', what: 'Insert the missing closing quote' }] }]
  })
}

/** What may follow a string: punctuation, the end of the line, a comment. */
function endsWell(text: string, at: number): boolean {
  return /^[ \t]*(?:[,:}\]\r\n]|$|\/[/*])/.test(text.slice(at, at + 64))
}

/** `"say "hi" now"`: the quotes inside were not escaped. */
function extended(text: string, at: number, close: number): Reading[] {
  const readings: Reading[] = []
  const end = reach(text, at)
  const inside: TextEdit[] = []
  let quote = close
  while (inside.length < alternativesMax * 2) {
    const next = closingQuote(text, quote + 1, '"')
    if (next === undefined || next >= end) break
    inside.push({ start: quote, end: quote + 1, text: '\\"', what: 'Escape the quote' })
    const base = stringReading(text, at, next, 1)
    if (endsWell(text, next + 1)) readings.push({ ...base, cost: base.cost + 95 + 10 * inside.length, edits: merge(base.edits, inside) })
    quote = next
  }
  if (text[close + 1] === '"' && endsWell(text, close + 2)) readings.push({ end: close + 2, kind: 'string', cost: 60, edits: [...stringReading(text, at, close, 1).edits, remove(close + 1, 'Remove the stray quote')] })
  const next = closingQuote(text, close + 1, '"')
  if (next !== undefined && next < end && oddQuotes(text, at) && endsWell(text, next + 1)) {
    const base = stringReading(text, at, next, 1)
    readings.push({ ...base, cost: base.cost + 100, edits: merge(base.edits, [remove(close, 'Remove the stray quote')]) })
  }
  return readings
}

function merge(edits: readonly TextEdit[], more: readonly TextEdit[]): readonly TextEdit[] {
  const taken = new Set(more.map((edit) => edit.start))
  return [...edits.filter((edit) => !taken.has(edit.start)), ...more].sort((a, b) => a.start - b.start)
}

function remove(at: number, what: string): TextEdit {
  return { start: at, end: at + 1, text: '', what }
}

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const literals = ['true', 'false', 'null'] as const
const foreign: ReadonlyMap<string, string> = new Map([['True', 'true'], ['False', 'false'], ['None', 'null'], ['TRUE', 'true'], ['FALSE', 'false'], ['NULL', 'null'], ['Null', 'null'], ['nil', 'null'], ['undefined', 'null'], ['NaN', 'null'], ['Infinity', 'null'], ['-Infinity', 'null']])

/** A number, a literal, or a word that lacks its quotes. */
function bareReadings(text: string, at: number): Reading[] {
  const end = reach(text, at)
  const line = text.slice(at, end)
  const short = /^[^\s,:;={}[\]()"'`“”‘’]+/.exec(line)?.[0]
  if (short === undefined) return []
  const readings = [wordReading(at, short)]
  const numeral = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(short)?.[0]
  if (numeral !== undefined && numeral.length < short.length && number.test(numeral)) readings.push({ end: at + numeral.length, edits: [], cost: 30, kind: 'other' })
  const long = /^[^,{}[\]"'`“”]+/.exec(line)?.[0].trimEnd()
  if (long !== undefined && long.length > short.length) readings.push(quoted(at, long, 75))
  return readings
}

function wordReading(at: number, word: string): Reading {
  const end = at + word.length
  if (number.test(word) || literals.some((literal) => literal === word)) return { end, edits: [], cost: 0, kind: 'other' }
  const other = (fixed: string, cost: number, what: string): Reading => ({ end, kind: 'other', cost, edits: [{ start: at, end, text: fixed, what }] })
  const known = foreign.get(word)
  if (known !== undefined) return other(known, 2, `Replace ${word} by ${known}`)
  const fixedNumber = numberOf(word)
  if (fixedNumber !== undefined) return other(fixedNumber, 20, `Write the number ${word} as ${fixedNumber}`)
  const near = word.length < 3 || word.length > 7 ? undefined : literals.find((literal) => editDistance(word.toLowerCase(), literal, 1) <= 1)
  if (near !== undefined) return other(near, 30, `Replace ${word} by ${near}`)
  return quoted(at, word, 40)
}

/** A number written as other languages allow. */
function numberOf(word: string): string | undefined {
  if (word.length > 64) return undefined
  if (/^0[xX][\dA-Fa-f]{1,12}$/.test(word)) return String(Number(word))
  if (/^\d{1,3}(?:_\d{3})+$/.test(word)) return word.replaceAll('_', '')
  const fixed = word.replace(/^\+/, '').replace(/^(-?)0+(?=\d)/, '$1').replace(/^(-?)\./, '$10.').replace(/\.(?=$|[eE])/, '')
  return number.test(fixed) ? fixed : undefined
}

function quoted(at: number, word: string, cost: number): Reading {
  const end = at + word.length
  return { end, kind: 'string', cost, edits: [{ start: at, end, text: JSON.stringify(word), what: 'Insert the missing quotes' }] }
}

/** The opening quote was lost: a closing one comes later on the line. */
function openedReadings(text: string, at: number): Reading[] {
  const close = closingQuote(text, at, '"')
  if (close === undefined || close === at || close - at > reachMax || hasLineBreak(text, at, close)) return []
  if (!oddQuotes(text, at)) return []
  const inner = text.slice(at, close)
  if (!wellFormed.test(inner)) return []
  const cost = 92 + (/[,{}[\]]|: /.test(inner) ? 8 : 0) + (endsWell(text, close + 1) ? 0 : 15)
  return [{ end: close + 1, kind: 'string', cost, edits: [{ start: at, end: at, text: '"', what: 'Insert the missing opening quote' }] }]
}
