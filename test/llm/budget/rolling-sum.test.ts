import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RollingSum } from '../../../src/llm/budget/rolling-sum.js'

const minute = { windowMs: 60_000, buckets: 60 }

describe('RollingSum', () => {
  it('counts an amount for a window, and at most one bucket longer', () => {
    const sum = new RollingSum(minute)
    sum.add(5, 500)
    expect(sum.total(60_500)).toBe(5)
    expect(sum.total(61_000)).toBe(0)
  })

  it('corrects an amount where it was added, and not once that has left the window', () => {
    const sum = new RollingSum(minute)
    const place = sum.add(5, 500)
    sum.add(1, 30_000)
    sum.correct(place, -3, 40_000)
    expect(sum.total(40_000)).toBe(3)
    expect(sum.total(61_000)).toBe(1)
    sum.correct(place, 100, 62_000)
    expect(sum.total(62_000)).toBe(1)
  })

  it('never falls below nothing, also with binary fractions', () => {
    const sum = new RollingSum(minute)
    const place = sum.add(0.1 + 0.2, 0)
    sum.correct(place, -0.3, 0)
    sum.correct(place, -0.1, 0)
    expect(sum.total(0)).toBe(0)
  })

  it('says when the sum will have fallen', () => {
    const sum = new RollingSum(minute)
    sum.add(4, 500)
    sum.add(4, 10_500)
    expect(sum.fallsToMs(8, 20_000)).toBe(0)
    expect(sum.fallsToMs(5, 20_000)).toBe(41_000)
    expect(sum.fallsToMs(0, 20_000)).toBe(51_000)
  })

  it('stands still when time goes back or is no number', () => {
    const sum = new RollingSum(minute)
    sum.add(1, Number.NaN)
    sum.add(1, 5_000)
    sum.add(1, 1_000)
    for (const nowMs of [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]) expect(sum.total(nowMs)).toBe(3)
    expect(sum.fallsToMs(0, Number.NaN)).toBeGreaterThan(0)
    expect(sum.total(70_000)).toBe(0)
  })

  it('takes times before the beginning of time', () => {
    const sum = new RollingSum(minute)
    sum.add(2, -90_000)
    expect(sum.total(-40_000)).toBe(2)
    expect(sum.total(0)).toBe(0)
  })

  it('is at least the exact sum of the window, at most that of one a bucket longer, and falls when it says', () => {
    const steps = fc.array(fc.tuple(fc.nat({ max: 20_000 }), fc.nat({ max: 100 })), { minLength: 1, maxLength: 40, size: 'max' })
    fc.assert(
      fc.property(steps, fc.nat({ max: 200 }), (additions, max) => {
        const sum = new RollingSum(minute)
        const added: { atMs: number; amount: number }[] = []
        let nowMs = 0
        const exact = (windowMs: number): number =>
          added.reduce((total, { atMs, amount }) => total + (atMs > nowMs - windowMs ? amount : 0), 0)
        for (const [gapMs, amount] of additions) {
          nowMs += gapMs
          sum.add(amount, nowMs)
          added.push({ atMs: nowMs, amount })
          expect(sum.total(nowMs)).toBeGreaterThanOrEqual(exact(60_000))
          expect(sum.total(nowMs)).toBeLessThanOrEqual(exact(61_000))
        }
        const fallsMs = sum.fallsToMs(max, nowMs)
        if (fallsMs > 0) expect(sum.total(nowMs + fallsMs - 1)).toBeGreaterThan(max)
        expect(sum.total(nowMs + fallsMs)).toBeLessThanOrEqual(max)
      }),
    )
  })
})
