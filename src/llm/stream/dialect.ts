/** Tokens that one call used; `undefined` where the provider does not say. */
export interface TokenUsage {
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
  /** Part of `inputTokens` that the provider had cached and bills less for. */
  readonly cachedInputTokens?: number | undefined
}

/** What one event of a stream, or a whole answer, means. Several may be true of one event. */
export interface Reading {
  /** It carries something for the caller: text, tool arguments, reasoning. Pings, roles and headers do not. */
  readonly content: string | undefined
  /** The stream says itself that it is complete; the provider's word for why: `stop`, `length`, `end_turn`, `content_filter`. */
  readonly finish: string | undefined
  /** The word for why, where it comes before the word that it is complete. */
  readonly reason?: string | undefined
  /** An error inside a stream that began with 200; the parsed body. */
  readonly error: unknown
  readonly usage: TokenUsage | undefined
  /** The model that answered, where it says so. */
  readonly model: string | undefined
}

/** How one family of APIs writes its requests, answers and streams. */
export interface Dialect {
  readonly name: 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'unknown'
  /** Reads one server-sent event. `event`: its name, `message` by default; `data`: its text. Never throws. */
  readEvent(event: string, data: string): Reading
  /** Reads a whole answer that is not streamed; `undefined` when it is none of this dialect: then it is garbage. */
  readAnswer(body: unknown): Reading | undefined
}
