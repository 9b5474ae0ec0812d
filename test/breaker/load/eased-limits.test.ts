import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Circuit, type CircuitLimits } from '../../../src/breaker/circuit.js'
import { checkedLimits } from '../../../src/breaker/circuit-limits.js'
import { easedLimits } from '../../../src/breaker/load/eased-limits.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

const limits: CircuitLimits = {
  failureRatioMax: 0.5,
  callsMin: 5,
  windowMs: 10_000,
  buckets: 10,
  openMs: 1_000,
  openMsMax: 8_000,
  probesMax: 1,
  probeTimeoutMs: 6_000,
}

describe('easedLimits()', () => {
  it('changes nothing at a factor of 1', () => {
    expect(easedLimits(limits, 1)).toEqual(limits)
  })

  it('takes more failures, more calls and more time the smaller the factor is', () => {
    expect(easedLimits(limits, 0.5)).toEqual({ ...limits, failureRatioMax: 0.75, callsMin: 10, probeTimeoutMs: 12_000 })
    expect(easedLimits(limits, 0.01)).toEqual({ ...limits, failureRatioMax: 0.95, callsMin: 50, probeTimeoutMs: 60_000 })
  })

  it('still opens the circuit of a target that fails every call', () => {
    const circuit = new Circuit(easedLimits(limits, 0.01), createTestWorld(1), { changed: () => {}, trend: false })
    for (let call = 0; call < 50; call += 1) {
      const answer = circuit.acquire()
      if (answer.admitted) answer.failure()
    }
    expect(circuit.state).toBe('open')
  })

  it('keeps limits valid, and never makes them stricter', () => {
    const some = fc.record({
      failureRatioMax: fc.double({ min: 0, max: 1, noNaN: true }),
      callsMin: fc.integer({ min: 0, max: 1_000_000 }),
      probeTimeoutMs: fc.constantFrom(1, 60_000, Number.MAX_SAFE_INTEGER),
    })
    fc.assert(
      fc.property(some, fc.double({ min: 1e-300, max: 1, noNaN: true }), (changed, factor) => {
        const before = { ...limits, ...changed }
        const eased = easedLimits(before, factor)
        expect(() => checkedLimits(eased)).not.toThrow()
        for (const name of ['failureRatioMax', 'callsMin', 'probeTimeoutMs'] as const)
          expect(eased[name]).toBeGreaterThanOrEqual(before[name])
      }),
    )
  })

  it.each([0, -1, 1.1, Number.NaN])('refuses a factor of %d', (factor) => {
    expect(() => easedLimits(limits, factor)).toThrow(RangeError)
  })
})
