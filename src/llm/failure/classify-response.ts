import { retryAfterMsOf } from '../../orchestrator/guard/retry-after.js'
import { parsedJson } from '../parsed-json.js'
import { errorBodyOf, type ErrorBody } from './error-body.js'
import { treatments, type LlmFailure, type LlmFailureKind, type Treatment } from './llm-failure.js'

/** An answer that is an error. */
export interface FailedResponse {
  readonly status: number
  readonly headers: Headers
  /** The text of the body; what was cut off does not matter. */
  readonly body: string
}

/** No provider's wait is believed beyond this: a clock or a unit is wrong then. */
const retryAfterMsMax = 31 * 86_400_000

/** Classifies an error answer: by code, then status and headers; by words in the message only where there is nothing else. */
export function classifyResponse(
  { status, headers, body }: FailedResponse,
  { epochMs }: { readonly epochMs: number },
): LlmFailure {
  const says = errorBodyOf(parsedJson(body))
  const asked = retryAfterMsOf({ headers }, epochMs) ?? says.retryDelayMs
  const retryAfterMs = asked === undefined ? undefined : Math.min(asked, retryAfterMsMax)
  const kind = kindOf(status, says, { waits: retryAfterMs !== undefined })
  return { ...obeying(headers.get('x-should-retry'), kind), kind, status, code: codeOf(says), retryAfterMs }
}

/** Classifies an error that came inside an answer that began well. `status`: where the error names one. */
export function classifyBody(body: unknown, status?: number): LlmFailure {
  const says = errorBodyOf(body)
  const named = status ?? statusOfCode(says.code)
  const kind = kindOf(named ?? statusOfType(says.type), says, { waits: says.retryDelayMs !== undefined })
  return { ...treatments[kind], kind, status: named, code: codeOf(says), retryAfterMs: says.retryDelayMs }
}

/** Money is spent: waiting a minute does not help. */
const quotaCodes: ReadonlySet<string> = new Set([
  'insufficient_quota',
  'credit_balance_exhausted',
  'organization_spend_limit_exceeded',
  'project_spend_limit_exceeded',
  'organization_usage_limit_exceeded',
  'enforced_spend_limit_reached',
  'billing_error',
  'billing_hard_limit_reached',
  'billing_not_active',
  'quota_exceeded',
])

const contextCodes: ReadonlySet<string> = new Set(['context_length_exceeded', 'request_too_large', 'string_above_max_length'])
const filterCodes: ReadonlySet<string> = new Set(['content_filter', 'content_policy_violation', 'moderation_blocked'])
const overloadCodes: ReadonlySet<string> = new Set(['overloaded_error', 'server_is_overloaded', 'UNAVAILABLE'])

function kindOf(status: number | undefined, says: ErrorBody, { waits }: { readonly waits: boolean }): LlmFailureKind {
  const codes = [says.detailCode, says.code, says.type]
  const any = (set: ReadonlySet<string>): boolean => codes.some((one) => one !== undefined && set.has(one))
  // Codes first: a context that is too long has been seen as `server_error`, and a spent quota always comes as 429.
  if (any(quotaCodes) || isDailyQuota(says)) return 'quota'
  if (any(contextCodes)) return 'context-too-long'
  if (any(filterCodes)) return 'filtered'
  if (codes.includes('slow_down')) return 'ramp-limit'
  if (any(overloadCodes)) return 'overloaded'
  return (status !== undefined && kindOfStatus(status, says, waits)) || 'unknown'
}

function kindOfStatus(status: number, { message }: ErrorBody, waits: boolean): LlmFailureKind | undefined {
  const words = wordsFor(status, message)
  if (words !== undefined && !waits) return words
  const exact = kindsOfStatus[status]
  if (exact !== undefined) return exact
  if (status >= 500 && status <= 599) return 'server-error'
  return status >= 400 && status <= 499 ? 'request-invalid' : undefined
}

const kindsOfStatus: Readonly<Record<number, LlmFailureKind>> = {
  401: 'auth',
  402: 'quota',
  403: 'auth',
  404: 'not-found',
  408: 'server-error',
  409: 'conflict',
  413: 'context-too-long',
  425: 'rate-limit',
  429: 'rate-limit',
  503: 'overloaded',
  529: 'overloaded',
}

/**
 * The last resort, for providers that put it into words only: a spent balance as 400 or 429 without a time to wait, and a
 * context that is too long as 400, 422 or 500.
 */
function wordsFor(status: number, message: string): LlmFailureKind | undefined {
  if ((status === 400 || status === 403 || status === 429) && spentWords.test(message)) return 'quota'
  return (status === 400 || status === 422 || status === 500) && contextWords.test(message) ? 'context-too-long' : undefined
}

const spentWords = /credit balance is too low|spend(?:ing)? limit|exceeded your current quota|billing hard limit/i
const contextWords =
  /maximum context length|context window|context length|prompt is too long|input is too long|too many (?:input )?tokens/i

/** Google says 429 for a minute's and for a day's quota; the name of the quota tells them apart. */
function isDailyQuota({ quotaId }: ErrorBody): boolean {
  return quotaId !== undefined && /perday/i.test(quotaId)
}

/** What the provider itself says about retrying overrules the table, except that nothing makes a spent quota worth retrying. */
function obeying(header: string | null, kind: LlmFailureKind): Treatment {
  const treatment = treatments[kind]
  if (header === 'false' && treatment.retry !== 'never') return { ...treatment, retry: 'never' }
  if (header === 'true' && treatment.retry === 'never' && !hopeless.has(kind)) return { ...treatment, retry: 'backoff' }
  return treatment
}

const hopeless: ReadonlySet<LlmFailureKind> = new Set(['quota', 'auth', 'context-too-long'])

/** In-band errors carry the word of a status rather than its number. */
function statusOfType(type: string | undefined): number | undefined {
  return type !== undefined && Object.hasOwn(statusOfTypes, type) ? statusOfTypes[type] : undefined
}

const statusOfTypes: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  permission_error: 403,
  not_found_error: 404,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  RESOURCE_EXHAUSTED: 429,
  api_error: 500,
  server_error: 500,
  internal_error: 500,
  INTERNAL: 500,
  timeout_error: 504,
}

function statusOfCode(code: string | undefined): number | undefined {
  if (code === undefined) return undefined
  return /^[45]\d\d$/.test(code) ? Number(code) : statusOfType(code)
}

function codeOf({ detailCode, code, type }: ErrorBody): string | undefined {
  return detailCode ?? (code !== undefined && !/^\d+$/.test(code) ? code : (type ?? code))
}
