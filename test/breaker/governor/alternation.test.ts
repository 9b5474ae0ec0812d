import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alternation } from '../../../src/breaker/governor/alternation.js'
import { arrangements, shareOf } from './arrangements.js'

describe('alternation()', () => {
  it('needs seven values of pure to and fro to be sure', () => {
    expect(alternation([8, 12, 8, 12])).toEqual({ runs: 4, pValue: 2 / 6 })
    expect(alternation([8, 12, 8, 12, 8, 12])).toEqual({ runs: 6, pValue: 2 / 20 })
    expect(alternation([12, 8, 12, 8, 12, 8, 12])).toEqual({ runs: 7, pValue: 1 / 35 })
  })

  it('sees no swing in a trend, in a plateau, or in nothing', () => {
    expect(alternation([9, 7, 5, 3, 1]).pValue).toBe(1)
    expect(alternation([0.1, 0.1, 0.1]).pValue).toBe(1)
    expect(alternation([])).toEqual({ runs: 0, pValue: 1 })
  })

  it('gives the chance that counting every order gives', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 6 }), (values) => {
        const { runs, pValue } = alternation(values)
        expect(pValue).toBeCloseTo(
          shareOf(arrangements(values), (order) => alternation(order).runs >= runs),
          12,
        )
      }),
      { numRuns: 60 },
    )
  })

  it('is the same for the mirror image', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 50 }), (values) => {
        expect(alternation(values.map((value) => -value))).toEqual(alternation(values))
      }),
    )
  })
})
