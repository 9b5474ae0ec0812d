import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CommandResult } from '../../src/core/ports.js'
import { measuredChecks, testsGainedBetween } from '../../src/orchestrator/heal/measured-checks.js'
import { testCount } from '../../src/orchestrator/heal/test-count.js'

describe('testCount()', () => {
  it.each([
    ['node:test', 'ℹ tests 9\nℹ suites 0\nℹ pass 7\nℹ fail 1\nℹ cancelled 0\nℹ skipped 1\n', { passed: 7, failed: 1 }],
    ['TAP', '1..171\n# tests 171\n# pass  170\n# fail  1\n', { passed: 170, failed: 1 }],
    ['TAP where all is well', '1..3\n# tests 3\n# pass  3\n\n# ok\n', { passed: 3, failed: 0 }],
    [
      'Vitest',
      ' Test Files  1 failed | 1 passed (2)\n      Tests  1 failed | 375 passed | 2 skipped (378)\n',
      { passed: 375, failed: 1 },
    ],
    [
      'Vitest in colour',
      '\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[32m63 passed\u001b[39m\u001b[22m\u001b[90m (63)\u001b[39m\n',
      { passed: 63, failed: 0 },
    ],
    [
      'Jest',
      'Test Suites: 1 failed, 7 passed, 8 total\nTests:       1 failed, 2 skipped, 235 passed, 238 total\n',
      { passed: 235, failed: 1 },
    ],
    ['Mocha', '\n  1977 passing (363ms)\n  3 pending\n  2 failing\n', { passed: 1977, failed: 2 }],
    ['AVA', '  ─\n\n  1 test failed\n  20 tests passed\n', { passed: 20, failed: 1 }],
    ['uvu', '\n  Total:     62\n  Passed:    60\n  Skipped:   0\n', { passed: 60, failed: 0 }],
    ['Jasmine', 'Finished in 0.03 seconds\n12 specs, 1 failure, 2 pending specs\n', { passed: 11, failed: 1 }],
    ['two packages', '  3 passing (1ms)\n  4 passing (2ms)\n  1 failing\n', { passed: 7, failed: 1 }],
    ['only failures', '  0 passing (1ms)\n  1 failing\n', { passed: 0, failed: 1 }],
  ])('reads what %s sums up', (_, output, count) => {
    expect(testCount(output)).toEqual(count)
  })

  it.each(['', 'all tests passed\n', "TypeError: Cannot read properties of undefined (reading 'passed')\n", 'Tests: none\n'])(
    'knows nothing where nothing is summed up: %j',
    (output) => {
      expect(testCount(output)).toBeUndefined()
    },
  )
})

const ran = (output: string, durationMs = 1_000, exitCode = 0): CommandResult => ({
  ending: 'exited',
  exitCode,
  output,
  outputBytes: output.length,
  truncated: false,
  durationMs,
})
const mocha = (passed: number, failed: number): string => `\n  ${passed} passing (5ms)\n  ${failed} failing\n`
const compared = (before: CommandResult | undefined, after: CommandResult) => {
  const { checks, absent } = measuredChecks(['npm', 'test'], { before, after })
  return { checks: checks.map(({ name, passed }) => [name, passed]), absent: absent.map(({ name }) => name) }
}

describe('measuredChecks()', () => {
  it('wants those tests to run that passed before', () => {
    const good = [
      ['tests', true],
      ['speed', true],
    ]
    expect(compared(ran(mocha(9, 1), 1_000, 1), ran(mocha(10, 0)))).toEqual({ checks: good, absent: [] })
    expect(compared(ran(mocha(9, 1), 1_000, 1), ran(mocha(12, 0)))).toEqual({ checks: [['tests', true]], absent: ['speed'] })
    expect(compared(ran(mocha(9, 1), 1_000, 1), ran(mocha(8, 0)))).toEqual({ checks: [['tests', false]], absent: ['speed'] })
  })

  it('takes the same tests to be slower only beyond what a busy machine does', () => {
    const took = (durationMs: number) => compared(ran(mocha(9, 1), 1_000, 1), ran(mocha(10, 0), durationMs)).checks[1]
    expect(took(5_000)).toEqual(['speed', true])
    expect(took(5_001)).toEqual(['speed', false])
  })

  it('counts the tests that were gained, where none fails and somebody counts', () => {
    expect(testsGainedBetween(ran(mocha(5, 10), 1, 1), ran(mocha(15, 0)))).toBe(10)
    expect(testsGainedBetween(ran(mocha(5, 1), 1, 1), ran(mocha(4, 0)))).toBe(0)
    expect(testsGainedBetween(ran(mocha(5, 9), 1, 1), ran(mocha(13, 1)))).toBeUndefined()
    expect(testsGainedBetween(ran('', 1, 1), ran(mocha(15, 0)))).toBeUndefined()
  })

  it('says what it could not compare, and why', () => {
    const reasons = (before: CommandResult | undefined, after: CommandResult) =>
      measuredChecks(['npm', 'test'], { before, after }).absent.map(({ reason }) => reason)
    expect(new Set(reasons(undefined, ran(mocha(1, 0))))).toEqual(new Set(['the command was not run on the project as it was']))
    expect(reasons(ran('SyntaxError', 10, 1), ran(mocha(1, 0)))[0]).toContain('the failing run does not say')
    expect(reasons(ran(mocha(1, 1), 10, 1), ran('ok')).join()).toContain('with the patch does not say')
    expect(compared(undefined, ran('')).absent).toEqual(['tests', 'speed'])
  })

  it('never fails where more pass in less time', () => {
    const many = fc.integer({ min: 0, max: 500 })
    fc.assert(
      fc.property(many, many, many, fc.integer({ min: 0, max: 60_000 }), (passed, failed, more, durationMs) => {
        const before = ran(mocha(passed, failed), durationMs, 1)
        const { checks } = compared(before, ran(mocha(passed + more, 0), Math.floor(durationMs / 2)))
        expect(checks.every(([, isPassed]) => isPassed)).toBe(true)
      }),
    )
  })
})
