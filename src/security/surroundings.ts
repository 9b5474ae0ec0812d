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
  const { closers, openers, keywordAfter } = unmatched(code)
  if (closers.length + openers.length > bracketsMax) return []
  const after = `\n${openers
    .reverse()
    .map((bracket) => closing.get(bracket) ?? '')
    .join('')}`
  const guesses = new Set<string>()
  const all: Surroundings[] = []
  for (const shape of shapes) {
    const before = `${shape.before}${openings(closers, shape.brace, keywordAfter)}`
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

function unmatched(code: string): {
  readonly closers: readonly string[]
  readonly openers: string[]
  readonly keywordAfter: readonly string[]
} {
  const closers: string[] = []
  const keywordAfter: string[] = []
  const openers: string[] = []
  for (const match of code.matchAll(/[()[\]{}]/g)) {
    const bracket = match[0]
    if (closing.has(bracket))
      openers.push(
        bracket === '{' && /\btry\s{0,40}$/.test(code.slice(Math.max(0, match.index - 60), match.index)) ? 'try' : bracket,
      )
    else if (closing.get(openers.at(-1) ?? '')?.[0] === bracket) openers.pop()
    else {
      closers.push(bracket)
      keywordAfter.push(/^\s{0,40}(else|catch|finally)\b/.exec(code.slice(match.index + 1, match.index + 60))?.[1] ?? '')
    }
    if (closers.length + openers.length > bracketsMax) break
  }
  return { closers, openers, keywordAfter }
}

/** What opens the brackets that are closed in the order of `closers`, the outermost first. */
function openings(closers: readonly string[], brace: readonly string[], keywordAfter: readonly string[]): string {
  const parts: string[] = []
  for (let index = closers.length - 1; index >= 0; index -= 1) {
    const outer = closers[index + 1]
    if (closers[index] === ')') parts.push('_(')
    else if (closers[index] === ']') parts.push('[')
    else if (keywordAfter[index] === 'else') parts.push('if(_){')
    else if (keywordAfter[index] !== '') parts.push('try{')
    else if (outer === ')' || outer === ']') parts.push('async()=>{')
    else parts.push(brace[closers.length - 1 - index] ?? '{')
  }
  return parts.join('')
}
