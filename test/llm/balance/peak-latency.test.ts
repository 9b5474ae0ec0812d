import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PeakLatency } from '../../../src/llm/balance/peak-latency.js'

describe('PeakLatency', () => {
  it('rises at once and falls slowly', () => {
    const latency = new PeakLatency(10_000)
    expect(latency.at(0)).toBeUndefined()
    latency.observe(100, 0)
    latency.observe(2_000, 1_000)
    expect(latency.at(1_000)).toBe(2_000)
    latency.observe(100, 2_000)
    expect(latency.at(2_000)).toBeGreaterThan(1_800)
    for (let atMs = 3_000; atMs <= 60_000; atMs += 1_000) latency.observe(100, atMs)
    expect(latency.at(60_000)).toBeGreaterThanOrEqual(100)
    expect(latency.at(60_000)).toBeLessThan(120)
  })

  it('fades while nobody asks, so that a target is tried again', () => {
    const latency = new PeakLatency(10_000)
    latency.observe(1_000, 0)
    expect(latency.at(10_000)).toBeCloseTo(1_000 / Math.E, 6)
  })

  it('passes over latencies that cannot be, and clocks that go back or are none', () => {
    const latency = new PeakLatency()
    for (const forged of [-1, Number.NaN, Number.POSITIVE_INFINITY]) latency.observe(forged, 0)
    expect(latency.at(0)).toBeUndefined()
    latency.observe(500, 1_000)
    latency.observe(10, 0)
    for (const nowMs of [1_000, 0, Number.NaN, Number.POSITIVE_INFINITY]) expect(latency.at(nowMs)).toBe(500)
  })

  it('lies between nothing and the slowest answer, and is at least the latest one', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 9_999 }), fc.nat({ max: 30_000 })), { minLength: 1 }), (answers) => {
        const latency = new PeakLatency()
        let nowMs = 0
        let slowest = 0
        for (const [latencyMs, gapMs] of answers) {
          nowMs += gapMs
          slowest = Math.max(slowest, latencyMs)
          latency.observe(latencyMs, nowMs)
          expect(latency.at(nowMs)).toBeGreaterThanOrEqual(latencyMs * (1 - 1e-9))
          expect(latency.at(nowMs)).toBeLessThanOrEqual(slowest * (1 + 1e-9))
        }
      }),
    )
  })
})
