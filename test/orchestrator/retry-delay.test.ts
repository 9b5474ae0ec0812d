import fc from 'fast-check'
import { expect, it } from 'vitest'
import { retryDelayMs } from '../../src/orchestrator/guard/retry-delay.js'

it('retryDelayMs() doubles its ceiling with each failure, up to the maximum', () => {
  const almostOne = 1 - Number.EPSILON
  const delays = [1, 2, 3, 4, 5].map((failures) => retryDelayMs(failures, { delayMsBase: 100, delayMsMax: 1_000 }, almostOne))
  expect(delays).toEqual([99, 199, 399, 799, 999])
})

it('retryDelayMs() is never negative, fractional, or longer than the maximum, whatever the numbers', () => {
  const ms = fc.integer({ min: 0, max: 86_400_000 })
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 100_000 }),
      ms,
      ms,
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, delayMsBase, delayMsMax, share) => {
        const delayMs = retryDelayMs(failures, { delayMsBase, delayMsMax }, share)
        expect(Number.isInteger(delayMs)).toBe(true)
        expect(delayMs).toBeGreaterThanOrEqual(0)
        expect(delayMs).toBeLessThanOrEqual(delayMsMax)
      },
    ),
  )
})
