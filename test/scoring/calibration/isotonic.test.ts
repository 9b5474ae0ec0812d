import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isotonic } from '../../../src/scoring/calibration/isotonic.js'

const valuesOf = (sums: readonly number[], weights: readonly number[]): readonly number[] =>
  isotonic(sums, weights).flatMap(({ from, to, value }) => Array.from({ length: to - from + 1 }, () => value))

describe('isotonic()', () => {
  it('pools neighbours that are in the wrong order', () => {
    expect(valuesOf([1, 0, 1, 1], [1, 1, 1, 1])).toEqual([0.5, 0.5, 1, 1])
    expect(valuesOf([0, 2, 1], [1, 2, 1])).toEqual([0, 1, 1])
  })

  it('gives places without values the level around them', () => {
    expect(valuesOf([0, 0, 1], [1, 0, 1])).toEqual([0, 0, 1])
    expect(valuesOf([0], [0])).toEqual([0])
    expect(isotonic([], [])).toEqual([])
  })

  it('is non-decreasing, keeps the mean, and is nearer than any other non-decreasing function', () => {
    const place = fc.record({ sum: fc.integer({ min: 0, max: 5 }), more: fc.integer({ min: 0, max: 5 }) })
    fc.assert(
      fc.property(
        fc.array(place, { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (places, stream) => {
          const sums = places.map(({ sum }) => sum)
          const weights = places.map(({ sum, more }) => sum + more + 1)
          const values = valuesOf(sums, weights)
          values.slice(1).forEach((value, at) => expect(value).toBeGreaterThanOrEqual(values[at] ?? 0))
          const total = (all: readonly number[]): number => all.reduce((sum, value, at) => sum + value * (weights[at] ?? 0), 0)
          expect(total(values)).toBeCloseTo(
            sums.reduce((a, b) => a + b, 0),
            9,
          )
          const error = (all: readonly number[]): number =>
            all.reduce((sum, value, at) => sum + (weights[at] ?? 0) * (value - (sums[at] ?? 0) / (weights[at] ?? 1)) ** 2, 0)
          const other = [...stream.take(places.length)].sort((a, b) => a - b)
          expect(error(values)).toBeLessThanOrEqual(error(other) + 1e-9)
        },
      ),
    )
  })
})
