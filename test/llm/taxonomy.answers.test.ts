import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LlmFailureKind } from '../../src/llm/failure/llm-failure.js'
import { html, refuses, resets, sends } from './provider/behaviours.js'
import { clients } from './provider/clients.js'
import { startProvider, type Behaviour, type Provider } from './provider/provider.js'
import { ourErrorIn, providerName, setStage, sharedClock, statusIn } from './provider/stage.js'

/** One row of the taxonomy as the caller and the provider see it. */
interface Row {
  readonly kind: LlmFailureKind
  readonly says: string
  readonly behaviour: Behaviour
  /** Requests that one call makes. */
  readonly requests: 1 | 2 | 3
  /** Attempts that count against the target. */
  readonly failures: 0 | 1 | 2 | 3
  /** What the caller gets: the provider's own answer with this status, or an error of ours with this code. */
  readonly caller: number | string
  /** Whether the credential is not used any more. */
  readonly opensCredential?: true
  /** No request follows the one before sooner; milliseconds. */
  readonly gapMsMin?: number
}

const spendLimit = { type: 'rate_limit_error', details: { error_code: 'enforced_spend_limit_reached' } }
const tooLong = { code: 'context_length_exceeded', message: 'Your input is too long.' }
const never = { requests: 1, failures: 0 } as const
const thrice = { requests: 3, failures: 3 } as const

const rows: readonly Row[] = [
  {
    kind: 'rate-limit',
    says: '429',
    behaviour: refuses(429, { type: 'rate_limit_error' }),
    requests: 3,
    failures: 0,
    caller: 429,
  },
  {
    kind: 'rate-limit',
    says: '429 with Retry-After: 2',
    behaviour: refuses(429, { type: 'rate_limit_error' }, { 'retry-after': '2' }),
    requests: 3,
    failures: 0,
    caller: 429,
    gapMsMin: 2_000,
  },
  {
    kind: 'rate-limit',
    says: '429 with retry-after-ms',
    behaviour: refuses(429, { type: 'rate_limit_error' }, { 'retry-after-ms': '1500', 'retry-after': '9' }),
    requests: 3,
    failures: 0,
    caller: 429,
    gapMsMin: 1_500,
  },
  {
    kind: 'rate-limit',
    says: '429 with Retry-After in the past',
    behaviour: refuses(429, { type: 'rate_limit_error' }, { 'retry-after': 'Thu, 01 Jan 2015 00:00:00 GMT' }),
    requests: 3,
    failures: 0,
    caller: 429,
    gapMsMin: 1,
  },
  {
    kind: 'rate-limit',
    says: '429 with Retry-After: 120, more than the cap',
    behaviour: refuses(429, { type: 'rate_limit_error' }, { 'retry-after': '120' }),
    ...never,
    caller: 429,
  },
  {
    kind: 'ramp-limit',
    says: '503 slow_down',
    behaviour: refuses(503, { code: 'slow_down', type: 'slow_down' }),
    requests: 3,
    failures: 0,
    caller: 503,
    gapMsMin: 1_000,
  },
  {
    kind: 'quota',
    says: '429 insufficient_quota',
    behaviour: refuses(429, { code: 'insufficient_quota', type: 'insufficient_quota' }),
    ...never,
    caller: 429,
    opensCredential: true,
  },
  {
    kind: 'quota',
    says: '429 with a spend limit',
    behaviour: refuses(429, spendLimit),
    ...never,
    caller: 429,
    opensCredential: true,
  },
  {
    kind: 'quota',
    says: '402',
    behaviour: refuses(402, { type: 'billing_error' }),
    ...never,
    caller: 402,
    opensCredential: true,
  },
  {
    kind: 'quota',
    says: '400 that says in words that no money is left',
    behaviour: refuses(400, { type: 'invalid_request_error', message: 'Your credit balance is too low to use this API.' }),
    ...never,
    caller: 400,
    opensCredential: true,
  },
  { kind: 'overloaded', says: '529', behaviour: refuses(529, { type: 'overloaded_error' }), ...thrice, caller: 529 },
  {
    kind: 'overloaded',
    says: '503 server_is_overloaded',
    behaviour: refuses(503, { code: 'server_is_overloaded', type: 'server_error' }),
    ...thrice,
    caller: 503,
  },
  { kind: 'server-error', says: '500', behaviour: refuses(500, { type: 'server_error' }), ...thrice, caller: 500 },
  { kind: 'server-error', says: '502 with HTML', behaviour: html(502), ...thrice, caller: 502 },
  { kind: 'server-error', says: '504 with nothing', behaviour: sends(504, 'text/plain', ''), ...thrice, caller: 504 },
  { kind: 'server-error', says: '408', behaviour: refuses(408, { type: 'timeout_error' }), ...thrice, caller: 408 },
  {
    kind: 'server-error',
    says: '500 with x-should-retry: false',
    behaviour: refuses(500, { type: 'server_error' }, { 'x-should-retry': 'false' }),
    requests: 1,
    failures: 1,
    caller: 500,
  },
  { kind: 'conflict', says: '409', behaviour: refuses(409, { type: 'conflict' }), requests: 2, failures: 0, caller: 409 },
  { kind: 'garbage', says: '200 with HTML', behaviour: html(200), ...thrice, caller: 'HS_LLM_GARBAGE' },
  {
    kind: 'garbage',
    says: '200 with JSON that ends early',
    behaviour: sends(200, 'application/json', '{"choices":[{"message":'),
    ...thrice,
    caller: 'HS_LLM_GARBAGE',
  },
  {
    kind: 'garbage',
    says: '200 with JSON that is no answer',
    behaviour: sends(200, 'application/json', '{}'),
    ...thrice,
    caller: 'HS_LLM_GARBAGE',
  },
  {
    kind: 'quota',
    says: '200 with an error inside',
    behaviour: sends(200, 'application/json', '{"error":{"code":"insufficient_quota","message":"none left"}}'),
    ...never,
    caller: 'HS_LLM_GARBAGE',
    opensCredential: true,
  },
  { kind: 'network', says: 'a connection that is reset', behaviour: resets, ...thrice, caller: 'ECONNRESET' },
  { kind: 'context-too-long', says: '400 context_length_exceeded', behaviour: refuses(400, tooLong), ...never, caller: 400 },
  {
    kind: 'context-too-long',
    says: '413',
    behaviour: refuses(413, { type: 'request_too_large' }),
    ...never,
    caller: 413,
  },
  {
    kind: 'context-too-long',
    says: '500 server_error that is a context too long',
    behaviour: refuses(500, { ...tooLong, type: 'server_error' }),
    ...never,
    caller: 500,
  },
  { kind: 'filtered', says: '400 content_filter', behaviour: refuses(400, { code: 'content_filter' }), ...never, caller: 400 },
  { kind: 'request-invalid', says: '400', behaviour: refuses(400, { type: 'invalid_request_error' }), ...never, caller: 400 },
  { kind: 'request-invalid', says: '422', behaviour: refuses(422, { type: 'invalid_request_error' }), ...never, caller: 422 },
  {
    kind: 'request-invalid',
    says: '400 with x-should-retry: true',
    behaviour: refuses(400, { type: 'invalid_request_error' }, { 'x-should-retry': 'true' }),
    requests: 3,
    failures: 0,
    caller: 400,
  },
  { kind: 'not-found', says: '404', behaviour: refuses(404, { type: 'not_found_error' }), ...never, caller: 404 },
  {
    kind: 'auth',
    says: '401',
    behaviour: refuses(401, { type: 'authentication_error' }),
    ...never,
    caller: 401,
    opensCredential: true,
  },
  {
    kind: 'auth',
    says: '403',
    behaviour: refuses(403, { type: 'permission_error' }),
    ...never,
    caller: 403,
    opensCredential: true,
  },
]

let provider: Provider

beforeAll(async () => {
  provider = await startProvider(sharedClock)
})
afterAll(() => provider.close())

describe.each(rows)('$kind: $says', (row) => {
  const cases = clients.flatMap((client) =>
    [false, true].map((stream) => ({ client, stream, way: stream ? 'a stream' : 'whole' })),
  )

  it.each(cases)('$client.name, $way', async ({ client, stream }) => {
    provider.answers(row.behaviour)
    const { llm, healer, settled } = setStage(provider)
    const { error, text } = await client.ask({ fetch: llm.fetch, origin: provider.origin, stream })

    expect(text).toBe('')
    expect(provider.requests).toHaveLength(row.requests)
    for (const gapMs of provider.gapsMs) {
      expect(gapMs).toBeGreaterThanOrEqual(row.gapMsMin ?? 0)
      expect(gapMs).toBeLessThanOrEqual(Math.max(1_000, row.gapMsMin ?? 0) * 8)
    }
    expect(callerSaw(error, row.caller)).toBe(row.caller)
    const keys = healer.snapshot().keys
    const target = keys.find(({ key }) => key.startsWith(`${providerName}/`))
    const credential = keys.find(({ key }) => key.startsWith(`${providerName}#`))
    expect(healer.breaker(target?.key ?? '-').stats.failures).toBe(row.failures)
    expect(credential?.circuit.state).toBe(row.opensCredential === true ? 'open' : 'closed')
    expect(settled).toEqual([
      expect.objectContaining({ key: target?.key, failure: row.kind, attempts: row.requests, streamed: false }),
    ])
    await healer.close()
  })
})

/** What the caller saw of what he was to see: a status, a code of ours, or a code of the network. */
function callerSaw(error: unknown, wanted: number | string): unknown {
  if (typeof wanted === 'number') return statusIn(error)
  const ours = ourErrorIn(error)
  if (ours !== undefined) return ours.code
  for (let current = error; current instanceof Error; current = current.cause) {
    const code: unknown = Reflect.get(current, 'code')
    if (typeof code === 'string') return code
  }
  return error
}
