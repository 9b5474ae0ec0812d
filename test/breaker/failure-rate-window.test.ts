import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FailureRateWindow } from '../../src/breaker/failure-rate-window.js'

const limits = { failureRatioMax: 0.5, callsMin: 4, windowMs: 10_000 }

function windowOf(answers: readonly boolean[]): FailureRateWindow {
  const window = new FailureRateWindow({ windowMs: 10_000, buckets: 10 })
  for (const ok of answers) window.record(ok, 0)
  return window
}

it('FailureRateWindow.judge() does not judge below the minimum volume', () => {
  expect(windowOf([false, false, false]).judge(0, limits)).toEqual({ calls: 3, failures: 3, ratio: 1, exceeded: false })
  expect(windowOf([false, false, false, false]).judge(0, limits).exceeded).toBe(true)
})

it('FailureRateWindow.judge() lets the rate reach the limit but not exceed it', () => {
  expect(windowOf([true, true, false, false]).judge(0, limits).exceeded).toBe(false)
  expect(windowOf([true, true, false, false, false]).judge(0, limits).exceeded).toBe(true)
})

it('FailureRateWindow.judge() is calm when nothing happened, also with a minimum of 0', () => {
  expect(windowOf([]).judge(0, { ...limits, callsMin: 0 })).toEqual({ calls: 0, failures: 0, ratio: 0, exceeded: false })
})

it('FailureRateWindow forgets after an idle time: one failure an hour later does not meet old ones', () => {
  const window = windowOf(Array.from({ length: 49 }, (_, index) => index % 2 === 0))
  window.record(false, 3_600_000)
  expect(window.judge(3_600_000, limits)).toMatchObject({ calls: 1, failures: 1, exceeded: false })
})

it('FailureRateWindow.judge() never gets milder when a failure takes the place of a success', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), fc.nat(), (answers, pick) => {
      const worse = answers.with(pick % answers.length, false)
      const before = windowOf(answers).judge(0, limits)
      const after = windowOf(worse).judge(0, limits)
      expect(after.ratio).toBeGreaterThanOrEqual(before.ratio)
      if (before.exceeded) expect(after.exceeded).toBe(true)
    }),
  )
})
