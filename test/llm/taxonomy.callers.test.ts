import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { HomeostatError } from '../../src/core/errors.js'
import { answers, content, hangs, html, opening, refuses, sends, silence, streams, wholeText } from './provider/behaviours.js'
import { clients, someClients } from './provider/clients.js'
import { startProvider, type Provider } from './provider/provider.js'
import { ourErrorIn, providerName, received, setStage, sharedClock, statusIn, type Stage } from './provider/stage.js'

let provider: Provider

beforeAll(async () => {
  provider = await startProvider(sharedClock)
})
afterAll(() => provider.close())

const overloaded = refuses(529, { type: 'overloaded_error' })
const rateLimited = refuses(429, { type: 'rate_limit_error' }, { 'retry-after': '120' })
const noMoney = refuses(429, { code: 'insufficient_quota', type: 'insufficient_quota' })

function detailOf(error: HomeostatError | undefined, name: string): unknown {
  return error === undefined ? undefined : Reflect.get(error.details, name)
}

/** What the guard has made of its targets: none is blamed, and nothing is held. */
function expectNobodyBlamed({ healer }: Stage): void {
  for (const { key, bulkhead } of healer.snapshot().keys) {
    expect(healer.breaker(key).stats).toMatchObject({ failures: 0, timeouts: 0 })
    expect(bulkhead).toEqual({ running: 0, queued: 0 })
  }
}

describe('aborted: the caller leaves', () => {
  const policy = { guard: { bulkhead: { enabled: true } } }

  it.each(clients)('before there is an answer: $name', async (client) => {
    for (const stream of [false, true]) {
      provider.answers(hangs)
      const stage = setStage(provider, {}, { policy })
      const leaving = new AbortController()
      const asked = client.ask({ fetch: stage.llm.fetch, origin: provider.origin, stream, signal: leaving.signal })
      await provider.still(1)
      leaving.abort()
      const { error } = await asked
      expect(ourErrorIn(error)).toBeUndefined()
      await received()
      expect([provider.requests.length, provider.requests[0]?.abandoned]).toEqual([1, true])
      expectNobodyBlamed(stage)
      expect(stage.settled).toEqual([expect.objectContaining({ failure: 'aborted', attempts: 1 })])
      expect(stage.clock.sleeping).toBe(0)
      await stage.healer.close()
    }
  })

  it.each(clients)('in the middle of a stream: $name', async (client) => {
    provider.answers(streams(opening, content('Hello'), silence))
    const stage = setStage(provider, {}, { policy })
    const leaving = new AbortController()
    const { text } = await client.ask({
      fetch: stage.llm.fetch,
      origin: provider.origin,
      stream: true,
      signal: leaving.signal,
      onText: () => leaving.abort(),
    })
    expect(text).toBe('Hello')
    await received()
    expect([provider.requests.length, provider.requests[0]?.abandoned]).toEqual([1, true])
    expectNobodyBlamed(stage)
    expect(stage.settled).toEqual([expect.objectContaining({ failure: undefined, attempts: 1, streamed: true })])
    expect(stage.clock.sleeping).toBe(0)
    await stage.healer.close()
  })

  it.each(someClients)('while another attempt is waited for, and none is made: $name', async (client) => {
    provider.answers(refuses(429, { type: 'rate_limit_error' }, { 'retry-after': '50' }))
    const stage = setStage(provider, {}, { policy })
    const leaving = new AbortController()
    stage.healer.on('call.retried', () => leaving.abort())
    await client.ask({ fetch: stage.llm.fetch, origin: provider.origin, stream: false, signal: leaving.signal })
    await received()
    expect(provider.requests).toHaveLength(1)
    expectNobodyBlamed(stage)
    await stage.healer.close()
  })

  it('in the middle of a body that the guard does not read', async () => {
    provider.answers(async ({ response, still, over }) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' })
      response.write('sound')
      still()
      await over
    })
    const stage = setStage(provider, {}, { policy })
    const leaving = new AbortController()
    const response = await stage.llm.fetch(`${provider.origin}/v1/messages/7/speech`, {
      method: 'POST',
      body: '{}',
      signal: leaving.signal,
    })
    const reading = response.text()
    leaving.abort()
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
    await received()
    expect(provider.requests[0]?.abandoned).toBe(true)
    await stage.healer.close()
  })
})

describe('a call that could not succeed', () => {
  it.each(someClients)('is refused while the circuit is open, with the time of the next probe: $name', async (client) => {
    provider.answers(overloaded)
    const stage = setStage(provider)
    const { llm, healer, events } = stage
    const ask = () => client.ask({ fetch: llm.fetch, origin: provider.origin, stream: false })
    for (let call = 0; call < 10; call += 1) await ask()
    const opened = events.find(({ type }) => type === 'circuit.opened')
    expect(opened).toMatchObject({ key: expect.stringContaining(`${providerName}/`) as string })
    const before = provider.requests.length
    const refused = ourErrorIn((await ask()).error)
    expect([refused?.code, provider.requests.length - before]).toEqual(['HS_CIRCUIT_OPEN', 0])
    expect(Number(detailOf(refused, 'retryAfterMs'))).toBeGreaterThan(0)
    // It closes by itself when the provider is well again.
    provider.answers(answers())
    await stage.clock.advance(Number(detailOf(refused, 'retryAfterMs')) + 1)
    expect((await ask()).text).toBe(wholeText)
    await healer.close()
  })

  it.each(someClients)('is refused while the provider wants to be left alone: $name', async (client) => {
    provider.answers(rateLimited)
    const { llm, healer, clock } = setStage(provider)
    const ask = () => client.ask({ fetch: llm.fetch, origin: provider.origin, stream: false })
    expect(statusIn((await ask()).error)).toBe(429)
    const refused = ourErrorIn((await ask()).error)
    expect([refused?.code, provider.requests.length]).toEqual(['HS_LLM_LIMITED', 1])
    expect(detailOf(refused, 'retryAfterMs')).toBe(120_000)
    await clock.advance(120_000)
    provider.answers(answers())
    expect((await ask()).text).toBe(wholeText)
    await healer.close()
  })

  it.each(someClients)(
    'is refused when no money is left on its key, for any model, but not with another key: $name',
    async (client) => {
      provider.answers(noMoney, answers())
      const { llm, healer, clock } = setStage(provider)
      const ask = (apiKey: string, model?: string) =>
        client.ask({ fetch: llm.fetch, origin: provider.origin, stream: false, apiKey, ...(model !== undefined && { model }) })
      expect(statusIn((await ask('sk-one')).error)).toBe(429)
      const refused = ourErrorIn((await ask('sk-one', 'claude-haiku-4-5')).error)
      expect([refused?.code, provider.requests.length]).toEqual(['HS_CIRCUIT_OPEN', 1])
      expect(detailOf(refused, 'reason')).toContain(client.name.startsWith('openai') ? 'insufficient_quota' : '')
      expect((await ask('sk-two')).text).toBe(wholeText)
      // After a while one request finds out whether there is money again.
      await clock.advance(Number(detailOf(refused, 'retryAfterMs')))
      expect((await ask('sk-one')).text).toBe(wholeText)
      await healer.close()
    },
  )

  it.each(someClients)('is not refused because another model of the same key is ill: $name', async (client) => {
    const { llm, healer, clock } = setStage(provider, { retry: { attemptsMax: 1 } })
    const ask = (model: string) => client.ask({ fetch: llm.fetch, origin: provider.origin, stream: false, model })
    provider.answers(hangs, hangs, hangs, overloaded, answers())
    const hanging = [1, 2, 3].map(() => ask('claude-opus-5'))
    await provider.still(3)
    await ask('claude-opus-5')
    expect((await ask('claude-haiku-4-5')).text).toBe(wholeText)
    // How fast models answer, and whether they do, was never told to the circuit of the credential.
    const { key } = healer.snapshot().keys.find((one) => one.key.startsWith(`${providerName}#`)) ?? { key: '-' }
    expect([key.length > 1, healer.breaker(key).stats]).toMatchObject([true, { fires: 0, successes: 0, failures: 0 }])
    await clock.advance(llm.options.timeouts.totalMs)
    await Promise.all(hanging)
    await healer.close()
  })

  it.each(someClients)('is refused when its budget is spent, with the time when there is room: $name', async (client) => {
    provider.answers(answers())
    const { llm, healer } = setStage(provider, { budget: { requestsPerMinute: 2 } })
    const ask = () => client.ask({ fetch: llm.fetch, origin: provider.origin, stream: false })
    expect([(await ask()).text, (await ask()).text]).toEqual([wholeText, wholeText])
    const refused = ourErrorIn((await ask()).error)
    expect([refused?.code, provider.requests.length]).toEqual(['HS_LLM_BUDGET', 2])
    expect(Number(detailOf(refused, 'retryAfterMs'))).toBeGreaterThan(0)
    for (const { key } of healer.snapshot().keys) expect(healer.breaker(key).stats.failures).toBe(0)
    await healer.close()
  })
})

describe('unreachable: no such host', () => {
  it.each(someClients)('is tried once more and counts: $name', async (client) => {
    let requests = 0
    const noSuchHost: typeof fetch = () => {
      requests += 1
      const cause = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
      return Promise.reject(new TypeError('fetch failed', { cause }))
    }
    const { llm, healer, settled } = setStage(provider, {}, { ports: { fetch: noSuchHost } })
    const { error } = await client.ask({ fetch: llm.fetch, origin: provider.origin, stream: false })
    expect(error).toBeInstanceOf(Error)
    expect(requests).toBe(2)
    expect(settled).toEqual([expect.objectContaining({ failure: 'unreachable', attempts: 2 })])
    expect(healer.breaker(settled[0]?.key ?? '-').stats.failures).toBe(2)
    await healer.close()
  })
})

describe('an answer that is good for the provider', () => {
  const endings = [
    ['truncated', 'length', 'max_tokens'],
    ['filtered', 'content_filter', 'refusal'],
  ] as const
  const cases = endings.flatMap(([kind, openai, anthropic]) =>
    someClients.map((client) => ({ kind, client, finish: client.name.startsWith('@anthropic') ? anthropic : openai })),
  )

  it.each(cases)('is the caller’s as it is, and no failure of the target: $kind, $client.name', async ({ client, finish }) => {
    for (const stream of [false, true]) {
      provider.answers(answers(['Hel', 'lo'], finish))
      const stage = setStage(provider)
      const reply = await client.ask({ fetch: stage.llm.fetch, origin: provider.origin, stream })
      expect(reply).toEqual({ text: 'Hello', error: undefined })
      expect(provider.requests).toHaveLength(1)
      expectNobodyBlamed(stage)
      await stage.healer.close()
    }
  })
})

describe('fallback', () => {
  const failures = [
    ['a rate limit for longer than anyone waits', rateLimited, 1],
    ['no money', noMoney, 1],
    ['an overload', overloaded, 3],
    ['HTML', html(200), 3],
    ['a model that is gone', refuses(404, { type: 'not_found_error' }), 1],
    ['an answer that ends early', sends(200, 'application/json', '{"choices"'), 3],
  ] as const
  const cases = failures.flatMap(([says, behaviour, requests]) =>
    clients.flatMap((client) => [false, true].map((stream) => ({ says, behaviour, requests, client, stream }))),
  )

  it.each(cases)('asks another target by its own model: $says, $client.name, stream: $stream', async (given) => {
    const { behaviour, requests, client, stream } = given
    provider.answers(behaviour, ...Array.from({ length: requests - 1 }, () => behaviour), answers())
    const headers = { authorization: 'Bearer sk-other', 'x-api-key': 'sk-other' }
    const { llm, healer, events } = setStage(provider, { fallback: [{ model: 'second-model', headers }] })
    expect(await client.ask({ fetch: llm.fetch, origin: provider.origin, stream })).toEqual({
      text: wholeText,
      error: undefined,
    })
    expect(provider.requests).toHaveLength(requests + 1)
    expect(provider.requests.at(-1)?.body['model']).toBe('second-model')
    expect(events.filter(({ type }) => type === 'llm.fell-back')).toMatchObject([{ key: `${providerName}/second-model` }])
    expect(healer.breaker(`${providerName}/second-model`).stats).toMatchObject({ successes: 1, failures: 0 })
    await healer.close()
  })

  it.each(clients)('is not asked once content has reached the caller: $name', async (client) => {
    provider.answers(streams(opening, content('Hello')), answers())
    const { llm, healer } = setStage(provider, { fallback: [{ model: 'second-model' }] })
    const { error, text } = await client.ask({ fetch: llm.fetch, origin: provider.origin, stream: true })
    expect([ourErrorIn(error)?.code, text, provider.requests.length]).toEqual(['HS_LLM_CUT', 'Hello', 1])
    await healer.close()
  })

  it.each(someClients)('is not asked for what would fail there as well: $name', async (client) => {
    provider.answers(refuses(400, { type: 'invalid_request_error' }), answers())
    const { llm, healer } = setStage(provider, { fallback: [{ model: 'second-model' }] })
    const { error } = await client.ask({ fetch: llm.fetch, origin: provider.origin, stream: false })
    expect([statusIn(error), provider.requests.length]).toEqual([400, 1])
    await healer.close()
  })
})

describe('an SDK that retries by itself', () => {
  it.each(clients.slice(0, 3))('is kept from it where there is an answer: $name', async (client) => {
    provider.answers(overloaded)
    const { llm, healer } = setStage(provider)
    const { error } = await client.ask({ fetch: llm.fetch, origin: provider.origin, stream: false, maxRetries: 2 })
    expect([statusIn(error), provider.requests.length]).toEqual([529, 3])
    await healer.close()
  })

  it('is told of, once, where it cannot be kept from it', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    provider.answers(html(200))
    const { llm, healer } = setStage(provider, { retry: { attemptsMax: 1 } })
    for (let call = 0; call < 2; call += 1)
      await clients[0].ask({ fetch: llm.fetch, origin: provider.origin, stream: false, maxRetries: 1 })
    expect(provider.requests).toHaveLength(4)
    expect(warned.mock.calls).toEqual([[expect.stringContaining('maxRetries: 0'), { code: 'HS_DOUBLE_RETRY' }]])
    warned.mockRestore()
    await healer.close()
  })
})
