import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RateWindow } from '../../src/orchestrator/guard/rate-window.js'

it('RateWindow.take() says how long until the next call may start, and that is true', () => {
  const window = new RateWindow()
  expect([window.take(2, 0), window.take(2, 30_000)]).toEqual([0, 0])
  const waitMs = window.take(2, 40_000)
  expect(waitMs).toBeGreaterThan(0)
  expect(window.take(2, 40_000 + waitMs - 1)).toBeGreaterThan(0)
  expect(window.take(2, 40_000 + waitMs)).toBe(0)
  expect(window.count(40_000 + waitMs)).toBe(2)
})

it('RateWindow.take() counts a call for at least a whole minute, however it falls into the seconds', () => {
  const window = new RateWindow()
  expect(window.take(1, 999)).toBe(0)
  expect([window.take(1, 60_000), window.take(1, 60_999)]).toEqual([1_000, 1])
  expect(window.take(1, 61_000)).toBe(0)
})

it('RateWindow.take() lets at most the limit through in any 60 seconds, and a call waits at most 61', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat({ max: 20_000 }), { maxLength: 200 }), (callsMax, steps) => {
      const window = new RateWindow()
      const started: number[] = []
      let nowMs = 0
      for (const step of steps) {
        nowMs += step
        const waitMs = window.take(callsMax, nowMs)
        expect(waitMs).toBeLessThanOrEqual(61_000)
        if (waitMs === 0) started.push(nowMs)
      }
      started.forEach((time, index) => {
        const first = started[index - callsMax]
        if (first !== undefined) expect(time - first).toBeGreaterThan(60_000 - 1)
      })
    }),
  )
})
