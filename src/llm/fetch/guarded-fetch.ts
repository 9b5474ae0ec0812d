import { classifyThrown } from '../failure/classify-thrown.js'
import { AttemptError, finalResponse } from './attempt-error.js'
import { firstThatAnswers } from './first-that-answers.js'
import { newTrace, noteFailure, tellSettled, type LlmTrace } from './llm-trace.js'
import type { FetchSurroundings } from './surroundings.js'
import { askTarget, type AskContext } from './ask-target.js'
import { hedged } from './hedged.js'
import { keyOf, readRequest, type LlmRequest } from './target.js'
import { targetsInTurn } from './targets-in-turn.js'

/**
 * A `fetch` under guard, for any SDK: for each target a circuit, retries, deadlines, the limits that the provider tells, and the
 * budget; then the fallbacks. Answers are judged before the SDK gets them: what fails before its first content is tried again
 * unseen.
 *
 * What fails in the end with an answer gives that answer, with a header that keeps SDKs from retrying it once more; what has no
 * answer is thrown, as an error that no SDK takes for an abort.
 */
export function guardedFetch(around: FetchSurroundings): typeof fetch {
  const { options, traces, sharing } = around
  const sdkRetries = new SdkRetryWarning()
  return async (input, init) => {
    const request = await readRequest(input, init, options.providers)
    sdkRetries.look(request)
    const asked = keyOf(request.target)
    const trace = traces.getStore() ?? newTrace(asked)
    const ended = onceEnded(around, trace)
    try {
      const { response, from } = await sharing.answer({
        key: sharing.keyOf(request),
        signal: request.signal,
        send: (signal) => askInTurn({ ...request, signal }, trace, { around, ended }),
        // A fallback's answer is not what was asked for.
        worthKeeping: () => trace.target === asked,
      })
      if (from !== 'origin') {
        trace.cost = { inputTokens: 0, outputTokens: 0, usd: 0, estimated: false }
        ended(false)
      }
      return response
    } catch (error) {
      ended(true)
      if (error instanceof AttemptError) return finalResponse(error.response)
      throw error
    }
  }
}

/** Asks the targets one after another. */
function askInTurn(request: LlmRequest, trace: LlmTrace, context: AskContext): Promise<Response> {
  const { healer } = context.around
  return firstThatAnswers(targetsInTurn(request, context.around), {
    ask: (target, after) => {
      const from = trace.target
      trace.target = keyOf(target.target)
      if (after !== undefined) healer.emit('llm.fell-back', { key: trace.target, from, reason: after.kind })
      return askInTime(target, trace, context)
    },
    failureOf: (error) => {
      const failure = classifyThrown(error, { signal: request.signal, epochMs: healer.world.clock.epochMs() })
      noteFailure(trace, failure.kind)
      return failure
    },
  })
}

/** Asks one target, with a second request beside the first where that is wanted and the first is late. */
async function askInTime(request: LlmRequest, trace: LlmTrace, context: AskContext): Promise<Response> {
  const { around } = context
  const key = keyOf(request.target)
  const left = around.loads.begin(key)
  try {
    const timer = request.repeatable ? around.hedges?.obtain(key) : undefined
    const response =
      timer === undefined
        ? await askTarget(request, trace, context)
        : await hedged((signal) => askTarget({ ...request, signal }, trace, context), {
            timer,
            clock: around.healer.world.clock,
            signal: request.signal,
            onHedge: () => around.healer.emit('llm.hedged', { key }),
          })
    left(true)
    return response
  } catch (error) {
    left(false)
    throw error
  }
}

/** Hears that the call has ended; the first time counts. */
function onceEnded({ healer }: FetchSurroundings, trace: LlmTrace): (failed: boolean) => void {
  const { clock } = healer.world
  const startedMs = clock.monoMs()
  let over = false
  return (failed) => {
    if (over) return
    over = true
    trace.durationMs = clock.monoMs() - startedMs
    tellSettled(healer.emit, trace, failed)
  }
}

/** An SDK that retries what this guard has retried multiplies the requests. It is said once. */
class SdkRetryWarning {
  #said = false

  look({ headers, target }: LlmRequest): void {
    if (this.#said || !(Number(headers.get('x-stainless-retry-count')) > 0)) return
    this.#said = true
    process.emitWarning(
      `The SDK that calls ${keyOf(target)} retries by itself what homeostat has retried already; give its client maxRetries: 0`,
      { code: 'HS_DOUBLE_RETRY' },
    )
  }
}
