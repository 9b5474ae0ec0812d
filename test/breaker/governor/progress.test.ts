import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { progressOf } from '../../../src/breaker/governor/progress.js'

const options = { changeRatioMin: 0.05, window: 20 }
const stalledOf = (values: readonly number[]): number => progressOf(values, options).stalled

describe('progressOf()', () => {
  it('counts the attempts since the last new low', () => {
    expect(progressOf([], options)).toEqual({ stalled: 0, noise: 0 })
    expect(stalledOf([10])).toBe(0)
    expect(stalledOf([34, 22, 12, 6, 3])).toBe(0)
    expect(stalledOf([10, 9, 9, 10, 9, 10])).toBe(4)
    expect(stalledOf([8, 12, 15, 14])).toBe(3)
  })

  it('measures a step against what was left: a hair less is none, many of them are one', () => {
    expect(stalledOf([1000, 999, 998, 997, 996])).toBe(4)
    expect(stalledOf([1000, 980, 960, 950])).toBe(0)
    expect(stalledOf([10, 9, 8, 7])).toBe(0)
  })

  it('measures a step against the noise: a new low within the to and fro is none', () => {
    expect(progressOf([100, 130, 98, 131, 99, 130, 90], options)).toMatchObject({ stalled: 6 })
    expect(stalledOf([100, 130, 98, 131, 99, 130, 50])).toBe(0)
    // The step that is judged is no noise of its own.
    expect(stalledOf([10, 15, 5])).toBe(0)
  })

  it('is not misled by one wild attempt', () => {
    expect(stalledOf([10, 50, 9, 8, 7, 6])).toBe(0)
    expect(progressOf([10, 50, 9, 8, 7, 6], options).noise).toBe(0)
  })

  it('takes reaching zero for progress, whatever the noise', () => {
    expect(stalledOf([2, 9, 1, 9, 2, 9, 0])).toBe(0)
    expect(stalledOf([0, 0, 0])).toBe(2)
  })

  it('has no noise in steady progress of any curvature', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { maxLength: 30 }), (values) => {
        expect(
          progressOf(
            values.toSorted((a, b) => b - a),
            options,
          ).noise,
        ).toBe(0)
      }),
    )
  })

  it('has no scale', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { maxLength: 30 }), fc.constantFrom(0.5, 4, 1024), (values, factor) => {
        const scaled = progressOf(
          values.map((value) => value * factor),
          options,
        )
        const { stalled, noise } = progressOf(values, options)
        expect(scaled).toEqual({ stalled, noise: noise * factor })
      }),
    )
  })

  it('never takes back what it said: one more value either is progress or adds one to the stall', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 1, maxLength: 30 }), fc.nat(100), (values, next) => {
        expect([0, stalledOf(values) + 1]).toContain(stalledOf([...values, next]))
      }),
    )
  })

  it('never sees more progress in a worse value', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { maxLength: 30 }), fc.nat(100), fc.nat(100), (values, next, more) => {
        expect(stalledOf([...values, next + more])).toBeGreaterThanOrEqual(stalledOf([...values, next]))
      }),
    )
  })
})
