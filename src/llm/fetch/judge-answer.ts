import { HomeostatError } from '../../core/errors.js'
import type { World } from '../../core/world.js'
import { classifyBody, classifyResponse } from '../failure/classify-response.js'
import { rateLimitsOf, type RateReading } from '../failure/rate-headers.js'
import type { TokenUsage } from '../stream/dialect.js'
import { parsedJson } from '../parsed-json.js'
import { dialectOf } from '../stream/dialects.js'
import { guardStream, type StreamLimits, type StreamSummary } from '../stream/guard-stream.js'
import { AttemptError, withBody } from './attempt-error.js'
import { boundedText } from './bounded-text.js'
import type { LlmRequest } from './target.js'
import { withText } from './with-text.js'

/** An answer that may be given to the caller. */
export interface JudgedAnswer {
  readonly response: Response
  /** For a stream: how it ends. */
  readonly done: Promise<StreamSummary> | undefined
  readonly usage: TokenUsage | undefined
  readonly finish: string | undefined
}

/** What an answer is judged with. */
export interface JudgeOptions {
  readonly request: LlmRequest
  readonly key: string
  readonly world: World
  /** Hears what the provider says of its limits. */
  readonly learn: (readings: readonly RateReading[]) => void
  readonly answerBytesMax: number
  readonly limits: StreamLimits
  /** When the request was sent, on the world's monotonic clock. */
  readonly startedMs: number
  /** Aborts until the answer is given out. */
  readonly signal: AbortSignal
}

/** An error answer is read this far. */
const errorBytesMax = 64 * 1_024

/**
 * Looks at an answer before anyone gets it: error answers, streams until their first content, and whole answers that are none.
 *
 * @throws AttemptError for an error answer; HS_LLM_GARBAGE, and what {@link guardStream} throws.
 */
export async function judgeAnswer(response: Response, options: JudgeOptions): Promise<JudgedAnswer> {
  const { learn, world } = options
  learn(rateLimitsOf(response.headers, world.clock.epochMs()))
  if (!response.ok) throw await refused(response, world.clock.epochMs())
  const type = response.headers.get('content-type') ?? ''
  if (/^text\/event-stream\b/i.test(type) && response.body !== null) return judgeStream(response, response.body, options)
  return judgeWhole(response, options)
}

async function refused(response: Response, epochMs: number): Promise<AttemptError> {
  const { status, statusText, headers, url } = response
  const { text } = await boundedText(response, errorBytesMax)
  return new AttemptError(classifyResponse({ status, headers, body: text }, { epochMs }), {
    status,
    statusText,
    headers,
    body: text,
    url,
  })
}

async function judgeStream(response: Response, body: ReadableStream<Uint8Array>, options: JudgeOptions): Promise<JudgedAnswer> {
  const { request, key, world, limits, startedMs, signal } = options
  const dialect = dialectOf(request.url)
  const stream = await guardStream(body, { ...limits, startedMs, key, dialect, world, signal, callerSignal: request.signal })
  return { response: withBody(response, stream.body), done: stream.done, usage: undefined, finish: undefined }
}

async function judgeWhole(response: Response, { request, key, answerBytesMax }: JudgeOptions): Promise<JudgedAnswer> {
  const dialect = dialectOf(request.url)
  // Sound, files, lists of models: not ours to understand.
  if (dialect.name === 'unknown') return { response, done: undefined, usage: undefined, finish: undefined }
  const garbage = (reason: string): HomeostatError => new HomeostatError('HS_LLM_GARBAGE', { key, reason })
  const { text, whole } = await boundedText(response, answerBytesMax)
  if (!whole) throw garbage(`it is longer than ${answerBytesMax} bytes`)
  const body = parsedJson(text)
  if (body === undefined) throw garbage('it is not JSON')
  const reading = dialect.readAnswer(body)
  if (reading?.error !== undefined || (reading === undefined && isError(body)))
    throw Object.assign(garbage('it carries an error'), { failure: classifyBody(reading?.error ?? body) })
  if (reading === undefined) throw garbage('it is no answer of a model')
  return { response: withText(response, text, { value: body }), done: undefined, usage: reading.usage, finish: reading.finish }
}

function isError(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, 'error')
}
