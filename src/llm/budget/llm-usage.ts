import type { TokenUsage } from '../stream/dialect.js'

/** What one call cost. */
export interface LlmCost extends TokenUsage {
  /** US dollars; `undefined` when the price of the model is not known. */
  readonly usd: number | undefined
  /** Whether the provider counted the tokens, or they were estimated from the length of the texts. */
  readonly estimated: boolean
}
