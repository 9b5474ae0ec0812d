import type { ConfidenceEstimate } from '../core/confidence.js'
import { fieldOf } from '../orchestrator/guard/error-shape.js'
import type { LlmCost } from './budget/llm-usage.js'
import type { LlmFailureKind } from './failure/llm-failure.js'
import type { LlmTrace } from './fetch/llm-trace.js'

/** What is known of the call that a result came from, at the time of asking: of a stream more when it has ended. */
export interface LlmMeta {
  /** The key of the target that answered, or was asked last: `openai/gpt-5`. */
  readonly target: string
  /** Requests that were sent, to all targets together. */
  readonly attempts: number
  /** Targets that failed for good, in order, and how; the first twenty. */
  readonly failures: readonly { readonly target: string; readonly kind: LlmFailureKind }[]
  readonly streamed: boolean
  /** The provider's word for why the answer ended; absent until it has. */
  readonly finish: string | undefined
  /** Tokens and US dollars; absent until the answer is complete. */
  readonly cost: LlmCost | undefined
  /** Milliseconds from the call to the end of its answer; absent until then. */
  readonly durationMs: number | undefined
  /** How likely the answer is right; absent until someone has judged it. */
  readonly confidence: ConfidenceEstimate | undefined
}

/** A side table of results and the calls that they came from. Results are neither changed nor kept alive. */
export class MetaTable {
  readonly #traces = new WeakMap<object, LlmTrace>()
  readonly #confidences = new WeakMap<LlmTrace, ConfidenceEstimate>()

  /** Notes where a result came from; what is no object has no identity to note. */
  remember(result: unknown, trace: LlmTrace): void {
    if (isObject(result)) this.#traces.set(result, trace)
  }

  /** Notes how likely a result is right. Returns whether the result is known here. */
  judge(result: unknown, confidence: ConfidenceEstimate): boolean {
    const trace = this.#traceOf(result)
    if (trace !== undefined) this.#confidences.set(trace, confidence)
    return trace !== undefined
  }

  /**
   * What is known of the call that a result, a stream, or an error came from; `undefined` for anything else. Results that the AI
   * SDK made of a model's answer are known by the headers and the metadata that they share with it.
   */
  of(result: unknown): LlmMeta | undefined {
    const trace = this.#traceOf(result)
    if (trace === undefined) return undefined
    const { target, attempts, failures, streamed, finish, cost, durationMs } = trace
    const confidence = this.#confidences.get(trace)
    return Object.freeze({ target, attempts, failures: [...failures], streamed, finish, cost, durationMs, confidence })
  }

  #traceOf(result: unknown): LlmTrace | undefined {
    if (!isObject(result)) return undefined
    const known = this.#traces.get(result)
    // To look at the fields of a stream's result would begin to consume it.
    if (known !== undefined || 'consumeStream' in result) return known
    const shared = [
      fieldOf(result, 'headers'),
      fieldOf(fieldOf(result, 'response'), 'headers'),
      fieldOf(result, 'providerMetadata'),
    ]
    for (const part of shared) {
      const trace = isObject(part) ? this.#traces.get(part) : undefined
      if (trace !== undefined) return trace
    }
    return undefined
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
