import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lowestFailureRatio } from '../../../src/breaker/budget/failure-bound.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

describe('lowestFailureRatio()', () => {
  it('does not take one failure in one call for 100 %', () => {
    // The uniform mixture gives 1/2 to one failure in one call, so the bound solves 1/2 / p = 20.
    expect(lowestFailureRatio(1, 1, 0.95)).toBeCloseTo(0.025, 9)
    // And 1/3 to two in two: 1/3 / p² = 20.
    expect(lowestFailureRatio(2, 2, 0.95)).toBeCloseTo(Math.sqrt(1 / 60), 9)
    // One failure in two calls has the mixture 1/6: p (1 - p) = 1/120.
    expect(lowestFailureRatio(1, 2, 0.95)).toBeCloseTo((1 - Math.sqrt(1 - 4 / 120)) / 2, 9)
  })

  it('is 0 without failures', () => {
    expect(lowestFailureRatio(0, 0, 0.95)).toBe(0)
    expect(lowestFailureRatio(0, 1_000_000, 0.95)).toBe(0)
  })

  it('comes near the observed rate as calls add up, from below', () => {
    const bounds = [10, 100, 1_000, 10_000, 100_000, 1_000_000].map((calls) => lowestFailureRatio(calls / 10, calls, 0.95))
    expect([...bounds].sort((a, b) => a - b)).toEqual(bounds)
    expect(bounds.at(-1)).toBeGreaterThan(0.098)
    expect(bounds.at(-1)).toBeLessThan(0.1)
  })

  const counts = fc
    .integer({ min: 1, max: 5_000 })
    .chain((calls) => fc.tuple(fc.integer({ min: 0, max: calls }), fc.constant(calls)))
  const confidence = fc.double({ min: 0.5, max: 0.999, noNaN: true })

  it('is between 0 and the observed rate; another failure never lowers it, nor another success raises it', () => {
    fc.assert(
      fc.property(counts, confidence, ([failures, calls], sure) => {
        const low = lowestFailureRatio(failures, calls, sure)
        expect(low).toBeGreaterThanOrEqual(0)
        expect(low).toBeLessThanOrEqual(failures / calls)
        if (failures < calls) expect(lowestFailureRatio(failures + 1, calls, sure)).toBeGreaterThanOrEqual(low - 1e-9)
        expect(lowestFailureRatio(failures, calls + 1, sure)).toBeLessThanOrEqual(low + 1e-9)
      }),
    )
  })

  it('exceeds the true rate, ever in 2 000 calls, in at most 5 % of streams though one looks after each call', () => {
    for (const ratio of [0.03, 0.1, 0.3]) {
      const world = createTestWorld(7)
      let exceeded = 0
      for (let stream = 0; stream < 300; stream += 1) {
        let failures = 0
        for (let calls = 1; calls <= 2_000; calls += 1) {
          if (world.random() >= ratio) continue
          failures += 1
          if (failures / calls > ratio && lowestFailureRatio(failures, calls, 0.95) > ratio) {
            exceeded += 1
            break
          }
        }
      }
      expect(exceeded / 300).toBeLessThanOrEqual(0.05)
    }
  })
})
