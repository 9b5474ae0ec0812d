import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binomialTail } from '../../../src/scoring/gates/binomial.js'

describe('binomialTail()', () => {
  it('is the sum of the first terms', () => {
    expect(binomialTail(0, 45, 0.05)).toBeCloseTo(0.95 ** 45, 12)
    expect(binomialTail(1, 3, 0.5)).toBeCloseTo(0.5, 12)
    expect(binomialTail(3, 3, 0.5)).toBe(1)
    expect(binomialTail(0, 0, 0.5)).toBe(1)
  })

  it('grows with successes, shrinks with their probability, and stays in 0..1 for many trials', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.nat(100),
        fc.double({ min: 0.01, max: 0.9, noNaN: true }),
        (trials, successes, chance) => {
          const tail = binomialTail(successes, trials, chance)
          expect(tail).toBeGreaterThanOrEqual(0)
          expect(tail).toBeLessThanOrEqual(1)
          expect(binomialTail(successes + 1, trials, chance)).toBeGreaterThanOrEqual(tail)
          expect(binomialTail(successes, trials, chance + 0.05)).toBeLessThanOrEqual(tail + 1e-12)
        },
      ),
    )
  })
})
