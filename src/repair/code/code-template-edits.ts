import { boundaries, indexAt, lineLengthMax, lineOf, type Change, type Damage } from './code-damage.js'
import type { CodeToken } from './code-tokens.js'

/** How much is read anew to judge a change, which may turn all that follows inside out. */
const spanMax = 8_000

/** Template literals that lost a back quote or the brace of a placeholder. */
export function templateChanges({ text, tokens, model, offset }: Damage): readonly Change[] {
  const at = indexAt(tokens, offset)
  const suspects = tokens
    .filter(
      (token, index) =>
        (token.kind === 'template' || token.text === '`') &&
        (token.kind === 'bad' || Math.abs(index - at) < 12 || (token.start <= offset && token.end >= offset)),
    )
    .slice(-6)
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
          changes.push({
            edits: [{ start: place, end: place, text: '`', what: 'Insert the missing back quote' }],
            prior: -1.5 - lines,
            from: line.start,
            to,
          })
          if (content.includes('${'))
            changes.push({
              edits: [{ start: place, end: place, text: '}', what: 'Insert the missing "}"' }],
              prior: -1.5 - lines,
              from: line.start,
              to,
            })
        }
      }
      if (line.end + 1 >= text.length) break
      line = lineOf(text, line.end + 1)
    }
  }
  return changes
}

/** The first template literal with what looks like lines of code inside: its start may be the end of another, or a stray quote. */
export function swallower(tokens: readonly CodeToken[]): CodeToken | undefined {
  return tokens.find((token) => token.kind === 'template' && token.text.length < 20_000 && /[;{},]\r?\n/.test(token.text))
}
