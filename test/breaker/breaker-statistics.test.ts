import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BreakerStatistics, StatisticsBucket } from '../../src/breaker/breaker-statistics.js'

function statistics(windowMs = 1_000, buckets = 10, nowMs = 0): BreakerStatistics {
  return new BreakerStatistics({ windowMs, buckets, nowMs })
}

describe('BreakerStatistics', () => {
  it('holds what happened within the window, and turns without a timer', () => {
    const counts = statistics()
    counts.at(0).fires += 1
    counts.at(950).fires += 1
    expect(counts.stats(999, true).fires).toBe(2)
    expect(counts.stats(1_000, true).fires).toBe(1)
    expect(counts.stats(1_900, true).fires).toBe(0)
    expect(counts.window(1_900)).toHaveLength(10)
  })

  it('counts as a plain list of times would, whatever the times', () => {
    const steps = fc.array(fc.double({ min: 0, max: 3_000, noNaN: true }), { maxLength: 60 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 12 }), (waits, buckets) => {
        const windowMs = 1_000
        const bucketMs = windowMs / buckets
        const counts = statistics(windowMs, buckets)
        const times: number[] = []
        let nowMs = 0
        for (const waitMs of waits) {
          nowMs += waitMs
          counts.at(nowMs).fires += 1
          times.push(nowMs)
        }
        const bucketOf = (timeMs: number): number => Math.floor(timeMs / bucketMs)
        // A time on the very border of two buckets may fall on either side by a rounding error.
        fc.pre(times.every((timeMs) => Math.abs(timeMs / bucketMs - Math.round(timeMs / bucketMs)) > 1e-6 || timeMs === 0))
        const expected = times.filter((timeMs) => bucketOf(nowMs) - bucketOf(timeMs) < buckets).length
        expect(counts.stats(nowMs, false).fires).toBe(expected)
      }),
    )
  })

  it('survives clocks that stand still or go back', () => {
    const counts = statistics()
    counts.at(5_000).fires += 1
    counts.at(5_000).fires += 1
    counts.at(10).fires += 1
    expect(counts.stats(5_000, false).fires).toBe(3)
  })

  it('gives percentiles by nearest rank, and the mean', () => {
    const counts = statistics()
    for (let ms = 1; ms <= 200; ms += 1) counts.keepLatency(counts.at(ms), ms)
    const { percentiles, latencyMean, latencyTimes } = counts.stats(200, true)
    expect(percentiles).toEqual({ 0: 1, 0.25: 50, 0.5: 100, 0.75: 150, 0.9: 180, 0.95: 190, 0.99: 198, 0.995: 199, 1: 200 })
    expect(latencyMean).toBe(100.5)
    expect(latencyTimes).toHaveLength(200)
  })

  it('says 0 of no latencies, and -1 when they are not wanted', () => {
    expect(statistics().stats(0, true)).toMatchObject({ latencyMean: 0, percentiles: { 0: 0, 0.5: 0, 1: 0 } })
    expect(statistics().stats(0, false)).toMatchObject({
      latencyMean: -1,
      percentiles: { 0: -1, 0.5: -1, 1: -1 },
      latencyTimes: [],
    })
  })

  it('keeps a bounded number of latencies, the newest of each bucket', () => {
    const counts = statistics(1_000, 10)
    for (let call = 0; call < 1_000; call += 1) {
      const bucket = counts.at(0)
      counts.keepLatency(bucket, call)
      bucket.successes += 1
    }
    const { latencyTimes } = counts.stats(0, true)
    expect(latencyTimes).toHaveLength(400)
    expect(Math.min(...latencyTimes)).toBe(600)
    expect(Math.max(...latencyTimes)).toBe(999)
  })

  it('turns only by hand when the window is infinite', () => {
    const counts = statistics(Number.POSITIVE_INFINITY, 2)
    counts.at(0).fires += 1
    expect(counts.stats(1e15, false).fires).toBe(1)
    counts.rotate()
    expect(counts.stats(1e15, false).fires).toBe(1)
    counts.rotate()
    expect(counts.stats(1e15, false).fires).toBe(0)
  })

  it('drops what does not fit when it is restored', () => {
    const counts = statistics(1_000, 2)
    const full = (): StatisticsBucket => Object.assign(new StatisticsBucket(), { fires: 1, latencyTimes: Array(5_000).fill(1) })
    counts.restore([full(), undefined, full()])
    expect(counts.stats(0, true).fires).toBe(1)
    expect(counts.stats(0, true).latencyTimes).toHaveLength(2_000)
    counts.restore([])
    expect(counts.stats(0, true).fires).toBe(0)
  })
})
