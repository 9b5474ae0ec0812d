import { HomeostatError } from '../../core/errors.js'
import { followAbort } from '../../orchestrator/abort.js'
import type { Call } from '../../orchestrator/guard/call.js'
import { fieldOf } from '../../orchestrator/guard/error-shape.js'
import type { CallOptions } from '../../orchestrator/guard/guard-options.js'
import { charsPerToken, estimateOf, type LlmEstimate } from '../budget/estimate.js'
import type { Sent } from '../limit/key-limits.js'
import type { Reservation } from '../budget/llm-budget.js'
import { costOf } from '../budget/prices.js'
import { classifyThrown } from '../failure/classify-thrown.js'
import type { LlmFailure } from '../failure/llm-failure.js'
import type { TokenUsage } from '../stream/dialect.js'
import { dialectOf } from '../stream/dialects.js'
import { callerLeft } from '../stream/caller-left.js'
import type { StreamSummary } from '../stream/guard-stream.js'
import { enterCredential } from './credential-circuit.js'
import { judgeAnswer, type JudgedAnswer } from './judge-answer.js'
import { addCost, noteFailure, type LlmTrace } from './llm-trace.js'
import type { FetchSurroundings } from './surroundings.js'
import { keyOf, type LlmRequest } from './target.js'

/** What goes with every request of one call. */
export interface AskContext {
  readonly around: FetchSurroundings
  /** Hears when the answer is complete. */
  readonly ended: (failed: boolean) => void
}

/** What one request to one target takes with it. */
interface Asking extends AskContext {
  readonly request: LlmRequest
  readonly key: string
  readonly estimate: LlmEstimate
  readonly trace: LlmTrace
}

/** Asks one target, as often as its failures are worth it, under its circuit. */
export function askTarget(request: LlmRequest, trace: LlmTrace, { around, ended }: AskContext): Promise<Response> {
  const { healer, options } = around
  const key = keyOf(request.target)
  const estimate = estimateOf(request.body, around.budget.learntOf(key))
  const asking: Asking = { request, key, estimate, trace, around, ended }
  let failedOnce = false
  const failureOf = (error: unknown): LlmFailure =>
    classifyThrown(error, { signal: request.signal, epochMs: healer.world.clock.epochMs() })
  const guard: CallOptions<Response> = {
    signal: request.signal,
    retry: request.repeatable ? options.retry : false,
    // Requests are timed here, where it is known what is waited for.
    deadline: false,
    retryable: (error) => {
      const { retry } = failureOf(error)
      const again = retry === 'backoff' || (retry === 'once' && !failedOnce)
      failedOnce = true
      return again
    },
    isFailure: (error) => failureOf(error).circuit === 'failure',
  }
  return healer.run(key, (call) => attempt(asking, call, failureOf), guard)
}

async function attempt(asking: Asking, call: Call, failureOf: (error: unknown) => LlmFailure): Promise<Response> {
  const { around, key, estimate, trace, request } = asking
  const credential = enterCredential(request.target, around.healer)
  let reservation: Reservation | undefined
  try {
    reservation = around.budget.reserve(key, estimate)
    // Waits for what the provider said about its limits.
    const sent = await around.limiter.enter(key, estimate, { waitMsMax: around.options.waitMsMax, signal: call.signal })
    trace.attempts += 1
    const answer = await send(asking, call, sent)
    credential.succeeded()
    return given(answer, { asking, call, reservation, failureOf })
  } catch (error) {
    reservation?.release()
    const failure = failureOf(error)
    credential.failed(failure, error)
    if (failure.circuit === 'throttle') throttle(asking, failure)
    throw error
  }
}

function throttle({ around, key }: Asking, { kind, retryAfterMs }: LlmFailure): void {
  if (retryAfterMs !== undefined) around.limiter.throttle(key, retryAfterMs)
  if (kind === 'ramp-limit') around.limiter.slowDown(key)
}

/** Sends, and judges what comes back, within the time there is for it. */
async function send(asking: Asking, call: Call, sent: Sent): Promise<JudgedAnswer> {
  const { around, key, request } = asking
  const { clock } = around.healer.world
  const { firstTokenMs, totalMs } = around.options.timeouts
  const { controller, release } = followAbort(call.signal)
  const limitMs = request.streams ? firstTokenMs : totalMs
  const late = (): void =>
    controller.abort(
      request.streams
        ? new HomeostatError('HS_LLM_FIRST_TOKEN', { key, firstTokenMs })
        : new HomeostatError('HS_DEADLINE', { key, timeoutMs: totalMs }),
    )
  const alarm = clock.alarm(late)
  alarm.hold(true)
  alarm.set(limitMs)
  const startedMs = clock.monoMs()
  try {
    const { url, method, headers, payload, rest } = request
    const signal = signalOf(request, controller.signal)
    const response = await around.send(url, { ...rest, method, headers, body: payload ?? null, signal })
    return await judgeAnswer(response, {
      request,
      key,
      world: around.healer.world,
      learn: (readings) => around.limiter.learn(key, readings, sent),
      answerBytesMax: around.options.answerBytesMax,
      // The alarm here watches the beginning, and the caller alone may end a stream that he is reading.
      limits: {
        firstTokenMs: undefined,
        idleMs: around.options.timeouts.idleMs,
        totalMs,
      },
      startedMs,
      signal: controller.signal,
    })
  } catch (error) {
    // Whatever the transport made of the abort: what ended it is what is told.
    throw controller.signal.aborted ? controller.signal.reason : error
  } finally {
    alarm.hold(false)
    alarm.clear()
    release()
  }
}

/** A body that nobody watches is given out as it is: then only the transport can hear that the caller has left. */
function signalOf({ url, signal }: LlmRequest, ofAttempt: AbortSignal): AbortSignal {
  return signal === undefined || dialectOf(url).name !== 'unknown' ? ofAttempt : AbortSignal.any([ofAttempt, signal])
}

/** Gives the answer out; what hangs on its end is done when it has ended. */
function given(
  { response, done, usage, finish }: JudgedAnswer,
  {
    asking,
    call,
    reservation,
    failureOf,
  }: {
    readonly asking: Asking
    readonly call: Call
    readonly reservation: Reservation
    readonly failureOf: (error: unknown) => LlmFailure
  },
): Response {
  const settle = (used: TokenUsage | undefined, why: string | undefined): void => {
    const { around, estimate, request, trace } = asking
    const cost = costOf(request.target.model, used, estimate, around.options.prices)
    reservation.settle(cost)
    addCost(trace, cost)
    trace.finish = why
  }
  if (done === undefined) {
    settle(usage, finish)
    asking.ended(false)
    return response
  }
  asking.trace.streamed = true
  call.hold(
    done.then(
      (summary) => {
        settle(usageOf(summary, asking.estimate), summary.finish)
        asking.ended(false)
        if (summary.aborted) throw callerLeft
      },
      (error: unknown) => {
        // Tokens came before it broke off, and the provider bills them.
        settle(usageOf({ usage: undefined, contentChars: contentCharsOf(error) }, asking.estimate), undefined)
        noteFailure(asking.trace, failureOf(error).kind)
        asking.ended(true)
        throw error
      },
    ),
  )
  return response
}

/** What the provider says; where it says nothing, what the length of the text suggests. */
function usageOf(
  { usage, contentChars }: Pick<StreamSummary, 'usage' | 'contentChars'>,
  { inputTokens }: LlmEstimate,
): TokenUsage {
  return usage?.outputTokens === undefined
    ? { inputTokens: usage?.inputTokens ?? inputTokens, outputTokens: Math.ceil(contentChars / charsPerToken) }
    : usage
}

/** How much had come when a stream broke off: its error says so. */
function contentCharsOf(error: unknown): number {
  const chars = fieldOf(fieldOf(error, 'details'), 'contentChars')
  return typeof chars === 'number' ? chars : 0
}
