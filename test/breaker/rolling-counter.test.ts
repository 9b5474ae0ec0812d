import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RollingCounter } from '../../src/breaker/rolling-counter.js'

const windowMs = 1_000
const buckets = 10

it('RollingCounter forgets what is older than its window', () => {
  const counter = new RollingCounter({ windowMs, buckets })
  counter.add(0)
  counter.add(550)
  expect(counter.total(999)).toBe(2)
  expect(counter.total(1_000)).toBe(1)
  expect(counter.total(1_500)).toBe(0)
})

it('RollingCounter is empty after any pause longer than the window', () => {
  const counter = new RollingCounter({ windowMs, buckets })
  for (let at = 0; at < 1_000; at += 7) counter.add(at)
  expect(counter.total(3_600_000)).toBe(0)
  expect(counter.leaveMs(3_600_000)).toBe(0)
})

it('RollingCounter says when the oldest ones leave', () => {
  const counter = new RollingCounter({ windowMs, buckets })
  counter.add(120)
  counter.add(480)
  const leaveMs = counter.leaveMs(500)
  expect(counter.total(500 + leaveMs - 1)).toBe(2)
  expect(counter.total(500 + leaveMs)).toBe(1)
})

it('RollingCounter works with a clock that begins below 0', () => {
  const counter = new RollingCounter({ windowMs, buckets })
  counter.add(-2_345)
  counter.add(-2_000)
  expect(counter.total(-1_900)).toBe(2)
  expect(counter.total(-1_400)).toBe(1)
})

it('RollingCounter survives times that no clock should give', () => {
  const counter = new RollingCounter({ windowMs, buckets })
  counter.add(100)
  for (const nowMs of [Number.NaN, Number.NEGATIVE_INFINITY, 0, -1e300]) counter.add(nowMs)
  expect(counter.total(100)).toBe(5)
  expect(counter.total(1e300)).toBe(0)
})

it('RollingCounter agrees with counting one by one', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 700 }), { maxLength: 200 }), (steps) => {
      const counter = new RollingCounter({ windowMs, buckets })
      const times: number[] = []
      let nowMs = 0
      for (const step of steps) {
        nowMs += step
        counter.add(nowMs)
        times.push(nowMs)
        const firstBucket = Math.floor(nowMs / 100) - buckets + 1
        expect(counter.total(nowMs)).toBe(times.filter((time) => Math.floor(time / 100) >= firstBucket).length)
      }
    }),
  )
})
