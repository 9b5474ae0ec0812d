import { canonicalJson, sha256 } from '../../core/hash.js'
import type { LlmRequest } from '../fetch/target.js'
import { dialectOf } from '../stream/dialects.js'

/** What of a request decides its answer. */
export type ShareableRequest = Pick<LlmRequest, 'url' | 'method' | 'headers' | 'body' | 'payload'>

/**
 * Which requests may share an answer. `deterministic`: those that ask for the likeliest answer, and embeddings; `always`: also
 * those that ask for a random one. Who samples several answers to compare them must not share them.
 */
export type ShareWhen = 'deterministic' | 'always'

/**
 * What two requests have in common that may share an answer: method, address, headers with the credential, and body; `undefined`
 * when this one may not. It gives none of them away. Never throws.
 */
export function requestKey(request: ShareableRequest, when: ShareWhen): string | undefined {
  const { url, method, headers, body, payload } = request
  if (method !== 'POST' || body === undefined || typeof payload !== 'string') return undefined
  if (!isUnderstood(url) || refusesToShare(headers) || hasState(body)) return undefined
  if (when === 'deterministic' && !isDeterministic(url, body)) return undefined
  try {
    const relevant = [...headers].filter(([name]) => !isVolatile(name))
    // The order of a body's members means nothing, but numbers that do not survive parsing must not become equal.
    return sha256(JSON.stringify([method, url.href, relevant, inexact.test(payload) ? payload : canonicalJson(body)]))
  } catch {
    // Nested too deep to be sorted.
    return undefined
  }
}

/** Answers that are judged before anyone gets them, and lists of numbers. */
function isUnderstood(url: URL): boolean {
  return isEmbedding(url) || dialectOf(url).name !== 'unknown'
}

function isEmbedding({ pathname }: URL): boolean {
  return pathname.endsWith('/embeddings')
}

/** The caller's word for this one request. */
function refusesToShare(headers: Headers): boolean {
  return /\bno-(?:store|cache)\b/i.test(headers.get('cache-control') ?? '')
}

/** It changes something on the other side, or is answered there later. */
function hasState(body: Readonly<Record<string, unknown>>): boolean {
  return (body['conversation'] ?? undefined) !== undefined || body['background'] === true
}

/** Whatever the temperature, an answer that the provider looked up elsewhere is another one tomorrow. */
function isDeterministic(url: URL, body: Readonly<Record<string, unknown>>): boolean {
  if (isEmbedding(url)) return true
  const tools: readonly unknown[] = Array.isArray(body['tools']) ? body['tools'] : []
  return body['temperature'] === 0 && tools.every(isRunByCaller)
}

function isRunByCaller(tool: unknown): boolean {
  const type: unknown = typeof tool === 'object' && tool !== null && 'type' in tool ? tool.type : undefined
  return type === undefined || type === 'function' || type === 'custom'
}

/**
 * Headers that differ from request to request and change no answer. All others count, unknown ones too: two tenants must not share
 * because one gateway calls its tenant header by a name that is not on a list.
 */
function isVolatile(name: string): boolean {
  return volatileHeaders.has(name) || name.startsWith('x-stainless-')
}

const volatileHeaders: ReadonlySet<string> = new Set([
  'accept-encoding',
  'baggage',
  'connection',
  'content-length',
  'host',
  'idempotency-key',
  'sentry-trace',
  'traceparent',
  'tracestate',
  'user-agent',
  'x-client-request-id',
  'x-correlation-id',
  'x-request-id',
])

/** Digits and exponents that a double may not hold. */
const inexact = /\d{16}|\d[eE][+-]?\d{3}/
