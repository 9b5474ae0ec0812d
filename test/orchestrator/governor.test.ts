import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stopReason, type Effort, type SearchLimits } from '../../src/orchestrator/heal/governor.js'

const limits: SearchLimits = {
  attemptsMax: 30,
  graceAttempts: 2,
  syntaxAttemptsMax: 5,
  logicAttemptsMax: 7,
  failureStreakMax: 5,
  cascadeDepthMax: 5,
  syntaxErrorBudget: 0.1,
  logicErrorBudget: 0.2,
}
const fresh: Effort = {
  isSyntax: true,
  attempts: 0,
  attemptsAtFault: 0,
  streak: 0,
  cascade: 0,
  errorsInFile: 1,
  linesInFile: 100,
}

describe('stopReason()', () => {
  it('lets a fresh fault be tried', () => {
    expect(stopReason(fresh, limits)).toBeUndefined()
  })

  it('counts what each limit counts', () => {
    expect(stopReason({ ...fresh, attempts: 30 }, limits)).toBe('30 attempts were made in this session')
    expect(stopReason({ ...fresh, attemptsAtFault: 5 }, limits)).toBe('5 attempts were made at this fault')
    expect(stopReason({ ...fresh, attemptsAtFault: 5, isSyntax: false }, limits)).toBeUndefined()
    expect(stopReason({ ...fresh, attemptsAtFault: 7, isSyntax: false }, limits)).toBe('7 attempts were made at this fault')
    expect(stopReason({ ...fresh, cascade: 5 }, limits)).toMatch(/5 repairs in a row/)
  })

  it('gives every fault its first attempts, whatever happened before', () => {
    expect(stopReason({ ...fresh, streak: 9, attemptsAtFault: 1 }, limits)).toBeUndefined()
    expect(stopReason({ ...fresh, streak: 5, attemptsAtFault: 2 }, limits)).toBe('5 attempts in a row changed nothing')
  })

  it('never takes one error for a rate, and knows no rate without a file', () => {
    const tried = { ...fresh, attemptsAtFault: 2, linesInFile: 4 }
    expect(stopReason(tried, limits)).toBeUndefined()
    expect(stopReason({ ...tried, errorsInFile: 2 }, limits)).toBe('2 errors in 4 lines are more than a search can sort out')
    expect(stopReason({ ...tried, errorsInFile: 2, linesInFile: undefined }, limits)).toBeUndefined()
    expect(stopReason({ ...tried, errorsInFile: 3, linesInFile: 20, isSyntax: false }, limits)).toBeUndefined()
  })

  it('never takes a stop back when more has been spent', () => {
    const efforts = fc.record({
      isSyntax: fc.boolean(),
      attempts: fc.nat(40),
      attemptsAtFault: fc.nat(10),
      streak: fc.nat(8),
      cascade: fc.nat(8),
      errorsInFile: fc.integer({ min: 1, max: 20 }),
      linesInFile: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(
        efforts,
        fc.constantFrom('attempts', 'attemptsAtFault', 'streak', 'cascade', 'errorsInFile'),
        (effort, spent) => {
          const more = { ...effort, [spent]: effort[spent] + 1 }
          if (stopReason(effort, limits) !== undefined) expect(stopReason(more, limits)).toBeDefined()
        },
      ),
    )
  })
})
