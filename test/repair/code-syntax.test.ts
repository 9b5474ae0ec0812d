import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parserFor } from '../../src/repair/code/code-parse.js'
import { repairCode } from '../../src/repair/code/code-syntax.js'
import { atMost } from './code-cpu-time.js'

const sound = `import { readFile } from 'node:fs/promises'

/** Adds up. */
export function total(orders) {
  let sum = 0
  for (const order of orders) {
    if (order.paid && order.items.length > 0) {
      sum += order.items.map((item) => item.price * item.count).reduce((a, b) => a + b, 0)
    }
  }
  return sum
}

export async function load(path) {
  const text = await readFile(path, 'utf8')
  const lines = text.split('\\n').filter((line) => line !== '')
  return { lines, title: \`\${path}: \${lines.length} lines\` }
}
`

const repaired = (before: string, after: string, path = 'src/cart.js'): readonly string[] => {
  const broken = sound.replace(before, () => after)
  expect(broken).not.toBe(sound)
  return repairCode(broken, { path, candidatesMax: 10 }).map((candidate) => candidate.text)
}

describe('repairCode()', () => {
  it.each([
    ['a missing parenthesis', 'total(orders)', 'total(orders'],
    ['an extra parenthesis', 'total(orders)', 'total(orders))'],
    ['a missing brace', '> 0) {', '> 0) '],
    ['a closing brace left out', '    }\n  }\n  return', '    }\n  \n  return'],
    ['a missing comma', "(path, 'utf8')", "(path 'utf8')"],
    ['a missing operator', 'price * item', 'price  item'],
    ['a missing arrow', '(line) => line', '(line)  line'],
    ['a misspelt keyword', 'export function', 'export fucntion'],
    ['a misspelt import', 'import {', 'improt {'],
    ['a misspelt await', 'await readFile', 'awiat readFile'],
    ['a capital keyword', 'return sum', 'Return sum'],
    ['typographic quotes', "'utf8'", '‘utf8’'],
    ['an invisible character', 'sum +=', 'su\u200bm +='],
    ['a stray character', 'let sum = 0', 'let sum = 0 §'],
    ['a lost closing quote', "'utf8')", "utf8')"],
    ['a quote of the wrong kind', "'utf8')", '\'utf8")'],
    ['a swap of neighbours', 'let sum = 0', 'let = sum 0'],
    ['a template without its end', 'lines`', 'lines'],
    ['a keyword that ran into another', 'export function', 'exportfunction'],
  ])('heals %s', (_, before, after) => {
    const candidates = repaired(before, after)
    expect(candidates.length).toBeGreaterThan(0)
    expect(candidates.map(squeezed)).toContain(squeezed(sound))
  })

  it('offers candidates that parse, though not always the original, when the only comment of a file lost its end', () => {
    // Leaving a whole function inside the comment looks likelier than closing a comment of a kind that was never met.
    const broken = sound.replace('Adds up. */', 'Adds up.')
    const candidates = repairCode(broken, { path: 'src/cart.js', candidatesMax: 10 })
    expect(candidates.length).toBeGreaterThan(0)
    expect(candidates.every((candidate) => parserFor('src/cart.js', broken).problem(candidate.text) === undefined)).toBe(true)
    expect(candidates.map((candidate) => candidate.title).join()).toContain('omment')
  })

  it.each([
    ['a misspelt catch', '  try {\n    return read(path)\n  } catch {\n    return undefined\n  }', 'catch', 'ctach'],
    ['an arrow that lost its head', '  return orders.map((order, index) => { return order.id + index })', '=>', '='],
    ['a method that lost its dot behind a regular expression', '  return /\\d/.test(path)', '/.test', '/test'],
    ['a bracket lost behind a built-in method', '  return Object.prototype.toString.call(orders) === path', 'call(', 'call'],
    ['words that were a comment', '  // Nobody has paid for these orders yet.\n  return orders', '// ', ''],
  ])('knows at once %s, wherever the parser complains', (_, body, before, after) => {
    const text = `export function work(path, orders) {\n${body}\n}\n`
    const [best] = repairCode(text.replace(before, after), { path: 'a.js', candidatesMax: 3 })
    expect(best?.text).toBe(text)
  })

  it('takes a declaration without its comma for code, however many names it has', () => {
    const text = 'export function walk(nodes) {\n  var i, max, node, result\n  return [i, max, node, result, nodes]\n}\n'
    const candidates = repairCode(text.replace('i,', 'i'), { path: 'a.js', candidatesMax: 5 })
    expect(candidates[0]?.text).toBe(text)
    expect(candidates.map(({ title }) => title).join()).not.toContain('comment')
  })

  it('heals TypeScript', () => {
    const text =
      'interface Order {\n  readonly id: string\n  total(): number\n}\n\nexport const ids = (orders: readonly Order[]): string[] => orders.map((order) => order.id)\n'
    const [candidate] = repairCode(text.replace('readonly Order[])', 'readonly Order[]'), { path: 'a.ts', candidatesMax: 3 })
    expect(candidate?.text).toBe(text)
  })

  it('heals JSX', () => {
    const text = 'export const Card = ({ title }) => (\n  <div className="card">\n    <h1>{title}</h1>\n  </div>\n)\n'
    const candidates = repairCode(text.replace('{title}</h1>', '{title</h1>'), { path: 'a.jsx', candidatesMax: 5 })
    expect(candidates.map((candidate) => candidate.text)).toContain(text)
  })

  it('heals a file of CommonJS', () => {
    const text = "const a = require('a')\n\nmodule.exports = { a, b: [1, 2] }\n"
    expect(repairCode(text.replace('2] }', '2 }'), { path: 'a.cjs', candidatesMax: 3 })[0]?.text).toBe(text)
  })

  it('heals two faults far apart', () => {
    const broken = sound.replace('export function', 'export fucntion').replace('await readFile(path,', 'await readFile(path')
    const candidates = repairCode(broken, { path: 'a.js', candidatesMax: 5 })
    expect(candidates.map((candidate) => squeezed(candidate.text))).toContain(squeezed(sound))
  })

  it('offers both sides of a merge conflict', () => {
    const text = 'a()\n<<<<<<< HEAD\nb(1)\n=======\nb(2)\n>>>>>>> x\nc()\n'
    expect(repairCode(text, { path: 'a.js', candidatesMax: 5 }).map((candidate) => candidate.text)).toEqual([
      'a()\nb(1)\nc()\n',
      'a()\nb(2)\nc()\n',
    ])
  })

  it('repairs the sides of a merge conflict when they are broken too', () => {
    const text = 'a()\n<<<<<<< HEAD\nb(1\n=======\nb(2)\n>>>>>>> x\nc()\n'
    const texts = repairCode(text, { path: 'a.js', candidatesMax: 5 }).map((candidate) => candidate.text)
    expect(texts).toContain('a()\nb(1)\nc()\n')
    expect(texts).toContain('a()\nb(2)\nc()\n')
  })

  it('names the change and its place', () => {
    expect(repairCode(sound.replace('total(orders)', 'total(orders'), { path: 'a.js', candidatesMax: 1 })[0]).toMatchObject({
      title: 'Insert the missing ")"',
      place: 'line 4, column 29',
    })
  })

  it('lets the style of the project decide', () => {
    const samples = [Array.from({ length: 40 }, (_, index) => `const a${index} = { b: c(${index}, d), e: [f, g] };`).join('\n')]
    const [candidate] = repairCode('const x = { y: z(1 w), v: [u, t] };\n', { path: 'a.js', samples, candidatesMax: 3 })
    expect(candidate?.text).toBe('const x = { y: z(1, w), v: [u, t] };\n')
  })

  it('has nothing to say of sound code, and takes no more candidates than it may', () => {
    expect(repairCode(sound, { path: 'a.js', candidatesMax: 5 })).toEqual([])
    expect(repairCode(sound.replace('utf8', "utf8'"), { path: 'a.js', candidatesMax: 0 })).toEqual([])
    expect(repairCode(sound.replace(' 0)', ''), { path: 'a.js', candidatesMax: 1 }).length).toBeLessThanOrEqual(1)
  })

  it('gives up on prose, on what is too long and when it may not parse', () => {
    expect(
      repairCode('I am sorry, but I cannot help with that. Please, ask somebody else who can.', {
        path: 'a.js',
        candidatesMax: 3,
        parsesMax: 60,
      }),
    ).toEqual([])
    expect(repairCode(`(${' '.repeat(256 * 1024)}`, { path: 'a.js', candidatesMax: 3 })).toEqual([])
    expect(repairCode(sound.replace('total(orders)', 'total(orders'), { path: 'a.js', candidatesMax: 3, parsesMax: 0 })).toEqual(
      [],
    )
  })

  it('gives candidates that parse, distinct and ranked, the same each time, for any lost or stray piece', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: sound.length - 1 }),
        fc.nat({ max: 2 }),
        fc.constantFrom('', '(', '}', ',', "'", '`', '#', '/'),
        (at, width, text) => {
          const broken = sound.slice(0, at) + text + sound.slice(at + width)
          const candidates = repairCode(broken, { path: 'a.js', candidatesMax: 4, parsesMax: 60 })
          const parser = parserFor('a.js', broken)
          for (const candidate of candidates) expect(parser.problem(candidate.text)).toBeUndefined()
          expect(new Set(candidates.map((candidate) => candidate.text)).size).toBe(candidates.length)
          expect(candidates.map((candidate) => candidate.plausibility)).toEqual(
            candidates.map((candidate) => candidate.plausibility).sort((a, b) => b - a),
          )
          expect(repairCode(broken, { path: 'a.js', candidatesMax: 4, parsesMax: 60 })).toEqual(candidates)
        },
      ),
      { numRuns: 8 },
    )
  })

  it.each(['{', '(', '"', '`', '${', '\0', '/*', '/*a*/', '#', '!', '<a>'])('ends soon on 1 MB of %j, and on 25 KB', (piece) => {
    const candidates = atMost(2_500, () =>
      [1_000_000, 25_000].flatMap((size) => repairCode(piece.repeat(size / piece.length), { path: 'a.js', candidatesMax: 3 })),
    )
    expect(candidates.length).toBeLessThanOrEqual(3)
  })

  it('looks at no line with so many comments that parsing it takes seconds', () => {
    expect(atMost(1_000, () => repairCode(`{${'/*a*/'.repeat(50_000)}`, { path: 'a.js', candidatesMax: 3 }))).toEqual([])
  })

  it('ends soon on 100 000 brackets within brackets, and on sound code but for one of 5 000 calls', () => {
    expect(atMost(2_500, () => repairCode('{'.repeat(100_000) + '}'.repeat(99_999), { path: 'a.js', candidatesMax: 3 }))).toEqual(
      [],
    )
    const calls = 'a(b, c)\n'.repeat(5_000)
    expect(atMost(2_500, () => repairCode(`${calls}a(b, c\n`, { path: 'a.js', candidatesMax: 3 }))[0]?.text).toBe(
      `${calls}a(b, c)\n`,
    )
  })
})

function squeezed(text: string): string {
  return text.replaceAll(/\s/g, '')
}
