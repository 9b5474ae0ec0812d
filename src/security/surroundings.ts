/** What to put before and after a fragment so that it can be parsed. */
export interface Surroundings {
  readonly before: string
  readonly after: string
}

/** Nothing around: the text is a whole file. */
export const wholeFile: readonly Surroundings[] = [{ before: '', after: '' }]

/**
 * Guesses at what stood around a fragment of JavaScript, the likeliest first: brackets that the fragment closes but does
 * not open are opened before it, those that it leaves open are closed after it, and the whole is taken for statements, the
 * body of a class, or the members of an object.
 *
 * @param code - The fragment with comments and strings blanked.
 */
export function surroundingsOf(code: string): readonly Surroundings[] {
  const { closers, openers } = unmatched(code)
  if (closers.length + openers.length > bracketsMax) return []
  // A line that begins or ends in the middle of an expression gets the operand that is out of sight.
  const head = /^\s{0,1000}(?:\??\.(?!\.)|&&|\|\||\?\?|[*%=]|[+-](?![+-]))/.test(code) ? '_ ' : ''
  const tail = /(?:[=,.:?&|+*%(]|\b(?:return|typeof|extends|await|in|of|from))\s{0,1000}$/.test(code.slice(-1_100)) ? '_' : ''
  const after = `\n${tail}${openers
    .reverse()
    .map((bracket) => closing.get(bracket) ?? '')
    .join('')}`
  const guesses = new Set<string>()
  const all: Surroundings[] = []
  for (const shape of shapes) {
    const before = `${shape.before}${openings(closers, shape.brace)}${head}`
    if (guesses.has(before)) continue
    guesses.add(before)
    all.push({ before, after: `${after}${shape.after}` })
  }
  return all
}

const bracketsMax = 40
const closing = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
  ['try', '}finally{}'],
  ['names', "}from''"],
])

/** `brace`: what opens the outermost block and the one below it; deeper ones are plain blocks. */
const shapes: readonly { readonly before: string; readonly brace: readonly string[]; readonly after: string }[] = [
  { before: '', brace: ['{'], after: '' },
  { before: '', brace: ['async function* _(){'], after: '' },
  { before: 'class _ extends _ {', brace: ['async _(){'], after: '\n}' },
  { before: '', brace: ['class _ extends _ {', 'async _(){'], after: '' },
  { before: '({', brace: ['async _(){'], after: '\n})' },
  { before: '({', brace: ['_:{', '_:{'], after: '\n})' },
  { before: '', brace: ['({', '_:{'], after: '' },
  { before: 'switch(0){', brace: ['default:{'], after: '\n}' },
  { before: '_(', brace: ['{'], after: '\n)' },
  { before: '[', brace: ['{'], after: '\n]' },
  { before: 'type _ = {', brace: ['_:{'], after: '\n}' },
]

/** A bracket that the fragment closes and does not open. */
interface Closer {
  readonly bracket: string
  /** The word or sign behind it, where that tells what it ends. */
  readonly next: string
  /** A comma stands before it: it ends a list of members, not a block. */
  readonly members: boolean
}

function unmatched(code: string): {
  readonly closers: readonly Closer[]
  readonly openers: string[]
} {
  const closers: Closer[] = []
  const openers: string[] = []
  for (const match of code.matchAll(/[()[\]{}]/g)) {
    const bracket = match[0]
    if (closing.has(bracket))
      openers.push(bracket === '{' ? braceAfter(code.slice(Math.max(0, match.index - 60), match.index)) : bracket)
    else if (closing.get(openers.at(-1) ?? '')?.[0] === bracket) openers.pop()
    else {
      const rest = code.slice(match.index + 1, match.index + 60)
      closers.push({
        bracket,
        next: /^\s{0,40}(else\b|catch\b|finally\b|from\b|=>|=(?!=))/.exec(rest)?.[1] ?? '',
        members: /,\s{0,40}$/.test(code.slice(Math.max(0, match.index - 60), match.index)),
      })
    }
    if (closers.length + openers.length > bracketsMax) break
  }
  return { closers, openers }
}

/** What a brace is by the text before it: some need more than a brace to end. */
function braceAfter(text: string): '{' | 'try' | 'names' {
  if (/\btry\s{0,40}$/.test(text)) return 'try'
  return /\bimport(?:\s{1,20}type)?(?:\s{1,20}[\w$]{1,30}\s{0,9},)?\s{0,9}$/.test(text) ? 'names' : '{'
}

/** What opens the brackets that are closed in the order of `closers`, the outermost first. */
function openings(closers: readonly Closer[], brace: readonly string[]): string {
  const parts: string[] = []
  for (let index = closers.length - 1; index >= 0; index -= 1) {
    const closer = closers[index]
    const outer = closers[index + 1]
    if (closer === undefined) continue
    if (closer.bracket === ')') parts.push(closer.next === '=>' ? '(' : '_(')
    else if (closer.bracket === ']') parts.push('[')
    else if (closer.next !== '') parts.push(beforeNext.get(closer.next) ?? 'try{')
    else if (outer?.bracket === ')' || outer?.bracket === ']') parts.push(closer.members ? '{' : 'async()=>{')
    else if (closer.members) parts.push(outer?.members === true ? '_:{' : '_={')
    else parts.push(brace[closers.length - 1 - index] ?? '{')
  }
  return parts.join('')
}

/** What opens a block by what follows its end. */
const beforeNext = new Map([
  ['else', 'if(_){'],
  ['from', 'import{'],
  ['=', 'var{'],
])
