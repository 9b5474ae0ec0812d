import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AttemptGovernor } from '../../../src/breaker/governor/attempt-governor.js'
import { governorPresets, type GovernorOptions } from '../../../src/breaker/governor/governor-limits.js'
import type { HealingAttempt } from '../../../src/breaker/governor/healing-attempt.js'
import { judgeAttempts } from '../../../src/breaker/governor/judge-attempts.js'
import { isHomeostatError } from '../../../src/core/errors.js'

/** Hostile values are of the wrong type by definition. */
const hostile = (value: unknown): never => value as never

describe('AttemptGovernor', () => {
  it('record() says what judgeAttempts() says of everything recorded', () => {
    const governor = new AttemptGovernor({ before: { errors: 9 } })
    expect(governor.verdict.reasons).toEqual(['attempts.none'])
    const history: HealingAttempt[] = []
    for (const errors of [9, 8, 12, 8]) {
      history.push({ errors })
      expect(governor.record({ errors })).toEqual(judgeAttempts(history, { before: { errors: 9 } }))
    }
    expect(governor.verdict).toEqual(judgeAttempts(history, { before: { errors: 9 } }))
    expect(governor.attempts).toEqual(history)
  })

  it('shares nothing with another session, and nothing with what it was given (11, 26)', () => {
    const first = new AttemptGovernor()
    for (let index = 0; index < 8; index += 1) first.record({ errors: 5 })
    expect(first.verdict.kind).toBe('stop')
    expect(new AttemptGovernor().record({ errors: 5 }).kind).toBe('retry')

    const attempt = { errors: 5 }
    const second = new AttemptGovernor()
    second.record(attempt)
    attempt.errors = 0
    expect(second.attempts).toEqual([{ errors: 5 }])
    // Readonly is a promise of the compiler only; someone who breaks it must not reach the governor.
    ;(second.attempts as HealingAttempt[]).push({ errors: 0 })
    expect(second.attempts).toHaveLength(1)
  })

  it('answers a late attempt with a stop, and does not change (22)', () => {
    const governor = new AttemptGovernor({ attemptsMax: 60, attemptsExtraMax: 1 })
    for (let index = 0; index < 61; index += 1) governor.record({ errors: 5 })
    const before = JSON.stringify(governor)
    expect(governor.record({ errors: 0 })).toMatchObject({
      kind: 'stop',
      reasons: ['attempts.exhausted'],
      evidence: { attempts: 61 },
    })
    expect(JSON.stringify(governor)).toBe(before)
    expect(() => governor.record({ errors: Number.NaN })).toThrow(RangeError)
  })

  it.each([
    [null, TypeError],
    [undefined, TypeError],
    [7, TypeError],
    [{}, RangeError],
    [{ errors: Number.NaN }, RangeError],
    [{ errors: -1 }, RangeError],
    [{ errors: Infinity }, RangeError],
    [{ errors: '3' }, RangeError],
    [{ errors: 1, confidence: 1.1 }, RangeError],
    [{ errors: 1, confidence: Number.NaN }, RangeError],
    [{ errors: 1, quality: -0.1 }, RangeError],
    [{ errors: 1, lines: -1 }, RangeError],
    [{ errors: 1, atMs: -Infinity }, RangeError],
    [{ errors: 1, kind: '' }, RangeError],
    [{ errors: 1, kind: 'x'.repeat(201) }, RangeError],
    [{ errors: 1, kind: 7 }, TypeError],
  ])('record() refuses %j and stays as it was', (attempt, type) => {
    const governor = new AttemptGovernor()
    governor.record({ errors: 3 })
    const { verdict } = governor
    expect(() => governor.record(hostile(attempt))).toThrow(type)
    expect(governor.verdict).toBe(verdict)
    expect(governor.attempts).toHaveLength(1)
  })

  it('the constructor refuses options that are out of range, unknown or none', () => {
    for (const [name, value] of [
      ['attemptsMax', 0],
      ['attemptsMax', 201],
      ['attemptsMax', 2.5],
      ['attemptsExtraMax', -1],
      ['graceAttempts', 21],
      ['improvementWindow', 0],
      ['stagnationAttempts', Number.NaN],
      ['confidenceFloor', 1.5],
      ['significance', 0],
      ['significance', 0.5],
      ['changeRatioMin', '0.1'],
      ['errorsMargin', Infinity],
      ['attemptMax', 5],
      ['__proto__', 5],
      ['constructor', 5],
    ] as const) {
      const options = Object.fromEntries([[name, value]])
      expect(() => new AttemptGovernor(options), `${name}: ${value}`).toThrow(RangeError)
    }
    expect(() => new AttemptGovernor(hostile(null))).toThrow(TypeError)
    expect(() => new AttemptGovernor(hostile('sota'))).toThrow(TypeError)
    expect(() => new AttemptGovernor({ before: { errors: -1 } })).toThrow(RangeError)
  })

  it('has the numbers of the presets, and mid-tier when nothing is said', () => {
    const numbers = Object.values(governorPresets).map((limits) => [
      limits.attemptsMax,
      limits.improvementWindow,
      limits.stagnationAttempts,
      limits.confidenceFloor,
    ])
    expect(numbers).toEqual([
      [5, 2, 3, 0.7],
      [8, 3, 4, 0.5],
      [12, 4, 6, 0.3],
    ])
    expect(new AttemptGovernor(hostile({ attemptsMax: undefined })).toJSON().limits).toEqual(governorPresets['mid-tier'])
  })

  it('from() brings back one that decides the same ever after', () => {
    const attempt: fc.Arbitrary<HealingAttempt> = fc.record(
      {
        errors: fc.nat(12),
        confidence: fc.double({ min: 0, max: 1, noNaN: true }),
        lines: fc.nat(500),
        kind: fc.constantFrom('syntax', '__proto__', 'toString'),
        atMs: fc.nat(),
      },
      { requiredKeys: ['errors'] },
    )
    const options: fc.Arbitrary<GovernorOptions> = fc.constantFrom(
      {},
      { attemptsMax: 3 },
      { before: { errors: 4, quality: 0.5 } },
    )
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 12 }), fc.array(attempt, { maxLength: 4 }), options, (history, next, given) => {
        const original = new AttemptGovernor(given)
        for (const one of history) original.record(one)
        const copy = AttemptGovernor.from(JSON.parse(JSON.stringify(original)))
        expect(copy.toJSON()).toEqual(original.toJSON())
        expect(copy.verdict).toEqual(original.verdict)
        for (const one of next) expect(copy.record(one)).toEqual(original.record(one))
      }),
      { numRuns: 100 },
    )
  })

  it('from() refuses what no governor wrote', () => {
    const state = new AttemptGovernor({ attemptsMax: 2, attemptsExtraMax: 0 }).toJSON()
    const forged: readonly unknown[] = [
      undefined,
      null,
      'governor',
      [],
      {},
      { ...state, version: 2 },
      { ...state, extra: 1 },
      { ...state, limits: { ...state.limits, attemptsMax: 1e9 } },
      { ...state, limits: { ...state.limits, attemptsMax: null } },
      { ...state, limits: { ...state.limits, unheardOf: 1 } },
      { ...state, before: { errors: -1 } },
      { ...state, attempts: [{ errors: -1 }] },
      { ...state, attempts: [{ errors: 1, confidence: 2 }] },
      { ...state, attempts: [{ errors: 1, surprise: 2 }] },
      { ...state, attempts: [{ errors: 1 }, { errors: 1 }, { errors: 1 }] },
      { ...state, attempts: { length: 1 } },
    ]
    for (const json of forged) {
      expect(
        thrownBy(() => AttemptGovernor.from(json)),
        JSON.stringify(json),
      ).toSatisfy((error) => isHomeostatError(error, 'HS_INPUT_INVALID'))
    }
  })
})

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}
