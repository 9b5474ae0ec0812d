import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pickTarget, type TargetLoad } from '../../../src/llm/balance/pick-target.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

function target(part: Partial<TargetLoad> = {}): TargetLoad {
  return { waitMs: 0, inFlight: 0, latencyMs: 100, ...part }
}

/** How often each is picked out of so many. */
function sharesOf(targets: readonly TargetLoad[], picks = 4_000): readonly number[] {
  const { random } = createTestWorld(7)
  const counts = targets.map(() => 0)
  for (let pick = 0; pick < picks; pick += 1) {
    const index = pickTarget(targets, random) ?? -1
    counts[index] = (counts[index] ?? 0) + 1
  }
  return counts.map((count) => count / picks)
}

const loads = fc.array(
  fc.record({
    waitMs: fc.oneof(fc.constant(0), fc.nat({ max: 10_000 })),
    inFlight: fc.nat({ max: 50 }),
    latencyMs: fc.option(fc.double({ min: 0, max: 60_000, noNaN: true }), { nil: undefined }),
    weight: fc.option(fc.double({ min: 0, max: 10, noNaN: true }), { nil: undefined }),
  }),
  { maxLength: 8 },
)

describe('pickTarget()', () => {
  it('shares the work by weight among equals', () => {
    const [one = 0, three = 0, none] = sharesOf([target({ weight: 1 }), target({ weight: 3 }), target({ weight: 0 })])
    expect(three / one).toBeGreaterThan(2.7)
    expect(three / one).toBeLessThan(3.3)
    expect(none).toBe(0)
  })

  it('never picks the slowest of several that have the same to do, and prefers the idle to the busy', () => {
    expect(sharesOf([target({ latencyMs: 50 }), target(), target({ latencyMs: 900 })])[2]).toBe(0)
    expect(sharesOf([target({ inFlight: 3 }), target()])).toEqual([0, 1])
    expect(sharesOf([target({ inFlight: 7 }), target({ latencyMs: 900 })])).toEqual([1, 0])
  })

  it('fills targets in proportion to their weights when work piles up', () => {
    const { random } = createTestWorld(3)
    const inFlight = [0, 0]
    for (let call = 0; call < 400; call += 1) {
      const index = pickTarget(
        inFlight.map((calls, at) => target({ inFlight: calls, weight: at === 0 ? 1 : 3 })),
        random,
      )
      inFlight[index ?? 0] = (inFlight[index ?? 0] ?? 0) + 1
    }
    expect((inFlight[1] ?? 0) / (inFlight[0] ?? 1)).toBeCloseTo(3, 1)
  })

  it('gives a target that nobody has asked its share', () => {
    const [known = 0, unknown = 0] = sharesOf([target({ latencyMs: 5_000 }), target({ latencyMs: undefined })])
    expect(Math.abs(known - unknown)).toBeLessThan(0.05)
    expect(sharesOf([target({ latencyMs: undefined }), target({ latencyMs: undefined })])[0]).toBeCloseTo(0.5, 1)
  })

  it('leaves out who has to wait, and takes the shortest wait when all have to', () => {
    expect(sharesOf([target({ waitMs: 1 }), target({ latencyMs: 60_000, inFlight: 90 })])).toEqual([0, 1])
    expect(pickTarget([target({ waitMs: 500 }), target({ waitMs: 20 }), target({ waitMs: 900 })], Math.random)).toBe(1)
  })

  it('picks none of none', () => {
    expect(pickTarget([], () => 0.5)).toBeUndefined()
    expect(pickTarget([target({ weight: 0 }), target({ weight: -1 }), target({ weight: Number.NaN })], () => 0.5)).toBeUndefined()
  })

  it('picks one that can work as long as there is one, by the same chance the same one', () => {
    fc.assert(
      fc.property(loads, fc.integer(), (targets, seed) => {
        const index = pickTarget(targets, createTestWorld(seed).random)
        expect(pickTarget(targets, createTestWorld(seed).random)).toBe(index)
        const usable = targets.filter(({ weight }) => (weight ?? 1) > 0)
        expect(index === undefined).toBe(usable.length === 0)
        if (index === undefined) return
        const picked = targets[index]
        expect(picked?.weight ?? 1).toBeGreaterThan(0)
        if (usable.some(({ waitMs }) => waitMs === 0)) expect(picked?.waitMs).toBe(0)
        else expect(picked?.waitMs).toBe(Math.min(...usable.map(({ waitMs }) => waitMs)))
      }),
    )
  })

  it('of two it never picks the one that is worse in everything', () => {
    fc.assert(
      fc.property(fc.nat({ max: 20 }), fc.integer({ min: 1, max: 9_999 }), fc.integer(), (inFlight, latencyMs, seed) => {
        const better = target({ inFlight, latencyMs })
        const worse = target({ inFlight: inFlight + 1, latencyMs: latencyMs + 1 })
        expect(pickTarget([worse, better], createTestWorld(seed).random)).toBe(1)
      }),
    )
  })
})
