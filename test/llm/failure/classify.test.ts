import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HomeostatError } from '../../../src/core/errors.js'
import { classifyBody, classifyResponse } from '../../../src/llm/failure/classify-response.js'
import { classifyThrown } from '../../../src/llm/failure/classify-thrown.js'
import { treatments, type LlmFailureKind } from '../../../src/llm/failure/llm-failure.js'
import { rateLimitsOf } from '../../../src/llm/failure/rate-headers.js'

const epochMs = 1_700_000_000_000

interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

function responded({ status, body, headers = {} }: Answer) {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? {})
  return classifyResponse({ status, headers: new Headers(headers), body: text }, { epochMs })
}

const openai = (code: string, type = 'invalid_request_error', message = '') => ({ error: { code, type, message } })
const anthropic = (type: string, more: object = {}) => ({ type: 'error', error: { type, message: '', ...more } })

const rows: readonly (readonly [LlmFailureKind, Answer])[] = [
  ['rate-limit', { status: 429, body: openai('rate_limit_exceeded', 'requests'), headers: { 'retry-after': '2' } }],
  ['rate-limit', { status: 429, body: anthropic('rate_limit_error'), headers: { 'retry-after': '30' } }],
  ['rate-limit', { status: 429, body: '' }],
  [
    'rate-limit',
    { status: 429, body: [{ error: { code: 429, status: 'RESOURCE_EXHAUSTED', details: [{ retryDelay: '12s' }] } }] },
  ],
  ['ramp-limit', { status: 429, body: openai('slow_down') }],
  ['ramp-limit', { status: 503, body: openai('slow_down') }],
  ['quota', { status: 429, body: openai('insufficient_quota', 'insufficient_quota') }],
  ['quota', { status: 429, body: openai('credit_balance_exhausted') }],
  ['quota', { status: 429, body: openai('project_spend_limit_exceeded') }],
  ['quota', { status: 429, body: anthropic('rate_limit_error', { details: { error_code: 'enforced_spend_limit_reached' } }) }],
  ['quota', { status: 402, body: anthropic('billing_error') }],
  [
    'quota',
    { status: 400, body: anthropic('invalid_request_error', { message: 'Your credit balance is too low to access the API' }) },
  ],
  [
    'quota',
    {
      status: 429,
      body: {
        error: {
          code: 429,
          status: 'RESOURCE_EXHAUSTED',
          details: [{ violations: [{ quotaId: 'GenerateRequestsPerDayPerProject' }] }],
        },
      },
    },
  ],
  ['overloaded', { status: 529, body: anthropic('overloaded_error') }],
  ['overloaded', { status: 503, body: openai('server_is_overloaded', 'server_error') }],
  ['overloaded', { status: 503, body: '<html>no</html>' }],
  ['server-error', { status: 500 }],
  ['server-error', { status: 502, body: '<html>Bad gateway</html>' }],
  ['server-error', { status: 504 }],
  ['server-error', { status: 408 }],
  ['conflict', { status: 409 }],
  ['context-too-long', { status: 400, body: openai('context_length_exceeded') }],
  ['context-too-long', { status: 500, body: openai('context_length_exceeded', 'server_error') }],
  ['context-too-long', { status: 413, body: anthropic('request_too_large') }],
  [
    'context-too-long',
    { status: 400, body: anthropic('invalid_request_error', { message: 'prompt is too long: 210000 tokens' }) },
  ],
  ['filtered', { status: 400, body: openai('content_filter') }],
  ['request-invalid', { status: 400, body: openai('invalid_value') }],
  ['request-invalid', { status: 422 }],
  ['not-found', { status: 404, body: openai('model_not_found') }],
  ['auth', { status: 401, body: openai('invalid_api_key') }],
  ['auth', { status: 403, body: anthropic('permission_error') }],
]

describe('classifyResponse()', () => {
  it.each(rows)('says %s of %j', (kind, answer) => {
    expect(responded(answer)).toMatchObject({ kind, status: answer.status, ...treatments[kind] })
  })

  it('hears how long the provider asks to be left alone, and believes no year', () => {
    expect(responded({ status: 429, headers: { 'retry-after': '120' } }).retryAfterMs).toBe(120_000)
    expect(responded({ status: 429, headers: { 'retry-after-ms': '250', 'retry-after': '120' } }).retryAfterMs).toBe(250)
    expect(responded({ status: 429, body: [{ error: { code: 429, details: [{ retryDelay: '1.5s' }] } }] }).retryAfterMs).toBe(
      1_500,
    )
    expect(responded({ status: 429, headers: { 'retry-after': '999999999' } }).retryAfterMs).toBe(31 * 86_400_000)
    expect(responded({ status: 429 }).retryAfterMs).toBeUndefined()
  })

  it('obeys x-should-retry both ways, except that nothing makes a spent quota worth it', () => {
    const says = (answer: Answer, word: string) => responded({ ...answer, headers: { 'x-should-retry': word } }).retry
    expect(says({ status: 503 }, 'false')).toBe('never')
    expect(says({ status: 400 }, 'true')).toBe('backoff')
    expect(says({ status: 503 }, 'maybe')).toBe('backoff')
    expect(says({ status: 429, body: openai('insufficient_quota') }, 'true')).toBe('never')
  })

  it('does not take words for a spent quota when the provider says how long to wait', () => {
    const body = openai('x', 'y', 'You exceeded your current quota')
    expect(responded({ status: 429, body }).kind).toBe('quota')
    expect(responded({ status: 429, body, headers: { 'retry-after': '5' } }).kind).toBe('rate-limit')
  })

  it('always gives a row of the table, and never throws', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 999 }), fc.oneof(fc.string(), fc.json()), (status, body) => {
        const failure = responded({ status, body })
        expect(Object.keys(treatments)).toContain(failure.kind)
      }),
    )
  })
})

describe('classifyBody()', () => {
  it('knows errors inside a stream by their type, which has no status', () => {
    expect(classifyBody(anthropic('overloaded_error'))).toMatchObject({ kind: 'overloaded', code: 'overloaded_error' })
    expect(classifyBody(anthropic('api_error')).kind).toBe('server-error')
    expect(classifyBody(anthropic('rate_limit_error')).kind).toBe('rate-limit')
    expect(classifyBody({ error: { code: 'server_error', message: '' } }).kind).toBe('server-error')
    expect(classifyBody({ code: '502' }).kind).toBe('server-error')
    expect(classifyBody({ type: 'constructor' }).kind).toBe('unknown')
    expect(classifyBody(undefined).kind).toBe('unknown')
  })
})

describe('classifyThrown()', () => {
  const thrown = (error: unknown) => classifyThrown(error, { epochMs })

  it('knows the network by its codes, however deep they are', () => {
    const wrapped = (code: string): Error =>
      new Error('Connection error.', { cause: new TypeError('fetch failed', { cause: { code } }) })
    for (const code of ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', 'EAI_AGAIN'])
      expect(thrown(wrapped(code))).toMatchObject({ kind: 'network', code })
    for (const code of ['ENOTFOUND', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'])
      expect(thrown(wrapped(code)).kind).toBe('unreachable')
    expect(thrown(new TypeError('fetch failed')).kind).toBe('network')
    expect(thrown(Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL' })).kind).toBe('unknown')
  })

  it('reads the errors of SDKs: status, headers and body where each has them', () => {
    const ofOpenai = Object.assign(new Error(), {
      status: 429,
      headers: new Headers({ 'retry-after': '3' }),
      error: { code: 'rate_limit_exceeded' },
    })
    const ofAnthropic = Object.assign(new Error(), { status: 529, headers: new Headers(), error: anthropic('overloaded_error') })
    const ofAiSdk = Object.assign(new Error(), {
      statusCode: 429,
      responseHeaders: { 'retry-after': '7', 'bad\nname': 'x' },
      responseBody: JSON.stringify(openai('insufficient_quota')),
    })
    expect(thrown(ofOpenai)).toMatchObject({ kind: 'rate-limit', retryAfterMs: 3_000 })
    expect(thrown(ofAnthropic).kind).toBe('overloaded')
    expect(thrown(new Error('failed after 3 attempts', { cause: ofAiSdk })).kind).toBe('quota')
    expect(thrown(Object.assign(new Error(), { error: anthropic('overloaded_error') })).kind).toBe('overloaded')
  })

  it('knows our own errors, and the failure that one carries', () => {
    expect(thrown(new HomeostatError('HS_DEADLINE', { key: 'k', timeoutMs: 1 })).kind).toBe('deadline')
    expect(thrown(new HomeostatError('HS_CIRCUIT_OPEN', { key: 'k', reason: '', retryAfterMs: 1 })).kind).toBe('refused-here')
    expect(thrown(new HomeostatError('HS_LLM_STALLED', { key: 'k', idleMs: 1, contentChars: 0, partialText: '' })).kind).toBe(
      'stream-stalled',
    )
    expect(thrown(Object.assign(new Error(), { failure: { ...treatments.quota, kind: 'quota' } })).kind).toBe('quota')
  })

  it("takes everything for the caller's abort once his signal has aborted", () => {
    expect(classifyThrown(new Error('x'), { epochMs, signal: AbortSignal.abort() }).kind).toBe('aborted')
  })

  it('survives whatever is thrown', () => {
    const cyclic = new Error('a')
    cyclic.cause = cyclic
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('trap')
        },
      },
    )
    const selfish: Record<string, unknown> = { status: 500 }
    selfish['error'] = selfish
    for (const error of [cyclic, hostile, undefined, null, 7, 'text', selfish, { status: 'x' }, Object.create(null)])
      expect(Object.keys(treatments)).toContain(thrown(error).kind)
    fc.assert(
      fc.property(fc.anything(), (error) => {
        expect(Object.keys(treatments)).toContain(thrown(error).kind)
      }),
    )
  })
})

describe('rateLimitsOf()', () => {
  it('reads the headers of OpenAI and of Anthropic, in all their ways to write a time', () => {
    const of = (headers: Record<string, string>) => rateLimitsOf(new Headers(headers), epochMs)
    expect(
      of({ 'x-ratelimit-limit-requests': '60', 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' }),
    ).toEqual([{ resource: 'requests', limit: 60, remaining: 0, resetMs: 360_000 }])
    expect(of({ 'x-ratelimit-remaining-tokens': '149984', 'x-ratelimit-reset-tokens': '20ms' })).toEqual([
      { resource: 'tokens', limit: undefined, remaining: 149_984, resetMs: 20 },
    ])
    expect(
      of({
        'anthropic-ratelimit-input-tokens-remaining': '5',
        'anthropic-ratelimit-input-tokens-reset': new Date(epochMs + 4_000).toISOString(),
      }),
    ).toEqual([{ resource: 'input-tokens', limit: undefined, remaining: 5, resetMs: 4_000 }])
    const reset = (text: string) => of({ 'x-ratelimit-remaining-tokens': '1', 'x-ratelimit-reset-tokens': text })[0]?.resetMs
    expect(['1s', '1.5', '1d2h', '1h30m', '-5', 'soon', '', '9'.repeat(50), '999999999'].map(reset)).toEqual([
      1_000,
      1_500,
      86_400_000,
      5_400_000,
      undefined,
      undefined,
      undefined,
      undefined,
      86_400_000,
    ])
    expect(of({ 'x-ratelimit-reset-requests': '1s', 'x-ratelimit-remaining-tokens': 'many' })).toEqual([])
  })
})
