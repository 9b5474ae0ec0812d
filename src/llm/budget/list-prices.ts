import type { ModelPrice, PriceTable } from './price-table.js'

/**
 * List prices of well-known models, US dollars for a million tokens, for standard processing, as of 18 November 2026: from
 * https://developers.openai.com/api/docs/pricing with the page of each model, and
 * https://platform.claude.com/docs/en/about-claude/pricing. They are data and grow old: contracts, regions, batches and priority
 * cost otherwise, and `prices` in the options goes before them. Promotions are left out, so that a budget errs on the safe side.
 * What is written to a cache costs a quarter more at some providers, which no price here knows.
 */
export const listPrices: PriceTable = {
  // OpenAI. Some prices are for prompts of up to 272 000 tokens.
  'gpt-6.2-astra': openaiLong({ input: 8, cachedInput: 0.4, output: 40 }),
  'gpt-6.2-sol': openaiLong({ input: 2, cachedInput: 0.1, output: 10 }),
  'gpt-6.1-sol': openaiLong({ input: 2, cachedInput: 0.1, output: 10 }),
  'gpt-6-astra': openaiLong({ input: 10, cachedInput: 1, output: 50 }),
  'gpt-6-sol': openaiLong({ input: 2, cachedInput: 0.2, output: 10 }),
  'gpt-6-luna': openaiLong({ input: 0.1, cachedInput: 0.01, output: 0.5 }),
  'gpt-5.6': openaiLong({ input: 5, cachedInput: 0.5, output: 30 }),
  'gpt-5.6-sol': openaiLong({ input: 5, cachedInput: 0.5, output: 30 }),
  'gpt-5.6-terra': openaiLong({ input: 2, cachedInput: 0.2, output: 12 }),
  'gpt-5.6-luna': openaiLong({ input: 0.2, cachedInput: 0.02, output: 1.2 }),
  'gpt-5.5': openaiLong({ input: 5, cachedInput: 0.5, output: 30 }),
  'gpt-5.5-pro': openaiLong({ input: 30, output: 180 }),
  'gpt-5.4': openaiLong({ input: 2.5, cachedInput: 0.25, output: 15 }),
  'gpt-5.4-pro': openaiLong({ input: 30, output: 180 }),
  'gpt-5.4-mini': { input: 0.75, cachedInput: 0.075, output: 4.5 },
  'gpt-5.4-nano': { input: 0.2, cachedInput: 0.02, output: 1.25 },
  'gpt-5.3-codex': { input: 1.75, cachedInput: 0.175, output: 14 },
  'gpt-5.2': { input: 1.75, cachedInput: 0.175, output: 14 },
  'gpt-5.2-codex': { input: 1.75, cachedInput: 0.175, output: 14 },
  'gpt-5.1': { input: 1.25, cachedInput: 0.125, output: 10 },
  'gpt-5': { input: 1.25, cachedInput: 0.125, output: 10 },
  'gpt-5-codex': { input: 1.25, cachedInput: 0.125, output: 10 },
  'gpt-5-mini': { input: 0.25, cachedInput: 0.025, output: 2 },
  'gpt-5-nano': { input: 0.05, cachedInput: 0.005, output: 0.4 },
  'gpt-5-pro': { input: 15, output: 120 },
  'gpt-4.1': { input: 2, cachedInput: 0.5, output: 8 },
  'gpt-4.1-mini': { input: 0.4, cachedInput: 0.1, output: 1.6 },
  'gpt-4.1-nano': { input: 0.1, cachedInput: 0.025, output: 0.4 },
  'gpt-4o': { input: 2.5, cachedInput: 1.25, output: 10 },
  'gpt-4o-mini': { input: 0.15, cachedInput: 0.075, output: 0.6 },
  o3: { input: 2, cachedInput: 0.5, output: 8 },
  'o4-mini': { input: 1.1, cachedInput: 0.275, output: 4.4 },
  'text-embedding-3-small': { input: 0.02, output: 0 },
  'text-embedding-3-large': { input: 0.13, output: 0 },

  // Anthropic.
  'claude-fable-5-1': { input: 10, cachedInput: 0.25, output: 50 },
  'claude-fable-5': { input: 10, cachedInput: 1, output: 50 },
  'claude-opus-5-5': { input: 4, cachedInput: 0.2, output: 20 },
  'claude-opus-5': { input: 5, cachedInput: 0.5, output: 25 },
  'claude-opus-4-8': { input: 5, cachedInput: 0.5, output: 25 },
  'claude-opus-4-7': { input: 5, cachedInput: 0.5, output: 25 },
  'claude-opus-4-6': { input: 5, cachedInput: 0.5, output: 25 },
  'claude-opus-4-5': { input: 5, cachedInput: 0.5, output: 25 },
  'claude-opus-4-1': { input: 15, cachedInput: 1.5, output: 75 },
  'claude-opus-4': { input: 15, cachedInput: 1.5, output: 75 },
  'claude-sonnet-5-5': { input: 2, cachedInput: 0.1, output: 10 },
  'claude-sonnet-5': { input: 2, cachedInput: 0.2, output: 10 },
  'claude-sonnet-4-6': { input: 3, cachedInput: 0.3, output: 15 },
  'claude-sonnet-4-5': { input: 3, cachedInput: 0.3, output: 15 },
  'claude-sonnet-4': { input: 3, cachedInput: 0.3, output: 15 },
  'claude-haiku-5-5': {
    input: 0.1,
    cachedInput: 0.01,
    output: 0.5,
    beyond: { inputTokens: 100_000, input: 0.5, cachedInput: 0.05, output: 2.5 },
  },
  'claude-haiku-4-5': { input: 1, cachedInput: 0.1, output: 5 },
  'claude-3-5-haiku': { input: 0.8, cachedInput: 0.08, output: 4 },
}

/** OpenAI's rule for long prompts: the whole request at twice the price of input, and one and a half times that of output. */
function openaiLong(price: ModelPrice): ModelPrice {
  const { input, output, cachedInput } = price
  return {
    ...price,
    beyond: {
      inputTokens: 272_000,
      input: input * 2,
      output: output * 1.5,
      cachedInput: cachedInput === undefined ? undefined : cachedInput * 2,
    },
  }
}
