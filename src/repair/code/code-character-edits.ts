import { lineOf, type Change, type Damage } from './code-damage.js'
import type { CodeToken } from './code-tokens.js'
import type { TextEdit } from '../token-edits.js'

/** Characters that no token may have: lookalikes, invisible and stray ones; all of them at once, and the first alone. */
export function characterChanges({ text, tokens, offset }: Damage): readonly Change[] {
  const bad = tokens.filter((token) => token.kind === 'bad' && token.end - token.start <= 2).slice(0, 200)
  const changes: Change[] = []
  const all = bad.flatMap((token) => fixOf(token))
  const whole = { from: 0, to: text.length }
  if (all.length > 0) changes.push({ edits: all, prior: -0.5, ...whole })
  const opening = bad.find((token) => typographic.test(token.text))
  if (opening !== undefined) changes.push(...typographicChanges(text, opening.start))
  const hidden = lineOf(text, offset)
  const inside = [...text.slice(hidden.start, hidden.end).matchAll(new RegExp(invisible, 'g'))]
    .slice(0, 50)
    .map((match): TextEdit => ({
      start: hidden.start + match.index,
      end: hidden.start + match.index + 1,
      text: '',
      what: 'Remove the invisible character',
    }))
  if (inside.length > 0) changes.push({ edits: inside, prior: -0.5, from: hidden.start, to: hidden.end })
  for (const token of bad.filter((candidate) => Math.abs(candidate.start - offset) < 200 || candidate === bad[0]).slice(0, 8)) {
    const line = lineOf(text, token.start)
    const range = { from: line.start, to: Math.max(line.end, token.end) }
    changes.push({
      edits: [{ start: token.start, end: token.end, text: '', what: `Remove the stray "${token.text}"` }],
      prior: -2,
      ...range,
    })
    changes.push({
      edits: [{ start: token.start, end: token.end, text: ' ', what: `Remove the stray "${token.text}"` }],
      prior: -4,
      ...range,
    })
  }
  return [...changes, ...flagChanges({ text, tokens, offset })]
}

/** Flags that no regular expression has: the name of a method that lost its dot. */
function flagChanges({ text, tokens, offset }: Pick<Damage, 'text' | 'tokens' | 'offset'>): readonly Change[] {
  const line = lineOf(text, offset)
  return tokens
    .filter(({ kind, start, end }) => kind === 'regex' && start >= line.start && end <= line.end)
    .slice(0, 8)
    .flatMap((token) => {
      const slash = token.start + token.text.lastIndexOf('/') + 1
      const flags = text.slice(slash, token.end)
      if (/^(?!.*(.).*\1)[dgimsuvy]*$/.test(flags)) return []
      return [
        {
          edits: [{ start: slash, end: slash, text: '.', what: 'Insert the missing "."' }],
          prior: 9,
          from: line.start,
          to: line.end,
        },
      ]
    })
}

const lookalikes: ReadonlyMap<string, string> = new Map([
  ['“', '"'],
  ['”', '"'],
  ['„', '"'],
  ['″', '"'],
  ['«', '"'],
  ['»', '"'],
  ['‘', "'"],
  ['’', "'"],
  ['‚', "'"],
  ['′', "'"],
  ['´', "'"],
  ['–', '-'],
  ['—', '-'],
  ['−', '-'],
  ['…', '...'],
  ['×', '*'],
  ['÷', '/'],
  ['≤', '<='],
  ['≥', '>='],
  ['≠', '!=='],
  ['→', '=>'],
  ['⇒', '=>'],
  ['；', ';'],
  ['，', ','],
  ['：', ':'],
  ['（', '('],
  ['）', ')'],
  ['［', '['],
  ['］', ']'],
  ['｛', '{'],
  ['｝', '}'],
  ['＝', '='],
  ['．', '.'],
  ['！', '!'],
  ['？', '?'],
  ['\u037e', ';'],
  ['\u00a0', ' '],
])
const invisible = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffd]/

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
    edits: places.map((at): TextEdit => ({
      start: at,
      end: at + 1,
      text: quote,
      what: `Replace the typographic quote by ${quote}`,
    })),
    prior: -0.5,
    from: line.start,
    to: line.end,
  }))
}
