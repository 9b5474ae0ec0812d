import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../../src/core/errors.js'
import { LlmBudget, type LlmBudgetLimits, type Reservation } from '../../../src/llm/budget/llm-budget.js'
import type { LlmCost } from '../../../src/llm/budget/llm-usage.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

const key = 'openai/test-model'
/** A dollar for a thousand tokens, either way. */
const prices = { 'test-model': { input: 1_000, output: 1_000 } }
const hourMs = 3_600_000

function setUp(limits: LlmBudgetLimits = {}) {
  const world = createTestWorld(1)
  return { world, budget: new LlmBudget(limits, world, prices) }
}

/** Half of the tokens each way. */
function estimate(tokens: number) {
  return { inputTokens: tokens / 2, outputTokensMax: tokens / 2 }
}

function cost(tokens: number, estimated = false): LlmCost {
  return { inputTokens: tokens / 2, outputTokens: tokens / 2, usd: tokens / 1_000, estimated }
}

function refusalOf(work: () => unknown): { code: string; details: Record<string, unknown> } {
  try {
    work()
  } catch (error) {
    if (isHomeostatError(error)) return { code: error.code, details: { ...error.details } }
    throw error
  }
  throw new Error('nothing was refused')
}

describe('LlmBudget', () => {
  it('refuses money that is not left, and says which limit and when there is room', async () => {
    const { world, budget } = setUp({ usdPerDay: 10 })
    budget.reserve(key, estimate(6_000)).settle(cost(6_000))
    await world.clock.advance(hourMs)
    const { code, details } = refusalOf(() => budget.reserve(key, estimate(5_000)))
    expect(code).toBe('HS_LLM_BUDGET')
    expect(details).toMatchObject({ key, limit: 'usdPerDay', value: 10 })
    const waitMs = Number(details['retryAfterMs'])
    expect(waitMs).toBeGreaterThanOrEqual(23 * hourMs)
    expect(waitMs).toBeLessThanOrEqual(23.25 * hourMs)
    await world.clock.advance(waitMs - 1)
    expect(refusalOf(() => budget.reserve(key, estimate(5_000))).code).toBe('HS_LLM_BUDGET')
    await world.clock.advance(1)
    budget.reserve(key, estimate(5_000))
  })

  it('counts calls under way by what they may take, and afterwards by what they took', () => {
    const { budget } = setUp({ usdPerDay: 10 })
    const first = budget.reserve(key, estimate(6_000))
    expect(refusalOf(() => budget.reserve(key, estimate(5_000))).details['limit']).toBe('usdPerDay')
    first.settle(cost(1_000))
    expect(budget.snapshot().usd).toBeCloseTo(1, 9)
    budget.reserve(key, estimate(9_000)).release()
    expect(budget.snapshot().usd).toBeCloseTo(1, 9)
  })

  it('limits tokens and requests of a minute, and calls at once', async () => {
    const { world, budget } = setUp({ tokensPerMinute: 1_000, requestsPerMinute: 3, concurrentMax: 2 })
    const first = budget.reserve(key, estimate(600))
    expect(refusalOf(() => budget.reserve(key, estimate(500))).details).toMatchObject({
      limit: 'tokensPerMinute',
      value: 1_000,
      retryAfterMs: 61_000,
    })
    const second = budget.reserve(key, estimate(100))
    expect(refusalOf(() => budget.reserve(key, estimate(100))).details).toMatchObject({ limit: 'concurrentMax', value: 2 })
    first.release()
    second.settle(cost(100))
    budget.reserve(key, estimate(100)).release()
    expect(refusalOf(() => budget.reserve(key, estimate(100))).details).toMatchObject({ limit: 'requestsPerMinute', value: 3 })
    await world.clock.advance(61_000)
    budget.reserve(key, estimate(1_000))
  })

  it('expects a place among the calls at once when one of so many ends, by how long they took', async () => {
    const { world, budget } = setUp({ concurrentMax: 2 })
    for (let call = 0; call < 100; call += 1) {
      const reservation = budget.reserve(key, estimate(1))
      await world.clock.advance(8_000)
      reservation.settle(cost(1))
    }
    budget.reserve(key, estimate(1))
    budget.reserve(key, estimate(1))
    const waitMs = Number(refusalOf(() => budget.reserve(key, estimate(1))).details['retryAfterMs'])
    expect(waitMs).toBeGreaterThan(3_900)
    expect(waitMs).toBeLessThanOrEqual(4_000)
  })

  it('names the limit that keeps the call out for longest', () => {
    const { budget } = setUp({ usdPerDay: 10, requestsPerMinute: 1, perKey: { usdPerDay: 4, requestsPerMinute: 1 } })
    budget.reserve(key, estimate(4_000))
    expect(refusalOf(() => budget.reserve(key, estimate(1_000))).details['limit']).toBe('perKey.usdPerDay')
    expect(refusalOf(() => budget.reserve('openai/test-model#other', estimate(1_000))).details['limit']).toBe('requestsPerMinute')
  })

  it('limits each key by itself, and takes nothing from anyone when one limit refuses', () => {
    const { budget } = setUp({ usdPerDay: 10, perKey: { usdPerDay: 4 } })
    budget.reserve('a/test-model', estimate(4_000))
    const before = budget.snapshot()
    expect(refusalOf(() => budget.reserve('a/test-model', estimate(1_000))).code).toBe('HS_LLM_BUDGET')
    expect(budget.snapshot()).toEqual({ ...before, refused: 1 })
    budget.reserve('b/test-model', estimate(4_000))
    expect(refusalOf(() => budget.reserve('c/test-model', estimate(4_000))).details['limit']).toBe('usdPerDay')
  })

  it('says for good that a call is larger than its limit, however long one waits', () => {
    const { budget } = setUp({ usdPerDay: 10, usdPerCallMax: 2, tokensPerMinute: 5_000, perKey: { tokensPerMinute: 1_500 } })
    expect(refusalOf(() => budget.reserve(key, estimate(3_000)))).toMatchObject({
      code: 'HS_LLM_UNAFFORDABLE',
      details: { key, limit: 'usdPerCallMax', value: 2, reason: 'this call alone may take 3 US dollars' },
    })
    expect(refusalOf(() => budget.reserve(key, estimate(1_600)))).toMatchObject({
      code: 'HS_LLM_UNAFFORDABLE',
      details: { limit: 'perKey.tokensPerMinute', value: 1_500, reason: 'this call alone may take 1600 tokens' },
    })
    expect(budget.snapshot()).toMatchObject({ usd: 0, tokens: 0, requests: 0, concurrent: 0, refused: 2 })
  })

  it('admits what is at the limit to a hair, which binary fractions are not', () => {
    const { budget } = setUp({ usdPerDay: 0.3 })
    for (let call = 0; call < 3; call += 1) budget.reserve(key, estimate(100)).settle(cost(100))
    expect(refusalOf(() => budget.reserve(key, estimate(1))).code).toBe('HS_LLM_BUDGET')
  })

  it('refuses a model of unknown price when money is limited, unless told what to count for it', () => {
    const unknown = 'local/llama'
    for (const limits of [
      { usdPerDay: 5 },
      { usdPerCallMax: 5 },
      { perKey: { usdPerDay: 5 } },
      { perKey: { usdPerCallMax: 5 } },
    ]) {
      const { code, details } = refusalOf(() => setUp(limits).budget.reserve(unknown, estimate(1)))
      expect(code).toBe('HS_LLM_UNAFFORDABLE')
      expect(details['value']).toBe(5)
      expect(String(details['reason'])).toContain('prices')
    }
    const { budget } = setUp({ usdPerDay: 5, unknownUsd: 2 })
    budget.reserve(unknown, estimate(1)).settle({ ...cost(1), usd: undefined })
    budget.reserve(unknown, estimate(1))
    expect(refusalOf(() => budget.reserve(unknown, estimate(1))).details['limit']).toBe('usdPerDay')
    expect(budget.snapshot()).toMatchObject({ usd: 4, unpriced: 2, refused: 1 })
  })

  it('counts no money where none is limited, and none for requests that name no model', () => {
    setUp({ tokensPerMinute: 10 }).budget.reserve('local/llama', estimate(1))
    const { budget } = setUp({ usdPerDay: 5 })
    budget.reserve('openai/-', { inputTokens: undefined, outputTokensMax: undefined })
    expect(budget.snapshot()).toMatchObject({ usd: 0, unpriced: 0, requests: 1 })
  })

  it('learns what calls of a key take, from what providers counted and from nothing else', () => {
    const { budget } = setUp()
    expect(budget.learntOf(key)).toEqual({ inputTokens: undefined, outputTokens: undefined })
    budget.reserve(key, estimate(100)).settle(cost(9_000, true))
    expect(budget.learntOf(key).outputTokens).toBeUndefined()
    budget.reserve(key, estimate(100)).settle(cost(400))
    expect(budget.learntOf(key)).toEqual({ inputTokens: 200, outputTokens: 200 })
    budget.reserve(key, estimate(100)).settle(cost(600))
    budget.reserve(key, estimate(100)).settle({ ...cost(0), inputTokens: undefined, outputTokens: undefined })
    expect(budget.learntOf(key).outputTokens).toBeCloseTo(210, 9)
  })

  it('fills in what an estimate does not know: at first a guess, then what was learnt', () => {
    const { budget } = setUp()
    const unknown = { inputTokens: undefined, outputTokensMax: undefined }
    const first = budget.reserve(key, unknown)
    expect(budget.snapshot().tokens).toBe(2_000)
    first.settle(cost(300))
    budget.reserve(key, unknown)
    expect(budget.snapshot().tokens).toBe(600)
  })

  it('settles once, by whichever call is first', () => {
    const { budget } = setUp()
    const first = budget.reserve(key, estimate(100))
    first.settle(cost(50))
    first.settle(cost(5_000))
    first.release()
    const second = budget.reserve(key, estimate(100))
    second.release()
    second.settle(cost(5_000))
    expect(budget.snapshot()).toMatchObject({ tokens: 50, concurrent: 0, requests: 2 })
    expect(budget.learntOf(key).outputTokens).toBe(25)
  })

  it('keeps what was expected where the actual cost makes no sense', () => {
    for (const forged of [undefined, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const { budget } = setUp()
      budget.reserve(key, estimate(100)).settle({ inputTokens: forged, outputTokens: forged, usd: forged, estimated: false })
      expect(budget.snapshot().tokens).toBe(100)
      expect(budget.snapshot().usd).toBeCloseTo(0.1, 9)
    }
    const { budget } = setUp()
    budget.reserve(key, { inputTokens: Number.NaN, outputTokensMax: -5 })
    expect(budget.snapshot().tokens).toBe(2_000)
  })

  it('refuses limits that are no limits', () => {
    const world = createTestWorld(1)
    for (const limits of [
      { usdPerDay: 0 },
      { usdPerDay: Number.NaN },
      { usdPerCallMax: -1 },
      { tokensPerMinute: 1.5 },
      { requestsPerMinute: 0 },
      { concurrentMax: Number.POSITIVE_INFINITY },
      { unknownUsd: -1 },
      { perKey: { usdPerDay: -1 } },
    ])
      expect(() => new LlmBudget(limits, world), JSON.stringify(limits)).toThrow(RangeError)
  })

  it('remembers a thousand keys, and every one with a call under way', () => {
    const { budget } = setUp({ perKey: { concurrentMax: 1 } })
    const held = budget.reserve('held/test-model', estimate(1))
    for (let other = 0; other < 2_000; other += 1) budget.reserve(`${other}/test-model`, estimate(1)).release()
    expect(Object.keys(budget.snapshot().keys)).toHaveLength(1_000)
    expect(refusalOf(() => budget.reserve('held/test-model', estimate(1))).details['limit']).toBe('perKey.concurrentMax')
    held.release()
    budget.reserve('held/test-model', estimate(1))
  })

  it('takes keys with the names of what every object has', () => {
    const { budget } = setUp()
    budget.reserve('__proto__', estimate(1))
    expect(Object.keys(budget.snapshot().keys)).toEqual(['__proto__'])
  })
})

interface Step {
  readonly gapMs: number
  readonly what: 'reserve' | 'settle' | 'release'
  readonly key: string
  readonly expected: number
  /** What it takes, as a share of what was expected. */
  readonly share: number
  readonly which: number
}

/** A call as the model of the law sees it. */
interface Modelled {
  readonly key: string
  readonly startedMs: number
  readonly reservation: Reservation
  readonly expected: number
  actual: number
  open: boolean
}

const steps = (shareMax: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      gapMs: fc.oneof(fc.nat({ max: 3_000 }), fc.nat({ max: 30_000 })),
      what: fc.constantFrom('reserve', 'reserve', 'settle', 'settle', 'release'),
      key: fc.constantFrom('a/test-model', 'b/test-model'),
      expected: fc.integer({ min: 1, max: 400 }),
      share: fc.double({ min: 0, max: shareMax, noNaN: true }),
      which: fc.nat(),
    }),
    { maxLength: 60, size: 'max' },
  )

/** Plays the steps, checks after each of them, and returns every call that was let in. */
async function play(
  limits: LlmBudgetLimits,
  schedule: readonly Step[],
  check: (calls: readonly Modelled[], nowMs: number, admitted: boolean) => void,
): Promise<{ budget: LlmBudget; calls: readonly Modelled[] }> {
  const { world, budget } = setUp(limits)
  const calls: Modelled[] = []
  for (const { gapMs, what, key: name, expected, share, which } of schedule) {
    await world.clock.advance(gapMs)
    const nowMs = world.clock.monoMs()
    const open = calls.filter((call) => call.open)
    const call = open[which % Math.max(1, open.length)]
    let admitted = false
    if (what === 'reserve') {
      try {
        const reservation = budget.reserve(name, estimate(expected))
        calls.push({ key: name, startedMs: nowMs, reservation, expected, actual: expected, open: true })
        admitted = true
      } catch (error) {
        expect(isHomeostatError(error)).toBe(true)
      }
    } else if (call !== undefined) {
      call.open = false
      call.actual = what === 'settle' ? Math.round(call.expected * share) : 0
      if (what === 'settle') call.reservation.settle(cost(call.actual))
      else call.reservation.release()
    }
    check(calls, nowMs, admitted)
  }
  return { budget, calls }
}

function inMinute(calls: readonly Modelled[], nowMs: number): readonly Modelled[] {
  return calls.filter(({ startedMs }) => startedMs > nowMs - 60_000)
}

function tokensOf(calls: readonly Modelled[]): number {
  return calls.reduce((sum, { actual }) => sum + actual, 0)
}

describe('the laws of LlmBudget', () => {
  const limits = {
    tokensPerMinute: 1_000,
    requestsPerMinute: 12,
    concurrentMax: 4,
    perKey: { tokensPerMinute: 700, concurrentMax: 3 },
  }

  it('no limit is ever exceeded by calls that take no more than they were expected to', async () => {
    await fc.assert(
      fc.asyncProperty(steps(1), async (schedule) => {
        await play(limits, schedule, (calls, nowMs) => {
          const open = calls.filter((call) => call.open)
          expect(open.length).toBeLessThanOrEqual(4)
          expect(inMinute(calls, nowMs).length).toBeLessThanOrEqual(12)
          expect(tokensOf(inMinute(calls, nowMs))).toBeLessThanOrEqual(1_000)
          for (const name of ['a/test-model', 'b/test-model']) {
            const own = calls.filter((call) => call.key === name)
            expect(tokensOf(inMinute(own, nowMs))).toBeLessThanOrEqual(700)
            expect(own.filter((call) => call.open).length).toBeLessThanOrEqual(3)
          }
        })
      }),
    )
  })

  it('a limit is exceeded at most by what the calls under way at the last admission took beyond their estimates', async () => {
    await fc.assert(
      fc.asyncProperty(steps(3), async (schedule) => {
        let underWay: readonly Modelled[] = []
        await play(limits, schedule, (calls, nowMs, admitted) => {
          if (admitted) underWay = calls.filter((call) => call.open)
          const errors = underWay.reduce((sum, { actual, expected }) => sum + Math.max(0, actual - expected), 0)
          expect(tokensOf(inMinute(calls, nowMs))).toBeLessThanOrEqual(1_000 + errors)
        })
      }),
    )
  })

  it('with one call at a time a limit is exceeded by no more than the error of one estimate', async () => {
    await fc.assert(
      fc.asyncProperty(steps(3), async (schedule) => {
        await play({ tokensPerMinute: 1_000, concurrentMax: 1 }, schedule, (calls, nowMs) => {
          const errorMax = Math.max(0, ...calls.map(({ actual, expected }) => actual - expected))
          expect(tokensOf(inMinute(calls, nowMs))).toBeLessThanOrEqual(1_000 + errorMax)
        })
      }),
    )
  })

  it('every place is given back: when all calls have ended nothing is under way, and in time nothing counts', async () => {
    await fc.assert(
      fc.asyncProperty(steps(2), async (schedule) => {
        const { budget, calls } = await play(limits, schedule, () => undefined)
        const { concurrent, keys } = budget.snapshot()
        expect(concurrent).toBe(calls.filter((call) => call.open).length)
        for (const call of calls) call.reservation.release()
        expect(budget.snapshot().concurrent).toBe(0)
        for (const scope of Object.values(budget.snapshot().keys)) expect(scope.concurrent).toBe(0)
        expect(Object.values(keys).reduce((sum, scope) => sum + scope.concurrent, 0)).toBe(concurrent)
      }),
    )
  })

  it('a refusal tells the truth: there is room when it says, if nobody else comes', async () => {
    await fc.assert(
      fc.asyncProperty(steps(2), fc.integer({ min: 1, max: 700 }), async (schedule, wanted) => {
        const { world, budget } = setUp({ tokensPerMinute: 1_000, requestsPerMinute: 12, perKey: { tokensPerMinute: 700 } })
        for (const { gapMs, key: name, expected, share } of schedule) {
          await world.clock.advance(gapMs)
          try {
            budget.reserve(name, estimate(expected)).settle(cost(Math.round(expected * share)))
          } catch (error) {
            expect(isHomeostatError(error, 'HS_LLM_BUDGET')).toBe(true)
          }
        }
        try {
          budget.reserve('a/test-model', estimate(wanted)).release()
        } catch (error) {
          if (!isHomeostatError(error, 'HS_LLM_BUDGET')) throw error
          const { retryAfterMs } = error.details
          expect(retryAfterMs).toBeLessThanOrEqual(61_000)
          await world.clock.advance(retryAfterMs - 1)
          expect(() => budget.reserve('a/test-model', estimate(wanted))).toThrow()
          await world.clock.advance(1)
          budget.reserve('a/test-model', estimate(wanted))
        }
      }),
    )
  })
})
