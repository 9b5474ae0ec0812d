import type { World } from '../../core/world.js'
import { followAbort, untilAborted } from '../../orchestrator/abort.js'
import { retryAfterMsOf } from '../../orchestrator/guard/retry-after.js'
import type { Ask } from '../../repair/model/model.js'
import { AskPace } from './ask-pace.js'
import { parseEnvelopeReply, type EnvelopeReply } from './envelope-reply.js'
import { createEnvelopeRequest, type EnvelopeLimits, type EnvelopeRequest } from './envelope-request.js'
import type { EnvelopeInput } from './envelope-schema.js'
import type { ProtocolProblem } from './protocol-problem.js'

export interface AskForPatchOptions {
  readonly world: World
  readonly signal?: AbortSignal
  /** Requests sent for one answer at most, the first included; 1 to 5. Default 2. */
  readonly asksMax?: number
  /** Shared by all who ask the same model; by default one of its own, which only keeps these requests apart. */
  readonly pace?: AskPace
  /** A model that asks to be left alone for longer is not waited for: its error is thrown. Milliseconds, default 60 000. */
  readonly retryAfterMsMax?: number
  /** The answer is not given before so many milliseconds have gone by: a pause that is used for asking. Default 0. */
  readonly pauseMs?: number
  readonly limits?: EnvelopeLimits
  /** Longest reply that is read, in bytes of UTF-8. Default 1 MiB. */
  readonly replyBytesMax?: number
}

export interface PatchAnswer {
  readonly reply: EnvelopeReply
  /** What the reply answers. */
  readonly request: EnvelopeRequest
  readonly asks: number
  /** What was wrong with the replies, in order; the last one's is here too. */
  readonly problems: readonly ProtocolProblem[]
  /** Spent waiting for a turn, milliseconds. */
  readonly waitedMs: number
}

/** A question without what every request has of its own. */
export type PatchQuestion = Omit<EnvelopeInput, 'requestId' | 'epochMs'>

/**
 * Asks a model for a patch. A reply that cannot be used is answered with what was wrong with it, as long as that may help and
 * `asksMax` allows it. Requests keep their distance. Whoever gives `ask` guards it: retry, breaker, deadline; its errors pass
 * through, but for one that says when to come back: that is waited for and counts as a request.
 *
 * @throws `signal.reason` as soon as the signal aborts, also while `ask` does not hear it.
 * @throws RangeError, HS_INPUT_INVALID for a question or options that cannot be, before anything is asked.
 */
export async function askForPatch(ask: Ask, question: PatchQuestion, options: AskForPatchOptions): Promise<PatchAnswer> {
  const { world, pauseMs = 0 } = options
  checked('pauseMs', pauseMs, 0, 86_400_000)
  const { controller, release } = followAbort(options.signal)
  const { signal } = controller
  const pause = pauseMs === 0 ? undefined : world.clock.sleep(pauseMs, signal)
  try {
    const [answer] = await Promise.all([answered(ask, question, { ...options, signal }), pause])
    return answer
  } finally {
    release()
    controller.abort() // after a failure nobody waits for the pause
  }
}

async function answered(
  ask: Ask,
  question: PatchQuestion,
  { world, signal, asksMax = 2, pace = new AskPace(world), retryAfterMsMax = 60_000, limits, replyBytesMax }: Running,
): Promise<PatchAnswer> {
  checked('asksMax', asksMax, 1, 5)
  checked('retryAfterMsMax', retryAfterMsMax, 0, 86_400_000)
  const problems: ProtocolProblem[] = []
  let waitedMs = 0
  for (let asks = 1; ; asks += 1) {
    const request = createEnvelopeRequest(nextInput(question, world, problems.at(-1)), limits)
    waitedMs += await pace.turn(signal)
    try {
      const text = await untilAborted(Promise.resolve(ask(request.text, { signal })), signal)
      const reply = parseEnvelopeReply(text, { request, ...(replyBytesMax !== undefined && { bytesMax: replyBytesMax }) })
      if (reply.intent === 'other') problems.push(reply.problem)
      if (reply.intent !== 'other' || !reply.problem.recoverable || asks >= asksMax)
        return { reply, request, asks, problems, waitedMs }
    } catch (error) {
      signal.throwIfAborted()
      const retryAfterMs = retryAfterMsOf(error, world.clock.epochMs())
      if (retryAfterMs === undefined || retryAfterMs > retryAfterMsMax || asks >= asksMax) throw error
      pace.postpone(retryAfterMs)
    }
  }
}

type Running = AskForPatchOptions & { readonly signal: AbortSignal }

function nextInput(question: PatchQuestion, world: World, problem: ProtocolProblem | undefined): EnvelopeInput {
  return {
    ...question,
    requestId: world.id(),
    epochMs: world.clock.epochMs(),
    ...(problem !== undefined && { lastReplyProblem: { code: problem.code, message: problem.message } }),
  }
}

function checked(name: string, value: number, min: number, max: number): void {
  if (!(Number.isInteger(value) && value >= min && value <= max))
    throw new RangeError(`Cannot ask for a patch: ${name} must be a whole number from ${min} to ${max}, not ${value}`)
}
