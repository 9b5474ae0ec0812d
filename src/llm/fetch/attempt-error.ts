import type { LlmFailure } from '../failure/llm-failure.js'

/** An error answer, kept so that the caller can be given it as it was. */
export interface KeptResponse {
  readonly status: number
  readonly statusText: string
  readonly headers: Headers
  readonly body: string
  readonly url: string
}

/** How an attempt failed that got an answer. The guard's retry and circuit read it; callers never see it. */
export class AttemptError extends Error {
  readonly failure: LlmFailure
  readonly response: KeptResponse
  /** Where the guard looks for the wait that the target asks for. */
  readonly retryAfterMs: number | undefined

  constructor(failure: LlmFailure, response: KeptResponse) {
    super(`The target answered ${response.status} (${failure.kind})`)
    this.name = 'AttemptError'
    this.failure = failure
    this.response = response
    this.retryAfterMs = failure.retryAfterMs
  }
}

/** The answer that the caller is given in the end: the provider's own, and a word to SDKs not to begin anew. */
export function finalResponse({ status, statusText, headers, body, url }: KeptResponse): Response {
  const copied = plainHeaders(headers)
  // The SDKs of OpenAI and Anthropic obey it: what was worth another try has had it.
  copied.set('x-should-retry', 'false')
  return withUrl(new Response(nullBodyStatuses.has(status) ? null : body, { status, statusText, headers: copied }), url)
}

/** A response with this body in place of its own; the same in all else. */
export function withBody(response: Response, body: ReadableStream<Uint8Array>): Response {
  const { status, statusText, headers, url } = response
  return withUrl(new Response(body, { status, statusText, headers: plainHeaders(headers) }), url)
}

/** Statuses that may not have a body. */
const nullBodyStatuses: ReadonlySet<number> = new Set([204, 205, 304])

/** The body was decoded on its way here: what the headers say of its encoding and length is true no more. */
function plainHeaders(headers: Headers): Headers {
  const copied = new Headers(headers)
  copied.delete('content-encoding')
  copied.delete('content-length')
  return copied
}

function withUrl(response: Response, url: string): Response {
  Object.defineProperty(response, 'url', { value: url, configurable: true })
  return response
}
