import fc from 'fast-check'
import { expect, it } from 'vitest'
import { askedTime, openTimeMs } from '../../src/breaker/open-time.js'

const limits = { openMs: 1_000, openMsMax: 8_000 }

it('openTimeMs() is exact the first time and asks no chance', () => {
  const random = (): number => {
    throw new Error('asked')
  }
  expect(openTimeMs(0, limits, random)).toBe(1_000)
})

it('openTimeMs() doubles, takes up to a quarter away, and stays within its limits', () => {
  expect([1, 2, 3, 4, 1e9].map((openings) => openTimeMs(openings, limits, () => 0))).toEqual([2_000, 4_000, 8_000, 8_000, 8_000])
  expect(openTimeMs(1, limits, () => 0.999)).toBeCloseTo(1_500, -1)
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat(1e9),
      fc.nat(1e9),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (openings, openMs, more, chance) => {
        const ms = openTimeMs(openings, { openMs, openMsMax: openMs + more }, () => chance)
        expect(ms).toBeGreaterThanOrEqual(openMs)
        expect(ms).toBeLessThanOrEqual(openMs + more)
      },
    ),
  )
})

it('askedTime() hears any number, grants no more than the maximum, and says so', () => {
  for (const none of [undefined, 0, -5, Number.NaN, Number.NEGATIVE_INFINITY])
    expect(askedTime(none, limits)).toEqual({ ms: 0, note: '' })
  expect(askedTime(8_000, limits)).toEqual({ ms: 8_000, note: '' })
  expect(askedTime(Number.POSITIVE_INFINITY, limits)).toEqual({
    ms: 8_000,
    note: '; it asked to be left alone for Infinity ms, of which 8000 ms are granted',
  })
})
