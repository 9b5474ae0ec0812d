import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReferenceRatio } from '../../../src/breaker/trend/reference-ratio.js'

const ratio = fc.double({ min: 0.001, max: 0.999, noNaN: true })
const calls = fc.integer({ min: 1, max: 20_000 })

describe('ReferenceRatio', () => {
  it('evidence() is calls times the divergence of the observed from the reference rate', () => {
    const reference = new ReferenceRatio(0.01)
    expect(reference.evidence(5, 10)).toBeCloseTo(10 * (0.5 * Math.log(0.5 / 0.01) + 0.5 * Math.log(0.5 / 0.99)), 9)
    expect(reference.evidence(3, 3)).toBeCloseTo(3 * Math.log(100), 9)
  })

  it('evidence() is as exact beyond its table of logarithms', () => {
    const observed = 0.02
    const divergence = observed * Math.log(observed / 0.01) + (1 - observed) * Math.log((1 - observed) / 0.99)
    expect(new ReferenceRatio(0.01).evidence(2_000, 100_000)).toBeCloseTo(100_000 * divergence, 6)
  })

  it('evidence() is nothing unless the rate is higher', () => {
    fc.assert(
      fc.property(ratio, calls, (reference, total) => {
        expect(new ReferenceRatio(reference).evidence(Math.floor(total * reference), total)).toBe(0)
      }),
    )
  })

  it('evidence() never falls when a success becomes a failure', () => {
    fc.assert(
      fc.property(ratio, calls, fc.nat(), (reference, total, some) => {
        const failures = some % total
        const against = new ReferenceRatio(reference)
        expect(against.evidence(failures + 1, total)).toBeGreaterThanOrEqual(against.evidence(failures, total))
      }),
    )
  })

  it('keeps away from 0 and 1, where evidence would be infinite', () => {
    for (const extreme of [0, 1]) expect(Number.isFinite(new ReferenceRatio(extreme).evidence(7, 7))).toBe(true)
  })
})
