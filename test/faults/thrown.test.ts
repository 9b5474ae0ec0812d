import { describe, expect, it } from 'vitest'
import { classify } from '../../src/faults/classify.js'
import { readOutput } from '../../src/faults/output.js'
import { isThrownByProgram } from '../../src/faults/thrown.js'

const thrown = (...lines: readonly string[]): boolean => isThrownByProgram(readOutput({ output: lines.join('\n') }), 0)

describe('isThrownByProgram()', () => {
  it('believes a stack that begins in the project', () => {
    expect(thrown('SyntaxError: bad digit', '    at parse (/app/src/parse.js:3:9)')).toBe(true)
    expect(thrown('SyntaxError: bad digit', ' ❯ parse src/parse.js:3:9')).toBe(true)
  })

  it.each([
    ['a loader', '    at wrapSafe (node:internal/modules/cjs/loader:1:1)'],
    ['a compiler', '    at Parser.raise (/app/node_modules/@babel/parser/lib/index.js:1:1)'],
    ['another error', 'Error: other'],
    ['no place at all', '    at nowhere'],
  ])('believes no stack that begins in %s', (_, line) => {
    expect(thrown('SyntaxError: Unexpected token', line, '    at f (/app/src/a.js:1:1)')).toBe(false)
  })

  it('believes built-in functions within a test only', () => {
    const lines = [
      'SyntaxError: Invalid regular expression: /(/',
      '    at new RegExp (<anonymous>)',
      '    at f (/app/src/a.js:1:1)',
    ]
    expect(thrown(...lines)).toBe(false)
    const output = readOutput({ output: ['✖ finds (1ms)', ...lines].join('\n') })
    expect(isThrownByProgram(output, 1)).toBe(true)
  })

  it('suspects the file of JSON that is named near the error', () => {
    const stack = ['SyntaxError: Unexpected end of JSON input', '    at JSON.parse (<anonymous>)', '    at f (/app/src/a.js:1:1)']
    const within = (...above: readonly string[]): boolean => {
      const output = readOutput({ output: ['✖ reads (1ms)', ...above, ...stack].join('\n') })
      return isThrownByProgram(output, 1 + above.length)
    }
    expect(within()).toBe(true)
    expect(within('reading data/prices.json')).toBe(false)
  })
})

describe('classify() of errors that are thrown on purpose', () => {
  it('calls a SyntaxError of a program that nobody catches one of the run', () => {
    const output = 'SyntaxError: bad digit\n    at parse (/app/src/parse.js:3:9)\n    at main (/app/index.js:1:1)'
    expect(classify({ output, exitCode: 1 })).toMatchObject([
      { category: 'runtime', code: 'UNCAUGHT_ERROR', location: { file: '/app/src/parse.js', line: 3 } },
    ])
  })

  it('keeps a file that a test loads, and that cannot be parsed, one of syntax', () => {
    const output = [
      '✖ loads the plugin (1ms)',
      "  SyntaxError: Unexpected token '}'",
      '      at compileSourceTextModule (node:internal/modules/esm/utils:319:16)',
      '      at f (/app/src/load.js:2:1)',
      '      at t (/app/test/load.test.js:4:1)',
    ].join('\n')
    expect(classify({ output, exitCode: 1 })[0]).toMatchObject({ category: 'syntax', code: 'SYNTAX_ERROR' })
  })

  it('keeps the kind that Node writes in brackets, but not that of the test runner', () => {
    const told = (kind: string): string | undefined =>
      classify({ output: `${kind}: x is not a function\n    at f (/app/a.js:1:1)`, exitCode: 1 })[0]?.code
    expect(told('TypeError [Error]')).toBe('TypeError')
    expect(told('TypeError [ERR_INVALID_ARG_TYPE]')).toBe('ERR_INVALID_ARG_TYPE')
  })
})
