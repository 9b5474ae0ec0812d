import type { LlmFailure } from '../failure/llm-failure.js'

/** How an attempt at a model failed. The guard's retry and circuit read it; callers are given what was thrown. */
export class ModelError extends Error {
  readonly failure: LlmFailure
  readonly thrown: unknown
  /** Where the guard looks for the wait that the target asks for. */
  readonly retryAfterMs: number | undefined

  constructor(failure: LlmFailure, thrown: unknown) {
    super(`The model failed (${failure.kind})`)
    this.name = 'ModelError'
    this.failure = failure
    this.thrown = thrown
    this.retryAfterMs = failure.retryAfterMs
  }
}

/**
 * What the caller is given in place of an error: what the model threw. An error that tells the AI SDK to try again tells it so no
 * more: what was worth another try has had it, and each of the SDK's tries would be as many again.
 */
export function finalError(error: unknown): unknown {
  const thrown = error instanceof ModelError ? error.thrown : error
  if (thrown instanceof Error && Reflect.get(thrown, 'isRetryable') === true)
    Reflect.defineProperty(thrown, 'isRetryable', { value: false, enumerable: true, configurable: true, writable: true })
  return thrown
}
