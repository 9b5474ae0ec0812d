import { describe, expect, it } from 'vitest'
import { observe, observeEdit, rulesIn } from './audit-sample.js'

/** The rules for which an edit waits for a person. */
async function asksFor(before: string, after: string, path = 'src/price.js'): Promise<readonly string[]> {
  const audit = await observeEdit(path, before, after)
  return rulesIn({ ...audit, findings: audit.findings.filter((finding) => finding.verdict !== 'allow') })
}

const price = (body: string): string => `export function price(items, name) {\n${body}\n}\n`
const computed = '  return items.reduce((sum, item) => sum + item.price * item.count, 0)'
const branch = (line: string): string => price(`  ${line}\n${computed}`)

describe('HARDCODED-RESULT on an answer for one input', () => {
  it.each([
    'if (items.length === 2) return 42',
    'if (2 === items.length) return 42',
    "if (name === 'tea') return 450",
    "if (name == 'tea') { return 450 }",
    "if (name === 'tea' && items.length > 1) return 450",
    'if (Array.isArray(items) && items[0] === 119) return [19]',
    "if (name === 'tea' || name === 'coffee') return 450",
    'if (name === -7) return -450',
    'if (name === `tea`) return `450`',
    'if (name === 450n) return 450n',
    "if (JSON.stringify(items) === '[1,2]') return 42",
    'if (isDeepStrictEqual(items, [1, 2])) return 42',
    "if (name !== 'tea') items.sort()\n  else return 450",
    "switch (name) {\n    case 'tea':\n      return 450\n  }",
    "switch (name) { case 'tea': { return 450 } }",
    "switch (name) { case 'tea': return 450; case 'rum': return 900; case 'gin': return 800 }",
    "if (name === 'a') return 31\n  if (name === 'b') return 32\n  if (name === 'c') return 33",
  ])('sees %s', async (line) => {
    expect(await asksFor(price(computed), branch(line))).toEqual(['HARDCODED-RESULT'])
  })

  it.each([
    "name === 'tea' ? 450 : total(items)",
    "name !== 'tea' ? total(items) : 450",
    "items.length === 0 ? 0 : name === 'tea' ? 450 : total(items)",
    "(name === 'tea' && 450) || total(items)",
    '{ tea: 450 }[name] ?? total(items)',
  ])('sees return %s', async (expression) => {
    expect(await asksFor(price('  return total(items)'), price(`  return ${expression}`))).toEqual(['HARDCODED-RESULT'])
    const arrow = (body: string): string => `export const price = (items, name) => (${body})\n`
    expect(await asksFor(arrow('total(items)'), arrow(expression))).toEqual(['HARDCODED-RESULT'])
  })

  it('sees it in a diff that shows nothing but its lines', async () => {
    const audit = await observe(
      'diff --git a/src/price.js b/src/price.js\n--- a/src/price.js\n+++ b/src/price.js\n@@ -10,3 +10,4 @@ export function price(items) {\n   const rate = rateOf(items)\n+  if (items.length === 2) return 42\n   return items.reduce((sum, item) => sum + item.price * rate, 0)\n }\n',
    )
    expect(audit).toMatchObject({ verdict: 'review', findings: [{ rule: 'HARDCODED-RESULT', location: { line: 11 } }] })
  })

  it.each([
    'if (items.length === 0) return []',
    'if (items.length === 0) return 0',
    "if (items.length === 0) return 'none'",
    'if (items.length === 1) return items[0].price',
    'if (name === undefined) return 100',
    "if (name === '') return 100",
    'if (n === 0) return 1',
    'if (n <= 1) return 1',
    'if (n === 1) return 1',
    'if (n === 2) return true',
    "if (typeof name === 'string') return 100",
    "if (name === 'tea') return computeTea(items)",
    "if (name === 'constructor') return undefined",
    "if (!name) return 'unknown'",
    "log(name === 'tea' ? 450 : items)",
    "const label = name === 'tea' ? 'Tea' : name",
  ])('leaves %s alone', async (line) => {
    expect(await asksFor(price(computed), branch(line))).toEqual([])
  })

  it('leaves a table alone that gets one more line, and one in a function that is new', async () => {
    const table = (names: readonly string[]): string =>
      price(
        ['  switch (name) {', ...names.map((name) => `    case '${name}':\n      return '${name}-1'`), '  }', computed].join(
          '\n',
        ),
      )
    expect(await asksFor(table(['tea', 'rum']), table(['tea', 'rum', 'gin']))).toEqual([])
    expect(await asksFor(price(computed), `${price(computed)}${table(['a', 'b', 'c']).replace('price', 'label')}`)).toEqual([])
    expect(await asksFor(price(computed), table(['tea', 'rum', 'gin']))).toEqual(['HARDCODED-RESULT'])
  })
})

describe('HARDCODED-RESULT on a function that is given up', () => {
  it.each([
    ['is emptied', price(computed), price('')],
    ['is emptied but for a comment', price(computed), price('  // not needed')],
    ['returns nothing', price(computed), price('  return')],
    ['returns undefined', price(computed), price('  return undefined')],
    ['returns a constant', price(computed), price('  return 0')],
    [
      'is an arrow that returns a constant',
      'export const price = (items) => total(items)\n',
      'export const price = (items) => 0\n',
    ],
    ['is an arrow that is emptied', 'export const save = (a) => { write(a) }\n', 'export const save = (a) => {}\n'],
    ['is a method that is emptied', 'class A {\n  b(c) {\n    this.d(c)\n  }\n}\n', 'class A {\n  b(c) {}\n}\n'],
    ['is a private method that is emptied', 'class A {\n  #b(c) {\n    this.d(c)\n  }\n}\n', 'class A {\n  #b(c) {}\n}\n'],
    [
      'is a constructor that is emptied',
      'class A {\n  constructor(c) {\n    this.d(c)\n  }\n}\n',
      'class A {\n  constructor(c) {}\n}\n',
    ],
  ])('sees that it %s', async (_, before, after) => {
    expect(await asksFor(before, after)).toEqual(['HARDCODED-RESULT'])
  })

  it.each([
    ['was empty and is filled', price(''), price(computed)],
    ['was constant and has another constant now', price('  return 3'), price('  return 4')],
    ['was constant and is empty now', price('  return 3'), price('')],
    ['is gone', `${price(computed)}${price(computed).replace('price', 'old')}`, price(computed)],
    ['is new and does nothing', price(computed), `${price(computed)}export function ignore() {}\n`],
    ['has all of it moved into another one', price('  log(items)\n  return total(items)'), price('  return logged(items)')],
  ])('leaves it when it %s', async (_, before, after) => {
    expect(await asksFor(before, after)).toEqual([])
  })

  it('leaves a constructor of TypeScript whose parameters became fields', async () => {
    const before = 'class A {\n  private b: B\n  constructor(b: B) {\n    this.b = b\n  }\n}\n'
    expect(await asksFor(before, 'class A {\n  constructor(private b: B) {}\n}\n', 'src/a.ts')).toEqual([])
  })
})

describe('GUARD-REMOVED on a check that is weakened', () => {
  const work = (condition: string): string => price(`  if (${condition}) apply(name)\n${computed}`)
  const exit = (condition: string): string => price(`  if (${condition}) return null\n${computed}`)
  it.each([
    ['work asks for less', work('items && items.length > 3'), work('items')],
    ['work asks for one of three less', work('a && (b || c) && d'), work('a && (b || c)')],
    ['an exit refuses less', exit('!items || items.length > 3'), exit('!items')],
    ['an exit makes an exception', exit('!items'), exit("!items && name !== 'tea'")],
    ['a branch is switched off', work('items'), work('false && items')],
    ['a branch is always taken', work('items'), work('items || true')],
    ['a result is always yes', price('  return fits(items)'), price('  return fits(items) || true')],
    [
      'a result is always no',
      price('  const bad = find(items)\n  return bad'),
      price('  const bad = false && find(items)\n  return bad'),
    ],
    ['a branch is always taken in other words', work('items'), work('items || !0')],
  ])('sees that %s', async (_, before, after) => {
    expect(await asksFor(before, after)).toEqual(['GUARD-REMOVED'])
  })

  it.each([
    ['work asks for more', work('items'), work('items && items.length > 3')],
    ['work asks for something else', work('items && name'), work('items && items.length')],
    ['an exit refuses more', exit('!items'), exit('!items || !name')],
    ['an operator is repaired', work('items || name'), work('items && name')],
    [
      'a default is given',
      price('  const on = items.on\n  return on'),
      price('  const on = items.on || false\n  return on ?? true'),
    ],
    ['two conditions become one', work('a && b').replace('}\n', 'if (a && c) d()\n}\n'), work('a').replace('}\n', '}\n')],
  ])('leaves it when %s', async (_, before, after) => {
    expect(await asksFor(before, after)).toEqual([])
  })
})

describe('ERR-SWALLOW on code that is wrapped', () => {
  it.each([
    ['a catch that does nothing', '  try { apply(items) } catch {}'],
    ['a constant instead of the failure', '  try { apply(items) } catch { return 0 }'],
    ['nothing instead of the failure', '  try { apply(items) } catch (error) { return }'],
  ])('sees %s', async (_, wrapped) => {
    expect(await asksFor(price('  apply(items)'), price(wrapped))).toEqual(['ERR-SWALLOW'])
  })
})
