import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { edited } from '../../../src/repair/tests/single-edit.js'
import { singleEdits } from '../../../src/repair/tests/single-edits.js'
import { symptomOf } from '../../../src/repair/tests/symptom.js'

interface Setting {
  readonly path?: string
  readonly details?: Readonly<Record<string, string | number>>
  readonly vocabulary?: ReadonlySet<string>
}

function textsOf(text: string, { path = 'src/a.js', details = {}, vocabulary = new Set() }: Setting = {}): readonly string[] {
  const symptoms = [symptomOf({ details, message: '' })]
  return singleEdits(text, { path, symptoms, vocabulary, suspicion: () => 1 }).map((edit) => edited(text, edit))
}

/** A bug of one edit and the text without it. */
const bugs: readonly (readonly [kind: string, broken: string, right: string])[] = [
  ['a bound', 'if (a < b) f()', 'if (a <= b) f()'],
  ['the direction of a comparison', 'if (a < b) f()', 'if (a > b) f()'],
  ['an equality', 'if (a !== b) f()', 'if (a === b) f()'],
  ['a logical operator', 'const c = a && b', 'const c = a || b'],
  ['a default that zero takes', 'const c = a || b', 'const c = a ?? b'],
  ['an arithmetic operator', 'const c = a - b', 'const c = a + b'],
  ['a bitwise operator', 'const c = a | b', 'const c = a & b'],
  ['an operator behind a comment', 'const c = a /* - */ - b', 'const c = a /* - */ + b'],
  ['the order of operands', 'xs.sort((a, b) => b - a)', 'xs.sort((a, b) => a - b)'],
  ['lost parentheses', 'const c = a + b * d', 'const c = (a + b) * d'],
  ['lost parentheses on the right', 'const c = a * b + d', 'const c = a * (b + d)'],
  ['a lost negation', 'if (ready) f()', 'if (!ready) f()'],
  ['a negation too many', 'if (!ready) f()', 'if (ready) f()'],
  ['a lost sign', 'function f() { return -1 * 1 }\nconst g = () => 1', 'function f() { return -1 * 1 }\nconst g = () => -1'],
  ['a sign too many', 'const a = -b', 'const a = b'],
  ['an update', 'for (;;) i--', 'for (;;) i++'],
  ['an update read too early', 'const a = i++', 'const a = ++i'],
  ['an assignment', 'sum -= x', 'sum += x'],
  ['a constant one too large', 'const a = 21', 'const a = 20'],
  ['a constant ten times too large', 'const a = 600', 'const a = 60'],
  ['a boolean', 'const strict = true', 'const strict = false'],
  ['what typeof answers', "if (typeof a === 'numbe') f()", "if (typeof a === 'number') f()"],
  ['a method', 'const a = Math.min(b, c)', 'const a = Math.max(b, c)'],
  ['a method of one end', "a.startsWith('x')", "a.endsWith('x')"],
  ['a member', 'const a = range.start + range.end - range.start', 'const a = range.end + range.end - range.start'],
  ['swapped arguments', 'clamp(low, high)', 'clamp(high, low)'],
  ['swapped branches', 'const a = ok() ? b : c', 'const a = ok() ? c : b'],
  ['swapped spreads', 'const a = { ...given, ...defaults }', 'const a = { ...defaults, ...given }'],
  ['swapped elements', 'const a = [b, c]', 'const a = [c, b]'],
  ['a lost return', 'function f(a) { g(a) }', 'function f(a) { return g(a) }'],
  ['a lost await', 'async function f() { const a = g() }', 'async function f() { const a = await g() }'],
  ['a lost break', 'switch (a) { case 1: f(); case 2: g() }', 'switch (a) { case 1: f();\nbreak\n case 2: g() }'],
  ['a break for a continue', 'for (;;) { if (a) break }', 'for (;;) { if (a) continue }'],
  ['an index one too far', 'const a = xs[xs.length]', 'const a = xs[xs.length - 1]'],
  ['a last index given to a call', 'const a = Math.min(b, xs.length)', 'const a = Math.min(b, xs.length - 1)'],
  ['an index one too near', 'const a = xs.slice(0, n - 1)', 'const a = xs.slice(0, n)'],
  ['statements the other way round', 'function f() { g(); h() }', 'function f() { h() g(); }'],
  ['a pattern that finds one only', 'a.replace(/x/, b)', 'a.replace(/x/g, b)'],
  ['a pattern without its end', 'const p = /^a/', 'const p = /^a$/'],
  ['a class of a pattern', 'const p = /\\D+/', 'const p = /\\d+/'],
  ['a repetition of a pattern', 'const p = /a*b/', 'const p = /a+b/'],
  ['another parameter', 'function f(a, b) { return g(a, a) }', 'function f(a, b) { return g(b, a) }'],
  [
    'a call that nothing makes any more',
    'function clean(x) { return x + 1 }\nconst f = (y) => y',
    'function clean(x) { return x + 1 }\nconst f = (y) => clean(y)',
  ],
]

describe('singleEdits()', () => {
  it('offers a statement that stands elsewhere, first where its neighbours are those it has there', () => {
    const text =
      'function f(q) {\n  a(q)\n  q.pop()\n  b(q)\n}\nfunction g(q) {\n  c(q)\n  a(q)\n  b(q)\n}\nfunction h(p) {\n  a(p)\n}'
    const puts = textsOf(text).filter((other) => other.split('q.pop()').length === 3)
    expect(puts[0]).toBe(text.replace('a(q)\n  b(q)', 'a(q)\nq.pop()\n  b(q)'))
    expect(puts.some((other) => /h\(p\) \{[^}]*q\.pop/.test(other))).toBe(false)
  })

  it('offers to call a function that nothing calls, with what its parameters are named after', () => {
    const text = 'function check(b, a) { throw a }\nexports.f = function (a, b) {\n  g(b)\n  return a\n}'
    expect(textsOf(text)).toContain(text.replace('{\n  g(b)', '{\ncheck(b, a);\n  g(b)'))
  })

  it.each([
    ['const a = b === 1 || b !== 2', 'const a = b === 1 || b === 2'],
    ['const a = b !== 1 && b === 2', 'const a = b !== 1 && b !== 2'],
    ['const a = c || b !== 1 || b === 2', 'const a = c || b === 1 || b === 2'],
    ['const a = b === 1 && b === 2', 'const a = b === 1 || b === 2'],
  ])('puts first what two questions about one value mean together: %s', (broken, right) => {
    expect(textsOf(broken)[0]).toBe(right)
  })

  it('asks whether the arguments are wrong before it takes another method that reads them kindly', () => {
    const texts = textsOf('const a = b.slice(c, 0)')
    expect(texts.indexOf('const a = b.slice(0, c)')).toBeGreaterThan(-1)
    expect(texts.indexOf('const a = b.slice(0, c)')).toBeLessThan(texts.indexOf('const a = b.substring(c, 0)'))
  })

  it('looks at the most suspicious places of a file first, however long the text before them is', () => {
    const text = `${Array.from({ length: 1_500 }, (_, at) => `f(a${at} < b, c + ${at + 5})`).join('\n')}\nif (x < y) g()`
    const suspicion = (offset: number): number => (offset >= text.indexOf('if (x') ? 1 : 0.4)
    const edits = singleEdits(text, { path: 'a.js', symptoms: [], suspicion })
    expect(edits.slice(0, 4).map((one) => edited(text, one))).toContain(text.replace('x < y', 'x <= y'))
    expect(edits.length).toBeLessThanOrEqual(3_000)
  })

  it.each(bugs)('undoes %s', (_, broken, right) => {
    expect(textsOf(broken)).toContain(right)
  })

  it('offers the calls that the code makes elsewhere where one may be missing', () => {
    const text = 'const a = f(b.trim())\nconst c = f(d)'
    expect(textsOf(text)).toContain('const a = f(b.trim())\nconst c = f(d.trim())')
  })

  it('calls a member that the code calls elsewhere', () => {
    expect(textsOf('a.size()\nconst c = b.size')).toContain('a.size()\nconst c = b.size()')
  })

  it('corrects a literal by the word that the tests use', () => {
    const vocabulary = new Set(['Accept-Language'])
    expect(textsOf("const name = 'accept-languag'", { vocabulary })[0]).toBe("const name = 'accept-language'")
  })

  it('changes a text as the failing test wants it, in literals and in templates', () => {
    const details = { expected: "'1 kB'", actual: "'1-kB'" }
    expect(textsOf("const separator = '-'", { details })).toContain("const separator = ' '")
    expect(textsOf('const a = `${b}-${c}`', { details })).toContain('const a = `${b} ${c}`')
  })

  it('scales a number as the failing test wants it', () => {
    const details = { expected: 3600, actual: 60 }
    expect(textsOf('const secondsPerHour = 17', { details })).toContain('const secondsPerHour = 1020')
  })

  it('puts first what the values of the failing test speak for', () => {
    const details = { expected: "'abc'", actual: "'ABC'" }
    expect(textsOf('const a = b < c && d.toUpperCase()', { details })[0]).toContain('toLowerCase')
  })

  it('reads TypeScript and leaves its types alone', () => {
    const texts = textsOf('const a: 1 | 2 = f<3>(b as 4)\nenum E { A = 5 }', { path: 'src/a.ts' })
    expect(texts).toContain('const a: 1 | 2 = f<3>(b as 4)\nenum E { A = 6 }')
    for (const text of texts) expect(text).toContain('const a: 1 | 2')
  })

  it('leaves out places that are not suspicious', () => {
    const edits = singleEdits('a < b\nc < d', { path: 'a.js', symptoms: [], suspicion: (offset) => (offset < 6 ? 0 : 1) })
    expect(edits.length).toBeGreaterThan(0)
    for (const { start } of edits) expect(start).toBeGreaterThanOrEqual(6)
  })

  it('does not touch imports, keys and directives', () => {
    const text = "'use strict'\nimport { a } from './b1.js'\nexport default { 'c2': a }"
    for (const changed of textsOf(text)) {
      expect(changed).toContain("'use strict'")
      expect(changed).toContain("from './b1.js'")
      expect(changed).toContain("'c2'")
    }
  })

  it.each(['const a = ', '{{{', '\u0000', ''])('has nothing to say about %j', (text) => {
    expect(textsOf(text)).toEqual([])
  })

  it('is not confused by names of the prototype', () => {
    expect(() => textsOf('const constructor = a.__proto__(b.hasOwnProperty, c.toString)')).not.toThrow()
  })

  it('never says the same twice, never nothing, and ranks by score', () => {
    const line = fc.constantFrom(...bugs.map(([, broken]) => broken))
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), (lines) => {
        const text = lines.map((part) => `{ ${part}\n}`).join('\n')
        const edits = singleEdits(text, { path: 'a.js', symptoms: [], suspicion: () => 1 })
        const texts = edits.map((edit) => edited(text, edit))
        expect(texts).not.toContain(text)
        expect(edits.map(({ score }) => score)).toEqual(edits.map(({ score }) => score).toSorted((a, b) => b - a))
        for (const { start, end } of edits) expect(0 <= start && start <= end && end <= text.length).toBe(true)
      }),
      { numRuns: 40 },
    )
  })
})

describe('symptomOf()', () => {
  it('reads numbers, and that they are one apart', () => {
    const symptom = symptomOf({ details: { expected: '4', actual: 3 }, message: '' })
    expect(symptom).toMatchObject({ expectedNumber: 4, actualNumber: 3 })
    expect(symptom.favours.get('boundary')).toBeGreaterThan(1)
  })

  it.each([
    ['2', '-2', 'sign'],
    ['2', '2.4', 'wrapper'],
    ['2', 'NaN', 'arguments'],
    ['true', 'false', 'negation'],
    ["'ab'", "'AB'", 'call'],
    ["'a b'", "'ab'", 'string'],
    ['[ 1, 2 ]', '[ 2, 1 ]', 'operands'],
    ['1', 'undefined', 'return'],
    ['1', 'Promise { 1 }', 'await'],
  ] as const)('takes %s for %s as a sign of "%s"', (expected, actual, kind) => {
    expect(symptomOf({ details: { expected, actual }, message: '' }).favours.get(kind)).toBeGreaterThan(1)
  })

  it('says nothing without values', () => {
    expect(symptomOf({ details: {}, message: 'it failed' }).favours.size).toBe(0)
  })
})
