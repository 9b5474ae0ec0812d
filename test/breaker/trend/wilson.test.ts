import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wilsonInterval } from '../../../src/breaker/trend/wilson.js'

describe('wilsonInterval()', () => {
  it('gives the textbook numbers', () => {
    const { low, high } = wilsonInterval(15, 50, 1.96)
    expect(low).toBeCloseTo(0.191, 3)
    expect(high).toBeCloseTo(0.4375, 3)
  })

  it('holds the share, lies within 0 and 1, and is mirrored when failures and successes change places', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.nat(),
        fc.double({ min: 0, max: 5, noNaN: true }),
        (calls, some, sigmas) => {
          const failures = some % (calls + 1)
          const { low, high } = wilsonInterval(failures, calls, sigmas)
          const mirrored = wilsonInterval(calls - failures, calls, sigmas)
          expect(low).toBeGreaterThanOrEqual(0)
          expect(high).toBeLessThanOrEqual(1)
          expect(failures / calls).toBeGreaterThanOrEqual(low - 1e-12)
          expect(failures / calls).toBeLessThanOrEqual(high + 1e-12)
          expect(mirrored.low).toBeCloseTo(1 - high, 9)
        },
      ),
    )
  })
})
