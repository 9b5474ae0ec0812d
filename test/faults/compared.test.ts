import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compared } from '../../src/faults/compared.js'
import { readOutput } from '../../src/faults/output.js'

const read = (...lines: readonly string[]): ReturnType<typeof compared> => compared(readOutput({ output: lines.join('\n') }), 0)

describe('compared()', () => {
  it.each([
    ['AssertionError: expected 5 to equal 6', '6', '5'],
    ['Expected 5 to be 6.', '6', '5'],
    ['Expected $.lines[0].count = 3 to equal 2.', '2', '3'],
    ['5 !== 6', '6', '5'],
    ['Expected function to throw TypeError, but it threw RangeError.', 'TypeError', 'RangeError'],
    ['The error is expected to be an instance of "TypeError". Received "RangeError"', 'TypeError', 'RangeError'],
    ['Missing expected exception (RangeError).', 'RangeError', undefined],
    ['Missing expected exception.', undefined, undefined],
  ])('reads %j', (line, expected, actual) => {
    expect(read(line)).toEqual({ expected, actual })
  })

  it('takes nothing that stands by itself for a value that came, where none came', () => {
    expect(read('Missing expected exception (RangeError).', '  actual: undefined,').actual).toBeUndefined()
  })

  it('folds a diff to what each side has of its own, whichever side carries the plus', () => {
    const lines = ['  {', "    sku: 'a',", '+   count: 3,', '-   count: 2,', '+   paid: true,', '  }']
    expect(read('AssertionError', '+ actual - expected', ...lines)).toEqual({
      expected: 'count: 2',
      actual: 'count: 3, paid: true',
    })
    expect(read('AssertionError', '+ expected - actual', ...lines)).toEqual({
      expected: 'count: 3, paid: true',
      actual: 'count: 2',
    })
    expect(read('expect(received).toEqual(expected)', '- Expected  - 1', '+ Received  + 2', '', ...lines)).toEqual({
      expected: 'count: 2',
      actual: 'count: 3, paid: true',
    })
  })

  it('folds both sides whole where only one has something of its own', () => {
    expect(
      read('AssertionError', '+ actual - expected', '', '  {', '    a: 1,', '+   b: 2', '  }', '', '    at f (/app/a.js:1:1)'),
    ).toEqual({
      expected: '{ a: 1, }',
      actual: '{ a: 1, b: 2 }',
    })
  })

  it('shows that lines were left out', () => {
    const lines = ['  {', '... Skipped lines', '+   b: 2', '@@ -9,7 +9,7 @@', '  }']
    expect(read('AssertionError', '+ actual - expected', ...lines).expected).toBe('{ … }')
  })

  it('tells a text whose lines begin with a sign from a diff', () => {
    expect(read('AssertionError', '+ expected - actual', '', ' - milk', '-- bread', '+- butter', ' ')).toEqual({
      expected: '- butter',
      actual: '- bread',
    })
  })

  it('ends a diff at the stack, the source and the next diff', () => {
    for (const after of ['at f (/app/a.js:1:1)', '❯ a.test.js:3:4', '  8| expect(1)', '+ expected - actual'])
      expect(read('AssertionError', '- Expected', '+ Received', '', '- 6', '+ 5', after, '- 9', '+ 8')).toEqual({
        expected: '6',
        actual: '5',
      })
  })

  it('prefers a diff to values that the runner cut short', () => {
    expect(
      read(
        'AssertionError: expected { id: 7, …(3) } to deeply equal { id: 7, …(2) }',
        '',
        '- Expected',
        '+ Received',
        '',
        '- 6',
        '+ 5',
      ),
    ).toEqual({ expected: '6', actual: '5' })
    expect(read('AssertionError: expected [ …(3) ] to deeply equal [ …(2) ]')).toEqual({
      expected: '[ …(2) ]',
      actual: '[ …(3) ]',
    })
  })

  it('reads the blocks of YAML that labels announce', () => {
    expect(read('operator: deepEqual', '  expected: |-', '    { a: 1 }', '  actual: |-', '    { a: 2 }', '  at: x')).toEqual({
      expected: '{ a: 1 }',
      actual: '{ a: 2 }',
    })
    expect(read('operator: equal', '  expected: |-', '    one', '', '    two', '  actual:   1')).toEqual({
      expected: 'one\\n\\ntwo',
      actual: '1',
    })
  })

  it('reads labels that stand above their values', () => {
    expect(
      read(
        'AssertionError: expected error to be instance of TypeError',
        '',
        '- Expected:',
        '[Function TypeError]',
        '',
        '+ Received:',
        'RangeError {',
      ),
    ).toEqual({ expected: 'TypeError', actual: 'RangeError' })
    expect(read('Value is not `true`:', '', 'false')).toEqual({ expected: 'true', actual: 'false' })
  })

  it('reads signs that uvu writes twice', () => {
    expect(read('Expected values to be strictly equal:  (is)', '', '++6    (Expected)', '--5    (Actual)')).toEqual({
      expected: '6',
      actual: '5',
    })
    expect(
      read('Expected values to be deeply equal:  (equal)', '··{', 'Actual:', '--··"a":·1,', 'Expected:', '++··"a":·2,', '··}'),
    ).toEqual({
      expected: '"a": 2',
      actual: '"a": 1',
    })
    expect(read('Expected value to be truthy  (ok)', 'Expected:', '++true').actual).toBeUndefined()
  })

  it('never looks into the report of the next test', () => {
    expect(compared(readOutput({ output: 'AssertionError\nmore\nExpected: 6\nReceived: 5' }), 0, 2)).toEqual({
      expected: undefined,
      actual: undefined,
    })
    expect(read('AssertionError', '✖ next (1ms)', 'Expected: 6', 'Received: 5')).toEqual({
      expected: undefined,
      actual: undefined,
    })
  })

  it('is total', () => {
    const line = fc.constantFrom(
      '+ actual - expected',
      '- Expected',
      '+ Received',
      '+ 1',
      '- 2',
      '  3',
      '',
      'expected: |-',
      'actual: 1',
      '++1  (Expected)',
      '...',
      '- Expected:',
      'at f (a.js:1:1)',
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
        const { expected, actual } = read(...lines)
        for (const value of [expected, actual]) expect(value).not.toBe('')
      }),
      { numRuns: 200 },
    )
  })
})
