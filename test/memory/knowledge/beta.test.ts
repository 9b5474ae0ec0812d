import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { betaBelow, betaQuantile } from '../../../src/memory/knowledge/beta.js'

const weight = fc.double({ min: 0.05, max: 3_000, noNaN: true })
const probability = fc.double({ min: 0.01, max: 0.99, noNaN: true })

describe('betaBelow()', () => {
  it('agrees with what can be computed by hand', () => {
    expect(betaBelow(0.3, 1, 1)).toBeCloseTo(0.3, 12)
    expect(betaBelow(0.3, 1, 4)).toBeCloseTo(1 - 0.7 ** 4, 12)
    expect(betaBelow(0.9, 81, 1)).toBeCloseTo(0.9 ** 81, 12)
    // Beta(2, 3) is a binomial tail: P(at least 2 of 4).
    expect(betaBelow(0.5, 2, 3)).toBeCloseTo(11 / 16, 12)
    // The arcsine law.
    expect(betaBelow(0.2, 0.5, 0.5)).toBeCloseTo((2 / Math.PI) * Math.asin(Math.sqrt(0.2)), 10)
    expect([betaBelow(-1, 2, 2), betaBelow(0, 2, 2), betaBelow(1, 2, 2), betaBelow(7, 2, 2)]).toEqual([0, 0, 1, 1])
  })

  it('mirrors when the two weights are exchanged', () => {
    fc.assert(
      fc.property(probability, weight, weight, (x, a, b) => {
        expect(betaBelow(x, a, b)).toBeCloseTo(1 - betaBelow(1 - x, b, a), 9)
      }),
    )
  })
})

describe('betaQuantile()', () => {
  it('is where the probability lies', () => {
    fc.assert(
      fc.property(probability, weight, weight, (p, a, b) => {
        const at = betaQuantile(p, a, b)
        expect(at).toBeGreaterThanOrEqual(0)
        expect(at).toBeLessThanOrEqual(1)
        const inside = at > 1e-9 && at < 1 - 1e-9
        if (inside) expect(Math.abs(betaBelow(at, a, b) - p)).toBeLessThan(1e-4)
      }),
    )
  })

  it('stays near the mean for counts beyond counting', () => {
    expect(betaQuantile(0.05, 3e12, 1e12)).toBeCloseTo(0.75, 2)
  })
})
