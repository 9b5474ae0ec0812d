import type { LlmFailure } from '../failure/llm-failure.js'

/** How targets are asked one after another. */
export interface Asking<T, R> {
  /** Asks one. `after`: the failure of the one before it, which is why this one is asked. */
  ask(target: T, after: LlmFailure | undefined): Promise<R>
  failureOf(error: unknown): LlmFailure
}

/**
 * Asks the targets in order, until one answers or fails in a way that another one would not mend. A target is not looked at before
 * it is its turn.
 *
 * @throws what the last target that was asked threw.
 */
export async function firstThatAnswers<T, R>(targets: Iterable<T>, { ask, failureOf }: Asking<T, R>): Promise<R> {
  let after: LlmFailure | undefined
  let last: unknown
  for (const target of targets) {
    try {
      return await ask(target, after)
    } catch (error) {
      last = error
      after = failureOf(error)
      if (after.fallback !== 'yes') break
    }
  }
  throw last
}
