import type { TokenUsage } from '../stream/dialect.js'

/** Adds up what several questions used. */
export class UsageSum {
  #count = 0
  #inputTokens: number | undefined
  #outputTokens: number | undefined

  /** Questions that were asked. */
  get count(): number {
    return this.#count
  }

  /** `undefined` when nothing is known. */
  get sum(): TokenUsage | undefined {
    if (this.#inputTokens === undefined && this.#outputTokens === undefined) return undefined
    return { inputTokens: this.#inputTokens, outputTokens: this.#outputTokens }
  }

  asked(): void {
    this.#count += 1
  }

  add(usage: TokenUsage | undefined): void {
    this.#inputTokens = plus(this.#inputTokens, usage?.inputTokens)
    this.#outputTokens = plus(this.#outputTokens, usage?.outputTokens)
  }
}

/** What nobody can have used is not counted. */
function plus(sum: number | undefined, value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value >= 0 ? (sum ?? 0) + value : sum
}
