/** US dollars for a million tokens. */
export interface ModelPrice {
  readonly input: number
  readonly output: number
  /** Input that the provider had cached; as `input` when it is not told. */
  readonly cachedInput?: number | undefined
  /** Other prices for the whole request once its input is longer than `inputTokens`. */
  readonly beyond?: (ModelPrice & { readonly inputTokens: number }) | undefined
}

/** Prices by the name of the model. */
export type PriceTable = Readonly<Record<string, ModelPrice>>
