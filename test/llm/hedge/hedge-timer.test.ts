import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HedgeTimer } from '../../../src/llm/hedge/hedge-timer.js'

describe('HedgeTimer', () => {
  it('says nothing until it has learnt, and then when nineteen of twenty have answered', () => {
    const timer = new HedgeTimer({ callsMin: 20 })
    for (let call = 1; call < 20; call += 1) timer.observe(call * 100)
    expect(timer.delayMs()).toBeUndefined()
    timer.observe(2_000)
    expect(timer.delayMs()).toBeGreaterThan(1_600)
    expect(timer.delayMs()).toBeLessThan(2_300)
  })

  it('is as late as the quantile asks', () => {
    const delays = [0.5, 0.9, 0.99].map((quantile) => {
      const timer = new HedgeTimer({ quantile })
      for (let call = 1; call <= 1_000; call += 1) timer.observe(call)
      return timer.delayMs() ?? Number.NaN
    })
    for (const [index, expected] of [500, 900, 990].entries()) {
      expect(delays[index]).toBeGreaterThan(expected * 0.85)
      expect(delays[index]).toBeLessThan(expected * 1.15)
    }
  })

  it('follows a target that becomes slower', () => {
    const timer = new HedgeTimer()
    for (let call = 0; call < 500; call += 1) timer.observe(100)
    const before = timer.delayMs() ?? Number.NaN
    for (let call = 0; call < 3_000; call += 1) timer.observe(1_000)
    expect(timer.delayMs()).toBeGreaterThan(before * 5)
  })

  it('pays for one second request with twenty calls, and saves up no more than ten', () => {
    const timer = new HedgeTimer()
    expect(timer.take()).toBe(false)
    for (let call = 0; call < 20; call += 1) timer.began()
    expect([timer.take(), timer.take()]).toEqual([true, false])
    for (let call = 0; call < 10_000; call += 1) timer.began()
    let taken = 0
    while (taken < 100 && timer.take()) taken += 1
    expect(taken).toBe(10)
    expect(timer.snapshot()).toMatchObject({ calls: 10_020, hedges: 11, delayMs: undefined })
    expect(timer.snapshot().credit).toBeLessThan(1)
  })

  it('refuses numbers that cannot be', () => {
    for (const options of [
      { quantile: 0.4 },
      { quantile: 1 },
      { quantile: Number.NaN },
      { extraRatioMax: -0.1 },
      { extraRatioMax: 1.1 },
      { callsMin: 0 },
      { callsMin: 1.5 },
    ])
      expect(() => new HedgeTimer(options), JSON.stringify(options)).toThrow(RangeError)
    for (const latencyMs of [-1, Number.NaN]) expect(() => new HedgeTimer().observe(latencyMs)).toThrow(RangeError)
  })

  it('never allows more second requests than its share of the calls', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(fc.boolean(), { maxLength: 300 }),
        (extraRatioMax, steps) => {
          const timer = new HedgeTimer({ extraRatioMax })
          let calls = 0
          let hedges = 0
          for (const isCall of steps) {
            if (isCall) {
              timer.began()
              calls += 1
            } else if (timer.take()) hedges += 1
            expect(hedges).toBeLessThanOrEqual(extraRatioMax * calls + 1e-6)
          }
        },
      ),
    )
  })
})
