import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultCategories, faultSeverities, type Fault } from '../../src/core/fault.js'
import { classify } from '../../src/faults/classify.js'
import { rules } from '../../src/faults/rules.js'
import { documented, everyCase, recorded, type Case } from './fixtures.js'

function check({ report, fault }: Case): void {
  const [first] = classify(report)
  if (fault === null) {
    expect(first).toBeUndefined()
    return
  }
  expect(first).toMatchObject(fault)
}

describe('classify() reads what real tools print', () => {
  it.each(recorded('captured').map((one) => [one.name, one] as const))('%s', (_, one) => check(one))
})

describe('classify() reads other versions of the same tools', () => {
  it.each(recorded('other-versions').map((one) => [one.name, one] as const))('%s', (_, one) => check(one))
})

describe('classify() reads tools as they are documented', () => {
  it.each(documented().map((one) => [one.name, one] as const))('%s', (_, one) => check(one))
})

describe('classify()', () => {
  it('knows all nine categories and all five severities', () => {
    const faults = everyCase().flatMap(({ report }) => classify(report))
    expect(new Set(faults.map((fault) => fault.category))).toEqual(new Set(faultCategories))
    const audit = classify({ output: '1 low severity vulnerability', exitCode: 1, command: 'npm audit' })
    expect(new Set([...faults, ...audit].map((fault) => fault.severity))).toEqual(new Set(faultSeverities))
  })

  it('answers printable, bounded, unique and complete faults for every output', () => {
    for (const { report } of everyCase()) {
      const faults = classify(report)
      expect(new Set(faults.map((fault) => fault.fingerprint)).size).toBe(faults.length)
      for (const fault of faults) wellFormed(fault)
    }
  })

  it('puts a missing module before the suite that failed for it, and leaves the wrappers out', () => {
    const output = [
      'FAIL test/cart.test.js',
      '  ● Test suite failed to run',
      '',
      "    Cannot find module '../src/cart' from 'test/cart.test.js'",
      '',
      '  ● totals',
      '',
      '    expect(received).toBe(expected) // Object.is equality',
      '',
      '    Expected: 2',
      '    Received: 1',
      '',
      'npm error code ELIFECYCLE',
      'npm error command failed',
    ].join('\n')
    const codes = classify({ output, exitCode: 1, command: 'npm test' }).map((fault) => fault.code)
    expect(codes).toEqual(['MODULE_NOT_FOUND', 'ASSERTION_FAILED'])
  })

  it('puts a disk that is full before everything it caused', () => {
    const output =
      "src/a.ts(1,7): error TS2322: Type 'string' is not assignable to type 'number'.\nError: ENOSPC: no space left on device, write"
    expect(classify({ output, exitCode: 2 }).map((fault) => fault.code)).toEqual(['ENOSPC', 'TS2322'])
  })

  it('keeps the order of the compiler, and tells each error once', () => {
    const error = (line: number): string => `src/a.ts(${line},7): error TS2322: Type 'string' is not assignable to type 'number'.`
    const other = "src/b.ts(1,1): error TS2304: Cannot find name 'prcie'."
    expect(classify({ output: [error(1), other, error(1)].join('\n'), exitCode: 2 }).map((fault) => fault.code)).toEqual([
      'TS2322',
      'TS2304',
    ])
  })

  it('tells at most fifty faults', () => {
    const output = Array.from(
      { length: 500 },
      (_, line) => `src/file${line}.ts(1,1): error TS2304: Cannot find name 'name${line}'.`,
    ).join('\n')
    expect(classify({ output, exitCode: 2 })).toHaveLength(50)
  })

  it('adds the signal that stopped a command to what the command said', () => {
    const output = "src/a.ts(1,7): error TS2304: Cannot find name 'x'.\nKilled"
    expect(classify({ output, exitCode: 137 }).map((fault) => [fault.code, fault.severity])).toEqual([
      ['KILLED', 'critical'],
      ['TS2304', 'high'],
    ])
  })

  it('joins the streams, and reads one that is given twice once', () => {
    const stderr = "Error: Cannot find module 'left-pad'\nRequire stack:\n- /app/index.js"
    expect(classify({ stdout: stderr, stderr, exitCode: 1 })).toHaveLength(1)
  })

  it('never answers nothing for a command that failed, and always nothing for one that says nothing and ended well', () => {
    expect(classify({ exitCode: 1 })).toMatchObject([{ category: 'runtime', code: 'COMMAND_FAILED', details: { exitCode: 1 } }])
    expect(classify({ exitCode: 0 })).toEqual([])
    expect(classify({})).toEqual([])
    expect(classify({ output: '', exitCode: null })).toEqual([])
  })

  it.each([
    ['0 failing', 0],
    ['  12 passing (40ms)\n  0 failing', undefined],
    ['Failed: 0, Passed: 12', 0],
    ['ℹ pass 3\nℹ fail 0', undefined],
    ['Tests:       2 passed, 2 total', undefined],
    ['[info] error handler installed\nserver ready', undefined],
    ['Error: connect ECONNREFUSED 127.0.0.1:5432', 0],
    ['warning: this may fail later', undefined],
    ['test result: ok. 2 passed; 0 failed', undefined],
    ['Found 0 errors. Watching for file changes.', undefined],
  ])('finds nothing wrong in %j', (output, exitCode) => {
    expect(classify({ output, exitCode })).toEqual([])
  })

  it('judges by the text when the exit code is not known', () => {
    expect(classify({ output: "npm error code E404\nnpm error 404 'left-padd@1' is not in this registry." })).toMatchObject([
      { code: 'PACKAGE_NOT_FOUND' },
    ])
    expect(classify({ output: 'Tests: 1 failed, 2 passed\nError: connect ECONNREFUSED 127.0.0.1:1' })).toMatchObject([
      { code: 'ECONNREFUSED' },
    ])
  })

  it('reports a failing summary at the end of a pipe that ended well', () => {
    expect(classify({ output: '  2 passing\n  1 failing\n', exitCode: 0, command: 'npm test | tee log' })).toMatchObject([
      { category: 'test', details: { count: 1 } },
    ])
    expect(classify({ output: `1 failing\n${'later\n'.repeat(100)}`, exitCode: 0 })).toEqual([])
  })

  it('takes a word of the network in a diff, a title or a captured log for what it is', () => {
    const shown = [
      "  ● maps 'read ECONNRESET' to a code",
      '',
      '    expect(received).toBe(expected) // Object.is equality',
      '',
      '    Expected: "connect ECONNREFUSED 127.0.0.1:80"',
      '    Received: "ETIMEDOUT"',
      '',
      '  console.error',
      '    Error: connect ECONNREFUSED 127.0.0.1:5432',
      '',
      '      at log (src/log.js:3:9)',
      '',
      'Tests:       1 failed, 1 total',
    ].join('\n')
    expect(classify({ output: shown, exitCode: 1, command: 'jest' }).map((fault) => fault.category)).toEqual(['test'])
    const captured =
      'stderr | test/a.test.ts > logs\nError: connect ECONNREFUSED 127.0.0.1:5432\n\n FAIL  test/a.test.ts > adds\nAssertionError: expected 1 to be 2\n'
    expect(classify({ output: captured, exitCode: 1 }).map((fault) => fault.category)).toEqual(['test'])
  })

  it('tells a test that fails for an error of the program by that error first', () => {
    const output = [
      ' FAIL  test/cart.test.ts > totals',
      "TypeError: Cannot read properties of undefined (reading 'length')",
      ' ❯ total src/cart.ts:3:21',
      ' ❯ test/cart.test.ts:5:10',
      '',
    ].join('\n')
    expect(classify({ output, exitCode: 1, command: 'vitest run' })).toMatchObject([
      {
        category: 'runtime',
        code: 'TypeError',
        location: { file: 'src/cart.ts', line: 3, column: 21 },
        details: { name: 'length' },
      },
      { category: 'test', code: 'TEST_FAILED', details: { name: 'test/cart.test.ts > totals' } },
    ])
  })

  it('reads through colours, prefixes of CI logs, carriage returns and a byte order mark', () => {
    const output =
      "\ufeff10%\r50%\r100%\r\n2024-05-01T10:00:00.123Z \u001b[31msrc/a.ts\u001b[0m:\u001b[33m3\u001b[0m:\u001b[33m7\u001b[0m - \u001b[91merror\u001b[0m\u001b[90m TS2304: \u001b[0mCannot find name 'x'.\r\n"
    expect(classify({ output, exitCode: 2 })).toMatchObject([
      { code: 'TS2304', location: { file: 'src/a.ts', line: 3, column: 7 } },
    ])
  })
})

describe('classify() and hostile text', () => {
  it('passes a hostile module name on as data, cleaned', () => {
    const [fault] = classify({
      stderr: "Error: Cannot find module 'x; touch pwned #'\nRequire stack:\n- /app/\u001b]0;owned\u0007index.js",
      exitCode: 1,
    })
    expect(fault).toMatchObject({
      code: 'MODULE_NOT_FOUND',
      details: { specifier: 'x; touch pwned #', importer: '/app/index.js' },
    })
  })

  it('bounds a module name of a megabyte', () => {
    const [fault] = classify({ stderr: `Error: Cannot find module '${'a'.repeat(1_000_000)}'\n`, exitCode: 1 })
    expect(fault?.code).toBe('MODULE_NOT_FOUND')
    expect(String(fault?.details['specifier']).length).toBeLessThanOrEqual(300)
  })

  it('takes names of object members for names', () => {
    const [fault] = classify({
      output: "ReferenceError: __proto__ is not defined\n    at f (/app/a.js:1:1)\nError: Cannot find module 'constructor'\n",
      exitCode: 1,
    })
    expect(fault?.details['specifier']).toBe('constructor')
    expect(classify({ output: 'npm error code __PROTO__', exitCode: 1 })[0]?.code).toBeDefined()
    expect(classify({ output: 'npm error code TOSTRING\nnpm error x', exitCode: 1 })[0]).toMatchObject({
      category: 'dependency',
      code: 'TOSTRING',
    })
  })

  it('survives binary garbage', () => {
    const garbage = Array.from({ length: 20_000 }, (_, index) => String.fromCharCode((index * 7_919) % 65_536)).join('')
    const [fault] = classify({ output: garbage, exitCode: 1 })
    if (fault === undefined) throw new Error('a failed command must yield a fault')
    wellFormed(fault)
  })

  it('is total: any text and exit code gives well-formed faults', () => {
    const words = fc.constantFrom(
      ...rules.flatMap((rule) => rule.hints),
      'at f (/app/a.js:1:2)',
      '/app/a.js:3',
      '    ^',
      '✖ ',
      'Error: ',
      "'",
      '"',
      '(',
      '\u001b[31m',
      '\n',
      '\n',
      ' ',
      '1',
      ': ',
      '{',
      '}',
    )
    const text = fc
      .array(fc.oneof(words, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 60 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined }), (output, exitCode) => {
        const faults = classify({ output, exitCode })
        if (exitCode !== undefined && exitCode !== 0) expect(faults.length).toBeGreaterThan(0)
        for (const fault of faults) wellFormed(fault)
      }),
      { numRuns: 300 },
    )
  })

  it('says the same of the same text', () => {
    for (const { report } of documented()) expect(classify(report)).toEqual(classify(report))
  })
})

describe('classify() in bounded time', () => {
  it.each([
    'x',
    'Error: ',
    'npm error code E',
    "Cannot find module '",
    '/a',
    ' ',
    '(',
    '1:',
    '- ',
    '\u001b[',
    'a.b ',
    'error TS',
  ])('reads a line of a megabyte of %j', (word) => {
    const startMs = performance.now()
    classify({ output: word.repeat(1_000_000 / word.length), exitCode: 1 })
    expect(performance.now() - startMs).toBeLessThan(1_000)
  })

  it.each([
    ['empty lines', '\n'],
    ['short lines', 'a\n'],
    ['errors', 'Error: something failed at x\n    at f (/app/a.js:1:2)\n'],
  ])('reads four megabytes of %s, and finds what is in the middle', (_, line) => {
    const filler = line.repeat(2_000_000 / line.length)
    const startMs = performance.now()
    const faults = classify({ output: `${filler}\nError: ENOSPC: no space left on device, write\n${filler}`, exitCode: 1 })
    expect(performance.now() - startMs).toBeLessThan(4_000) // Under one second on an idle machine; tests run on a busy one.
    expect(faults[0]?.code).toBe('ENOSPC')
  })

  it('takes not much more than twice the time for twice the text', () => {
    const words = fc.constantFrom(
      ...rules.flatMap((rule) => rule.hints.slice(0, 2)),
      '\n',
      '\n',
      ' ',
      ': ',
      "'",
      '/a',
      '1:',
      'x'.repeat(20),
    )
    fc.assert(
      fc.property(fc.array(words, { minLength: 20, maxLength: 200 }), (parts) => {
        const text = parts.join('')
        // Long enough to be measured, short enough to be read whole.
        const once = text.repeat(Math.ceil(100_000 / text.length))
        const [onceMs, twiceMs] = [cpuMs(once), cpuMs(once + once)]
        expect(twiceMs, JSON.stringify(text)).toBeLessThan(3 * onceMs + 30)
      }),
      { numRuns: 8 },
    )
  })

  it('has no rule that takes more than linear time on a line of its own words', () => {
    const shapes: readonly ((hint: string, length: number) => string)[] = [
      (hint, length) => hint.repeat(Math.ceil(length / hint.length)).slice(0, length),
      (hint, length) => `${hint} '${'a'.repeat(length)}`,
      (hint, length) => `${hint} "${'a/'.repeat(length / 2)}`,
      (hint, length) => `${hint} ${'1:'.repeat(length / 2)}`,
      (hint, length) => `${'a '.repeat(length / 2)}${hint}`,
      (hint, length) => `${hint}${' '.repeat(length)}x`,
      (hint, length) => `${'/a'.repeat(length / 2)}${hint}`,
    ]
    for (const rule of rules) {
      for (const hint of rule.hints.slice(0, 3)) {
        for (const shape of shapes) {
          const line = shape(hint, 2_000)
          expect(
            bestMs(() => rule.pattern.exec(line), 60),
            `${rule.pattern.source.slice(0, 80)} on ${line.slice(0, 40)}`,
          ).toBeLessThan(60)
        }
      }
    }
  })
})

describe('rules', () => {
  it('have hints that each can stand in a line their pattern is tried on', () => {
    for (const rule of rules) {
      expect(rule.hints.length).toBeGreaterThan(0)
      for (const hint of rule.hints) expect(hint).not.toBe('')
      expect(rule.pattern.global || rule.pattern.sticky).toBe(false) // Both would keep state between lines.
    }
  })
})

const unprintable = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

function wellFormed(fault: Fault): void {
  expect(faultCategories).toContain(fault.category)
  expect(faultSeverities).toContain(fault.severity)
  expect(fault.fingerprint).toMatch(/^[0-9a-f]{16}$/)
  expect(fault.message.length).toBeLessThanOrEqual(500)
  expect(fault.code).not.toBe('')
  expect(fault.evidence.length).toBeLessThanOrEqual(12)
  if (fault.location !== undefined) expect(fault.location.file).not.toBe('')
  const texts = [
    fault.code,
    fault.message,
    fault.tool ?? '',
    fault.location?.file ?? '',
    ...fault.evidence,
    ...Object.values(fault.details).map(String),
  ]
  for (const text of texts) {
    expect(text).not.toMatch(unprintable)
    expect(text.length).toBeLessThanOrEqual(500)
  }
  for (const line of fault.evidence) expect(line.length).toBeLessThanOrEqual(300)
  for (const value of Object.values(fault.details)) expect(Number.isNaN(value)).toBe(false)
}

/** What work needs on a machine that may be busy with something else: the best of several tries, until one is good enough. */
function bestMs(work: () => unknown, enoughMs: number): number {
  let best = Number.POSITIVE_INFINITY
  for (let time = 0; time < 5 && best >= enoughMs; time += 1) {
    const startMs = performance.now()
    work()
    best = Math.min(best, performance.now() - startMs)
  }
  return best
}

/** What a text costs the processor, whatever else the machine is doing: the best of three. */
function cpuMs(output: string): number {
  let best = Number.POSITIVE_INFINITY
  for (let time = 0; time < 3; time += 1) {
    const before = process.cpuUsage()
    classify({ output, exitCode: 1 })
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / 1_000)
  }
  return best
}
