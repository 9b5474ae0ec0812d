import { legalForm, suspicious, wellFormed } from './json-escapes.js'
import type { TextEdit } from '../token-edits.js'

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

/** How far from a quote another reading of it is looked for, in UTF-16 units. */
const reachMax = 1_024
/** Longer strings are not looked for. */
const stringLengthMax = 1024 * 1024
const alternativesMax = 12
/** A string with more that is illegal in it is no damaged string. */
const editsInsideMax = 2_000

/** An opening quote and what may close it. */
const quotePairs: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”“"'],
  ['”', '”“"'],
  ['„', '“”"'],
  ['‘', "’‘'"],
  ['’', "’‘'"],
  ['«', '»'],
  ['″', '″"'],
])

/** Whether a string may start with `character`. */
export function isQuote(character: string | undefined): boolean {
  return character !== undefined && quotePairs.has(character)
}

/** The short string at `at` when nothing is wrong with it; then all other readings of it are far-fetched. */
export function soundReading(text: string, at: number): Reading | undefined {
  sound.lastIndex = at
  const found = sound.exec(text)?.[0]
  return found === undefined ? undefined : { end: at + found.length, edits: [], cost: 0, kind: 'string' }
}

const sound = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})){1,512}"(?=[ \t]{0,64}[,:}\]\r\n])/y

/** Every way to read the string whose opening quote is at `at`. */
export function quotedReadings(text: string, at: number): readonly Reading[] {
  const closers = quotePairs.get(text[at] ?? '') ?? '"'
  const readings: Reading[] = []
  const plain = text[at] === '"'
  const close = closingQuote(text, at + 1, closers)
  const crosses = close === undefined || hasLineBreak(text, at, close)
  if (close !== undefined) readings.push(stringReading(text, at, close, 1))
  if (!plain && !crosses) return readings
  if (plain && close === at + 1 && text[at + 2] === '"') {
    const end = closingQuote(text, at + 2, '"')
    readings.push(
      { end: at + 2, kind: 'string', cost: 40, edits: [remove(at + 1, 'Remove the second quote')] },
      { end: at + 3, kind: 'string', cost: 60, edits: [remove(at + 2, 'Remove the stray quote')] },
    )
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
  return {
    ...inner,
    cost: inner.cost + 60,
    edits: [remove(at + 1, 'Remove the second quote'), ...inner.edits.filter((edit) => edit.start > at + 1)],
  }
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
  for (const match of raw.matchAll(suspicious)) {
    const found = match[0]
    if (found === '"' && plain) continue
    const start = at + 1 + match.index
    const fixed = legalForm(found)
    if (fixed === undefined) continue
    if (found === '\n') lines += 1
    cost += found.length === 1 && found < ' ' ? 8 : found === '"' ? 1 : 15
    if (edits.length > editsInsideMax) return { end: close + width, edits: [], cost: Number.POSITIVE_INFINITY, kind: 'string' }
    edits.push({
      start,
      end: start + found.length,
      text: fixed,
      what: found.startsWith('\\') ? 'Correct the escape sequence' : 'Escape the character',
    })
  }
  if (text[close] !== '"')
    edits.push({ start: close, end: close + width, text: '"', what: 'Replace the quote by a double quote' })
  if (lines > 0) cost += 100 + 10 * Math.min(lines, 50)
  return { end: close + width, edits, cost: cost + (plain ? 0 : 2), kind: 'string' }
}

/** The opening quote was lost: a closing one comes later on the line. */
export function openedReadings(text: string, at: number): readonly Reading[] {
  if (!text.slice(at, reach(text, at)).includes('"')) return []
  const close = closingQuote(text, at, '"', reachMax + 1)
  if (close === undefined || close === at || hasLineBreak(text, at, close)) return []
  if (!oddQuotes(text, at)) return []
  const inner = text.slice(at, close)
  if (!wellFormed.test(inner)) return []
  const cost = 92 + (/[,{}[\]]|: /.test(inner) ? 8 : 0) + (endsWell(text, close + 1) ? 0 : 15)
  return [
    {
      end: close + 1,
      kind: 'string',
      cost,
      edits: [{ start: at, end: at, text: '"', what: 'Insert the missing opening quote' }],
    },
  ]
}

/** The offset of the next unescaped closing quote, no further than `lengthMax`. */
function closingQuote(
  text: string,
  from: number,
  closers: string,
  lengthMax = closers === '"' ? stringLengthMax : reachMax * 4,
): number | undefined {
  const end = Math.min(text.length, from + lengthMax)
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
export function reach(text: string, at: number): number {
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
  return [...new Set(ends)]
    .filter((stop) => stop > at)
    .flatMap((stop) => {
      const inner = stringReading(text, at, stop, 0)
      const clean = inner.edits.filter((edit) => edit.start < stop)
      if (/\s$/.test(text.slice(stop - 1, stop)) || clean.some((edit) => text[edit.start] === '"')) return []
      const likely = /^[ \t]*(?::|[,}\]]*[ \t]*$)/.test(text.slice(stop, end)) ? 0 : 15
      return [
        {
          end: stop,
          kind: 'string' as const,
          cost: 100 + likely,
          edits: [...clean, { start: stop, end: stop, text: '"', what: 'Insert the missing closing quote' }],
        },
      ]
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
    if (endsWell(text, next + 1))
      readings.push({ ...base, cost: base.cost + 95 + 10 * inside.length, edits: merge(base.edits, inside) })
    quote = next
  }
  if (text[close + 1] === '"' && endsWell(text, close + 2))
    readings.push({
      end: close + 2,
      kind: 'string',
      cost: 60,
      edits: [...stringReading(text, at, close, 1).edits, remove(close + 1, 'Remove the stray quote')],
    })
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
