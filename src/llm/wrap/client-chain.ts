import { boundedText } from '../fetch/bounded-text.js'
import { newTrace } from '../fetch/llm-trace.js'
import { keyOf, readRequest } from '../fetch/target.js'
import { classifyResponse } from '../failure/classify-response.js'
import { classifyThrown } from '../failure/classify-thrown.js'
import type { LlmFailure } from '../failure/llm-failure.js'
import { dialectOf } from '../stream/dialects.js'
import type { ClientGuard } from './client-guard.js'
import { firstThatAnswers } from '../fetch/first-that-answers.js'
import { fetchOf, type ClientTarget, type SdkClient } from './sdk-client.js'

/** A request that other clients can be asked as well. */
interface Question {
  /** Below the base URL of any client of this language: `/chat/completions`. */
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal | undefined
}

/** Asks one target of the chain, after a failure of the one before it. */
type Ask = (after: LlmFailure | undefined) => Promise<Response>

/** Bytes of an error answer that are looked at. */
const errorBytesMax = 64 * 1_024

/**
 * The fetch for a client with fallbacks: what the client itself is not answered, the others are asked, each by its own client
 * with its own credential and model. An answer is given out when its first content is there; so nobody is asked after that.
 */
export function chainedFetch(guard: ClientGuard, client: SdkClient, fallbacks: readonly ClientTarget[]): typeof fetch {
  const head = guard.fetchOver(senderOf(client, guard), { fallback: fallbacks.length === 0 })
  if (fallbacks.length === 0) return head
  const others = fallbacks.map(({ client: other, model }) => ({
    client: other,
    model,
    send: guard.fetchOver(senderOf(other, guard), { fallback: false }),
  }))
  function* asks(...[input, init]: Parameters<typeof fetch>): Generator<Ask> {
    yield () => head(input, init)
    // What was asked is looked at only when it has to be asked again: it may be long.
    const question = questionOf(input, init, client.baseURL)
    if (question !== undefined) for (const target of others) yield (after) => askClient(target, question, { guard, after })
  }
  const chained: typeof fetch = (input, init) => askAll(asks(input, init), guard, init?.signal ?? undefined)
  guard.adopt(chained, head)
  return chained
}

/** A client that was told nothing about fetching sends as the guard does. */
function senderOf(client: SdkClient, guard: ClientGuard): typeof fetch {
  const own = fetchOf(client)
  return own === globalThis.fetch ? guard.fetch : own
}

function askAll(asks: Iterable<Ask>, guard: ClientGuard, signal: AbortSignal | undefined): Promise<Response> {
  const { healer, traces } = guard
  const epochMs = (): number => healer.world.clock.epochMs()
  return traces.run(traces.getStore() ?? newTrace('-'), async () => {
    try {
      return await firstThatAnswers(asks, {
        ask: async (ask, after) => successful(await ask(after), epochMs()),
        failureOf: (error) => classifyThrown(error, { signal, epochMs: epochMs() }),
      })
    } catch (error) {
      if (error instanceof FailedAnswer) return error.response
      throw error
    }
  })
}

/** An error answer on its way to the next target, or to the caller when there is none. */
class FailedAnswer extends Error {
  readonly failure: LlmFailure
  readonly response: Response

  constructor(failure: LlmFailure, response: Response) {
    super(`The target answered ${response.status} (${failure.kind})`)
    this.failure = failure
    this.response = response
  }
}

async function successful(response: Response, epochMs: number): Promise<Response> {
  if (response.ok) return response
  const { status, headers } = response
  const { text } = await boundedText(response.clone(), errorBytesMax)
  throw new FailedAnswer(classifyResponse({ status, headers, body: text }, { epochMs }), response)
}

/** Has the client write, sign and send the request; its answer is for another client, which judges it. */
async function askClient(
  { client, model, send }: ClientTarget & { readonly send: typeof fetch },
  { path, body, headers, signal }: Question,
  { guard, after }: { readonly guard: ClientGuard; readonly after: LlmFailure | undefined },
): Promise<Response> {
  let failed: Response | undefined
  let thrown: { readonly error: unknown } | undefined
  const overheard: typeof fetch = async (input, init) => {
    try {
      await tellFallback(guard, { input, init, after })
      const response = await send(input, init)
      // The client reads an error answer, to make an error of it.
      if (!response.ok) failed = response.clone()
      return response
    } catch (error) {
      thrown = { error }
      throw error
    }
  }
  const copy = client.withOptions({ maxRetries: 0, fetch: overheard })
  try {
    return await copy.post(path, { body: { ...body, model }, headers, signal, stream: body['stream'] === true }).asResponse()
  } catch (error) {
    if (failed !== undefined) return failed
    throw thrown === undefined ? error : thrown.error
  }
}

async function tellFallback(
  { healer, options, traces }: ClientGuard,
  { input, init, after }: { input: Parameters<typeof fetch>[0]; init: RequestInit | undefined; after: LlmFailure | undefined },
): Promise<void> {
  const { target } = await readRequest(input, init, options.providers)
  healer.emit('llm.fell-back', { key: keyOf(target), from: traces.getStore()?.target ?? '-', reason: after?.kind ?? '' })
}

/** What was asked, if it is a question for a language model; embeddings of another model would be of no use. */
function questionOf(input: unknown, init: RequestInit | undefined, baseUrl: string): Question | undefined {
  if ((typeof input !== 'string' && !(input instanceof URL)) || typeof init?.body !== 'string') return undefined
  const url = new URL(input)
  const body = recordOf(init.body)
  const path = pathBelow(url, baseUrl)
  if (path === undefined || typeof body?.['model'] !== 'string' || dialectOf(url).name === 'unknown') return undefined
  return { path, body, headers: featuresOf(new Headers(init.headers)), signal: init.signal ?? undefined }
}

/** Azure names its deployment in the path; other query parameters than Anthropic's are the client's own. */
function pathBelow(url: URL, baseUrl: string): string | undefined {
  const base = new URL(baseUrl).pathname.replace(/\/+$/, '')
  if (!url.pathname.startsWith(`${base}/`)) return undefined
  const path = url.pathname.slice(base.length).replace(/^\/deployments\/[^/]+(?=\/)/, '')
  return url.searchParams.has('beta') ? `${path}?beta=true` : path
}

/** Headers that belong to the question: which features of the API it makes use of. */
function featuresOf(headers: Headers): Readonly<Record<string, string>> {
  const names = ['anthropic-beta', 'openai-beta']
  return Object.fromEntries(names.flatMap((name) => (headers.has(name) ? [[name, headers.get(name) ?? '']] : [])))
}

function recordOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    // An object: what JSON has besides are lists, which have no model.
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
