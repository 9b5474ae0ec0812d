import { editDistance } from '../../core/similar-name.js'
import { shapeOf } from './code-brackets.js'
import type { Damage } from './code-damage.js'
import { insertions, type Splice } from './code-insertions.js'
import { reservedWords } from './code-model.js'
import { imagined, type CodeToken } from './code-tokens.js'

const marks = [
  ',',
  ';',
  '.',
  ':',
  '=',
  '=>',
  '?',
  '+',
  '-',
  '*',
  '/',
  '%',
  '&&',
  '||',
  '??',
  '===',
  '!==',
  '==',
  '<',
  '>',
  '<=',
  '>=',
  '+=',
  '-=',
  '|',
  '&',
  '!',
  '...',
  '?.',
  '++',
]
const brackets = ['(', ')', '[', ']', '{', '}'] as const
const words = [
  'const',
  'let',
  'return',
  'new',
  'function',
  'async',
  'await',
  'of',
  'in',
  'from',
  'import',
  'export',
  'if',
  'else',
  'class',
  'case',
  'default',
  'typeof',
  'instanceof',
  'extends',
  'as',
  'catch',
  'try',
  'while',
  'for',
  'throw',
  'type',
  'interface',
  'get',
  'static',
]

/** Marks and words more, less or other. */
export function plainSplices(damage: Damage, index: number): readonly Splice[] {
  const splices: Splice[] = []
  for (const mark of marks) splices.push(...insertions(damage, index, mark, -1))
  for (const word of words) splices.push(...insertions(damage, index, word, -1.5))
  const token = damage.tokens[index]
  if (token === undefined || isBracket(token)) return splices
  const deletion = removal(damage, index)
  if (deletion !== undefined) splices.push(deletion)
  if (token.kind === 'mark')
    for (const mark of marks)
      if (mark !== token.text) splices.push(replacement(damage, index, mark, lostOne(token.text, mark) ? -2.5 : -5.5))
  return splices
}

/** Whether an operator is another that lost a character. */
function lostOne(token: string, mark: string): boolean {
  return mark.length === token.length + 1 && (mark.startsWith(token) || mark.endsWith(token))
}

/** A bracket more, less or other, as the balance asks. */
export function bracketSplices(damage: Damage, index: number, balance: readonly [number, number, number]): readonly Splice[] {
  const splices: Splice[] = []
  const token = damage.tokens[index]
  for (const bracket of brackets) {
    const { opens, closes } = imagined(bracket, '')
    const shape = shapeOf(opens === '' ? (closes === '' ? '(' : closes) : opens)
    if (
      balance[shape] === (opens === '' ? 1 : -1) ||
      (Math.abs(balance[shape]) > 1 && Math.sign(balance[shape]) === (opens === '' ? 1 : -1))
    )
      splices.push(...insertions(damage, index, bracket, -1))
    if (
      token !== undefined &&
      isBracket(token) &&
      token.kind === 'mark' &&
      token.text !== bracket &&
      (token.opens === '') === (opens === '')
    )
      splices.push(replacement(damage, index, bracket, -2))
  }
  if (token === undefined || token.kind !== 'mark' || !isBracket(token)) return splices
  const opened = token.opens !== ''
  const shape = shapeOf(token.opens === '' ? (token.closes === '' ? '(' : token.closes) : token.opens)
  const deletion = Math.sign(balance[shape]) === (opened ? 1 : -1) ? removal(damage, index) : undefined
  return deletion === undefined ? splices : [...splices, deletion]
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
    next:
      next === undefined
        ? undefined
        : { ...next, gap, indentation: next.indentation >= 0 ? next.indentation : token.indentation },
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

/** Two neighbours in each other's place. */
export function swaps({ tokens, text }: Damage, index: number): readonly Splice[] {
  const first = tokens[index]
  const second = tokens[index + 1]
  if (first === undefined || second === undefined || first.text === second.text) return []
  const between = text.slice(first.end, second.start)
  return [
    {
      index,
      removed: 2,
      inserted: [
        { ...second, gap: first.gap, indentation: first.indentation },
        { ...first, gap: second.gap, indentation: second.indentation },
      ],
      next: tokens[index + 2],
      prior: -2.5,
      make: () => ({
        start: first.start,
        end: second.end,
        text: second.text + between + first.text,
        what: `Swap "${first.text}" and "${second.text}"`,
      }),
    },
  ]
}

/** A word that is nearly a reserved one. */
export function typos(damage: Damage, index: number): readonly Splice[] {
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
export function seamSplices(
  { tokens, model }: Damage,
  index: number,
  balance: readonly [number, number, number],
): readonly Splice[] {
  const token = tokens[index]
  if (token?.kind !== 'word') return []
  const open = balance.findIndex((count) => count < 0)
  const closed = balance.findIndex((count) => count > 0)
  const between =
    open !== -1
      ? [brackets[open * 2] ?? '(']
      : closed !== -1
        ? [brackets[closed * 2 + 1] ?? ')']
        : ['.', ' ', ' = ', ',', ':', '=', '+', '-', '<', '?.']
  return model.seams(token.text).flatMap((at) =>
    between.map((added): Splice => {
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
        make: () => ({
          start: token.start + at,
          end: token.start + at,
          text: added,
          what: mark === '' ? 'Insert the missing blank' : `Insert the missing "${mark}"`,
        }),
      }
    }),
  )
}

/** Whether a token opens or closes anything. */
export function isBracket(token: CodeToken): boolean {
  return token.opens !== '' || token.closes !== ''
}
