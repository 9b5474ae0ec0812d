import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RetryBudget, type RetryBudgetOptions } from '../../../src/breaker/budget/retry-budget.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

function setUp(options: RetryBudgetOptions = {}) {
  const world = createTestWorld(1)
  return { world, budget: new RetryBudget(options, world.clock) }
}

/** Takes until it is refused, at most `max` times; returns how often it was not. */
function drain(budget: RetryBudget, max = 1_000): number {
  let taken = 0
  while (taken < max && budget.take()) taken += 1
  return taken
}

describe('RetryBudget', () => {
  it('grants what it holds at first and then nothing, when the target is dead', () => {
    const { budget } = setUp({ retriesMax: 20 })
    expect(drain(budget)).toBe(20)
    expect(budget.view()).toEqual({ retries: 0, retriesMax: 20, taken: 20, refused: 1 })
  })

  it('earns one retry with ten calls that succeed at once', () => {
    const { budget } = setUp()
    drain(budget)
    for (let call = 1; call <= 9; call += 1) budget.succeeded()
    expect(budget.take()).toBe(false)
    budget.succeeded()
    expect(drain(budget)).toBe(1)
  })

  it('gives a retry back that succeeded: retries that help are free', () => {
    const { budget } = setUp({ retriesMax: 3, refillMs: Number.POSITIVE_INFINITY })
    for (let call = 0; call < 1_000; call += 1) {
      expect(budget.take()).toBe(true)
      budget.succeeded(true)
    }
    expect(budget.view()).toMatchObject({ retries: 3, taken: 1_000, refused: 0 })
  })

  it('earns one with time, so that a quiet service is not without retries for hours', async () => {
    const { budget, world } = setUp({ refillMs: 10_000 })
    drain(budget)
    await world.clock.advance(9_999)
    expect(budget.take()).toBe(false)
    await world.clock.advance(1)
    expect(drain(budget)).toBe(1)
    await world.clock.advance(100_000_000)
    expect(drain(budget)).toBe(20)
  })

  it('earns nothing with time when refillMs is infinite', async () => {
    const { budget, world } = setUp({ refillMs: Number.POSITIVE_INFINITY })
    drain(budget)
    await world.clock.advance(1e12)
    expect(budget.take()).toBe(false)
  })

  it('is spent faster when a retry costs more', () => {
    const { budget } = setUp({ retriesMax: 20 })
    for (let taken = 0; taken < 4; taken += 1) expect(budget.take(5)).toBe(true)
    expect(budget.take()).toBe(false)
  })

  it.each([0, 0.5, -1, Number.NaN])('refuses a cost of %d and changes nothing', (cost) => {
    const { budget } = setUp()
    const before = budget.view()
    expect(() => budget.take(cost)).toThrow(RangeError)
    expect(budget.view()).toEqual(before)
  })

  it('survives a clock that goes back, stands still or gives no number', () => {
    let nowMs = 1_000_000
    const budget = new RetryBudget({}, { ...createTestWorld(1).clock, monoMs: () => nowMs })
    drain(budget)
    for (nowMs of [0, 999_999, Number.NaN, Number.NEGATIVE_INFINITY, 1_000_000]) expect(budget.take()).toBe(false)
    nowMs = 1_010_000
    expect(drain(budget)).toBe(1)
  })

  it.each<[keyof RetryBudgetOptions, number]>([
    ['retriesMax', 0],
    ['retriesMax', Number.POSITIVE_INFINITY],
    ['retriesMax', Number.NaN],
    ['retriesPerSuccess', -0.1],
    ['retriesPerSuccess', 1.1],
    ['refillMs', 0],
    ['refillMs', Number.NaN],
  ])('refuses %s of %d', (name, value) => {
    expect(() => setUp({ [name]: value })).toThrow(RangeError)
  })

  it('never grants more retries that fail than its burst, its share of successes and its share of time', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant({ do: 'retry', helps: false } as const) },
      { weight: 2, arbitrary: fc.constant({ do: 'retry', helps: true } as const) },
      { weight: 3, arbitrary: fc.constant({ do: 'succeed' } as const) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 30_000 }) }) },
    )
    const options = fc.record({
      retriesMax: fc.integer({ min: 1, max: 30 }),
      retriesPerSuccess: fc.double({ min: 0, max: 1, noNaN: true }),
      refillMs: fc.constantFrom(100, 10_000, Number.POSITIVE_INFINITY),
    })
    await fc.assert(
      fc.asyncProperty(options, fc.array(step, { maxLength: 200 }), async (limits, steps) => {
        const { budget, world } = setUp(limits)
        let failed = 0
        let succeeded = 0
        for (const now of steps) {
          if (now.do === 'wait') await world.clock.advance(now.ms)
          else if (now.do === 'succeed') {
            budget.succeeded()
            succeeded += 1
          } else if (budget.take()) {
            if (now.helps) budget.succeeded(true)
            else failed += 1
          }
          const earned = limits.retriesPerSuccess * succeeded + world.clock.monoMs() / limits.refillMs
          expect(failed).toBeLessThanOrEqual(limits.retriesMax + earned + 1e-6)
          const { retries } = budget.view()
          expect(retries).toBeGreaterThanOrEqual(0)
          expect(retries).toBeLessThanOrEqual(limits.retriesMax)
        }
      }),
      { numRuns: 50 },
    )
  })
})
