import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { baselineStateSchema, FailureBaseline } from '../../../src/breaker/trend/failure-baseline.js'

const options = { prior: { ratio: 0.05, calls: 20 }, memoryCalls: 10_000 }

describe('FailureBaseline', () => {
  it('begins with what is believed before the first call, with a wide margin', () => {
    const baseline = new FailureBaseline(options)
    expect(baseline.ratio).toBeCloseTo(0.05, 12)
    expect(baseline.reference.ratio).toBeCloseTo(0.05 + 2 * Math.sqrt((0.05 * 0.95) / 21), 12)
  })

  it('learn() narrows the margin', () => {
    const baseline = new FailureBaseline(options)
    baseline.learn(10_000, 100)
    expect(baseline.ratio).toBeCloseTo(101 / 10_020, 12)
    expect(baseline.reference.ratio - baseline.ratio).toBeCloseTo(0.002, 3)
  })

  it('learn() forgets what lies further back than the memory', () => {
    const baseline = new FailureBaseline(options)
    baseline.learn(10_000, 1_000)
    baseline.learn(5_000, 0)
    expect(baseline.ratio).toBeCloseTo(0.05, 3)
    baseline.learn(1_000_000, 0)
    expect(baseline.ratio).toBeCloseTo(1 / 10_020, 9)
    expect(baseline.calls).toBe(10_000)
  })

  it('learn() lets a doubtful spell count for no more than it is told', () => {
    const baseline = new FailureBaseline(options)
    baseline.learn(10_000, 100)
    baseline.learn(60_000, 6_000, 1_000)
    expect(baseline.ratio).toBeCloseTo(0.019, 3)
  })

  it('learn() ignores nothing', () => {
    const baseline = new FailureBaseline(options)
    baseline.learn(0, 0)
    expect(baseline.toJSON()).toEqual({ calls: 0, failures: 0 })
  })

  it('stays within 0 and 1 and within its memory, whatever is learnt', () => {
    const blocks = fc.array(fc.tuple(fc.integer({ min: 1, max: 1e7 }), fc.double({ min: 0, max: 1, noNaN: true })), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(blocks, (learnt) => {
        const baseline = new FailureBaseline(options)
        for (const [calls, share] of learnt) baseline.learn(calls, Math.floor(calls * share))
        expect(baseline.ratio).toBeGreaterThan(0)
        expect(baseline.reference.ratio).toBeGreaterThan(baseline.ratio)
        expect(baseline.reference.ratio).toBeLessThan(1)
        expect(baseline.calls).toBeLessThanOrEqual(10_000 * (1 + 1e-9))
        expect(baselineStateSchema.safeParse(baseline.toJSON()).success).toBe(true)
      }),
    )
  })

  it('restore() takes over exactly', () => {
    const baseline = new FailureBaseline(options)
    baseline.learn(12_345, 67)
    baseline.learn(89, 3)
    const copy = new FailureBaseline(options)
    copy.restore(baseline.toJSON())
    expect(copy.reference.ratio).toBe(baseline.reference.ratio)
    expect(baselineStateSchema.safeParse({ calls: 1, failures: 2 }).success).toBe(false)
  })
})
