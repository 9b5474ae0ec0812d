import { HomeostatError } from '../../core/errors.js'
import type { Call } from '../../orchestrator/guard/call.js'
import type { CallOptions } from '../../orchestrator/guard/guard-options.js'
import { fieldOf } from '../../orchestrator/guard/error-shape.js'
import { charsPerToken, estimateOf, type LlmEstimate } from '../budget/estimate.js'
import { costOf } from '../budget/prices.js'
import { classifyThrown } from '../failure/classify-thrown.js'
import type { LlmFailure } from '../failure/llm-failure.js'
import { type LlmTrace, newTrace, noteFailure, tellSettled } from '../fetch/llm-trace.js'
import type { TokenUsage } from '../stream/dialect.js'
import { callerLeft } from '../stream/caller-left.js'
import type { StreamSummary } from '../stream/guard-stream.js'
import type { ClientGuard } from '../wrap/client-guard.js'
import { finishOf, usageOf } from './answer-reading.js'
import { keyOfModel, type LanguageModelLike, type ModelParams } from './language-model.js'
import { ModelError } from './model-error.js'
import { openModelStream } from './model-stream.js'

/** One call of a model, under guard. */
export interface ModelCall {
  readonly kind: 'generate' | 'stream'
  readonly params: ModelParams
  readonly trace: LlmTrace
  readonly guard: ClientGuard
}

/**
 * Asks one model. One whose requests are under guard already, by the guard's fetch, is asked plainly: more is known of them there.
 * Any other is asked as often as its failures are worth it, under its circuit, its budget and its deadlines.
 *
 * @throws ModelError, or what the guard throws.
 */
export function askModel(model: LanguageModelLike, call: ModelCall): Promise<object> {
  return isGuardedBelow(model, call.guard) ? askPlainly(model, call) : askUnderGuard(model, call)
}

/** Models whose requests were seen to be under guard, and by which. */
const guardedBelow = new WeakMap<LanguageModelLike, ClientGuard>()

/** The AI SDK's own models keep their fetch where it can be seen; others show it when they are first asked. */
function isGuardedBelow(model: LanguageModelLike, guard: ClientGuard): boolean {
  return guardedBelow.get(model) === guard || guard.guards(fieldOf(fieldOf(model, 'config'), 'fetch'))
}

function askPlainly(model: LanguageModelLike, { kind, params, trace, guard }: ModelCall): Promise<object> {
  trace.target = keyOfModel(model)
  return guard.traces.run(trace, async () => (kind === 'stream' ? model.doStream(params) : model.doGenerate(params)))
}

/** One call of one model, and what its attempts share. */
interface Asking extends ModelCall {
  readonly model: LanguageModelLike
  readonly key: string
  readonly estimate: LlmEstimate
  readonly failureOf: (error: unknown) => LlmFailure
  /** Hears, once, how it ended. */
  readonly ended: (failed: boolean) => void
}

async function askUnderGuard(model: LanguageModelLike, call: ModelCall): Promise<object> {
  const asking = askingOf(model, call)
  const { guard, kind, params, key, failureOf } = asking
  let failedOnce = false
  const options: CallOptions<object> = {
    signal: params.abortSignal,
    retry: guard.options.retry,
    // A stream is timed where it is known what is waited for.
    deadline: kind === 'stream' ? false : { timeoutMs: guard.options.timeouts.totalMs },
    retryable: (error) => {
      const { retry } = failureOf(error)
      const again = retry === 'backoff' || (retry === 'once' && !failedOnce)
      failedOnce = true
      return again
    },
    isFailure: (error) => failureOf(error).circuit === 'failure',
  }
  try {
    const answer = await guard.healer.run(key, (attempt) => attemptOnce(asking, attempt), options)
    if (kind === 'generate') asking.ended(false)
    return answer
  } catch (error) {
    noteFailure(call.trace, failureOf(error).kind)
    asking.ended(true)
    throw error
  }
}

function askingOf(model: LanguageModelLike, call: ModelCall): Asking {
  const { guard, params, trace, kind } = call
  const { clock } = guard.healer.world
  const key = keyOfModel(model)
  const startedMs = clock.monoMs()
  trace.target = key
  trace.streamed = kind === 'stream'
  return {
    ...call,
    model,
    key,
    // Only the fields of a request's body that matter are looked at, and the parameters have them under the same names.
    estimate: estimateOf({ ...params }, guard.budget.learntOf(key)),
    failureOf: (error) => classifyThrown(error, { signal: params.abortSignal, epochMs: clock.epochMs() }),
    ended: (failed) => {
      trace.durationMs = clock.monoMs() - startedMs
      if (!isGuardedBelow(model, guard)) tellSettled(guard.healer.emit, trace, failed)
    },
  }
}

async function attemptOnce(asking: Asking, call: Call): Promise<object> {
  const { guard, key, kind, estimate, trace, model } = asking
  const reservation = guard.budget.reserve(key, estimate)
  // The guard's fetch, if it is what the model sends by, fills this one in.
  const below = newTrace('')
  const settle = (usage: TokenUsage | undefined, finish: string | undefined): void => {
    trace.cost = costOf(model.modelId, usage, estimate, guard.options.prices)
    trace.finish = finish
    reservation.settle(trace.cost)
  }
  try {
    return await guard.traces.run(below, () =>
      kind === 'stream' ? stream(asking, call, settle) : generate(asking, call, settle),
    )
  } catch (error) {
    reservation.release()
    const failure = asking.failureOf(error)
    // It was retried and counted by the fetch.
    if (below.target !== '') throw new ModelError({ ...failure, retry: 'never', circuit: 'neutral' }, error)
    if (failure.circuit === 'open-credential') openCircuit(asking, failure, error)
    throw new ModelError(failure, error)
  } finally {
    if (below.target !== '') guardedBelow.set(model, guard)
    trace.attempts += Math.max(1, below.attempts)
  }
}

/** Hears what an answer took, when it is complete. */
type Settle = (usage: TokenUsage | undefined, finish: string | undefined) => void

async function generate({ model, params, key }: Asking, call: Call, settle: Settle): Promise<object> {
  const answer = await model.doGenerate({ ...params, abortSignal: call.signal })
  const finish = finishOf(answer)
  if (finish === 'error') throw new HomeostatError('HS_LLM_GARBAGE', { key, reason: 'it ended in an error' })
  settle(usageOf(answer), finish)
  return answer
}

async function stream(asking: Asking, call: Call, settle: Settle): Promise<object> {
  const { model, params, guard, key, failureOf, trace } = asking
  const { result, done } = await openModelStream((signal) => model.doStream({ ...params, abortSignal: signal }), {
    key,
    limits: guard.options.timeouts,
    world: guard.healer.world,
    signal: call.signal,
    callerSignal: params.abortSignal,
  })
  const rest = async (): Promise<void> => {
    let summary: StreamSummary
    try {
      summary = await done
    } catch (error) {
      // Tokens came before it broke off, and the provider bills them.
      settle(undefined, undefined)
      noteFailure(trace, failureOf(error).kind)
      asking.ended(true)
      throw error
    }
    settle(usageIn(summary), summary.finish)
    asking.ended(false)
    if (summary.aborted) throw callerLeft
  }
  call.hold(rest())
  return result
}

/** What the model says; where it says nothing, what the length of the text suggests. */
function usageIn({ usage, contentChars }: StreamSummary): TokenUsage {
  return usage ?? { inputTokens: undefined, outputTokens: Math.ceil(contentChars / charsPerToken) }
}

/** Which credential a model uses is its own affair: here the model as a whole is left alone. */
function openCircuit({ guard, key }: Asking, { code, kind, retryAfterMs }: LlmFailure, cause: unknown): void {
  guard.healer.breaker(key).open({ reason: `the provider says ${code ?? kind}`, cause, retryAfterMs })
}
