import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { posteriorOf, probabilityOf } from '../../../src/memory/knowledge/posterior.js'

const counts = fc.record({
  worked: fc.integer({ min: 0, max: 500 }),
  failed: fc.integer({ min: 0, max: 500 }),
  plausibility: fc.double({ min: 0, max: 1, noNaN: true }),
})
const made = ({ worked, failed, plausibility }: { worked: number; failed: number; plausibility: number }) => ({
  worked,
  failed,
  plausibilitySum: plausibility * (worked + failed),
})

describe('posteriorOf()', () => {
  it('does not take one success in a hundred for eighty of eighty, nor one of one', () => {
    const rare = posteriorOf({ worked: 1, failed: 99, plausibilitySum: 99 })
    const lucky = posteriorOf({ worked: 1, failed: 0, plausibilitySum: 1 })
    const proven = posteriorOf({ worked: 80, failed: 0, plausibilitySum: 40 })
    expect(proven.lowerBound).toBeGreaterThan(0.9)
    expect(rare.lowerBound).toBeLessThan(0.05)
    expect(lucky.lowerBound).toBeLessThan(proven.lowerBound)
  })

  it('is uniform where nobody said anything', () => {
    const { probability, lowerBound, upperBound } = posteriorOf({ worked: 0, failed: 0, plausibilitySum: 0 })
    expect(probability).toBe(0.5)
    expect(lowerBound).toBeCloseTo(0.05, 6)
    expect(upperBound).toBeCloseTo(0.95, 6)
  })

  it('lies within 0 and 1, in order, whatever the weight', () => {
    fc.assert(
      fc.property(counts, fc.double({ min: 0, max: 1, noNaN: true }), (given, weight) => {
        const { probability, lowerBound, upperBound } = posteriorOf(made(given), weight)
        expect(lowerBound).toBeGreaterThanOrEqual(0)
        expect(upperBound).toBeLessThanOrEqual(1)
        expect(lowerBound).toBeLessThanOrEqual(upperBound)
        expect(probability).toBeGreaterThan(0)
        expect(probability).toBeLessThan(1)
      }),
    )
  })

  it('never falls with a success nor rises with a failure', () => {
    fc.assert(
      fc.property(counts, (given) => {
        const now = posteriorOf(made(given))
        const better = posteriorOf(made({ ...given, worked: given.worked + 1 }))
        const worse = posteriorOf(made({ ...given, failed: given.failed + 1 }))
        if (given.worked + given.failed === 0) return
        expect(better.lowerBound).toBeGreaterThanOrEqual(now.lowerBound - 1e-9)
        expect(worse.lowerBound).toBeLessThanOrEqual(now.lowerBound + 1e-9)
        expect(better.probability).toBeGreaterThan(now.probability)
        expect(worse.probability).toBeLessThan(now.probability)
        expect(probabilityOf(made(given))).toBe(now.probability)
      }),
    )
  })
})
