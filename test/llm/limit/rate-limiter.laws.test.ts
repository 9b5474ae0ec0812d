import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RateReading } from '../../../src/llm/failure/rate-headers.js'
import { RateLimiter } from '../../../src/llm/limit/rate-limiter.js'
import { createTestWorld, type TestWorld } from '../../../src/testing/test-world.js'

const minuteMs = 60_000

/** How a provider counts: what is left at a time, and what it says of that. */
interface Account {
  /** Takes a request in; `false`: it is refused. */
  take(tokens: number, nowMs: number): boolean
  readings(nowMs: number): readonly RateReading[]
}

interface Limits {
  readonly requests: number
  readonly tokens: number
}

/** Full again all at once, at each full minute. */
function fixedWindows(limits: Limits): Account {
  let minute = 0
  let left = { ...limits }
  const turn = (nowMs: number): void => {
    if (Math.floor(nowMs / minuteMs) === minute) return
    minute = Math.floor(nowMs / minuteMs)
    left = { ...limits }
  }
  return {
    take: (tokens, nowMs) => {
      turn(nowMs)
      if (left.requests < 1 || left.tokens < tokens) return false
      left = { requests: left.requests - 1, tokens: left.tokens - tokens }
      return true
    },
    readings: (nowMs) => {
      turn(nowMs)
      const resetMs = (minute + 1) * minuteMs - nowMs
      return [
        { resource: 'requests', limit: limits.requests, remaining: left.requests, resetMs },
        { resource: 'tokens', limit: limits.tokens, remaining: left.tokens, resetMs },
      ]
    },
  }
}

/** Filled bit by bit, from nothing to full in a minute. */
function buckets(limits: Limits): Account {
  let left = { ...limits }
  let atMs = 0
  const fill = (nowMs: number): void => {
    const share = (nowMs - atMs) / minuteMs
    atMs = nowMs
    left = {
      requests: Math.min(limits.requests, left.requests + share * limits.requests),
      tokens: Math.min(limits.tokens, left.tokens + share * limits.tokens),
    }
  }
  const rounding = 1e-6
  return {
    take: (tokens, nowMs) => {
      fill(nowMs)
      if (left.requests < 1 - rounding || left.tokens < tokens - rounding) return false
      left = { requests: left.requests - 1, tokens: left.tokens - tokens }
      return true
    },
    readings: (nowMs) => {
      fill(nowMs)
      return (['requests', 'tokens'] as const).map((resource) => ({
        resource,
        limit: limits[resource],
        remaining: Math.floor(left[resource] + rounding),
        resetMs: Math.ceil(((limits[resource] - left[resource]) / limits[resource]) * minuteMs),
      }))
    },
  }
}

interface Arrival {
  readonly gapMs: number
  readonly tokens: number
  readonly answerMs: number
}

const arrivals = fc.array(
  fc.record({
    gapMs: fc.oneof(fc.constant(0), fc.nat({ max: 2_000 }), fc.nat({ max: 20_000 })),
    tokens: fc.integer({ min: 1, max: 100 }),
    answerMs: fc.oneof(fc.nat({ max: 500 }), fc.nat({ max: 90_000 })),
  }),
  { minLength: 1, maxLength: 60, size: 'max' },
)
const limitsOf = fc.record({ requests: fc.integer({ min: 1, max: 12 }), tokens: fc.integer({ min: 100, max: 800 }) })

/** Sends all of them through a limiter that has heard one answer, and returns what the provider saw. */
async function play(
  schedule: readonly Arrival[],
  account: Account,
  { world, startedMs }: { world: TestWorld; startedMs: number },
): Promise<{ refused: number; order: readonly number[] }> {
  const limiter = new RateLimiter(world)
  const order: number[] = []
  let refused = 0
  await world.clock.advance(startedMs)
  limiter.learn('k', account.readings(world.clock.monoMs()))
  const ask = async (index: number, { tokens, answerMs }: Arrival): Promise<void> => {
    const sent = await limiter.enter('k', tokens, { waitMsMax: Number.MAX_SAFE_INTEGER })
    const arrivedMs = world.clock.monoMs()
    order.push(index)
    if (!account.take(tokens, arrivedMs)) refused += 1
    // What it says is as old as the answer is slow.
    const readings = account.readings(arrivedMs)
    await world.clock.sleep(answerMs)
    limiter.learn('k', readings, sent)
  }
  const all: Promise<void>[] = []
  for (const [index, arrival] of schedule.entries()) {
    await world.clock.advance(arrival.gapMs)
    all.push(ask(index, arrival))
  }
  await world.clock.until(Promise.all(all))
  expect(limiter.snapshot().keys['k']?.waiting).toBe(0)
  return { refused, order }
}

describe('the laws of RateLimiter', () => {
  it.each([
    ['all at once', fixedWindows],
    ['bit by bit', buckets],
  ])(
    'with accurate headers nothing is sent that a provider refuses which fills its limits %s, and everyone goes in his turn',
    async (_, accountOf) => {
      await fc.assert(
        fc.asyncProperty(arrivals, limitsOf, fc.nat({ max: minuteMs }), async (schedule, limits, startedMs) => {
          const world = createTestWorld(1)
          const { refused, order } = await play(schedule, accountOf(limits), { world, startedMs })
          expect(refused).toBe(0)
          expect(order).toEqual(schedule.map((_arrival, index) => index))
        }),
        { numRuns: 60 },
      )
    },
  )

  it('uses what the provider allows: waiting costs little more time than the limits do', async () => {
    const limits = { requests: 10, tokens: 1_000_000 }
    const schedule = Array.from({ length: 100 }, () => ({ gapMs: 0, tokens: 1, answerMs: 100 }))
    const world = createTestWorld(1)
    const { refused } = await play(schedule, fixedWindows(limits), { world, startedMs: 0 })
    expect(refused).toBe(0)
    // A hundred requests at ten a minute need nine full minutes; each window may begin late by one answer's time.
    expect(world.clock.monoMs()).toBeLessThan(10 * minuteMs)
  })
})
