import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RecoveryRamp } from '../../src/breaker/recovery-ramp.js'

const begin = (failureRatioUsual = 0.05, rampMs = 10_000): RecoveryRamp =>
  new RecoveryRamp({ rampMs, startMonoMs: 0, failureRatioUsual })

/** Calls in a row that must fail until it is a relapse. */
function failuresToRelapse(failureRatioUsual: number): number {
  const ramp = begin(failureRatioUsual)
  for (let failures = 1; ; failures += 1) if (ramp.settled(false)) return failures
}

it('RecoveryRamp.share() grows from a tenth to all', () => {
  const ramp = begin()
  expect([0, 2_500, 5_000, 10_000, 20_000].map((nowMs) => ramp.share(nowMs))).toEqual([0.1, 0.325, 0.55, 1, 1])
})

it('RecoveryRamp.share() stands still with the clock and when the clock goes back', () => {
  const ramp = begin()
  expect([5_000, 5_000, 1_000, 5_000].map((nowMs) => ramp.share(nowMs))).toEqual([0.55, 0.55, 0.55, 0.55])
})

it('RecoveryRamp.share() does not grow while the failures are many, and goes on when they end', () => {
  const ramp = begin()
  ramp.share(1_000)
  ramp.settled(false)
  ramp.settled(false)
  expect(ramp.share(9_000)).toBeCloseTo(0.19)
  for (let call = 0; call < 5; call += 1) ramp.settled(true)
  expect(ramp.share(10_000)).toBeCloseTo(0.28)
})

it('RecoveryRamp.settled() needs more failures for a relapse where failures are usual', () => {
  expect([0, 0.01, 0.05, 0.2, 0.3, 1].map(failuresToRelapse)).toEqual([2, 2, 3, 8, 14, 14])
})

it('RecoveryRamp.settled() forgets failures that successes follow', () => {
  const ramp = begin()
  for (let round = 0; round < 1_000; round += 1) {
    expect(ramp.settled(false)).toBe(false)
    for (let call = 0; call < 9; call += 1) ramp.settled(true)
  }
})

it('RecoveryRamp.admits() never refuses while nothing is under way, and otherwise lets through the share', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ waitMs: fc.nat(300), ends: fc.boolean() }), { maxLength: 200 }), (calls) => {
      const ramp = begin()
      let nowMs = 0
      let [underWay, admitted, shares, idle] = [0, 0, 0, 0]
      for (const { waitMs, ends } of calls) {
        nowMs += waitMs
        if (ends && underWay > 0) {
          ramp.withdrawn()
          underWay -= 1
        }
        if (underWay === 0) idle += 1
        const free = underWay === 0
        const yes = ramp.admits(nowMs)
        shares += ramp.share(nowMs)
        if (free) expect(yes).toBe(true)
        if (!yes) expect(ramp.retryAfterMs(nowMs)).toBeLessThanOrEqual(Math.max(1, nowMs))
        if (yes) {
          admitted += 1
          underWay += 1
        }
      }
      expect(admitted).toBeLessThanOrEqual(shares + idle)
      expect(admitted).toBeGreaterThanOrEqual(Math.floor(shares + 1e-9) - 1)
    }),
  )
})
