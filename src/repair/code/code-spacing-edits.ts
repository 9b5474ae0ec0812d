import { indexAt, lineOf, type Change, type Damage } from './code-damage.js'
import { reservedWords } from './code-model.js'

/** Blanks lost between words, or put inside a word or an operator. */
export function spacingChanges({ text, tokens, offset }: Damage): readonly Change[] {
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
      for (const word of reservedWords)
        if (word.length > 1 && token.text.length > word.length && token.text.startsWith(word))
          add(token.start + word.length, token.start + word.length, ' ', `Insert the missing blank after "${word}"`, -2)
    }
    if (next === undefined || next.gap === '' || next.gap === '\n') continue
    const joined = token.text + next.text
    const known = token.kind === 'mark' ? operators.has(joined) : token.kind === 'word' && reservedWords.has(joined)
    if (known) add(token.end, next.start, '', `Join "${token.text}" and "${next.text}"`, -2)
  }
  return changes
}

const operators: ReadonlySet<string> = new Set([
  '=>',
  '===',
  '!==',
  '==',
  '!=',
  '<=',
  '>=',
  '&&',
  '||',
  '??',
  '?.',
  '++',
  '--',
  '+=',
  '-=',
  '*=',
  '/=',
  '...',
  '**',
])
