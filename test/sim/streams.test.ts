import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bursts,
  clusters,
  hung,
  independent,
  modelLike,
  moods,
  moreThanChance,
  ramp,
  seeded,
  slowed,
  story,
  type Stream,
  swing,
  take,
} from '../../bench/simulation/index.mjs'

describe('the streams of the simulation', () => {
  it('seeded() gives the same numbers for the same words, and others for others', () => {
    const draw = (...words: (string | number)[]): number[] => Array.from({ length: 5 }, seeded(...words))
    expect(draw('a', 1)).toEqual(draw('a', 1))
    expect(draw('a', 1)).not.toEqual(draw('a', 2))
  })

  it('seeded() fills [0, 1) evenly', () => {
    const random = seeded('even')
    const counts = Array.from({ length: 10 }, () => 0)
    for (let index = 0; index < 100_000; index += 1) {
      const cell = Math.floor(random() * 10)
      counts[cell] = (counts[cell] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400)
  })

  it.each([
    ['independent', independent(0.2), 0.2],
    ['clusters', clusters({ rate: 0.05, size: 4 }), 0.05],
    ['bursts of 1 %', bursts({ rate: 0.01, burstCalls: 10, burstRate: 0.5 }), 0.01],
    ['bursts of 5 % on a calm 1 %', bursts({ rate: 0.05, burstCalls: 20, burstRate: 0.6, calmRate: 0.01 }), 0.05],
    ['moods', moods({ burstCalls: 100, calmCalls: 300, burstRate: 0.2 }), 0.05],
    ['swing', swing({ low: 0.01, high: 0.09, periodCalls: 1_000 }), 0.05],
  ])('%s fails as often as it says', (_name, stream: Stream, rate: number) => {
    const outcomes = take(stream(seeded('rate')), 1_000_000)
    expect(outcomes.reduce((sum, failed) => sum + failed, 0) / outcomes.length / rate).toBeCloseTo(1, 1)
  })

  it('clusters() makes runs of whole clusters', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 9 }), (seed, size) => {
        const outcomes = take(clusters({ rate: 0.1, size })(seeded(seed)), 500).join('')
        for (const run of outcomes.split('0').slice(0, -1)) expect(run.length % size).toBe(0)
      }),
    )
  })

  it('ramp() goes from one rate to the other and stays', () => {
    const outcomes = take(ramp({ from: 0, to: 1, calls: 1_000 })(seeded('ramp')), 1_100)
    expect(outcomes.subarray(0, 500).reduce((sum, failed) => sum + failed, 0) / 500).toBeCloseTo(0.25, 1)
    expect(outcomes.subarray(999)).toEqual(new Uint8Array(101).fill(1))
  })
})

describe('story()', () => {
  const settings = { before: modelLike(), callsBefore: 200, callsPerSecond: 10, timeoutMs: 60_000 }

  it('tells starts and ends in the order of time, each call once, its end after its start', () => {
    const events = story({ ...settings, after: hung, callsAfter: 50 }, seeded('story'))
    expect(events).toHaveLength(500)
    const started = new Set<number>()
    let lastMs = 0
    for (const { call, atMs, latencyMs } of events) {
      expect(atMs).toBeGreaterThanOrEqual(lastMs)
      lastMs = atMs
      expect(started.has(call)).toBe(latencyMs !== undefined)
      started.add(call)
    }
  })

  it('ends a call that hangs at the timeout, as a failure', () => {
    const events = story({ ...settings, after: hung, callsAfter: 50 }, seeded('story'))
    const doomed = events.filter(({ call, latencyMs }) => call >= 200 && latencyMs !== undefined)
    expect(doomed).toHaveLength(50)
    for (const { failed, latencyMs } of doomed) expect([failed, latencyMs]).toEqual([1, 60_000])
  })

  it('slowed() makes the same calls take longer and fail as often', () => {
    const [plain, slow] = [modelLike(), slowed(modelLike(), 3)].map((service) => service.draw(seeded('slow')))
    expect(slow?.latencyMs).toBeCloseTo(3 * (plain?.latencyMs ?? 0))
    expect(slow?.failed).toBe(plain?.failed)
  })
})

describe('moreThanChance()', () => {
  it('allows what a rate at the bar makes likely, and no more', () => {
    // Ten are expected: 18 or more come by chance with a probability of 1.4 %, 19 or more with 0.7 %.
    expect(moreThanChance({ count: 18, calls: 1_000_000 }, 100_000)).toBe(false)
    expect(moreThanChance({ count: 19, calls: 1_000_000 }, 100_000)).toBe(true)
    expect(moreThanChance({ count: 0, calls: 1 }, 100_000)).toBe(false)
  })
})
