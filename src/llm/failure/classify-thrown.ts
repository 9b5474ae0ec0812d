import { isHomeostatError } from '../../core/errors.js'
import { fieldOf, statusOf } from '../../orchestrator/guard/error-shape.js'
import { classifyBody, classifyResponse } from './classify-response.js'
import { treatments, type LlmFailure, type LlmFailureKind } from './llm-failure.js'

/** Whether the error is the caller's own abort depends on his signal. */
export interface ThrownContext {
  readonly signal?: AbortSignal | undefined
  readonly epochMs: number
}

/** Errors are looked at with their causes, this deep. */
const depthMax = 5

/**
 * Classifies whatever was thrown: our own errors, those of the SDKs with their status, headers and body, and those of the
 * network, which hide in `cause`. Never throws, whatever it is given.
 */
export function classifyThrown(error: unknown, { signal, epochMs }: ThrownContext): LlmFailure {
  if (signal?.aborted === true) return plain('aborted')
  let current = error
  for (let depth = 0; depth < depthMax && current !== undefined && current !== null; depth += 1) {
    const found = ours(current) ?? answered(current, epochMs) ?? ofNetwork(current)
    if (found !== undefined) return found
    current = fieldOf(current, 'cause')
  }
  return plain('unknown')
}

/** A failure of this kind that says nothing more. */
export function plain(kind: LlmFailureKind, code?: string): LlmFailure {
  return { ...treatments[kind], kind, status: undefined, code, retryAfterMs: undefined }
}

function ours(error: unknown): LlmFailure | undefined {
  const carried = fieldOf(error, 'failure')
  if (isFailure(carried)) return carried
  if (!isHomeostatError(error)) return undefined
  const kind = kindsOfCode[error.code]
  return kind === undefined ? undefined : plain(kind, error.code)
}

const kindsOfCode: Readonly<Record<string, LlmFailureKind>> = {
  HS_ABORTED: 'aborted',
  HS_ACCEPT_REJECTED: 'bad-structure',
  HS_BULKHEAD_FULL: 'refused-here',
  HS_CIRCUIT_OPEN: 'refused-here',
  HS_CLOSED: 'aborted',
  HS_DEADLINE: 'deadline',
  HS_LLM_BUDGET: 'refused-here',
  HS_LLM_CUT: 'stream-cut',
  HS_LLM_FIRST_TOKEN: 'first-token-late',
  HS_LLM_GARBAGE: 'garbage',
  HS_LLM_LAGGED: 'refused-here',
  HS_LLM_LIMITED: 'refused-here',
  HS_LLM_STALLED: 'stream-stalled',
  HS_LLM_STREAM_ERROR: 'garbage',
  HS_LLM_STRUCTURE: 'bad-structure',
  HS_LLM_TOTAL: 'deadline',
  HS_LLM_UNAFFORDABLE: 'refused-here',
  HS_RATE_LIMITED: 'refused-here',
}

function isFailure(value: unknown): value is LlmFailure {
  const kind = fieldOf(value, 'kind')
  return typeof kind === 'string' && Object.hasOwn(treatments, kind) && fieldOf(value, 'circuit') !== undefined
}

/** Errors of SDKs that carry an answer; an error inside a stream has a body but no status. */
function answered(error: unknown, epochMs: number): LlmFailure | undefined {
  const status = statusOf(error)
  const body = fieldOf(error, 'responseBody') ?? fieldOf(error, 'error') ?? fieldOf(error, 'data')
  if (status === undefined) return typeof body === 'object' && body !== null ? classifyBody(body) : undefined
  const headers = headersOf(fieldOf(error, 'headers') ?? fieldOf(error, 'responseHeaders'))
  return classifyResponse({ status, headers, body: typeof body === 'string' ? body : jsonOf(body) }, { epochMs })
}

/** A name that no host answers to, or a certificate that is not the host's. */
const unreachableCodes =
  /^(?:ENOTFOUND|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|ERR_TLS_\w+|ERR_SSL_\w+|EPROTO)$/
const networkCodes = /^(?:ECONN\w+|EPIPE|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN|UND_ERR_\w+)$/
/** What undici says, and what the SDKs call it, when there is no code to be found. */
const networkNames: ReadonlySet<string> = new Set(['APIConnectionError', 'APIConnectionTimeoutError'])
const networkWords: ReadonlySet<string> = new Set(['fetch failed', 'terminated', 'other side closed', 'Connection error.'])

function ofNetwork(error: unknown): LlmFailure | undefined {
  const code = fieldOf(error, 'code')
  if (typeof code === 'string') {
    if (unreachableCodes.test(code)) return plain('unreachable', code.slice(0, 100))
    if (networkCodes.test(code)) return plain('network', code.slice(0, 100))
  }
  // Not yet: the cause says more.
  if (fieldOf(error, 'cause') !== undefined) return undefined
  const message = fieldOf(error, 'message')
  const name = fieldOf(fieldOf(error, 'constructor'), 'name')
  const known = (typeof message === 'string' && networkWords.has(message)) || (typeof name === 'string' && networkNames.has(name))
  return known ? plain('network') : undefined
}

function headersOf(value: unknown): Headers {
  if (value instanceof Headers) return value
  const headers = new Headers()
  if (typeof value !== 'object' || value === null) return headers
  for (const [name, text] of Object.entries(value).slice(0, 200)) {
    try {
      headers.set(name, String(text))
    } catch {
      // Not a header after all: it is left out.
    }
  }
  return headers
}

function jsonOf(body: unknown): string {
  try {
    return JSON.stringify(body) ?? ''
  } catch {
    // Cyclic, or a getter threw: then the status has to do.
    return ''
  }
}
