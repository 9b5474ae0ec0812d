import { sha256 } from '../../core/hash.js'
import { parsedJson } from '../parsed-json.js'

/** Whom a request asks: health is kept for each, never for "the function". */
export interface Target {
  /** `openai`, `anthropic`, or the host name. */
  readonly provider: string
  /** The model, or the deployment of it; `-` where the request names none. */
  readonly model: string
  /** Six hexadecimal digits that stand for the credential, which they do not give away; `-` where there is none. */
  readonly credential: string
}

/** A request as far as the guard looks at it. */
export interface LlmRequest {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  /** The parsed body; `undefined` when it is no JSON, or too large to look at. */
  readonly body: Readonly<Record<string, unknown>> | undefined
  readonly target: Target
  /** Whether a stream was asked for. */
  readonly streams: boolean
  /** The caller's. */
  readonly signal: AbortSignal | undefined
  /** The body as it is sent. */
  readonly payload: RequestInit['body']
  /** Whether it can be sent more than once: a stream cannot. */
  readonly repeatable: boolean
  /** What else the caller said, for the fetch that sends it. */
  readonly rest: RequestInit
}

/** Hosts and the names that people know them by. */
const providers: Readonly<Record<string, string>> = {
  'api.openai.com': 'openai',
  'api.anthropic.com': 'anthropic',
  'generativelanguage.googleapis.com': 'google',
  'api.mistral.ai': 'mistral',
  'api.groq.com': 'groq',
  'api.deepseek.com': 'deepseek',
  'openrouter.ai': 'openrouter',
  'api.together.xyz': 'together',
  'api.x.ai': 'xai',
}

/** A model name longer than this is none. */
const modelLengthMax = 200

/** Bodies beyond this are sent without being looked at: images and files, mostly. */
const bodyLengthMax = 16 * 1_024 * 1_024

/**
 * Reads what the guard needs to know of a request. A `Request` is read to its end, for a body can be sent once only; whatever else
 * is left as it is.
 */
export async function readRequest(
  input: string | URL | Request,
  init: RequestInit | undefined,
  providers: Readonly<Record<string, string>>,
): Promise<LlmRequest> {
  const request = input instanceof Request ? new Request(input, init) : undefined
  const payload = request === undefined ? init?.body : request.body === null ? undefined : await request.text()
  const { body: _body, signal: _signal, headers: _headers, method: _method, ...rest } = init ?? {}
  return describe(
    {
      url: new URL(input instanceof Request ? input.url : input),
      method: (request?.method ?? init?.method ?? 'GET').toUpperCase(),
      headers: headersOf(request?.headers ?? init?.headers),
      body: bodyOf(payload),
      signal: (request === undefined ? init?.signal : request.signal) ?? undefined,
      payload,
      repeatable: !(payload instanceof ReadableStream) && !isIterator(payload),
      rest,
    },
    providers,
  )
}

/** The request with what follows from the rest of it: whom it asks, and whether for a stream. */
export function describe(
  request: Omit<LlmRequest, 'target' | 'streams'>,
  providers: Readonly<Record<string, string>>,
): LlmRequest {
  const { url, body, headers } = request
  return {
    ...request,
    target: { provider: providerOf(url, providers), model: modelOf(url, body), credential: credentialOf(headers, url) },
    streams: body?.['stream'] === true || /:streamGenerateContent\b/.test(url.pathname),
  }
}

/** The key of a target for the guard: `openai/gpt-5`. Credentials have circuits of their own. */
export function keyOf({ provider, model }: Target): string {
  return `${provider}/${model}`
}

/** A list that someone made already is as good as a copy: it is only read. */
function headersOf(given: RequestInit['headers']): Headers {
  return given instanceof Headers ? given : new Headers(given)
}

function providerOf(url: URL, names: Readonly<Record<string, string>>): string {
  const host = url.host.toLowerCase()
  if (Object.hasOwn(names, host)) return names[host] ?? host
  if (Object.hasOwn(providers, host)) return providers[host] ?? host
  const azure = /^([a-z0-9-]+)\.(?:openai\.azure\.com|services\.ai\.azure\.com)$/.exec(host)
  return azure === null ? host : `azure:${azure[1]}`
}

function modelOf(url: URL, body: Readonly<Record<string, unknown>> | undefined): string {
  const deployment = /\/deployments\/([^/]+)/.exec(url.pathname) ?? /\/models\/([^/:]+)/.exec(url.pathname)
  const named = deployment?.[1] ?? body?.['model']
  if (typeof named !== 'string' || named === '' || named.length > modelLengthMax) return '-'
  // Control characters and spaces have no place in a key that people read in logs.
  return /^[\w.:@/+-]+$/.test(named) ? named : encodeURIComponent(named).slice(0, modelLengthMax)
}

function bodyOf(body: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof body !== 'string' || body.length > bodyLengthMax || !body.trimStart().startsWith('{')) return undefined
  const parsed = parsedJson(body)
  return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined // an object: it begins with a brace
}

function credentialOf(headers: Headers, url: URL): string {
  const secret =
    headers.get('authorization') ??
    headers.get('x-api-key') ??
    headers.get('api-key') ??
    headers.get('x-goog-api-key') ??
    url.searchParams.get('key')
  return secret === null || secret === '' ? '-' : digitsOf(secret)
}

/** Most services have one credential: to remember the latest saves a hash for each request. */
let latest = { secret: '', digits: '-' }

function digitsOf(secret: string): string {
  if (latest.secret !== secret) latest = { secret, digits: sha256(secret).slice(0, 6) }
  return latest.digits
}

/** Node's fetch also sends async iterables, which can be read once. */
function isIterator(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && Symbol.asyncIterator in payload
}
