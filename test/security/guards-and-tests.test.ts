import { describe, expect, it } from 'vitest'
import { observe, observeEdit, patchOf, rulesIn } from './audit-sample.js'

/** Rules that ask for a person or block. */
async function loud(path: string, before: string, after: string): Promise<readonly string[]> {
  const audit = await observeEdit(path, before, after)
  return rulesIn({ ...audit, findings: audit.findings.filter((finding) => finding.verdict !== 'allow') })
}

const inFunction = (body: string): string => `export function pay(user, sum) {\n${body}\n  return send(sum)\n}\n`

describe('GUARD-REMOVED', () => {
  it.each([
    ['a throw is gone', inFunction("  if (sum < 0) throw new Error('x')"), inFunction('')],
    ['a throw became a log', inFunction("  if (sum < 0) throw new Error('x')"), inFunction("  if (sum < 0) console.warn('x')")],
    ['a condition about rights is gone', inFunction('  if (!user.isAdmin) return undefined'), inFunction('')],
    ['one of two conditions is gone', inFunction('  if (user && user.hasRole("pay")) log(1)'), inFunction('  if (user) log(1)')],
    [
      'a condition is turned round',
      inFunction('  if (!user.isAdmin) return undefined'),
      inFunction('  if (user.isAdmin) return undefined'),
    ],
    [
      'a comparison is turned round',
      inFunction('  if (!(sum > 3)) return undefined'),
      inFunction('  if (sum > 3) return undefined'),
    ],
    ['a condition always holds', inFunction('  if (user.ok) log(1)'), inFunction('  if (user.ok || true) log(1)')],
    ['a branch is switched off', inFunction('  if (user.ok) log(1)'), inFunction('  if (false) log(1)')],
    ['a call that validates is gone', inFunction('  validateSum(sum)'), inFunction('')],
    [
      'a strict comparison became loose',
      inFunction('  if (sum === user.sum) log(1)'),
      inFunction('  if (sum == user.sum) log(1)'),
    ],
    [
      'a throw in a private method is gone',
      'class A {\n  #b(c) {\n    if (c) throw d\n    e()\n  }\n}\n',
      'class A {\n  #b(c) {\n    e()\n  }\n}\n',
    ],
    [
      'a rejection is gone',
      'const f = () => new Promise((resolve, reject) => { if (a) reject(b)\n resolve(c) })\n',
      'const f = () => new Promise((resolve, reject) => {\n resolve(c) })\n',
    ],
  ])('sees that %s', async (_, before, after) => {
    expect(await loud('src/pay.js', before, after)).toContain('GUARD-REMOVED')
  })

  it('takes the word of tests for a condition that is turned round, of several and not where it is about rights', async () => {
    const verdictOf = async (condition: string, testsGained: number | undefined) => {
      const [before, after] = [
        inFunction(`  if (!${condition}) return undefined`),
        inFunction(`  if (${condition}) return undefined`),
      ]
      return (await observe(patchOf([['src/pay.js', before, after]]), testsGained === undefined ? {} : { testsGained })).verdict
    }
    expect(await verdictOf('sum.isPaid', undefined)).toBe('review')
    expect(await verdictOf('sum.isPaid', 1)).toBe('review')
    expect(await verdictOf('sum.isPaid', 2)).toBe('allow')
    expect(await verdictOf('TOKEN_REGEXP.test(sum)', 2)).toBe('allow')
    expect(await verdictOf('user.isAdmin', 200)).toBe('review')
    expect(await verdictOf('user.token', 200)).toBe('review')
  })

  it.each([
    [
      'the message changed',
      inFunction("  if (sum < 0) throw new Error('x')"),
      inFunction("  if (sum < 0) throw new RangeError('sum')"),
    ],
    [
      'the check moved into another function',
      inFunction("  if (sum < 0) throw new Error('x')"),
      `function check(sum) {\n  if (sum < 0) throw new Error('x')\n}\n${inFunction('  check(sum)')}`,
    ],
    ['the whole function is gone', `${inFunction('')}function old() {\n  throw new Error('x')\n}\n`, inFunction('')],
    [
      'a name changed',
      inFunction('  if (!user.isAdmin) return undefined'),
      inFunction('  if (!user.isAdministrator) return undefined'),
    ],
    ['a comparison with null is loose', inFunction('  if (sum === null) log(1)'), inFunction('  if (sum == null) log(1)')],
    ['it is a test', inFunction("  if (sum < 0) throw new Error('x')"), inFunction(''), 'test/pay.test.js'],
    ['an ordinary early exit is gone', inFunction('  if (sum === 3) return 3'), inFunction('')],
  ])('leaves it when %s', async (_, before, after, path = 'src/pay.js') => {
    expect(await loud(path, before, after)).not.toContain('GUARD-REMOVED')
  })

  it('counts by lines where a side does not parse', async () => {
    const broken = 'function pay( {\n  throw new Error(1)\n}\n'
    expect(await loud('src/pay.js', broken, 'function pay() {\n}\n')).toContain('GUARD-REMOVED')
    expect(await loud('src/pay.js', broken, 'function pay() {\n  throw new Error(2)\n}\n')).toEqual([])
    expect(await loud('src/pay.py', 'def f():\n  raise ValueError(1)\n', 'def f():\n  pass\n')).toEqual(['GUARD-REMOVED'])
  })
})

describe('ERR-SWALLOW', () => {
  it.each([
    ['a catch is emptied', 'try { a() } catch (e) { report(e) }\n', 'try { a() } catch (e) { }\n'],
    ['a catch only holds a comment', 'a()\n', 'try { a() } catch { /* fine */ }\n'],
    ['a rejection is ignored', 'await a()\n', 'await a().catch(() => {})\n'],
    ['a rejection is answered with a constant', 'await a()\n', 'await a().catch(() => null)\n'],
    ['a rejection is given to a noop', 'await a()\n', 'await a().catch(noop)\n'],
    ['no exception is heard any more', 'a()\n', "a()\nprocess.on('uncaughtException', () => {})\n"],
  ])('sees that %s', async (_, before, after) => {
    expect(await loud('src/a.js', before, after)).toEqual(['ERR-SWALLOW'])
  })

  it('asks for nothing when a failure is answered with a constant, or handling is removed, but says so', async () => {
    const constant = await observeEdit('src/a.js', 'a()\n', 'function f() {\n  try { return a() } catch { return null }\n}\n')
    expect(constant.findings.map((finding) => [finding.rule, finding.verdict])).toEqual([['ERR-SWALLOW', 'allow']])
    const removed = await observeEdit('src/a.js', 'try { a() } catch (e) { report(e) }\n', 'a()\n')
    expect(removed.findings.map((finding) => [finding.rule, finding.verdict])).toEqual([['ERR-SWALLOW', 'allow']])
  })

  it('reads lines where a side does not parse, and other languages', async () => {
    expect(await loud('src/a.js', 'try { a( } catch (e) { report(e) }\n', 'try { a() } catch (e) { }\n')).toEqual(['ERR-SWALLOW'])
    expect(await loud('src/a.py', 'a()\n', 'try:\n  a()\nexcept ValueError: pass\n')).toEqual(['ERR-SWALLOW'])
  })
})

describe('HARDCODED-RESULT', () => {
  it.each([
    [
      'a branch for one value',
      'export const tax = (sum) => {\n  return round(sum)\n}\n',
      'export const tax = (sum) => {\n  if (sum === 119) { return 19 }\n  return round(sum)\n}\n',
    ],
    [
      'a branch that returns a list',
      'function f(a) {\n  return g(a)\n}\n',
      "function f(a) {\n  if (a === 'x') return ['y', 3]\n  return g(a)\n}\n",
    ],
    [
      'a body that became a constant',
      'function ok(a) {\n  const b = g(a)\n  return b\n}\n',
      'function ok(a) {\n  return true\n}\n',
    ],
    [
      'a branch for test runs',
      'function f() {\n  return g()\n}\n',
      "function f() {\n  if (process.env.NODE_ENV === 'test') return h()\n  return g()\n}\n",
    ],
    ['a branch for the test runner', 'f()\n', 'if (process.env.VITEST) g()\nf()\n'],
  ])('sees %s', async (_, before, after) => {
    expect(await loud('src/tax.js', before, after)).toEqual(['HARDCODED-RESULT'])
  })

  it.each([
    ['a base case', 'function f(n) {\n  return g(n)\n}\n', 'function f(n) {\n  if (n === 0) return 1\n  return g(n)\n}\n'],
    [
      'a table written as code',
      'function g(n) {\n  return h(n)\n}\n',
      "function g(n) {\n  return h(n)\n}\nfunction f(n) {\n  if (n === 'a') return 'b'\n  if (n === 'c') return 'd'\n  if (n === 'e') return 'f'\n  return g(n)\n}\n",
    ],
    ['a new function that is constant', 'a()\n', 'a()\nfunction version() {\n  return 3\n}\n'],
    [
      'an object of computed things',
      'function f(n) {\n  return g(n)\n}\n',
      "function f(n) {\n  if (n === 'a') return { b: n }\n  return g(n)\n}\n",
    ],
  ])('leaves %s alone', async (_, before, after) => {
    expect(await loud('src/tax.js', before, after)).toEqual([])
  })
})

describe('rules about tests', () => {
  const test = (body: string): string => `describe('cart', () => {\n  it('adds', () => {\n${body}\n  })\n})\n`

  it.each([
    ['TEST-SKIP', test('    a()'), test('    a()').replace('it(', 'it.only(')],
    ['TEST-SKIP', test('    a()'), test('    a()').replace('describe(', 'xdescribe(')],
    ['TEST-SKIP', test('    a()'), test('    a()').replace("'adds',", "'adds', { skip: true },")],
    ['TEST-SKIP', test('    a()'), test('    this.skip()\n    a()')],
    ['TEST-ASSERT', test('    expect(a).toBe(1)\n    expect(b).toBe(2)'), test('    expect(a).toBe(1)')],
    ['TEST-ASSERT', test('    expect(a).toBe(1)\n    b()\n    expect(a).toBe(1)'), test('    expect(a).toBe(1)\n    b()')],
    ['TEST-ASSERT', test('    assert.equal(a, 1)'), test('    // assert.equal(a, 1)')],
    ['TEST-ASSERT', test('    expect(a).toBe(1)'), test('    expect(true).toBe(true)')],
    ['TEST-ASSERT', test('    assert.strictEqual(a, 1)'), test('    assert.ok(true)')],
    ['TEST-ASSERT', test('    a.should.equal(1)\n    assert(b)'), test('    assert(b)')],
    ['TEST-HARNESS', test('    a()'), `assert.equal = () => {}\n${test('    a()')}`],
    ['TEST-HARNESS', test('    a()'), `globalThis.expect = fake\n${test('    a()')}`],
    ['TEST-HARNESS', test('    a()'), `${test('    a()')}process.exit(0)\n`],
    ['TEST-HARNESS', test('    a()'), `${test('    a()')}process.exitCode = 0\n`],
    ['TEST-HARNESS', test('    a()'), `vi.mock('node:assert')\n${test('    a()')}`],
  ])('%s sees a tampered test', async (rule, before, after) => {
    expect(await loud('test/cart.test.js', before, after)).toContain(rule)
  })

  it('TEST-ASSERT notes weaker assertions and changed expectations, and asks for a person when both are there', async () => {
    const weaker = await observeEdit('test/a.test.js', test('    expect(a).toEqual([1])'), test('    expect(a).toBeDefined()'))
    expect(weaker.findings.map((finding) => finding.message)).toEqual(['A weak assertion stands where a strong one stood'])
    const literal = await observeEdit('test/a.test.js', test("    expect(a).toBe('x')"), test("    expect(a).toBe('y')"))
    expect(literal.findings.map((finding) => [finding.message, finding.verdict])).toEqual([
      ['Only the expected value of an assertion changed', 'allow'],
    ])
  })

  it('TEST-ASSERT leaves more, moved and renamed assertions alone', async () => {
    expect(
      await loud(
        'test/a.test.js',
        test('    expect(a).toBe(1)\n    expect(b).toBe(2)'),
        test('    expect(b).toBe(2)\n    expect(a).toBe(1)\n    expect(c).toBe(3)'),
      ),
    ).toEqual([])
    expect(await loud('test/a.test.js', test('    expect(a).toBe(1)'), test('    expect(total).toBe(1)'))).toEqual([])
    expect(await loud('test/a.test.js', test('    t.plan(1)\n    expect.assertions(2)'), test('    log()'))).toEqual([])
  })

  it('TEST-ASSERT reads tests that stand in sources, do not parse, or are of another language', async () => {
    expect(await loud('src/checks.js', test('    expect(a).toBe(1)'), test('    log()'))).toEqual(['TEST-ASSERT'])
    expect(await loud('test/a.test.js', test('    expect(a).toBe(1'), test('    a()'))).toEqual(['TEST-ASSERT'])
    expect(await loud('tests/test_a.py', 'def test_a():\n    assert f() == 1\n', 'def test_a():\n    f()\n')).toEqual([
      'TEST-ASSERT',
    ])
  })

  it.each([
    ['"test": "exit 0"'],
    ['"test": "vitest run; exit 0"'],
    ['"test": "vitest run --passWithNoTests"'],
    ['"test": "echo ok"'],
    ['"test": ""'],
    ['"lint": "eslint . || true"'],
  ])('TEST-HARNESS sees the script %s', async (script) => {
    expect(
      await loud(
        'package.json',
        '{\n"scripts": {\n"test": "vitest run", "lint": "eslint ."\n}\n}\n',
        `{\n"scripts": {\n"a": "b", ${script}\n}\n}\n`,
      ),
    ).toEqual(['TEST-HARNESS'])
  })

  it('TEST-HARNESS sees weaker settings, not stronger ones', async () => {
    const config = (lines: number, more = ''): string =>
      `export default {\n  test: {\n    ${more}\n    coverage: { thresholds: {\n      lines: ${lines},\n    } },\n  },\n}\n`
    expect(await loud('vitest.config.ts', config(90), config(50))).toEqual(['TEST-HARNESS'])
    expect(await loud('vitest.config.ts', config(90), config(95))).toEqual([])
    expect(await loud('jest.config.js', config(90), config(90, "testPathIgnorePatterns: ['cart'],"))).toEqual(['TEST-HARNESS'])
    expect(await loud('vitest.config.ts', config(90), config(90, 'passWithNoTests: true,'))).toEqual(['TEST-HARNESS'])
  })

  it('TEST-DELETED sees a test renamed to something that is not run', async () => {
    expect(
      rulesIn(
        await observe(
          'diff --git a/test/cart.test.js b/old/cart.txt\nsimilarity index 100%\nrename from test/cart.test.js\nrename to old/cart.txt\n',
        ),
      ),
    ).toEqual(['TEST-DELETED'])
  })

  it('CHECK-SUPPRESS looks in comments only', async () => {
    const audit = await observe(
      patchOf([['src/a.js', 'a()\n', "a() // eslint-disable-line no-eval\nb('// eslint-disable-line')\n"]]),
    )
    expect(audit.findings.map((finding) => [finding.rule, finding.location.line])).toEqual([['CHECK-SUPPRESS', 1]])
  })
})
