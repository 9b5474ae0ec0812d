import { boundaries, lineLengthMax, lineOf, type Change, type Damage } from './code-damage.js'
import { reservedWords } from './code-model.js'
import type { CodeComment } from './code-tokens.js'

/** Comments that lost their end or their start. */
export function commentChanges({ text, model, offset, comments }: Damage): readonly Change[] {
  const changes: Change[] = []
  const suspects = comments.filter((comment) => comment.open || swallowsComment(text, comment)).slice(0, 4)
  for (const { start, end } of suspects) {
    let lines = 0
    const first = text.slice(start + 2, Math.min(lineOf(text, start).end, start + lineLengthMax))
    for (const at of boundaries(first, model)
      .filter((place) => place > 1)
      .slice(0, 24))
      changes.push({
        edits: [{ start: start + 2 + at, end: start + 2 + at, text: '*/', what: 'Close the comment' }],
        prior: -2,
        from: start,
        to: text.length,
      })
    for (let at = start; at < end && lines < 60; lines += 1) {
      const line = lineOf(text, at + 1)
      const stop = text.slice(line.start, line.end).trimEnd().length + line.start
      const next = text.slice(line.end + 1, line.end + 200)
      const lone = /^[ \t]*\*$/.test(text.slice(line.start, stop))
      const blank =
        stop === line.start && line.end > line.start && /\*/.test(text.slice(Math.max(start, line.start - 200), line.start))
      const last = !/^[ \t]*\*(?!\/)/.test(next)
      if (blank)
        changes.push({
          edits: [{ start: line.end, end: line.end, text: '*/', what: 'Close the comment' }],
          prior: 1 - 0.1 * lines,
          from: start,
          to: text.length,
        })
      else if (stop > start)
        changes.push({
          edits: [{ start: stop, end: stop, text: lone ? '/' : ' */', what: 'Close the comment' }],
          prior: (lone ? 0 : -1) - (last ? 0 : 4) - 0.1 * lines,
          from: start,
          to: text.length,
        })
      at = line.end + 1
    }
  }
  return [...changes, ...openedComments({ text, offset, model, comments }), ...proseLines(text, offset)]
}

/** A line that starts with plain words lost what made it a comment. Code has no four words in a row of which three are names. */
function proseLines(text: string, offset: number): readonly Change[] {
  const here = lineOf(text, offset)
  // Words and nothing else: no code that lost anything.
  if (text.trim() === text.slice(here.start, here.end).trim()) return []
  return [here, lineOf(text, Math.max(0, here.start - 1))].flatMap((line): readonly Change[] => {
    const content = text.slice(line.start, Math.min(line.end, line.start + lineLengthMax))
    const [prose = '', indentation = ''] = /^(\s*)[\p{L}’'-]+(?:[,:.]? [\p{L}’'-]+){3,20}/u.exec(content) ?? []
    const names = prose.split(/[\s,:.]+/).filter((word) => word !== '' && !reservedWords.has(word.toLowerCase()))
    const seams = prose.match(/\p{L}(?= \p{L})/gu) ?? []
    if (names.length < 3 || seams.length < 3) return []
    const first = line.start + indentation.length
    return [
      { edits: [{ start: first, end: first, text: '// ', what: 'Open the comment' }], prior: -1, from: line.start, to: line.end },
    ]
  })
}

/** Whether a block comment holds the start of another: it may have lost its own end. */
export function swallowsComment(text: string, { start, end }: CodeComment): boolean {
  if (!text.startsWith('/*', start)) return false
  const inner = text.indexOf('/*', start + 2)
  return inner !== -1 && inner < end - 2
}

/** A comment end without a start after the error: the start was lost at the error or above it. */
function openedComments({
  text,
  offset,
  model,
  comments,
}: Pick<Damage, 'text' | 'offset' | 'model' | 'comments'>): readonly Change[] {
  const here = lineOf(text, offset)
  const close = text.indexOf('*/', here.start)
  if (close === -1 || close - offset > 5_000 || comments.some((comment) => comment.start <= close && comment.end >= close + 2))
    return []
  const changes: Change[] = []
  let line = here
  for (let lines = 0; lines < 40; lines += 1) {
    const content = text.slice(line.start, line.end)
    const first = line.start + (content.length - content.trimStart().length)
    const star = text[first] === '*'
    if (content.trim() !== '')
      changes.push({
        edits: [{ start: first, end: first, text: star ? '/' : '/* ', what: 'Open the comment' }],
        prior: -1 - lines * 0.5,
        from: line.start,
        to: close + 2,
      })
    if (line.start === 0 || (lines > 0 && !star)) break
    line = lineOf(text, line.start - 1)
  }
  if (close < here.end)
    for (const at of boundaries(text.slice(here.start, close), model).slice(0, 40))
      changes.push({
        edits: [{ start: here.start + at, end: here.start + at, text: '/* ', what: 'Open the comment' }],
        prior: -2,
        from: here.start,
        to: close + 2,
      })
  for (const slash of [...text.slice(here.start, here.end).matchAll(/\//g)].slice(0, 8))
    changes.push({
      edits: [{ start: here.start + slash.index + 1, end: here.start + slash.index + 1, text: '*', what: 'Open the comment' }],
      prior: -1,
      from: here.start,
      to: close + 2,
    })
  return changes
}
