import CircuitBreaker from 'opossum'
import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { BreakerStatistics } from '../../src/breaker/breaker-statistics.js'
import { recordOfStatistics, restoreStatistics } from '../../src/breaker/statistics-record.js'
import { createTestWorld, type TestWorld } from '../../src/testing/test-world.js'

function statistics(world: TestWorld, windowMs = 1_000, buckets = 10): BreakerStatistics {
  return new BreakerStatistics({ windowMs, buckets, nowMs: world.clock.monoMs() })
}

/** Through JSON, as into another process. */
function written(from: BreakerStatistics, world: TestWorld): unknown {
  return JSON.parse(JSON.stringify(recordOfStatistics(from, world.clock, true)))
}

/** Fires in each part of the window, newest first. */
function fires(from: BreakerStatistics, world: TestWorld): number[] {
  return from.window(world.clock.monoMs()).map((bucket) => bucket?.fires ?? 0)
}

describe('restoreStatistics()', () => {
  it('keeps the age of every part, and adds the time that has passed since', async () => {
    const world = createTestWorld()
    const before = statistics(world)
    before.at(world.clock.monoMs()).fires += 1
    await world.clock.advance(300)
    before.at(world.clock.monoMs()).fires += 2
    before.keepLatency(before.at(world.clock.monoMs()), 7)
    const record = written(before, world)
    const later = createTestWorld(2, { epochMs: world.clock.epochMs() + 500 })
    const after = statistics(later)
    restoreStatistics(after, record, later.clock)
    expect(fires(after, later)).toEqual([0, 0, 0, 0, 0, 2, 0, 0, 1])
    expect(after.stats(0, true)).toMatchObject({ fires: 3, latencyTimes: [7] })
    await later.clock.advance(200)
    expect(after.stats(later.clock.monoMs(), true).fires).toBe(2)
    await later.clock.advance(300)
    expect(after.stats(later.clock.monoMs(), true).fires).toBe(0)
  })

  it('drops what is older than the window, and puts parts of another length where they belong', () => {
    const world = createTestWorld()
    const part = { fires: 1, successes: 1, latencies: 1 }
    const record = { epochMs: world.clock.epochMs(), bucketMs: 500, buckets: [part, null, part, part], latencyTimes: [1, 2, 3] }
    const wide = statistics(world, 2_000, 1)
    restoreStatistics(wide, record, world.clock)
    expect(wide.stats(0, true)).toMatchObject({ fires: 3, latencyTimes: [1, 2, 3] })
    const narrow = statistics(world, 1_100, 11)
    restoreStatistics(narrow, record, world.clock)
    expect(fires(narrow, world)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
  })

  it('takes a clock that was set back for no time at all', () => {
    const world = createTestWorld()
    const after = statistics(world)
    restoreStatistics(after, { epochMs: world.clock.epochMs() + 9e9, buckets: [{ fires: 4 }] }, world.clock)
    expect(fires(after, world)).toEqual([4])
  })

  it('goes by the number of a part when someone else turns them', () => {
    const world = createTestWorld()
    const before = statistics(world, Number.POSITIVE_INFINITY, 3)
    before.at(0).fires += 1
    before.rotate()
    const after = statistics(world, Number.POSITIVE_INFINITY, 3)
    restoreStatistics(after, written(before, world), world.clock)
    expect(fires(after, world)).toEqual([0, 1])
  })

  it('reads the bare sums of opossum as new, and its status objects part by part', () => {
    const world = createTestWorld()
    const sums = { fires: 3, failures: 1, percentiles: {}, latencyTimes: [5], latencyMean: 5 }
    const fromSums = statistics(world)
    restoreStatistics(fromSums, sums, world.clock)
    expect(fires(fromSums, world)).toEqual([3])
    const rotator = new EventEmitter()
    const status = CircuitBreaker.newStatus({ stats: sums as never, rotateBucketController: rotator, enableSnapshots: false })
    rotator.emit('rotate')
    const fromStatus = statistics(world)
    restoreStatistics(fromStatus, status, world.clock)
    expect(fires(fromStatus, world).slice(0, 3)).toEqual([0, 3, 0])
    expect(fromStatus.stats(0, true)).toMatchObject({ failures: 1, latencyTimes: [5] })
  })

  it('refuses what was forged, and then has changed nothing', () => {
    const world = createTestWorld()
    const after = statistics(world)
    after.at(0).fires += 1
    const forged: readonly unknown[] = [
      null,
      'stats',
      { fires: -1 },
      { fires: '3' },
      { fires: 1.5 },
      { failures: Number.NaN },
      { latencyTimes: 'none' },
      { latencyTimes: [-1] },
      { latencyTimes: [Number.POSITIVE_INFINITY] },
      { epochMs: 'today', buckets: [] },
      { bucketMs: 0, buckets: [] },
      { bucketMs: Number.POSITIVE_INFINITY, buckets: [] },
      { buckets: [3] },
      { buckets: [{ latencies: -1 }] },
      { window: ['x'] },
    ]
    for (const record of forged)
      expect(() => restoreStatistics(after, record, world.clock), JSON.stringify(record)).toThrow(/^Cannot restore statistics/)
    expect(fires(after, world)).toEqual([1])
  })
})
