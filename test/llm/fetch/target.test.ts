import { describe, expect, it } from 'vitest'
import { redirected } from '../../../src/llm/fetch/fallback-request.js'
import { keyOf, readRequest, type LlmRequest } from '../../../src/llm/fetch/target.js'

const chat = 'https://api.openai.com/v1/chat/completions'

async function read(url: string, init: RequestInit = {}, providers = {}) {
  return readRequest(url, { method: 'POST', ...init }, providers)
}

function sentBy(request: LlmRequest | undefined): unknown {
  return typeof request?.payload === 'string' ? JSON.parse(request.payload) : undefined
}

const body = (more: object = {}): string => JSON.stringify({ model: 'gpt-5', messages: [], ...more })

describe('readRequest()', () => {
  it('knows provider, model, credential and whether a stream is asked for', async () => {
    const request = await read(chat, { body: body({ stream: true }), headers: { authorization: 'Bearer secret' } })
    expect([keyOf(request.target), request.streams, request.repeatable]).toEqual(['openai/gpt-5', true, true])
    expect(request.target.credential).toMatch(/^[0-9a-f]{6}$/)
    expect(JSON.stringify(request.target)).not.toContain('secret')
    const other = await read(chat, { body: body(), headers: { authorization: 'Bearer other' } })
    expect(other.target.credential).not.toBe(request.target.credential)
    expect([other.streams, (await read(chat, { body: body() })).target.credential]).toEqual([false, '-'])
  })

  it('finds the deployment in the paths of Azure and Google', async () => {
    const azure = await read('https://shop.openai.azure.com/openai/deployments/my-gpt/chat/completions?api-version=1', {
      body: body(),
    })
    const google = await read(
      'https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro:streamGenerateContent?key=k',
      { body: '{}' },
    )
    expect([keyOf(azure.target), keyOf(google.target), google.streams]).toEqual([
      'azure:shop/my-gpt',
      'google/gemini-3-pro',
      true,
    ])
    expect(google.target.credential).not.toBe('-')
  })

  it('takes names for hosts, and the host where it knows none', async () => {
    expect(keyOf((await read('https://llm.example.com/v1/messages', { body: body() })).target)).toBe('llm.example.com/gpt-5')
    const named = await read('https://llm.example.com/v1/messages', { body: body() }, { 'llm.example.com': 'gateway' })
    expect(keyOf(named.target)).toBe('gateway/gpt-5')
    expect(keyOf((await read('http://127.0.0.1:80/__proto__', { body: 'no json' }, {})).target)).toBe('127.0.0.1/-')
  })

  it('makes a key of a hostile model name that cannot break a log', async () => {
    const { target } = await read(chat, { body: body({ model: 'a\n\u001B[31m b' }) })
    expect(keyOf(target)).toMatch(/^openai\/[\w%.]+$/)
    for (const model of ['', 7, null, 'x'.repeat(1_000)])
      expect((await read(chat, { body: body({ model }) })).target.model).toBe('-')
  })

  it('reads a Request, and knows that a stream can be sent once only', async () => {
    const request = await readRequest(
      new Request(chat, { method: 'POST', body: body(), headers: { 'x-api-key': 'k' } }),
      undefined,
      {},
    )
    expect([request.method, request.payload, keyOf(request.target), request.repeatable]).toEqual([
      'POST',
      body(),
      'openai/gpt-5',
      true,
    ])
    expect((await read(chat, { body: new ReadableStream() })).repeatable).toBe(false)
    expect((await readRequest(new URL(chat), undefined, {})).method).toBe('GET')
  })
})

describe('redirected()', () => {
  it("asks another model of the same host, or another host, which does not learn the first one's credential", async () => {
    const request = await read(chat, {
      body: body({ temperature: 0 }),
      headers: { authorization: 'Bearer secret', 'x-title': 'shop' },
    })
    const mini = redirected(request, { model: 'gpt-5-mini', headers: {} }, {})
    expect([mini?.url.href, mini?.headers.get('authorization'), mini && keyOf(mini.target)]).toEqual([
      chat,
      'Bearer secret',
      'openai/gpt-5-mini',
    ])
    expect(sentBy(mini)).toEqual({ model: 'gpt-5-mini', messages: [], temperature: 0 })
    const groq = redirected(request, { model: 'llama', baseUrl: 'https://api.groq.com/openai/v1/', headers: {} }, {})
    expect([groq?.url.href, groq?.headers.get('authorization'), groq?.headers.get('x-title')]).toEqual([
      'https://api.groq.com/openai/v1/chat/completions',
      null,
      'shop',
    ])
    const keyed = redirected(
      request,
      { model: 'llama', baseUrl: 'https://api.groq.com/openai/v1', headers: { Authorization: 'Bearer groq' } },
      {},
    )
    expect(keyed?.headers.get('authorization')).toBe('Bearer groq')
    expect(sentBy(request)).toMatchObject({ model: 'gpt-5' })
  })

  it('leaves alone what it cannot give another model', async () => {
    expect(redirected(await read(chat, { body: 'no json' }), { model: 'x', headers: {} }, {})).toBeUndefined()
    const odd = await read('https://api.openai.com/v1/files', { body: body() })
    expect(redirected(odd, { model: 'x', baseUrl: 'https://example.com/v1', headers: {} }, {})).toBeUndefined()
  })
})
