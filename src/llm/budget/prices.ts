import type { TokenUsage } from '../stream/dialect.js'
import type { LlmEstimate } from './estimate.js'
import { listPrices } from './list-prices.js'
import type { LlmCost } from './llm-usage.js'
import type { ModelPrice, PriceTable } from './price-table.js'

/**
 * The price of a model; `undefined` when nobody has told it. `prices` goes before the list prices. A name is looked up as it is,
 * then without what gateways put before it and without its date: `openai/gpt-5-2025-08-07` costs what `gpt-5` costs, but
 * `gpt-5-pro` does not.
 */
export function priceOf(model: string, prices: PriceTable = {}): ModelPrice | undefined {
  const names = namesOf(model)
  return firstIn(prices, names) ?? firstIn(listPrices, names)
}

/**
 * What a call cost. Counts that the provider does not give, or that make no sense, are taken from `fallback`.
 *
 * @param model - As the request names it.
 * @param usage - What the provider counted.
 * @param prices - Go before the list prices.
 */
export function costOf(model: string, usage: TokenUsage | undefined, fallback: LlmEstimate, prices?: PriceTable): LlmCost {
  const counted = { input: believed(usage?.inputTokens), output: believed(usage?.outputTokens) }
  const inputTokens = counted.input ?? fallback.inputTokens
  const outputTokens = counted.output ?? fallback.outputTokensMax
  const cachedInputTokens = believed(usage?.cachedInputTokens)
  const price = priceOf(model, prices)
  const known = price !== undefined && inputTokens !== undefined && outputTokens !== undefined
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens,
    usd: known ? usdOf(price, { input: inputTokens, output: outputTokens, cached: cachedInputTokens ?? 0 }) : undefined,
    estimated: counted.input === undefined || counted.output === undefined,
  }
}

/** US dollars for so many tokens; `cached` ones are a part of `input`. */
export function usdOf(
  price: ModelPrice,
  tokens: { readonly input: number; readonly output: number; readonly cached?: number },
): number {
  const { beyond } = price
  const rates = beyond !== undefined && tokens.input > beyond.inputTokens ? beyond : price
  const cached = Math.min(tokens.cached ?? 0, tokens.input)
  return (
    ((tokens.input - cached) * rates.input + cached * (rates.cachedInput ?? rates.input) + tokens.output * rates.output) / million
  )
}

const million = 1_000_000

/** No call uses more; a count beyond it, or a negative one, is a mistake or a lie, and must not move a budget. */
const tokensBelievedMax = 100_000_000

function believed(tokens: number | undefined): number | undefined {
  return tokens !== undefined && tokens >= 0 && tokens <= tokensBelievedMax ? tokens : undefined
}

function firstIn(prices: PriceTable, names: readonly string[]): ModelPrice | undefined {
  const name = names.find((one) => Object.hasOwn(prices, one))
  return name === undefined ? undefined : prices[name]
}

/** The names to look for, most exact first. */
function namesOf(model: string): readonly string[] {
  const bare = model.slice(model.lastIndexOf('/') + 1).toLowerCase()
  // Bedrock: `us.anthropic.claude-sonnet-4-5-20250929-v1:0`.
  const maker = /^(?:[a-z-]{2,8}\.)?anthropic\.(.+?)(?:-v\d+(?::\d+)?)?$/.exec(bare)?.[1] ?? bare
  return [model, bare, maker, maker.replace(/[-@](?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$/, '')]
}
