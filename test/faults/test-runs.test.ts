import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/core/fault.js'
import { classify } from '../../src/faults/classify.js'

/** What a runner printed about one small shop, whose paths were made neutral, and most of whose frames of the runtime left out. */
interface Run {
  /** Runner, version and reporter. */
  readonly name: string
  /** `all`: every test below fails; `syntax`: only that of the parser; `broken`: the source cannot be parsed. */
  readonly set: 'all' | 'syntax' | 'broken'
  readonly command: string
  readonly exitCode: number
  readonly file: string
  /** Line of the test file at which each test begins. */
  readonly lines: Readonly<Record<string, number>>
  readonly output: string
}

// The file holds runs: it was written by the code that ran the runners.
const runs = JSON.parse(readFileSync(new URL('./fixtures/test-runs.json', import.meta.url), 'utf8')) as Run[]
const runsOf = (set: Run['set']): (readonly [string, Run])[] =>
  runs.filter((run) => run.set === set).map((run) => [run.name, run])

/** How each test of the shop fails, whatever runs it. */
interface Failure {
  readonly code: string
  readonly suite: string
  readonly expected?: RegExp
  readonly actual?: RegExp
  /** Line of `src/cart.js` that throws. */
  readonly line?: number
  /** The error of the program, told before the test. */
  readonly runtime?: { readonly code: string; readonly details: Readonly<Record<string, string>> }
}

const old = 'orders > when they are old'
const failures: Readonly<Record<string, Failure>> = {
  'adds up prices': { code: 'ASSERTION_FAILED', suite: 'cart', expected: /^6$/, actual: /^5$/ },
  'greets by name': { code: 'ASSERTION_FAILED', suite: 'cart', expected: /order has left\./, actual: /order left\./ },
  'returns the whole order': {
    code: 'ASSERTION_FAILED',
    suite: 'cart',
    expected: /"?count"?: 2|^2$/,
    actual: /"?count"?: 3.*"?paid"?: true|^3$/,
  },
  'knows the empty cart': { code: 'ASSERTION_FAILED', suite: 'cart' },
  'tells the name of a guest': {
    code: 'TEST_FAILED',
    suite: 'cart',
    line: 8,
    runtime: { code: 'TypeError', details: { name: 'name', property: 'name', receiver: 'undefined' } },
  },
  'takes off a discount': {
    code: 'TEST_FAILED',
    suite: 'cart',
    line: 40,
    runtime: { code: 'TypeError', details: { name: 'cart.totalOf', property: 'totalOf', receiver: 'cart' } },
  },
  'adds the tax': {
    code: 'TEST_FAILED',
    suite: 'cart',
    line: 44,
    runtime: { code: 'ReferenceError', details: { name: 'taxRate' } },
  },
  'parses a list': { code: 'TEST_FAILED', suite: old, line: 13 },
  'reads its settings': { code: 'TEST_FAILED', suite: old, line: 18 },
  'loads an order': { code: 'TEST_FAILED', suite: old, line: 23 },
  'refuses a negative quantity': { code: 'ASSERTION_FAILED', suite: old },
  'refuses nothing at all': { code: 'ASSERTION_FAILED', suite: old },
  'draws the order': { code: 'SNAPSHOT_MISMATCH', suite: old, expected: /"?paid"?: false/, actual: /"?paid"?: true/ },
  'waits for the carrier': { code: 'TEST_TIMEOUT', suite: old },
}

/** Reporters that show less than their runner knows. */
const withoutSuites = /dot|tape|ava/
const withoutValues = /\(tap\)$/
const withoutStacks = /ava .*tap/

function read({ output, exitCode, command }: Run): readonly Fault[] {
  return classify({ output, exitCode, command })
}

/** The title of a test: where a runner joins it to those of its suites by spaces, so does the fault. */
function titleOf({ details }: Fault): string {
  return String(details['test']).replaceAll(' > ', ' ')
}

function pathOf(title: string, { suite }: Failure, run: Run): string {
  const inSuite = run.name.startsWith('uvu') ? `cart ${title}` : `${suite.replaceAll(' > ', ' ')} ${title}`
  return withoutSuites.test(run.name) ? title : inSuite
}

describe('classify() of a run with many failing tests', () => {
  it.each(runsOf('all'))('%s: tells each of them, as what it is and where', (name, run) => {
    const faults = read(run)
    const tests = faults.filter(({ category }) => category === 'test')
    // tape ends at the first error that nobody catches.
    const titles = Object.keys(run.lines).filter((_, at) => !name.startsWith('tape') || at < 4)
    expect(tests.map(titleOf).sort()).toEqual(titles.map((title) => pathOf(title, failures[title] ?? never(title), run)).sort())
    for (const title of titles) {
      const failure = failures[title] ?? never(title)
      const fault = tests.find((test) => titleOf(test) === pathOf(title, failure, run)) ?? never(title)
      expect(fault.code).toBe(failure.code)
      if (failure.expected !== undefined && !isWithoutValue(run, title)) {
        expect(fault.details['expected']).toMatch(failure.expected)
        expect(fault.details['actual']).toMatch(failure.actual ?? never(title))
      }
      if (failure.code !== 'TEST_TIMEOUT' && !withoutStacks.test(name)) checkPlaces(fault, failure, run, title)
    }
  })

  it.each(runsOf('all'))(
    '%s: tells the errors of the program first, each with its test, and the test as their consequence',
    (name, run) => {
      const faults = read(run)
      const runtime = faults.filter(({ category }) => category === 'runtime')
      const known = Object.entries(failures).filter(([, failure]) => failure.runtime !== undefined)
      const expected = name.startsWith('tape') ? known.slice(0, 1) : known
      expect(faults.slice(0, runtime.length)).toEqual(runtime)
      expect(runtime.map(titleOf)).toEqual(expected.map(([title, failure]) => pathOf(title, failure, run)))
      for (const [at, [title, failure]] of expected.entries()) {
        const fault = runtime[at] ?? never(title)
        expect(fault).toMatchObject({ ...failure.runtime, location: { line: failure.line } })
        expect(fault.location?.file).toMatch(/src\/cart\.js$/)
        if (!name.startsWith('tape'))
          expect(faults.find((other) => other.category === 'test' && titleOf(other) === titleOf(fault))?.causedBy).toBe(
            fault.fingerprint,
          )
      }
    },
  )

  it.each(runsOf('all'))('%s: bounds every detail, and keeps it on one line', (_, run) => {
    for (const { details } of read(run))
      for (const value of Object.values(details)) {
        expect(String(value).length).toBeLessThanOrEqual(300)
        expect(String(value)).not.toContain('\n')
      }
  })
})

function isWithoutValue(run: Run, title: string): boolean {
  // Jasmine prints no line of a text that differs, and Mocha's TAP no value that its message does not hold.
  return (
    (run.name.startsWith('jasmine') && title === 'greets by name') ||
    (withoutValues.test(run.name) && title === 'knows the empty cart')
  )
}

function checkPlaces(fault: Fault, { line }: Failure, run: Run, title: string): void {
  expect(fault.location?.file).toMatch(/(?:^|\/)test\/cart\.(?:test|spec)\.js$/)
  const begins = run.lines[title] ?? never(title)
  // The assertion stands one line below the title, or on it.
  expect([begins, begins + 1]).toContain(fault.location?.line)
  if (line === undefined) return
  expect(fault.details['file']).toMatch(/src\/cart\.js$/)
  expect(fault.details['line']).toBe(line)
}

function never(title: string): never {
  throw new Error(`no failure is known for ${title}`)
}

describe('classify() of a SyntaxError', () => {
  it.each(runsOf('syntax'))(
    '%s: thrown by the code under test it is a failing test, not a file that cannot be parsed',
    (name, run) => {
      const [fault, ...others] = read(run)
      expect(fault).toMatchObject({ category: name.startsWith('tape') ? 'runtime' : 'test' })
      expect(others).toEqual([])
      expect(fault?.details['test']).toMatch(/parses a list$/)
      expect(fault?.message).toContain('Unexpected token ; at position 1')
    },
  )

  it.each(runsOf('broken'))('%s: of a file that cannot be loaded it stays one of syntax', (_, run) => {
    expect(read(run)[0]).toMatchObject({ category: 'syntax', code: 'SYNTAX_ERROR' })
    expect(read(run)[0]?.location?.file).toMatch(/src\/cart\.js$|test\/cart\.(?:test|spec)\.js$/)
  })
})
