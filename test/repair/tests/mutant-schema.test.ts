import { createContext, runInContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { differenceSchema, mutantSchema, type NumberedEdit } from '../../../src/repair/tests/mutant-schema.js'
import { isPure } from '../../../src/repair/tests/pure-expression.js'
import { edited } from '../../../src/repair/tests/single-edit.js'
import { singleEdits } from '../../../src/repair/tests/single-edits.js'
import { treeOf } from '../../../src/repair/tests/syntax-tree.js'

/** An edit that puts one text for another where it first stands behind `after`. */
function edit(id: number, text: string, was: string, is: string, after = ''): NumberedEdit {
  const start = text.indexOf(was, text.indexOf(after))
  return { id, start, end: start + was.length, text: is, kind: 'boundary', weight: 1 }
}

function allEdits(text: string): readonly NumberedEdit[] {
  return singleEdits(text, { path: 'a.js', symptoms: [], suspicion: () => 1 }).map((one, at) => ({ ...one, id: at + 1 }))
}

const endless = 'does not end'

/** What the last expression of a program says; what it throws; or that it does not end. */
function outcome(code: string, variant?: number, timeout = 10_000): string {
  const env = variant === undefined ? {} : { HOMEOSTAT_VARIANT: String(variant) }
  try {
    return JSON.stringify(runInContext(code, createContext({ process: { env } }), { timeout })) ?? 'undefined'
  } catch (error) {
    const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
    // Which of the two ends an endless recursion first depends on the machine.
    return /timed out|call stack/.test(message) ? endless : message
  }
}

/** Programs in which precedence, scope and line ends may go wrong. Each leaves its answer in `told`. */
const programs = [
  'var told = []\nfor (let i = 0; i < 3; i++) told.push(i * 2 + 1)',
  'var told = 7 - 2 * 3 - [1, 2].length',
  'function f(a, b) {\n  if (a < b) return a\n  else return b\n}\nvar told = [f(1, 2), f(2, 1), f(1, 1)]',
  'const xs = [3, 1, 2]\nxs.sort((a, b) => b - a)\nvar told = xs',
  'let n = 1\nconst g = () => n\nn += 2\n;[1].forEach((x) => (n = n - x))\nvar told = [n, g()]',
  'function f(x) {\n  const y = x + 1\n  const z = y * 2\n  g(z)\n  return h(y, z)\n}\nfunction g(a) { told = a }\nfunction h(a, b) { return a - b }\nvar told = 0\nvar told = [told, f(2)]',
  "switch (1 + 1) { case 1: var told = 'a'; break; case 2: told = 'b'; default: told += 'c' }",
  'var told = ((a, { b = 2 } = {}) => ({ a, b, c: [...[1], a], d: `${a}-${b}` }))(1)',
  'class A { n = 3; get twice() { return this.n * 2 } }\nvar told = new A().twice',
  'var told = (function () { "use strict"; return this === undefined && !(1 > 2) })()',
  'var o = { m(a) { return this.k - a }, k: 5 }\nvar told = o.m(1) > 3 ? o.m(2) : -o.m(3)',
  'var told = 0\nouter: for (var i = 0; i < 3; i++) { for (;;) { if (i === 1) continue outer; told += i; break } }',
]

describe('mutantSchema()', () => {
  it.each(programs)('does what each edit does, one at a time: %s', (text) => {
    const edits = allEdits(text).slice(0, 60)
    const schema = mutantSchema('a.js', text, edits)
    if (schema === undefined) throw new Error('no schema')
    expect(outcome(`${schema.text}\ntold`)).toBe(outcome(`${text}\ntold`))
    for (const one of edits.filter(({ id }) => schema.ids.includes(id))) {
      const wanted = outcome(`${edited(text, one)}\ntold`, undefined, 100)
      if (wanted !== endless) expect([one.text, outcome(`${schema.text}\ntold`, one.id)]).toEqual([one.text, wanted])
    }
  })

  it('has a place for nearly all edits', () => {
    const text = programs
      .slice(2, 6)
      .map((program) => `{\n${program}\n}`)
      .join('\n')
    const edits = allEdits(text).filter((one) => treeOf('a.js', edited(text, one)) !== undefined)
    const schema = mutantSchema('a.js', text, edits)
    expect((schema?.ids.length ?? 0) / edits.length).toBeGreaterThan(0.95)
  })

  it('puts statements in the place of others', () => {
    const text = 'function f(a) {\n  g(a)\n}\nfunction g(a) { return a }\nvar told = f(4)'
    const schema = mutantSchema('a.js', text, [edit(5, text, 'g(a)', 'return g(a)')])
    expect(outcome(`${schema?.text}\ntold`)).toBe('undefined')
    expect(outcome(`${schema?.text}\ntold`, 5)).toBe('4')
  })

  it('keeps a statement apart from the line before, which has no semicolon', () => {
    const text = 'let n = 1\nlet f = Math.max\n/* next */ n += 1\nvar told = n'
    const schema = mutantSchema('a.js', text, [edit(1, text, '+=', '-=')])
    expect(outcome(`${schema?.text}\ntold`)).toBe('2')
    expect(outcome(`${schema?.text}\ntold`, 1)).toBe('0')
  })

  it('lets no type check stand against one variant, and reads as TypeScript', () => {
    const text = 'export const a = (b: number): boolean => b < 3 as unknown as boolean'
    const schema = mutantSchema('src/a.ts', text, [edit(1, text, '<', '<=')])
    expect(schema?.text.startsWith('// @ts-nocheck\n')).toBe(true)
    expect(treeOf('src/a.ts', schema?.text ?? '')).toBeDefined()
  })

  it('leaves out what no code can choose between', () => {
    const text = "import a from './a.js'\nexport const b = a.x"
    const schema = mutantSchema('a.js', text, [edit(1, text, './a.js', './b.js'), edit(2, text, '.x', '.y')])
    expect(schema?.ids).toEqual([2])
    expect(mutantSchema('a.js', text, [edit(1, text, './a.js', './b.js')])).toBeUndefined()
    const required = "const a = require('./a.js')"
    expect(mutantSchema('a.js', required, [edit(1, required, './a.js', './b.js')])).toBeUndefined()
  })

  it('leaves out an edit after which the code does not parse', () => {
    const text = 'var told = 1 + 2'
    expect(mutantSchema('a.js', text, [edit(1, text, '+', '+ *')])).toBeUndefined()
    expect(mutantSchema('a.js', 'var {', [])).toBeUndefined()
  })
})

describe('differenceSchema()', () => {
  const seen = (code: string): readonly number[] => {
    const ids: number[] = []
    runInContext(code, createContext({ process: { homeostatSeen: (id: number) => ids.push(id) } }), { timeout: 10_000 })
    return ids.toSorted((a, b) => a - b)
  }

  it.each(programs)('changes nothing that a program does: %s', (text) => {
    const schema = differenceSchema('a.js', text, allEdits(text))
    if (schema !== undefined) expect(outcome(`${schema.text}\ntold`)).toBe(outcome(`${text}\ntold`))
  })

  it('tells of each edit whose value was another, once', () => {
    const text = 'var told = []\nfor (const a of [1, 2, 2]) if (a < 3) told.push(a + 1)'
    const edits = [edit(1, text, '<', '<='), edit(2, text, '<', '>'), edit(3, text, '+', '-'), edit(4, text, 'a + 1', 'b + 1')]
    const schema = differenceSchema('a.js', text, edits)
    expect(schema?.ids).toEqual([1, 2, 3, 4])
    expect(seen(schema?.text ?? '')).toEqual([2, 3, 4])
  })

  it('asks only whether a condition is true', () => {
    const text = 'var told = 0\nif (told || 7) told = 1'
    const schema = differenceSchema('a.js', text, [edit(1, text, '7', '8', '||'), edit(2, text, '||', '&&')])
    expect(seen(schema?.text ?? '')).toEqual([2])
  })

  it('does not compute what would change something', () => {
    const text = 'let n = 0\nconst f = () => n++\nvar told = [n++ < 1, f() < 1, n < 3]'
    const edits = [edit(1, text, '<', '>'), edit(2, text, '<', '>', 'f() <'), edit(3, text, '<', '>', 'n < 3')]
    expect(differenceSchema('a.js', text, edits)?.ids).toEqual([3])
    expect(differenceSchema('a.js', text, edits.slice(0, 2))).toBeUndefined()
  })
})

describe('isPure()', () => {
  it.each([
    'a.b[c] + 1',
    'a ? `${b}` : [...c]',
    'Math.max(a, b.length)',
    "a.slice(1).includes('x')",
    '!a && -b',
    '({ a: 1, b })',
  ])('is true for %s', (source) => expect(isPure(source, [])).toBe(true))

  it.each(['a++', 'a = 1', 'f(a)', 'a.push(1)', 'new A()', 'delete a.b', 'await a', 'a`b`', 'import("a")', '() => a++', 'a +'])(
    'is false for %s',
    (source) => expect(isPure(source, [])).toBe(false),
  )
})
