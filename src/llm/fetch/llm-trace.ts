import type { LlmCost } from '../budget/llm-usage.js'
import type { Emit } from '../../orchestrator/event-stream.js'
import type { LlmFailureKind } from '../failure/llm-failure.js'

/** What is known of one call of a model, filled in as it goes; for `llm.meta()` and the event at its end. */
export interface LlmTrace {
  /** The key of the target that answered, or was asked last. */
  target: string
  /** Requests that were sent, to all targets together. */
  attempts: number
  /** Failures on the way, in order; the first twenty. */
  readonly failures: { readonly target: string; readonly kind: LlmFailureKind }[]
  streamed: boolean
  /** Once the answer is complete. */
  cost: LlmCost | undefined
  finish: string | undefined
  durationMs: number | undefined
}

const failuresMax = 20

/** A call that has not begun yet. */
export function newTrace(target: string): LlmTrace {
  return { target, attempts: 0, failures: [], streamed: false, cost: undefined, finish: undefined, durationMs: undefined }
}

/** Notes a failure on the way. */
export function noteFailure(trace: LlmTrace, kind: LlmFailureKind): void {
  if (trace.failures.length < failuresMax) trace.failures.push({ target: trace.target, kind })
}

/** Adds what one request cost: a call may take several, when tools are run in between. */
export function addCost(trace: LlmTrace, cost: LlmCost): void {
  const before = trace.cost
  const sum = (a: number | undefined, b: number | undefined): number | undefined =>
    a === undefined || b === undefined ? (a ?? b) : a + b
  trace.cost =
    before === undefined
      ? cost
      : {
          inputTokens: sum(before.inputTokens, cost.inputTokens),
          outputTokens: sum(before.outputTokens, cost.outputTokens),
          cachedInputTokens: sum(before.cachedInputTokens, cost.cachedInputTokens),
          // One price that is not known makes the sum unknown.
          usd: before.usd === undefined || cost.usd === undefined ? undefined : before.usd + cost.usd,
          estimated: before.estimated || cost.estimated,
        }
}

/** Tells that a call has ended. */
export function tellSettled(emit: Emit, trace: LlmTrace, failed: boolean): void {
  const { target, attempts, streamed, cost, durationMs, failures } = trace
  emit('llm.settled', {
    key: target,
    attempts,
    streamed,
    durationMs: durationMs ?? 0,
    failure: failed ? (failures.at(-1)?.kind ?? 'unknown') : undefined,
    inputTokens: cost?.inputTokens,
    outputTokens: cost?.outputTokens,
    usd: cost?.usd,
  })
}
