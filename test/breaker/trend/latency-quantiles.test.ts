import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  latencyBinOf,
  latencyMemoryCallsMax,
  latencyOfBin,
  LatencyQuantiles,
} from '../../../src/breaker/trend/latency-quantiles.js'
import { createTestWorld } from '../../../src/testing/test-world.js'
import { lognormalMs } from '../../sim/latency-stream.js'

const bins = 116
const someBins = fc.array(fc.nat(bins - 1), { minLength: 10, maxLength: 400 })

function filled(binsOfCalls: Iterable<number>, memoryCalls = 10_000): LatencyQuantiles {
  const quantiles = new LatencyQuantiles(memoryCalls)
  for (const bin of binsOfCalls) quantiles.add(bin)
  quantiles.review()
  return quantiles
}

describe('latencyBinOf()', () => {
  it('undoes latencyOfBin()', () => {
    for (let bin = 0; bin < bins; bin += 1) expect(latencyBinOf(latencyOfBin(bin))).toBe(bin)
  })

  it('puts a latency between the edges of its bin, which are at most a quarter apart', () => {
    fc.assert(
      fc.property(fc.double({ min: 1 / 16, max: 3e7, noNaN: true }), (latencyMs) => {
        const bin = latencyBinOf(latencyMs)
        // Whole ticks of 1/64 ms: the lower edge is met exactly, the upper one never.
        expect(latencyOfBin(bin)).toBeLessThanOrEqual(latencyMs)
        expect(latencyOfBin(bin + 1)).toBeGreaterThan(latencyMs)
        expect(latencyOfBin(bin + 1) / latencyOfBin(bin)).toBeLessThanOrEqual(1.25)
      }),
    )
  })

  it('counts what is too short or too long as the nearest', () => {
    expect([0, 1e-9, 1 / 64].map(latencyBinOf)).toEqual([0, 0, 0])
    expect([1e9, Number.MAX_VALUE].map(latencyBinOf)).toEqual([bins - 1, bins - 1])
  })
})

describe('LatencyQuantiles', () => {
  it('ranks from 0 to 1, and a slower call never lower', () => {
    fc.assert(
      fc.property(someBins, (calls) => {
        const quantiles = filled(calls)
        const ranks = Array.from({ length: bins }, (_, bin) => quantiles.rank(bin))
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b))
        expect(ranks[0]).toBeGreaterThanOrEqual(0)
        expect(ranks[bins - 1]).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('ranks a call below its true place, the more so the less it knows', () => {
    const even = (copies: number): LatencyQuantiles => filled(Array.from({ length: copies * bins }, (_, call) => call % bins))
    const [known, vague] = [even(80).rank(58), even(1).rank(58)]
    expect(known).toBeGreaterThan(0.47)
    expect(known).toBeLessThan(0.5)
    expect(vague).toBeLessThan(0.42)
  })

  it('rank() is as of the last review', () => {
    const quantiles = new LatencyQuantiles(1_000)
    expect(quantiles.rank(50)).toBe(0)
    quantiles.review()
    expect(quantiles.rank(50)).toBe(0)
    for (let call = 0; call < 500; call += 1) quantiles.add(10)
    expect(quantiles.rank(50)).toBe(0)
    quantiles.review()
    expect(quantiles.rank(50)).toBeGreaterThan(0.99)
    expect(quantiles.rank(5)).toBe(0)
  })

  it('exceededBy() finds the quantiles of a lognormal latency within 10 %', () => {
    const { random } = createTestWorld(3)
    const quantiles = filled(Array.from({ length: 15_000 }, () => latencyBinOf(lognormalMs(random, 1_000, 0.5))))
    for (const [share, trueMs] of [
      [0.5, 1_000],
      [0.1, 1_898],
      [0.006, 3_511],
    ] as const)
      expect(quantiles.exceededBy(share * 15_000) / trueMs).toBeCloseTo(1, 1)
    expect(quantiles.typicalMs / 1_000).toBeCloseTo(1, 1)
  })

  it('exceededBy() is exceeded by no more than so many calls, but for those of one bin', () => {
    fc.assert(
      fc.property(someBins, fc.nat(50), (calls, callsMax) => {
        const limit = latencyBinOf(filled(calls).exceededBy(callsMax))
        expect(calls.filter((bin) => bin > limit).length).toBeLessThanOrEqual(callsMax)
      }),
    )
  })

  it('knows nothing at first', () => {
    const quantiles = new LatencyQuantiles(1_000)
    expect(quantiles.calls).toBe(0)
    expect(quantiles.typicalMs).toBeNaN()
    expect(quantiles.exceededBy(0)).toBe(latencyOfBin(1))
  })

  it('forgets: twice the memory of other calls leaves little of what was', () => {
    const quantiles = filled(
      Array.from({ length: 1_000 }, () => 20),
      1_000,
    )
    for (let call = 0; call < 4_000; call += 1) quantiles.add(60)
    expect(quantiles.calls).toBeGreaterThanOrEqual(1_000)
    expect(quantiles.calls).toBeLessThan(2_000)
    expect(latencyBinOf(quantiles.typicalMs)).toBeGreaterThanOrEqual(56)
  })

  it('does not forget a rare bin first', () => {
    const quantiles = new LatencyQuantiles(500)
    quantiles.add(100)
    for (let call = 0; call < 5_000; call += 1) quantiles.add(30)
    expect(latencyBinOf(quantiles.exceededBy(0))).toBeGreaterThanOrEqual(100)
  })

  it('keeps its counts within 16 bits, however long a memory is asked for, and however much is added', () => {
    const [quantiles, other] = [new LatencyQuantiles(1e9), new LatencyQuantiles(1e9)]
    for (let call = 0; call < 2 * latencyMemoryCallsMax - 1; call += 1) {
      quantiles.add(40)
      other.add(40)
    }
    quantiles.addAll(other)
    const { calls } = quantiles.toJSON()
    expect(calls.reduce((sum, here) => sum + here, 0)).toBe(quantiles.calls)
    expect(quantiles.calls).toBe(latencyMemoryCallsMax * 2 - 1)
  })

  it('from() goes on where toJSON() stood', () => {
    fc.assert(
      fc.property(someBins, fc.nat(bins - 1), (calls, bin) => {
        const quantiles = filled(calls)
        quantiles.add(bin)
        const again = LatencyQuantiles.from(quantiles.toJSON(), 10_000)
        expect(again.toJSON()).toEqual(quantiles.toJSON())
        expect([again.calls, again.typicalMs, again.rank(bin)]).toEqual([
          quantiles.calls,
          quantiles.typicalMs,
          quantiles.rank(bin),
        ])
      }),
    )
  })

  it('from() lets calls fade that are too many for its memory', () => {
    const much = filled(Array.from({ length: 15_000 }, () => 50))
    const again = LatencyQuantiles.from(much.toJSON(), 1_000)
    expect(again.calls).toBeLessThan(2_000)
    expect(again.typicalMs).toBe(much.typicalMs)
    const full = Array.from({ length: bins }, () => 65_535)
    expect(LatencyQuantiles.from({ calls: full, ranks: full }, 100).calls).toBeLessThan(200)
  })
})
