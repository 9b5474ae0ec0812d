import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LoadGauge, type LoadGaugeOptions } from '../../../src/breaker/load/load-gauge.js'
import type { LoadReadings } from '../../../src/breaker/load/load-readings.js'

const busy: LoadReadings = { eventLoopDelayMs: 500 }
const idle: LoadReadings = { eventLoopDelayMs: 0, loadPerCore: 0, memoryRatio: 0 }

/** Observes the same readings each 250 ms, from `fromMs` for `forMs`. */
function keep(gauge: LoadGauge, readings: LoadReadings, fromMs: number, forMs: number) {
  for (let atMs = fromMs; atMs <= fromMs + forMs; atMs += 250) gauge.observe(readings, atMs)
  return gauge.view
}

describe('LoadGauge', () => {
  it('is calm at first, and stays so on readings that are normal', () => {
    const gauge = new LoadGauge()
    const calm = { pressure: 0, heaviest: null, overloaded: false, factor: 1 }
    expect(gauge.view).toMatchObject(calm)
    expect(keep(gauge, { eventLoopDelayMs: 20, loadPerCore: 1, memoryRatio: 0.85 }, 0, 60_000)).toMatchObject(calm)
  })

  it.each<[string, LoadReadings]>([
    ['eventLoopDelayMs', { eventLoopDelayMs: 120 }],
    ['loadPerCore', { loadPerCore: 3 }],
    ['memoryRatio', { memoryRatio: 0.97 }],
  ])('is overloaded in full when %s alone is', (heaviest, readings) => {
    const view = keep(new LoadGauge(), { ...idle, ...readings }, 0, 60_000)
    expect(view).toMatchObject({ heaviest, overloaded: true })
    expect(view.pressure).toBeCloseTo(1, 6)
    expect(view.factor).toBeCloseTo(0.1, 6)
  })

  it('goes by the heaviest reading: half way on one is half the pressure', () => {
    const view = keep(new LoadGauge(), { eventLoopDelayMs: 70, loadPerCore: 1.5, memoryRatio: 0.5 }, 0, 60_000)
    expect(view.heaviest).toBe('eventLoopDelayMs')
    expect(view.pressure).toBeCloseTo(0.5, 6)
    expect(view.factor).toBeCloseTo(0.55, 6)
  })

  it('is not moved by one bad reading, rises within seconds and falls within tens of seconds', () => {
    const gauge = new LoadGauge()
    gauge.observe(idle, 0)
    expect(gauge.observe(busy, 250).overloaded).toBe(false)
    expect(keep(gauge, busy, 500, 1_000).overloaded).toBe(true)
    const full = keep(gauge, busy, 1_500, 10_000)
    expect(full.pressure).toBeGreaterThan(0.99)
    expect(keep(gauge, idle, 11_500, 10_000).pressure).toBeCloseTo(full.pressure * Math.exp(-1), 1)
  })

  it('does not flutter: overloaded from a pressure of 0.5 until it is below 0.25', () => {
    const gauge = new LoadGauge()
    const delayOf = (pressure: number): LoadReadings => ({ eventLoopDelayMs: 20 + 100 * pressure })
    expect(keep(gauge, delayOf(0.49), 0, 60_000).overloaded).toBe(false)
    expect(keep(gauge, delayOf(0.51), 60_000, 60_000).overloaded).toBe(true)
    expect(keep(gauge, delayOf(0.26), 120_000, 200_000).overloaded).toBe(true)
    expect(keep(gauge, delayOf(0.24), 400_000, 200_000).overloaded).toBe(false)
  })

  it('excuses a timeout only while it is overloaded and the loop is late enough to cause it', () => {
    const gauge = new LoadGauge()
    expect(gauge.excuses(0)).toBe(false)
    keep(gauge, { eventLoopDelayMs: 200 }, 0, 60_000)
    expect(gauge.excuses(1_000)).toBe(true)
    expect(gauge.excuses(60_000)).toBe(false)
    expect(gauge.excuses(Number.NaN)).toBe(false)
    const full = new LoadGauge()
    keep(full, { ...idle, memoryRatio: 1 }, 0, 60_000)
    expect(full.view.overloaded).toBe(true)
    expect(full.excuses(100)).toBe(false)
  })

  it('look() reads a source no more often than readMs', () => {
    const gauge = new LoadGauge({ readMs: 250 })
    let reads = 0
    const source = { read: () => ({ loadPerCore: (reads += 1) }) }
    for (let nowMs = 0; nowMs <= 1_000; nowMs += 1) expect(gauge.look(source, nowMs)).toBe(gauge.view)
    expect(reads).toBe(5)
  })

  it.each<LoadReadings>([
    { eventLoopDelayMs: Number.NaN },
    { eventLoopDelayMs: -1 },
    { loadPerCore: Number.POSITIVE_INFINITY },
    { memoryRatio: -0.1 },
  ])('refuses the reading %j and changes nothing', (readings) => {
    const gauge = new LoadGauge()
    keep(gauge, busy, 0, 1_000)
    const before = gauge.view
    expect(() => gauge.observe(readings, 2_000)).toThrow(RangeError)
    expect(() => gauge.observe(idle, Number.NaN)).toThrow(RangeError)
    expect(gauge.view).toBe(before)
  })

  it('survives a clock that goes back or stands still', () => {
    const gauge = new LoadGauge()
    keep(gauge, busy, 10_000, 1_000)
    const before = gauge.view.pressure
    expect(gauge.observe(idle, 0).pressure).toBe(before)
    expect(gauge.observe(idle, 11_000).pressure).toBe(before)
    expect(gauge.observe(idle, 12_000).pressure).toBeLessThan(before)
  })

  it.each<LoadGaugeOptions>([
    { eventLoopDelayMs: { calm: 100, full: 100 } },
    { loadPerCore: { calm: 3, full: 1 } },
    { memoryRatio: { calm: Number.NaN, full: 1 } },
    { factorMin: 0 },
    { factorMin: 1.1 },
    { riseMs: 0 },
    { fallMs: Number.NaN },
    { readMs: -1 },
  ])('refuses the options %j', (options) => {
    expect(() => new LoadGauge(options)).toThrow(RangeError)
  })

  it('stays within its bounds, and more load never gives less pressure', () => {
    const reading = fc.option(fc.double({ min: 0, max: 1_000, noNaN: true }), { nil: undefined })
    const readings = fc.record({ eventLoopDelayMs: reading, loadPerCore: reading, memoryRatio: reading })
    const steps = fc.array(fc.record({ readings, passedMs: fc.integer({ min: 0, max: 100_000 }) }), { maxLength: 30 })
    fc.assert(
      fc.property(steps, fc.double({ min: 0.01, max: 1, noNaN: true }), (series, factorMin) => {
        const gauge = new LoadGauge({ factorMin })
        const heavier = new LoadGauge({ factorMin })
        let atMs = 0
        for (const { readings: seen, passedMs } of series) {
          atMs += passedMs
          const { pressure, factor } = gauge.observe(seen, atMs)
          expect(pressure).toBeGreaterThanOrEqual(0)
          expect(pressure).toBeLessThanOrEqual(1)
          expect(factor).toBeGreaterThanOrEqual(factorMin - 1e-9)
          expect(factor).toBeLessThanOrEqual(1)
          const more = heavier.observe({ ...seen, loadPerCore: (seen.loadPerCore ?? 0) + 1 }, atMs)
          expect(more.pressure).toBeGreaterThanOrEqual(pressure - 1e-9)
        }
      }),
    )
  })
})
