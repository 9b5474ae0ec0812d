import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seriesTrend, type SeriesTrend } from '../../../src/breaker/governor/series-trend.js'
import { arrangements, shareOf } from './arrangements.js'

const options = { significance: 0.05, changeRatioMin: 0.05 }
const mirror: Readonly<Record<SeriesTrend['direction'], SeriesTrend['direction']>> = {
  rising: 'falling',
  falling: 'rising',
  flat: 'flat',
  unknown: 'unknown',
}

describe('seriesTrend()', () => {
  it('says nothing of too few values, however clear they look', () => {
    expect(seriesTrend([], options)).toEqual({ direction: 'unknown', slope: 0, pRising: 1, pFalling: 1 })
    expect(seriesTrend([7], options).direction).toBe('unknown')
    expect(seriesTrend([5, 50], options)).toMatchObject({ direction: 'unknown', slope: 45, pRising: 0.5 })
    expect(seriesTrend([5, 50, 500], options).direction).toBe('unknown')
    expect(seriesTrend([5, 5, 5], options).direction).toBe('unknown')
  })

  it('believes four values in perfect order, and five with one exception', () => {
    expect(seriesTrend([1, 2, 4, 8], options).direction).toBe('rising')
    expect(seriesTrend([20, 15, 18, 10, 3], options)).toMatchObject({ direction: 'falling', slope: -4.125 })
    expect(seriesTrend([20, 15, 18, 10, 17], options).direction).toBe('unknown')
  })

  it('calls flat what hardly moves, also around one wild value', () => {
    expect(seriesTrend([10, 9, 9, 10, 9, 10], options).direction).toBe('flat')
    expect(seriesTrend([0, 0, 0, 0], options).direction).toBe('flat')
    expect(seriesTrend([10, 10, 5_000, 10, 10], options)).toMatchObject({ direction: 'flat', slope: 0 })
    expect(seriesTrend([8, 12, 15, 14], options).direction).toBe('unknown')
  })

  it('gives the chance that counting every order gives, ties included', () => {
    const small = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(small, (values) => {
        const orders = arrangements(values)
        const score = risingPairs(values) - risingPairs(values.toReversed())
        const expected = shareOf(orders, (order) => risingPairs(order) - risingPairs(order.toReversed()) >= score)
        expect(seriesTrend(values, options).pRising).toBeCloseTo(expected, 12)
      }),
      { numRuns: 60 },
    )
  })

  it('mirrors when the series is negated, to the last bit', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 25 }), (values) => {
        const trend = seriesTrend(values, options)
        const mirrored = seriesTrend(
          values.map((value) => -value),
          options,
        )
        expect(mirrored.direction).toBe(mirror[trend.direction])
        expect(mirrored.slope + trend.slope).toBe(0)
        expect([mirrored.pRising, mirrored.pFalling]).toEqual([trend.pFalling, trend.pRising])
      }),
      { numRuns: 60 },
    )
  })

  it('keeps its word about false alarms: in random order each direction shows in at most one series of twenty', () => {
    for (const values of [
      [1, 2, 3, 4, 5, 6],
      [1, 1, 2, 3, 5, 5],
      [0, 0, 0, 1, 1, 2],
    ]) {
      const orders = arrangements(values)
      expect(shareOf(orders, (order) => seriesTrend(order, options).direction === 'rising')).toBeLessThanOrEqual(0.05)
      expect(shareOf(orders, (order) => seriesTrend(order, options).direction === 'falling')).toBeGreaterThan(0)
    }
  })

  it('knows no unit: a factor changes the slope and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 2, maxLength: 12 }), fc.constantFrom(2, 8, 1024), (values, factor) => {
        const trend = seriesTrend(values, options)
        expect(
          seriesTrend(
            values.map((value) => value * factor),
            options,
          ),
        ).toEqual({ ...trend, slope: trend.slope * factor })
      }),
    )
  })
})

function risingPairs(values: readonly number[]): number {
  return values.reduce((sum, value, index) => sum + values.slice(index).filter((later) => later > value).length, 0)
}
