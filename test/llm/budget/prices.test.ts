import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listPrices } from '../../../src/llm/budget/list-prices.js'
import { costOf, priceOf, usdOf } from '../../../src/llm/budget/prices.js'

const estimate = { inputTokens: 1_000, outputTokensMax: 500 }

describe('priceOf()', () => {
  it('finds a model by its name, its date, its gateway and its cloud', () => {
    const gpt5 = listPrices['gpt-5']
    for (const name of ['gpt-5', 'gpt-5-2025-08-07', 'openai/gpt-5', 'openrouter/openai/gpt-5', 'GPT-5'])
      expect(priceOf(name), name).toBe(gpt5)
    const sonnet = listPrices['claude-sonnet-4-5']
    for (const name of [
      'claude-sonnet-4-5',
      'claude-sonnet-4-5-20250929',
      'claude-sonnet-4-5@20250929',
      'anthropic.claude-sonnet-4-5-20250929-v1:0',
      'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
    ])
      expect(priceOf(name), name).toBe(sonnet)
    expect(priceOf('claude-opus-4-20250514')).toBe(listPrices['claude-opus-4'])
    expect(priceOf('claude-3-5-haiku-latest')).toBe(listPrices['claude-3-5-haiku'])
  })

  it('does not take one model for another because its name begins alike', () => {
    expect(priceOf('gpt-5-pro')?.input).toBe(15)
    for (const name of ['gpt-5-turbo', 'gpt-50', 'ft:gpt-4o-mini:acme', 'gpt', '', '-', 'deepseek-v3'])
      expect(priceOf(name), name).toBeUndefined()
  })

  it('puts the prices it is given first, by the exact name before the bare one', () => {
    const mine = { input: 1, output: 2 }
    expect(priceOf('openai/gpt-5-2025-08-07', { 'gpt-5': mine })).toBe(mine)
    expect(priceOf('My-Deployment', { 'My-Deployment': mine })).toBe(mine)
    expect(priceOf('acme/gpt-5', { 'acme/gpt-5': mine, 'gpt-5': { input: 3, output: 3 } })).toBe(mine)
    expect(priceOf('gpt-5', { other: mine })).toBe(listPrices['gpt-5'])
  })

  it('knows no model by the names of what every object has', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) expect(priceOf(name)).toBeUndefined()
  })
})

describe('listPrices', () => {
  it('has only prices that can be: cached input for no more than fresh, long prompts for no less than short', () => {
    for (const [name, { input, output, cachedInput, beyond }] of Object.entries(listPrices)) {
      expect(input, name).toBeGreaterThan(0)
      expect(output, name).toBeGreaterThanOrEqual(0)
      expect(cachedInput ?? 0, name).toBeLessThanOrEqual(input)
      if (beyond === undefined) continue
      expect(beyond.input, name).toBeGreaterThan(input)
      expect(beyond.output, name).toBeGreaterThan(output)
      expect(beyond.cachedInput ?? 0, name).toBeLessThanOrEqual(beyond.input)
    }
  })
})

describe('usdOf()', () => {
  const price = { input: 2, cachedInput: 0.5, output: 8, beyond: { inputTokens: 1_000, input: 4, output: 12 } }

  it('adds up fresh input, cached input and output', () => {
    expect(usdOf(price, { input: 1_000, output: 100, cached: 400 })).toBeCloseTo((600 * 2 + 400 * 0.5 + 100 * 8) / 1e6, 15)
  })

  it('prices the whole of a long request by the long price, cached input without a price as fresh', () => {
    expect(usdOf(price, { input: 1_001, output: 100, cached: 400 })).toBeCloseTo((1_001 * 4 + 100 * 12) / 1e6, 15)
  })

  it('takes no more for cached than there is', () => {
    expect(usdOf(price, { input: 10, output: 0, cached: 1_000 })).toBeCloseTo((10 * 0.5) / 1e6, 15)
  })

  it('never falls when tokens are added, and never below nothing', () => {
    const tokens = fc.nat({ max: 2_000_000 })
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(listPrices)), tokens, tokens, tokens, (listed, input, output, more) => {
        const usd = usdOf(listed, { input, output })
        expect(usd).toBeGreaterThanOrEqual(0)
        expect(usdOf(listed, { input: input + more, output: output + more })).toBeGreaterThanOrEqual(usd * (1 - 1e-12))
        expect(usdOf(listed, { input, output, cached: more })).toBeLessThanOrEqual(usd * (1 + 1e-12))
      }),
    )
  })
})

describe('costOf()', () => {
  it('prices what the provider counted', () => {
    expect(costOf('gpt-5', { inputTokens: 1_000_000, outputTokens: 100_000, cachedInputTokens: 200_000 }, estimate)).toEqual({
      inputTokens: 1_000_000,
      outputTokens: 100_000,
      cachedInputTokens: 200_000,
      usd: (800_000 * 1.25 + 200_000 * 0.125 + 100_000 * 10) / 1e6,
      estimated: false,
    })
  })

  it('takes what is missing from the estimate, and says so', () => {
    expect(costOf('gpt-5', undefined, estimate)).toMatchObject({ inputTokens: 1_000, outputTokens: 500, estimated: true })
    expect(costOf('gpt-5', { inputTokens: 10, outputTokens: undefined }, estimate)).toMatchObject({
      inputTokens: 10,
      outputTokens: 500,
      estimated: true,
    })
  })

  it('does not believe counts that cannot be, so that a forged answer cannot fill a budget or drain it', () => {
    for (const forged of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e300])
      expect(costOf('gpt-5', { inputTokens: forged, outputTokens: forged, cachedInputTokens: forged }, estimate)).toEqual(
        costOf('gpt-5', undefined, estimate),
      )
  })

  it('names no money when it knows no price or no tokens', () => {
    expect(costOf('nobody-knows', { inputTokens: 1, outputTokens: 1 }, estimate).usd).toBeUndefined()
    expect(costOf('gpt-5', undefined, { inputTokens: undefined, outputTokensMax: 1 }).usd).toBeUndefined()
    expect(costOf('mine', { inputTokens: 1e6, outputTokens: 0 }, estimate, { mine: { input: 3, output: 1 } }).usd).toBe(3)
  })
})
