import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LatencyTrend } from '../../../src/breaker/trend/latency-trend.js'
import { createTestWorld } from '../../../src/testing/test-world.js'
import { lognormalMs } from '../../sim/latency-stream.js'

type Latency = (random: () => number) => number

const options = { falseTripBudget: 100_000, memoryCalls: 10_000 } as const
const model: Latency = (random) => lognormalMs(random, 1_000, 0.5)
const heavy: Latency = (random) => model(random) * (random() < 0.03 ? 4 : 1)
const tight: Latency = (random) => lognormalMs(random, 1_000, 0.03)

/** One that has seen so many calls of a latency. */
function warm(seed: number, latency: Latency, calls = 10_000): { readonly trend: LatencyTrend; readonly random: () => number } {
  const { random } = createTestWorld(seed)
  const trend = new LatencyTrend(options)
  for (let call = 0; call < calls; call += 1) trend.step(latency(random))
  return { trend, random }
}

/** The mean number of settled calls until it says that they are slower, after they became so. */
function meanDelay(latency: Latency, factor: number, runs = 20): number {
  let sum = 0
  for (let run = 1; run <= runs; run += 1) {
    const { trend, random } = warm(run, latency)
    if (trend.degrading) trend.reset()
    while (!trend.step(latency(random) * factor)) sum += 1
    sum += 1
  }
  return sum / runs
}

describe('LatencyTrend', () => {
  it('sees calls of a language model become twice as slow after about 20, and one and a half times after about 70', () => {
    expect(meanDelay(model, 2)).toBeLessThan(24)
    expect(meanDelay(model, 4)).toBeLessThan(9)
    expect(meanDelay(model, 1.5)).toBeLessThan(90)
  })

  it('sees it also where some calls take four times as long, where half come from a cache, and where all take the same time', () => {
    expect(meanDelay(heavy, 2)).toBeLessThan(28)
    expect(meanDelay((random) => lognormalMs(random, random() < 0.5 ? 100 : 2_000, 0.3), 2)).toBeLessThan(45)
    expect(meanDelay(tight, 2)).toBeLessThan(7)
  })

  it('keeps its evidence when one call in ten is answered at once, slowdown or not', () => {
    expect(meanDelay((random) => (random() < 0.1 ? 1 : model(random)), 2, 40)).toBeLessThan(29)
  })

  it.each<[string, Latency]>([
    ['a language model', model],
    ['one with 3 % of calls four times slower', heavy],
    ['two humps', (random) => lognormalMs(random, random() < 0.5 ? 100 : 2_000, 0.3)],
    ['a cache that misses 5 %', (random) => lognormalMs(random, random() < 0.05 ? 1_500 : 10, 0.4)],
    ['a Pareto tail without a variance', (random) => 100 / (1 - random()) ** (1 / 1.2)],
    ['always the same', () => 20],
    ['times below a tick', () => 0],
  ])('is steady for 200 000 calls of %s', (_, latency) => {
    const { random } = createTestWorld(11)
    const trend = new LatencyTrend(options)
    let alarms = 0
    for (let call = 0; call < 200_000; call += 1) {
      if (!trend.step(latency(random))) continue
      alarms += 1
      trend.reset({ falseTrip: true })
    }
    expect(alarms).toBeLessThanOrEqual(1)
  })

  it('does not mind calls that are a tenth slower, however sure that is', () => {
    const { trend, random } = warm(5, tight)
    for (let call = 0; call < 5_000; call += 1) expect(trend.step(tight(random) * 1.1)).toBe(false)
  })

  it('tells what it knows', () => {
    const { trend, random } = warm(2, model)
    while (!trend.step(model(random) * 3)) expect(trend.degrading).toBe(false)
    const { baselineMs, estimateMs, sinceCalls, calls, statistic, threshold } = trend.evidence
    expect(trend.degrading).toBe(true)
    expect(baselineMs).toBeGreaterThan(900)
    expect(baselineMs).toBeLessThan(1_100)
    expect(estimateMs / baselineMs).toBeGreaterThan(2)
    expect(sinceCalls).toBeGreaterThan(3)
    expect(sinceCalls).toBeLessThan(40)
    expect(calls).toBeGreaterThanOrEqual(10_000)
    expect(threshold).toBeGreaterThanOrEqual(Math.log(100_000) - 1e-9)
    expect(statistic).toBeGreaterThanOrEqual(threshold)
  })

  it('knows nothing at first', () => {
    expect(new LatencyTrend(options).evidence).toEqual({
      baselineMs: Number.NaN,
      estimateMs: Number.NaN,
      sinceCalls: 0,
      calls: 0,
      statistic: 0,
      threshold: expect.closeTo(Math.log(100_000)) as number,
    })
  })

  it('has a statistic that a slower call never lowers', () => {
    const { trend } = warm(7, model, 2_000)
    const json = trend.toJSON()
    const latency = fc.double({ min: 0, max: 60_000, noNaN: true })
    fc.assert(
      fc.property(fc.array(latency, { maxLength: 30 }), latency, latency, (before, one, other) => {
        const after = (last: number): number => {
          const copy = LatencyTrend.from(json)
          for (const latencyMs of before) copy.step(latencyMs)
          copy.step(last)
          return copy.evidence.statistic
        }
        expect(after(Math.max(one, other))).toBeGreaterThanOrEqual(after(Math.min(one, other)))
      }),
    )
  })

  it('is not alarmed by four calls, however slow', () => {
    const { trend } = warm(3, model)
    for (let call = 0; call < 4; call += 1) expect(trend.step(Number.MAX_VALUE)).toBe(false)
  })

  it('ignores what is no latency', () => {
    const { trend } = warm(4, model, 500)
    const before = trend.toJSON()
    for (const none of [Number.NaN, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) expect(trend.step(none)).toBe(false)
    expect(trend.toJSON()).toEqual(before)
  })

  it('is steady again soon after calls are as fast as before, and has kept the slow ones', () => {
    const { trend, random } = warm(6, model)
    const { calls } = trend.evidence
    for (let call = 0; call < 300; call += 1) trend.step(model(random) * 2)
    expect(trend.degrading).toBe(true)
    let healthy = 0
    while (trend.step(model(random))) healthy += 1
    expect(healthy).toBeLessThan(60)
    expect(trend.evidence.calls).toBe(calls + 300 + healthy + 1)
  })

  it('can still say that a slowdown is over after it lasted for very long', () => {
    const { trend, random } = warm(6, model)
    for (let call = 0; call < 9_000; call += 1) trend.step(model(random) * 8)
    expect(trend.evidence.statistic).toBeLessThan(100)
    let healthy = 0
    while (trend.step(model(random))) healthy += 1
    expect(healthy).toBeLessThan(60)
  })

  it('takes slow calls for the new usual when there were as many as it remembers', () => {
    const { trend, random } = warm(8, model)
    let slow = 0
    do {
      trend.step(model(random) * 3)
      slow += 1
    } while (slow < 40 || trend.degrading)
    expect(slow).toBeGreaterThan(10_000)
    expect(slow).toBeLessThan(10_100)
    expect(trend.evidence.baselineMs).toBeGreaterThan(2_700)
    expect(trend.overdueAfterMs()).toBeGreaterThan(9_000)
  })

  it('unlearns soon what it learnt of a few calls only', () => {
    const { trend, random } = warm(9, model, 200)
    for (let call = 0; call < 400; call += 1) trend.step(model(random) * 5)
    expect(trend.degrading).toBe(false)
    expect(trend.evidence.baselineMs).toBeGreaterThan(4_000)
  })

  it('follows a start-up in which calls become three times slower with at most a few alarms', () => {
    let alarms = 0
    for (let run = 1; run <= 20; run += 1) {
      const { random } = createTestWorld(run)
      const trend = new LatencyTrend(options)
      let before = false
      for (let call = 0; call < 4_000; call += 1) {
        const now = trend.step(lognormalMs(random, 300 * (1 + 2 * Math.min(1, call / 1_000)), 0.5))
        if (now && !before) alarms += 1
        before = now
      }
      expect(trend.degrading).toBe(false)
    }
    expect(alarms / 20).toBeLessThan(2)
  })

  it('learns that a service has slow spells: they are alarms at first, and hardly any after a while', () => {
    const { random } = createTestWorld(10)
    const trend = new LatencyTrend(options)
    const alarms = [0, 0]
    let before = false
    for (let call = 0; call < 200_000; call += 1) {
      const now = trend.step(model(random) * (call % 1_000 < 25 ? 3 : 1))
      const half = call < 100_000 ? 0 : 1
      if (now && !before) alarms[half] = (alarms[half] ?? 0) + 1
      before = now
    }
    expect(alarms[0]).toBeGreaterThan(1)
    expect(alarms[0]).toBeLessThan(25)
    expect(alarms[1]).toBeLessThan(6)
    while (!trend.step(model(random) * 3)) expect(trend.evidence.sinceCalls).toBeLessThan(200)
  })

  it('reset() drops the evidence and the slow calls, and keeps the baseline', () => {
    const { trend, random } = warm(12, model)
    while (!trend.step(model(random) * 3));
    const { calls } = trend.evidence
    trend.reset()
    expect(trend.degrading).toBe(false)
    expect(trend.evidence).toMatchObject({
      calls,
      sinceCalls: 0,
      statistic: 0,
      threshold: expect.closeTo(Math.log(100_000)) as number,
    })
  })

  it('reset() after a false alarm keeps the slow calls, and asks for more the next time', () => {
    const { trend, random } = warm(13, model)
    for (let alarm = 0; alarm < 8; alarm += 1) {
      while (!trend.step(model(random) * 3));
      const { calls, threshold } = trend.evidence
      trend.reset({ falseTrip: true })
      expect(trend.evidence.calls).toBeGreaterThan(calls)
      expect(trend.evidence.threshold).toBeGreaterThanOrEqual(threshold)
    }
    expect(trend.evidence.threshold).toBeGreaterThan(Math.log(100_000) + 3)
  })

  describe('overdueAfterMs()', () => {
    it('is Infinity until 100 calls were seen, and generous while they are few', () => {
      expect(warm(14, model, 99).trend.overdueAfterMs()).toBe(Number.POSITIVE_INFINITY)
      expect(warm(14, model, 150).trend.overdueAfterMs()).toBeGreaterThan(3_500)
    })

    it('is the time that 0.6 % of healthy calls exceed, and a little more', () => {
      let over = 0
      for (let seed = 1; seed <= 8; seed += 1) {
        const { trend, random } = warm(seed, heavy)
        for (let call = 0; call < 10_000; call += 1) if (heavy(random) > trend.overdueAfterMs()) over += 1
      }
      expect(over / 80_000).toBeGreaterThan(0.0045)
      expect(over / 80_000).toBeLessThan(0.0065)
    })

    it('is never below twice the usual time, nor below a tenth of a second', () => {
      const { trend } = warm(15, tight)
      expect(trend.overdueAfterMs() / trend.evidence.baselineMs).toBeGreaterThanOrEqual(2)
      expect(warm(16, () => 3).trend.overdueAfterMs()).toBe(100)
    })

    it('stays what it was while calls are slower than usual', () => {
      const { trend, random } = warm(17, model)
      const usualMs = trend.overdueAfterMs()
      for (let call = 0; call < 1_000; call += 1) trend.step(model(random) * 4)
      expect(trend.overdueAfterMs()).toBe(usualMs)
    })
  })

  it('from() goes on exactly where toJSON() stood, whenever that was', () => {
    const phases = fc.array(
      fc.record({ calls: fc.integer({ min: 1, max: 300 }), factor: fc.constantFrom(0, 0.01, 1, 1, 2, 5, 1e9) }),
      { minLength: 1, maxLength: 6 },
    )
    fc.assert(
      fc.property(fc.integer(), phases, phases, (seed, before, after) => {
        const { random } = createTestWorld(seed)
        const one = new LatencyTrend({ falseTripBudget: 1_000, memoryCalls: 500 })
        for (const { calls, factor } of before) for (let call = 0; call < calls; call += 1) one.step(model(random) * factor)
        const other = LatencyTrend.from(JSON.parse(JSON.stringify(one)))
        expect(other.evidence).toEqual(one.evidence)
        for (const { calls, factor } of after)
          for (let call = 0; call < calls; call += 1) {
            const latencyMs = model(random) * factor
            expect(other.step(latencyMs)).toBe(one.step(latencyMs))
          }
        expect(other.toJSON()).toEqual(one.toJSON())
        expect(other.overdueAfterMs()).toBe(one.overdueAfterMs())
      }),
      { numRuns: 40 },
    )
  })

  it('from() refuses what is no latency trend', () => {
    const good = warm(18, model, 300).trend.toJSON()
    const forged: unknown[] = [
      undefined,
      null,
      'latency',
      [],
      {},
      { ...good, version: 2 },
      { ...good, extra: 1 },
      { ...good, falseTripBudget: 0 },
      { ...good, ratios: [1, 1, 1] },
      { ...good, ratios: [1, 1, 1, Number.NaN] },
      { ...good, ratios: [1, 1, 1, 1e300] },
      { ...good, usual: { ...good.usual, calls: [-1] } },
      { ...good, usual: { ...good.usual, calls: good.usual.calls.map(() => 1e9) } },
      { ...good, overdueAfterMs: 0 },
      { ...good, since: { calls: -1, binSum: 0 } },
      JSON.parse('{"__proto__": {"version": 1}}'),
    ]
    for (const json of forged) expect(() => LatencyTrend.from(json)).toThrow(TypeError)
    expect(() => LatencyTrend.from({ ...good, version: 2 })).toThrow('Cannot restore a latency trend')
  })

  it('refuses options that make no sense', () => {
    for (const wrong of [0, 99, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new LatencyTrend({ ...options, falseTripBudget: wrong })).toThrow(RangeError)
      expect(() => new LatencyTrend({ ...options, memoryCalls: wrong })).toThrow(RangeError)
    }
  })
})
