import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ErrorBudget, type ErrorBudgetOptions } from '../../../src/breaker/budget/error-budget.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

const ratios = { syntax: 0.03, logic: 0.1 }

function setUp(options: Partial<ErrorBudgetOptions> = {}) {
  const world = createTestWorld(1)
  return { world, budget: new ErrorBudget({ ratios, ...options }, world.clock) }
}

function record(budget: ErrorBudget, category: string, calls: string): void {
  for (const call of calls) budget.record(category, call === '.')
}

describe('ErrorBudget', () => {
  it('is not exhausted by the first failure, nor by the second: one of one is not 100 %', () => {
    const { budget } = setUp()
    record(budget, 'syntax', 'xx')
    expect(budget.exhausted('syntax')).toBe(false)
    record(budget, 'syntax', 'x')
    expect(budget.exhausted('syntax')).toBe(true)
  })

  it('is exhausted when even the lowest credible rate is above what may fail', () => {
    const { budget } = setUp()
    record(budget, 'logic', 'x...x...x...x...x...')
    const view = budget.view('logic')
    expect(view).toMatchObject({ ratioMax: 0.1, calls: 20, failures: 5, ratio: 0.25, exhausted: false })
    expect(view.ratioLow).toBeLessThan(0.1)
    record(budget, 'logic', 'x.x.x.x.x.')
    expect(budget.view('logic').ratioLow).toBeGreaterThan(0.1)
    expect(budget.exhausted('logic')).toBe(true)
  })

  it('keeps the categories apart and gives each its own share', () => {
    const { budget } = setUp({ ratioOther: 0.5 })
    for (const category of ['syntax', 'logic', 'network']) record(budget, category, '...x...x...x...x')
    expect(budget.snapshot().map(({ category, exhausted }) => [category, exhausted])).toEqual([
      ['syntax', true],
      ['logic', false],
      ['network', false],
    ])
    expect(budget.view('network').ratioMax).toBe(0.5)
  })

  it('recovers as failures leave a window of calls', () => {
    const { budget } = setUp({ window: { calls: 60 } })
    record(budget, 'logic', 'xxxxxxxxxx')
    expect(budget.exhausted('logic')).toBe(true)
    record(budget, 'logic', '.'.repeat(70))
    expect(budget.view('logic')).toMatchObject({ failures: 0, exhausted: false })
    expect(budget.view('logic').calls).toBeGreaterThanOrEqual(55)
    expect(budget.view('logic').calls).toBeLessThanOrEqual(60)
  })

  it('recovers as failures leave a window of time, without a call', async () => {
    const { budget, world } = setUp({ window: { ms: 60_000 } })
    record(budget, 'logic', 'xxxxxxxxxx')
    expect(budget.exhausted('logic')).toBe(true)
    await world.clock.advance(60_000)
    expect(budget.view('logic')).toMatchObject({ calls: 0, failures: 0, ratio: 0, exhausted: false })
  })

  it('remembers calls in a window of calls however much time passes', async () => {
    const { budget, world } = setUp()
    record(budget, 'logic', 'xxxxxxxxxx')
    await world.clock.advance(1e12)
    expect(budget.exhausted('logic')).toBe(true)
  })

  it('burns while much of the budget was spent and still is, and stops soon after the failures stop', () => {
    const { budget } = setUp({ window: { calls: 240 } })
    record(budget, 'syntax', `${'.'.repeat(100)}${'x'.repeat(40)}`)
    const burning = budget.view('syntax')
    expect(burning.burnRate.short).toBeCloseTo(1 / 0.03, 6)
    expect(burning.burnRate.long).toBeCloseTo(40 / 140 / 0.03, 6)
    expect(burning.burning).toBe(true)
    record(budget, 'syntax', '.'.repeat(20))
    expect(budget.view('syntax').burnRate.short).toBe(0)
    expect(budget.view('syntax')).toMatchObject({ burning: false, exhausted: true })
  })

  it('knows nothing of a category that was never recorded, and does not remember the question', () => {
    const { budget } = setUp()
    expect(budget.view('runtime')).toEqual({
      category: 'runtime',
      ratioMax: 0.1,
      calls: 0,
      failures: 0,
      ratio: 0,
      ratioLow: 0,
      exhausted: false,
      burnRate: { long: 0, short: 0 },
      burning: false,
    })
    expect(budget.exhausted('toString')).toBe(false)
    expect(budget.snapshot()).toEqual([])
  })

  it('holds at most 256 categories and refuses hostile ones', () => {
    const { budget } = setUp()
    for (let index = 0; index < 256; index += 1) budget.record(`category-${index}`, true)
    expect(() => budget.record('one-more', true)).toThrow(RangeError)
    budget.record('category-0', false)
    expect(budget.snapshot()).toHaveLength(256)
    const { budget: fresh } = setUp()
    for (const category of ['', '__proto__', 'x'.repeat(1_000_000)])
      expect(() => fresh.record(category, true)).toThrow(RangeError)
    // @ts-expect-error a category is a string
    expect(() => fresh.record(7, true)).toThrow(TypeError)
    expect(fresh.snapshot()).toEqual([])
  })

  it.each<[string, Partial<ErrorBudgetOptions>]>([
    ['a share of 0', { ratios: { syntax: 0 } }],
    ['a share of 1', { ratios: { syntax: 1 } }],
    ['a share that is no number', { ratios: { syntax: Number.NaN } }],
    ['a hostile category', { ratios: JSON.parse('{"__proto__":0.1}') as Record<string, number> }],
    ['too many categories', { ratios: Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`c${index}`, 0.1])) }],
    ['a share of others above 1', { ratioOther: 2 }],
    ['a window of half a call', { window: { calls: 100.5 } }],
    ['a window without end', { window: { ms: Number.POSITIVE_INFINITY } }],
    ['no minimum of calls', { callsMin: 0 }],
    ['certainty', { confidence: 1 }],
    ['a burn rate that is always exceeded', { burnMax: 0 }],
  ])('refuses %s', (_, options) => {
    expect(() => setUp(options)).toThrow(RangeError)
  })

  it('is never exhausted below its rate, and agrees with its own bound', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 300 }), (calls) => {
        const { budget } = setUp()
        for (const ok of calls) budget.record('logic', ok)
        const { ratio, ratioLow, ratioMax, exhausted, calls: counted } = budget.view('logic')
        expect(ratioLow).toBeLessThanOrEqual(ratio)
        expect(exhausted).toBe(counted >= 3 && ratioLow > ratioMax)
        if (ratio <= ratioMax) expect(exhausted).toBe(false)
      }),
    )
  })
})
