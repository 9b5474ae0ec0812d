import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { governorPresets, type GovernorOptions } from '../../../src/breaker/governor/governor-limits.js'
import type { HealingAttempt } from '../../../src/breaker/governor/healing-attempt.js'
import { attemptDecisions, judgeAttempts } from '../../../src/breaker/governor/judge-attempts.js'

const ratio = fc.option(fc.constantFrom(0, 0.2, 0.4, 0.6, 0.8, 0.9, 1), { nil: undefined })
/** Few different counts, so that ties, plateaus and zeros are common. */
const count = fc.oneof(fc.nat(6), fc.nat(60))
const attempt: fc.Arbitrary<HealingAttempt> = fc.record({
  errors: count,
  confidence: ratio,
  quality: ratio,
  lines: fc.constantFrom(undefined, 0, 40, 5_000),
})
const histories = fc.array(attempt, { minLength: 1, maxLength: 16 })
const options: fc.Arbitrary<GovernorOptions> = fc.oneof(
  fc.constantFrom(...Object.values(governorPresets)),
  fc.record({
    attemptsMax: fc.integer({ min: 1, max: 20 }),
    attemptsExtraMax: fc.nat(4),
    graceAttempts: fc.nat(4),
    improvementWindow: fc.integer({ min: 1, max: 6 }),
    stagnationAttempts: fc.integer({ min: 1, max: 8 }),
    changeRatioMin: fc.constantFrom(0, 0.05, 0.5),
    errorsMargin: fc.constantFrom(0, 1, 3),
    before: fc.constantFrom({ errors: 0 }, { errors: 7 }, { errors: 40 }),
  }),
)

function strictness(history: readonly HealingAttempt[], given: GovernorOptions): number {
  return attemptDecisions.indexOf(judgeAttempts(history, given).kind)
}

describe('judgeAttempts()', () => {
  it('never gets more permissive when an attempt follows that is no better than any before', () => {
    fc.assert(
      fc.property(histories, options, fc.nat(3), (history, given, more) => {
        const latest = history.at(-1) ?? { errors: 0 }
        const worst = Math.max(...history.map(({ errors }) => errors), given.before?.errors ?? 0)
        const longer = [...history, { ...latest, errors: worst + more }]
        expect(strictness(longer, given)).toBeGreaterThanOrEqual(strictness(history, given))
      }),
      { numRuns: 500 },
    )
  })

  it('never gets more permissive when the latest attempt leaves more errors', () => {
    fc.assert(
      fc.property(histories, options, fc.nat(20), (history, given, more) => {
        const worse = history.map((one, index) => (index === history.length - 1 ? { ...one, errors: one.errors + more } : one))
        expect(strictness(worse, given)).toBeGreaterThanOrEqual(strictness(history, given))
      }),
      { numRuns: 500 },
    )
  })

  it('never gets more permissive when the author is less sure, or the code worse', () => {
    fc.assert(
      fc.property(
        histories,
        options,
        fc.constantFrom('confidence', 'quality'),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (history, given, measure, factor) => {
          const worse = history.map((one, index) => {
            const value = one[measure]
            return index === history.length - 1 && value !== undefined ? { ...one, [measure]: value * factor } : one
          })
          expect(strictness(worse, given)).toBeGreaterThanOrEqual(strictness(history, given))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('never hears more errors as an improvement, however sure their author is', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60), { minLength: 2, maxLength: 12 }), (errors) => {
        const rising = errors.toSorted((a, b) => a - b).map((one, index) => ({ errors: one + index, confidence: 1, quality: 1 }))
        expect(judgeAttempts(rising).evidence.errors?.direction).not.toBe('improving')
        expect(judgeAttempts(rising).kind).not.toBe('promote')
      }),
      { numRuns: 200 },
    )
  })

  it('mirrors: what falls where another rises is improving where that is worsening, as fast and as surely', () => {
    const mirror = { improving: 'worsening', worsening: 'improving', unknown: 'unknown' } as const
    fc.assert(
      fc.property(fc.array(fc.nat(60), { minLength: 1, maxLength: 20 }), (errors) => {
        // Without the share that makes a slope too small to matter: that one is measured against the counts themselves.
        const judged = (values: readonly number[]) =>
          judgeAttempts(
            values.map((one) => ({ errors: one })),
            { changeRatioMin: 0 },
          ).evidence.errors
        const trend = judged(errors)
        const mirrored = judged(errors.map((one) => 60 - one))
        expect(mirrored?.velocity).toBeCloseTo(-(trend?.velocity ?? Number.NaN), 12)
        expect(mirrored?.pValue).toBe(trend?.pValue)
        expect(mirrored?.direction).toBe(
          trend === undefined || trend.direction === 'plateauing' ? trend?.direction : mirror[trend.direction],
        )
      }),
      { numRuns: 300 },
    )
  })

  it('ends every session: the limit, with what progress may add to it, is a promotion, an escalation or a stop', () => {
    fc.assert(
      fc.property(fc.array(attempt, { minLength: 22, maxLength: 22 }), options, (history, given) => {
        const { attemptsMax = 8, attemptsExtraMax = 2 } = given
        const { kind, evidence } = judgeAttempts(history.slice(0, attemptsMax + attemptsExtraMax), given)
        if (evidence.attempts === attemptsMax + attemptsExtraMax) expect(['promote', 'escalate', 'stop']).toContain(kind)
      }),
      { numRuns: 300 },
    )
  })

  it('always names the attempt to turn back to, the one with the fewest errors', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const fewest = Math.min(...history.map(({ errors }) => errors))
        const { best } = judgeAttempts(history).evidence
        expect(best?.errors).toBe(fewest)
        expect(history[(best?.attempt ?? 0) - 1]?.errors).toBe(fewest)
      }),
      { numRuns: 200 },
    )
  })

  it('says the same about the same, and leaves what it was given alone', () => {
    fc.assert(
      fc.property(histories, options, (history, given) => {
        const copy = structuredClone(history)
        expect(judgeAttempts(history, given)).toEqual(judgeAttempts(copy, { ...given }))
        expect(history).toEqual(copy)
      }),
      { numRuns: 200 },
    )
  })
})
