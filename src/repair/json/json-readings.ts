import { editDistance } from '../../core/similar-name.js'
import { isQuote, openedReadings, quotedReadings, reach, type Reading } from './json-strings.js'

/** Every way to read the string, number, literal or bare word at `at`; the cheapest not always first. */
export function readingsAt(text: string, at: number): readonly Reading[] {
  return isQuote(text[at]) ? quotedReadings(text, at) : [...bareReadings(text, at), ...openedReadings(text, at)]
}

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const literals = ['true', 'false', 'null'] as const
const foreign: ReadonlyMap<string, string> = new Map([
  ['True', 'true'],
  ['False', 'false'],
  ['None', 'null'],
  ['TRUE', 'true'],
  ['FALSE', 'false'],
  ['NULL', 'null'],
  ['Null', 'null'],
  ['nil', 'null'],
  ['undefined', 'null'],
  ['NaN', 'null'],
  ['Infinity', 'null'],
  ['-Infinity', 'null'],
])

/** A number, a literal, or a word that lacks its quotes. */
function bareReadings(text: string, at: number): Reading[] {
  const end = reach(text, at)
  const line = text.slice(at, end)
  const short = /^[^\s,:;={}[\]()"'`“”‘’]+/.exec(line)?.[0]
  if (short === undefined) return []
  const readings = [wordReading(at, short)]
  const numeral = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(short)?.[0]
  if (numeral !== undefined && numeral.length < short.length && number.test(numeral))
    readings.push({ end: at + numeral.length, edits: [], cost: 30, kind: 'other' })
  const long = /^[^,{}[\]"'`“”]+/.exec(line)?.[0].trimEnd()
  if (long !== undefined && long.length > short.length) readings.push(quoted(at, long, 75))
  return readings
}

function wordReading(at: number, word: string): Reading {
  const end = at + word.length
  if (number.test(word) || literals.some((literal) => literal === word)) return { end, edits: [], cost: 0, kind: 'other' }
  const other = (fixed: string, cost: number, what: string): Reading => ({
    end,
    kind: 'other',
    cost,
    edits: [{ start: at, end, text: fixed, what }],
  })
  const known = foreign.get(word)
  if (known !== undefined) return other(known, 2, `Replace ${word} by ${known}`)
  const fixedNumber = numberOf(word)
  if (fixedNumber !== undefined) return other(fixedNumber, 20, `Write the number ${word} as ${fixedNumber}`)
  const near =
    word.length < 3 || word.length > 7 ? undefined : literals.find((literal) => editDistance(word.toLowerCase(), literal, 1) <= 1)
  if (near !== undefined) return other(near, 30, `Replace ${word} by ${near}`)
  return quoted(at, word, 40)
}

/** A number written as other languages allow. */
function numberOf(word: string): string | undefined {
  if (word.length > 64) return undefined
  if (/^0[xX][\dA-Fa-f]{1,12}$/.test(word)) return String(Number(word))
  if (/^\d{1,3}(?:_\d{3})+$/.test(word)) return word.replaceAll('_', '')
  const fixed = word
    .replace(/^\+/, '')
    .replace(/^(-?)0+(?=\d)/, '$1')
    .replace(/^(-?)\./, '$10.')
    .replace(/\.(?=$|[eE])/, '')
  return number.test(fixed) ? fixed : undefined
}

function quoted(at: number, word: string, cost: number): Reading {
  const end = at + word.length
  return { end, kind: 'string', cost, edits: [{ start: at, end, text: JSON.stringify(word), what: 'Insert the missing quotes' }] }
}
