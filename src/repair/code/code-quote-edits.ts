import { boundaries, indexAt, lineLengthMax, lineOf, type Change, type Damage, type Line } from './code-damage.js'
import { swallower } from './code-template-edits.js'

/** How much is read anew when a change may turn all that follows inside out. */
const spanMax = 8_000

/** Quotes and slashes that are missing, too many, of the wrong kind or not escaped, on the lines where that may be. */
export function quoteChanges(damage: Damage): readonly Change[] {
  return linesToSearch(damage).flatMap((line) => lineChanges(damage, line))
}

/** The line of the error, the one before it, and that of the first token that cannot be read. */
function linesToSearch({ text, tokens, offset }: Damage): readonly Line[] {
  const bad = tokens.find((token) => token.kind === 'bad')
  const at = indexAt(tokens, offset)
  const offsets = [offset, tokens[at - 1]?.start, tokens[at]?.start, bad?.start, swallower(tokens)?.start].filter(
    (place) => place !== undefined,
  )
  const lines = new Map<number, Line>()
  for (const place of offsets) {
    const line = lineOf(text, place)
    if (line.end - line.start <= lineLengthMax) lines.set(line.start, line)
  }
  return [...lines.values()]
}

function lineChanges({ text, model }: Damage, { start, end }: Line): Change[] {
  const changes: Change[] = []
  const line = text.slice(start, end)
  const change = (at: number, width: number, replacement: string, what: string, prior: number): void => {
    const spans = replacement.includes('`') || (width > 0 && text[at] === '`')
    changes.push({
      edits: [{ start: at, end: at + width, text: replacement, what }],
      prior,
      from: start,
      to: spans ? Math.min(text.length, start + spanMax) : end,
    })
  }
  for (const quote of ["'", '"', '`', '/']) {
    const places = [...line.matchAll(quote === '/' ? /\//g : quote === "'" ? /'/g : quote === '"' ? /"/g : /`/g)].map(
      (match) => start + match.index,
    )
    if (places.length === 0) continue
    const name = quote === '/' ? 'slash' : 'quote'
    const odd = places.length % 2 === 1
    if (odd || quote === '/')
      for (const at of boundaries(line, model))
        change(start + at, 0, quote, `Insert the missing ${name} ${quote}`, /[;,)\]}]/.test(line[at - 1] ?? '') ? -1.7 : -1)
    for (const at of places) {
      if (quote === '/') continue
      const apostrophe = /\w/.test(text[at - 1] ?? '') && /^(?:s|t|re|ve|ll|d|m)\b/.test(text.slice(at + 1, at + 4))
      change(at, 1, '', `Remove the stray quote ${quote}`, apostrophe ? -3 : -1.5)
      if (places.length > 2 || odd) change(at, 1, `\\${quote}`, `Escape the quote ${quote}`, apostrophe ? -1 : -1.7)
      for (const other of ["'", '"', '`'])
        if (other !== quote) change(at, 1, other, `Replace the quote ${quote} by ${other}`, -1.5)
    }
    if (places.length > 3 && quote !== '/')
      for (let index = 1; index + 2 < places.length; index += 1) {
        const pair = [places[index], places[index + 1]].filter((place) => place !== undefined)
        changes.push({
          edits: pair.map((at) => ({ start: at, end: at + 1, text: `\\${quote}`, what: `Escape the quote ${quote}` })),
          prior: -4,
          from: start,
          to: end,
        })
      }
  }
  for (const match of line.matchAll(/(?<!\\)\\(?=['"`])/g)) change(start + match.index, 0, '\\', 'Escape the backslash', -1.5)
  // A line that starts with a lone slash and a blank was a comment.
  const slash = line.search(/\S/)
  if (/^\/ \S/.test(line.slice(slash))) change(start + slash, 0, '/', 'Open the comment', 8)
  return changes
}
