import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultCategories } from '../../src/core/fault.js'
import { classify } from '../../src/faults/classify.js'
import { readWords, sureWeight, surely } from '../../src/faults/wording.js'

describe('classify() beside the warnings of a package manager', () => {
  it.each([
    'npm warn Unknown env config "store-dir". This will stop working in the next major version of npm.',
    '(node:4711) ExperimentalWarning: Configuration of this kind is unsupported',
    'WARN  Issues with peer dependencies found',
  ])('does not take %j for the reason', (warning) => {
    const output = `${warning}\n\n> shop@1.0.0 test\n> check-prices --all\n\nprice of tea: 3, wanted 4\n`
    expect(classify({ output, exitCode: 1, command: 'npm test' })).toMatchObject([{ category: 'test', code: 'COMMAND_FAILED' }])
  })
})

describe('readWords()', () => {
  it('puts the surest reading first, each category once, and weighs every one', () => {
    const word = fc.constantFrom(
      'cannot',
      'find',
      'module',
      'region',
      'is missing',
      'denied',
      '503',
      'ParseError',
      'pod',
      'failed',
      '{',
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        const readings = readWords(words.join(' '))
        const weights = readings.map(({ weight }) => weight)
        expect(weights).toEqual([...weights].sort((a, b) => b - a))
        expect(weights.every((weight) => weight > 0)).toBe(true)
        expect(new Set(readings.map(({ category }) => category)).size).toBe(readings.length)
        expect(faultCategories).toEqual(expect.arrayContaining(readings.map(({ category }) => category)))
      }),
    )
  })

  it('reads nothing in words that speak of no failure', () => {
    expect(readWords('the quick brown fox')).toEqual([])
  })
})

describe('surely()', () => {
  it.each([
    ['StripeAuthenticationError: no such customer', 'permission'],
    ['16 UNAUTHENTICATED: who are you', 'permission'],
    ['you do not have the required permission to list carts', 'permission'],
    ['ShopRateLimitError: slow down', 'network'],
    ['14 UNAVAILABLE: no channel', 'network'],
    ['the cart service is temporarily unavailable', 'network'],
    ['x509: certificate signed by unknown authority', 'network'],
    ['libcart.so.2: cannot open shared object file', 'dependency'],
    ['ShopConfigError: carts is wrong', 'configuration'],
    ['Error: Region is missing', 'configuration'],
    ['your Lua version is 5.1, but the project specified 5.4', 'configuration'],
    ['CartParseError: line 3', 'syntax'],
    ['unexpected "}" in carts.conf:3', 'syntax'],
    ['ShopAssertionError: 2', 'test'],
  ])('%s: %s', (sentence, category) => {
    expect(surely(sentence)).toMatchObject({ category })
  })

  it.each(['', 'something went wrong', 'the connection', 'UnicodeDecodeError: a byte', 'a cart without a name'])(
    'is not sure of %j',
    (sentence) => {
      expect(surely(sentence)).toBeUndefined()
    },
  )

  it('is sure of nothing that two categories claim with the same weight', () => {
    const sentence = 'CartParseError and a NetworkTimeoutError'
    const [first, second] = readWords(sentence)
    expect(first?.weight).toBeGreaterThanOrEqual(sureWeight)
    expect(surely(sentence) === undefined).toBe(first?.weight === second?.weight)
  })
})

describe('classify() of tools and errors that no rule knows', () => {
  const first = (output: string, command = './zorp'): unknown => classify({ output, exitCode: 1, command })[0]

  it('waits for a host and for no certificate', () => {
    expect(first('zorp: dns error: no answer for carts.example.com')).toMatchObject({ category: 'network', transient: true })
    expect(first('zorp: x509: certificate signed by unknown authority')).toMatchObject({ category: 'network', transient: false })
  })

  it('believes the sentence that says most, not the last one', () => {
    expect(first('zorp: unexpected "}" in carts.zorp:3\nzorp: the check of carts.zorp did not end well')).toMatchObject({
      category: 'syntax',
      message: 'zorp: unexpected "}" in carts.zorp:3',
    })
  })

  it('gives advice half the weight', () => {
    expect(
      first('zorp: the profile "prod" is not defined\nhint: this is not the whole list, please log in to see it'),
    ).toMatchObject({
      category: 'configuration',
    })
  })

  it('names nothing to be repaired where only the words speak', () => {
    expect(first('zorp: the package "cart" could not be found')).toMatchObject({ category: 'dependency', code: 'COMMAND_FAILED' })
  })

  it('tells the names of environment variables that a schema lists', () => {
    const output = [
      'ZodError: [',
      '  { "path": [ "CART_DATABASE_URL" ], "message": "Required" }',
      ']',
      '    at load (/app/src/settings.js:3:4)',
    ].join('\n')
    expect(first(output, 'node a.js')).toMatchObject({
      category: 'configuration',
      code: 'ENVIRONMENT_VARIABLE_MISSING',
      details: { name: 'CART_DATABASE_URL' },
    })
  })

  it('reads the reason that a daemon passes on', () => {
    const output =
      'Error response from daemon: Get "https://images.example.com/v2/": unauthorized: incorrect username or password'
    expect(first(output, 'docker login')).toMatchObject({ category: 'permission' })
  })

  it('asks for the settings that a tool imports, and installs nothing', () => {
    const output = "[!] Error: Cannot find module '/app/rollup.config.js' imported from /app/node_modules/rollup/dist/load.js"
    expect(first(output, 'rollup -c')).toMatchObject({ category: 'configuration', code: 'ENOENT' })
  })
})

describe('classify() of many faults that differ in numbers only', () => {
  it('tells them once, at the place of the first', () => {
    const thrown = (order: number): string => `CartError: order ${order} is lost\n    at load (/app/src/cart.js:${order}:4)`
    const faults = classify({ output: Array.from({ length: 200 }, (_, at) => thrown(at + 1)).join('\n'), exitCode: 1 })
    expect(faults).toMatchObject([{ message: 'CartError: order 1 is lost', location: { line: 1 } }])
  })
})
