import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readOutput } from '../../src/faults/output.js'
import { attribute, reportAt, reportNamed } from '../../src/faults/test-report.js'

const read = (text: string): ReturnType<typeof readOutput> => readOutput({ output: text })
const at = (text: string, line: number): ReturnType<typeof reportAt> => reportAt(read(text), line)

describe('reportAt()', () => {
  it.each([
    ['jest', '● cart › adds\n\n  Error: x', 'cart > adds'],
    ['vitest', 'FAIL  test/a.test.ts > cart > adds\nError: x', 'cart > adds'],
    ['vitest in a workspace', 'FAIL  |unit| test/a.test.ts > cart > adds\nError: x', 'cart > adds'],
    ['uvu with a suite', 'FAIL  cart  "adds"\n  x', 'cart > adds'],
    ['uvu without one', 'FAIL  "adds"\n  x', 'adds'],
    ['uvu with quotes in it', 'FAIL  "adds "tea" and "milk""\n  x', 'adds "tea" and "milk"'],
    ['uvu with a suite and quotes in it', 'FAIL  cart  "adds "tea""\n  x', 'cart > adds "tea"'],
    ['mocha', '1) cart\n     of old\n       adds:\n   Error: x', 'cart > of old > adds'],
    ['mocha without a suite', '1) adds:\n   Error: x', 'adds'],
    ['jasmine', '1) cart adds\n  Message:\n    Error: x', 'cart adds'],
    ['node', '▶ cart\n  ✖ adds (1.5ms)\n    Error: x', 'cart > adds'],
    ['node in TAP', '# Subtest: cart\n    # Subtest: adds\n    not ok 1 - adds\n      ---', 'cart > adds'],
    ['node-tap', '# Subtest: test/a.js\n    # Subtest: adds\n        not ok 1 - should be equal\n          ---', 'adds'],
    ['tape', 'TAP version 13\n# adds\nnot ok 1 should be equal\n  ---', 'adds'],
    ['TAP alone', 'not ok 1 - adds\n  ---', 'adds'],
    ['TAP with nothing but a number', 'not ok 1\n  ---', undefined],
    ['TAP of what is yet to do', 'not ok 1 - adds # TODO\n  ---', undefined],
    [
      'JUnit',
      '<testsuite name="cart">\n\t<testcase name="adds &lt;one&gt;" file="/app/a.test.js">\n\t\t<failure message="x">\nError: x',
      'cart > adds <one>',
    ],
    ['a suite of jest that did not start', '● Test suite failed to run\n\n  Error: x', undefined],
    ['jest in many titles', '● a • b\n\n  Error: x', undefined],
  ])('knows the title of %s', (_, text, test) => {
    expect(at(text, text.split('\n').length - 1)?.test).toBe(test)
  })

  it('tells the file where the title names it', () => {
    expect(at('FAIL  test/a.test.ts > adds\nError: x', 1)?.file).toBe('test/a.test.ts')
    expect(at('test at test/a.test.js:3:1\n✖ adds (1ms)\n  x', 2)?.file).toBe('test/a.test.js')
    expect(at('<testcase name="adds" file="/app/a.test.js">\n<failure>\nx', 2)?.file).toBe('/app/a.test.js')
  })

  it('finds the suites of a test that node tells of again at the end', () => {
    const text =
      '▶ cart\n  ✖ adds (1.25ms)\n✖ cart (2ms)\n\n✖ failing tests:\n\ntest at a.test.js:3:1\n✖ adds (1.25ms)\n  Error: x'
    expect(at(text, 8)).toMatchObject({ test: 'cart > adds', first: 7 })
  })

  it.each([
    '✔ other (1ms)',
    '▶ other',
    'ok 2 - other',
    '# Subtest: other',
    'ℹ tests 3',
    '3 passing (1s)',
    'Test Suites: 1 failed',
  ])('ends before %j', (line) => {
    expect(at(`✖ adds (1ms)\n  Error: x\n${line}\n  more`, 3)).toBeUndefined()
  })

  it('ends with a `<testcase>`, and takes none that passed for one that failed', () => {
    expect(at('<testcase name="a">\n<failure>\nx\n</failure>\n</testcase>\nmore', 5)).toBeUndefined()
    expect(at('<testcase name="a"/>\n<failure>\nx', 2)).toBeUndefined()
  })

  it('finds what AVA tells below its list by the title', () => {
    const output = read('✘ [fail]: cart › adds Error thrown in test\n─\n\n  cart › adds\n\n  TypeError: x')
    expect(reportNamed(output, 'cart › adds', 0)).toMatchObject({ first: 3, test: 'cart > adds' })
    expect(reportNamed(output, 'other', 0)).toBeUndefined()
  })

  it('gives each line to the last report that began above it, and bounds reports to 200 lines', () => {
    const line = fc.constantFrom(
      '● a › b',
      'FAIL  t.test.js > a',
      '1) a',
      '   b:',
      '▶ s',
      '  ▶ s',
      '  ✖ a (1ms)',
      '✖ a (1ms)',
      '✘ [fail]: a',
      'a',
      '',
      '# Subtest: a',
      'not ok 1 - a',
      '<testsuite name="s">',
      '<testcase name="a">',
      '<failure>',
      '</testsuite>',
      'Error: x',
      '✔ a',
      'TAP version 13',
      '# a',
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 300 }), (lines) => {
        const output = read(lines.join('\n'))
        for (const index of output.lines.keys()) {
          const report = reportAt(output, index)
          if (report === undefined) continue
          expect(report.first).toBeLessThanOrEqual(index)
          expect(report.end).toBeGreaterThan(index)
          expect(report.end - report.first).toBeLessThanOrEqual(200)
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('attribute()', () => {
  it('resolves entities once, and bounds what is never closed', () => {
    expect(attribute('<a b="&amp;lt; &quot;x&quot;">', 'b')).toBe('&lt; "x"')
    expect(attribute('<a b="1">', 'c')).toBeUndefined()
    expect(attribute(`<a b="${'x'.repeat(1_000)}`, 'b')).toHaveLength(400)
  })
})
