import Anthropic from '@anthropic-ai/sdk'
import OpenAI, { AzureOpenAI } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wrapClient } from '../../../src/llm/wrap/wrap-client.js'
import { answers, content, hangs, html, opening, refuses, silence, streams, wholeText } from '../provider/behaviours.js'
import { startProvider, type Provider } from '../provider/provider.js'
import { ourErrorIn, received, sharedClock, statusIn } from '../provider/stage.js'
import { anthropicAt, chat, message, openaiAt, setClientStage } from './client-stage.js'

let first: Provider
let second: Provider

beforeAll(async () => {
  first = await startProvider(sharedClock)
  second = await startProvider(sharedClock)
})
afterAll(() => Promise.all([first.close(), second.close()]))

const overloaded = refuses(529, { type: 'overloaded_error' })
const noMoney = refuses(429, { code: 'insufficient_quota', type: 'insufficient_quota' })

async function errorOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('It was expected to fail')
}

async function textOf(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  return text
}

describe('wrapClient() gives the client back as it was', () => {
  it('of the same class, without retries, and leaves the given one alone', () => {
    const { guard } = setClientStage([first])
    const client = openaiAt(first, { maxRetries: 5 })
    const before = Reflect.get(client, 'fetch') as unknown
    const wrapped = wrapClient(client, guard)
    expect(wrapped).toBeInstanceOf(OpenAI)
    expect(wrapped.constructor).toBe(OpenAI)
    expect([wrapped.maxRetries, client.maxRetries]).toEqual([0, 5])
    expect(Reflect.get(client, 'fetch')).toBe(before)
    expect(wrapClient(anthropicAt(first), guard)).toBeInstanceOf(Anthropic)
  })

  it('with resources and methods that stay the same objects', () => {
    const wrapped = wrapClient(openaiAt(first), setClientStage([first]).guard)
    expect(wrapped.chat.completions).toBe(wrapped.chat.completions)
    expect(wrapped.chat.completions.create).toBe(wrapped.chat.completions.create)
    expect(wrapped.chat.completions.create).not.toBe(wrapped.responses.create)
  })

  it('with settings that can be read and set', () => {
    const wrapped = wrapClient(openaiAt(first), setClientStage([first]).guard)
    expect(wrapped.baseURL).toBe(`${first.origin}/v1`)
    wrapped.timeout = 1_234
    expect(wrapped.timeout).toBe(1_234)
  })

  it('with answers that are what the bare client gives', async () => {
    first.answers(answers())
    const { guard } = setClientStage([first])
    const bare = openaiAt(first)
    const wrapped = wrapClient(bare, guard)
    expect(await wrapped.chat.completions.create(chat)).toEqual(await bare.chat.completions.create(chat))
    expect(await wrapped.responses.create({ model: 'gpt-5', input: 'Hi' })).toEqual(
      await bare.responses.create({ model: 'gpt-5', input: 'Hi' }),
    )
    const anthropic = anthropicAt(first)
    expect(await wrapClient(anthropic, guard).messages.create(message)).toEqual(await anthropic.messages.create(message))
  })

  it('with streams, raw responses, both together, and methods that are taken off', async () => {
    first.answers(answers())
    const { completions } = wrapClient(openaiAt(first), setClientStage([first]).guard).chat
    expect(await textOf(await completions.create({ ...chat, stream: true }))).toBe(wholeText)
    const both = await completions.create(chat).withResponse()
    expect([both.data.choices[0]?.message.content, both.response.status]).toEqual([wholeText, 200])
    expect(await (await completions.create(chat).asResponse()).json()).toMatchObject({ object: 'chat.completion' })
    const { create } = completions
    expect((await create(chat)).choices[0]?.message.content).toBe(wholeText)
    let ended = 0
    const onEnd = (): void => void (ended += 1)
    expect((await completions.create(chat).finally(onEnd)).choices).toHaveLength(1)
    expect([ended, await completions.create(chat).catch(() => 'never')]).toEqual([
      1,
      expect.objectContaining({ id: 'chatcmpl-1' }),
    ])
  })

  it('with the helpers of the SDKs: parse(), stream(), beta, and post()', async () => {
    first.answers(answers(['{"a":1}']))
    const { guard } = setClientStage([first])
    const openai = wrapClient(openaiAt(first), guard)
    const format = { type: 'json_schema' as const, json_schema: { name: 'a', strict: true, schema: {} } }
    const parsed = await openai.chat.completions.parse({ ...chat, response_format: format })
    expect(parsed.choices[0]?.message.parsed).toEqual({ a: 1 })
    expect((await openai.chat.completions.stream(chat).finalChatCompletion()).choices[0]?.message.content).toBe('{"a":1}')
    expect(await openai.post('/chat/completions', { body: chat })).toMatchObject({ id: 'chatcmpl-1' })
    const anthropic = wrapClient(anthropicAt(first), guard)
    expect(await anthropic.messages.stream(message).finalText()).toBe('{"a":1}')
    expect((await anthropic.beta.messages.create(message)).content[0]).toMatchObject({ text: '{"a":1}' })
  })

  it('with the fetch that the client was given, under guard', async () => {
    first.answers(overloaded, answers())
    const seen: unknown[] = []
    const own: typeof fetch = (input, init) => {
      seen.push(input)
      return fetch(input, init)
    }
    await wrapClient(openaiAt(first, { fetch: own }), setClientStage([first]).guard).chat.completions.create(chat)
    expect(seen).toHaveLength(2)
  })

  it("with the guard's fetch where the client was given none", async () => {
    first.answers(answers())
    let sent = 0
    const { guard } = setClientStage([first], {}, (input, init) => {
      sent += 1
      return fetch(input, init)
    })
    await wrapClient(openaiAt(first), guard).chat.completions.create(chat)
    expect(sent).toBe(1)
  })
})

describe('wrapClient() puts the client under guard', () => {
  it.each([false, true])('which retries, and nobody else does (stream: %s)', async (stream) => {
    first.answers(overloaded)
    const { guard, settled } = setClientStage([first])
    const wrapped = wrapClient(openaiAt(first, { maxRetries: 5 }), guard)
    const error = await errorOf(wrapped.chat.completions.create({ ...chat, stream }))
    expect(error).toBeInstanceOf(OpenAI.APIError)
    expect(statusIn(error)).toBe(529)
    expect(first.requests).toHaveLength(3)
    expect(settled).toEqual([expect.objectContaining({ key: 'provider/gpt-5', attempts: 3, failure: 'overloaded' })])
  })

  it('also when the client had its fetch already, or was wrapped before', async () => {
    const { guard } = setClientStage([first])
    const once = wrapClient(openaiAt(first, { fetch: guard.fetch }), guard)
    for (const client of [
      once,
      wrapClient(once, guard),
      wrapClient(wrapClient(once, guard), guard, { fallback: [{ model: 'b' }] }),
    ]) {
      first.answers(noMoney, overloaded)
      await errorOf(client.chat.completions.create(chat))
      expect(first.requests.length).toBeLessThanOrEqual(2)
    }
    first.answers(overloaded)
    await errorOf(wrapClient(once, guard).chat.completions.create({ ...chat, model: 'other' }))
    expect(first.requests.length).toBeLessThanOrEqual(3)
  })

  it('and what withOptions() makes of it', async () => {
    first.answers(overloaded)
    const { guard, settled } = setClientStage([first])
    const other = wrapClient(openaiAt(first), guard).withOptions({ maxRetries: 7, timeout: 5_000 })
    expect([other.maxRetries, other.timeout]).toEqual([0, 5_000])
    await errorOf(other.chat.completions.create(chat))
    expect(first.requests).toHaveLength(3)
    expect(settled).toHaveLength(1)
  })

  it('refuses what is no such client', () => {
    const { guard } = setClientStage([first])
    // @ts-expect-error it has no post()
    expect(() => wrapClient({ withOptions: () => undefined, baseURL: '' }, guard)).toThrow(TypeError)
    // @ts-expect-error it is nothing
    expect(() => wrapClient(null, guard)).toThrow('no client of the SDKs')
  })
})

describe('wrapClient() falls back to other clients', () => {
  const toSecond = () => ({ client: openaiAt(second, { apiKey: 'sk-second-0123456789abcdef' }), model: 'other-model' })

  it.each([false, true])('with their credential and their own name for the model (stream: %s)', async (stream) => {
    first.answers(overloaded)
    second.answers(answers())
    const { guard, events } = setClientStage([first, second])
    const wrapped = wrapClient(openaiAt(first), guard, { fallback: [toSecond()] })
    const text = stream
      ? await textOf(await wrapped.chat.completions.create({ ...chat, stream }))
      : (await wrapped.chat.completions.create(chat)).choices[0]?.message.content
    expect(text).toBe(wholeText)
    expect([first.requests.length, second.requests.length]).toEqual([3, 1])
    expect(second.requests[0]).toMatchObject({
      path: '/v1/chat/completions',
      body: { ...chat, model: 'other-model' },
      headers: { authorization: 'Bearer sk-second-0123456789abcdef' },
    })
    expect(events.filter(({ type }) => type === 'llm.fell-back')).toEqual([
      expect.objectContaining({ key: 'second/other-model', from: 'provider/gpt-5', reason: 'overloaded' }),
    ])
  })

  it('to another model of the same client, and further down the chain', async () => {
    first.answers(noMoney)
    second.answers(refuses(404, { code: 'model_not_found' }), answers())
    const { guard } = setClientStage([first, second])
    const { client } = toSecond()
    const wrapped = wrapClient(openaiAt(first), guard, {
      fallback: [
        { client, model: 'a' },
        { client, model: 'b' },
      ],
    })
    const answer = await wrapped.responses.create({ model: 'gpt-5', input: 'Hi' })
    expect(answer.output_text).toBe(wholeText)
    expect(second.requests.map(({ body }) => body['model'])).toEqual(['a', 'b'])
    first.answers(refuses(404), answers())
    const own = wrapClient(openaiAt(first), setClientStage([first]).guard, { fallback: [{ model: 'gpt-5-mini' }] })
    expect((await own.chat.completions.create(chat)).choices[0]?.message.content).toBe(wholeText)
    expect(first.requests.map(({ body }) => body['model'])).toEqual(['gpt-5', 'gpt-5-mini'])
  })

  it('for Anthropic, with the features that were asked for', async () => {
    first.answers(refuses(402, { type: 'billing_error' }))
    second.answers(answers())
    const { guard } = setClientStage([first, second])
    const fallback = [{ client: anthropicAt(second, { apiKey: 'sk-ant-second' }), model: 'claude-haiku' }]
    const wrapped = wrapClient(anthropicAt(first), guard, { fallback })
    const answer = await wrapped.beta.messages.create({ ...message, betas: ['files-api-2025-04-14'] })
    expect(answer.content[0]).toMatchObject({ text: wholeText })
    expect(second.requests[0]).toMatchObject({
      path: '/v1/messages',
      headers: { authorization: 'Bearer sk-ant-second', 'anthropic-beta': 'files-api-2025-04-14' },
      body: { model: 'claude-haiku' },
    })
    // Earlier versions of the SDK say so in the address.
    await wrapped.post('/v1/messages?beta=true', { body: message })
    expect(second.requests[1]?.path).toBe('/v1/messages?beta=true')
  })

  it('from a deployment of Azure', async () => {
    first.answers(refuses(401))
    second.answers(answers())
    const azure = new AzureOpenAI({
      apiKey: 'azure-key',
      apiVersion: '2025-01-01',
      baseURL: `${first.origin}/openai`,
      deployment: 'mine',
    })
    const { guard } = setClientStage([first, second])
    await wrapClient(azure, guard, { fallback: [toSecond()] }).chat.completions.create(chat)
    expect(first.requests[0]?.path).toBe('/openai/deployments/mine/chat/completions?api-version=2025-01-01')
    expect(second.requests[0]?.path).toBe('/v1/chat/completions')
    expect(second.requests[0]?.headers).not.toHaveProperty('api-key')
  })

  it('when a stream stalls before its first content, and not after it', async () => {
    const { guard, passAfter } = setClientStage([first, second], { retry: { attemptsMax: 1 } })
    const wrapped = wrapClient(openaiAt(first), guard, { fallback: [toSecond()] })
    second.answers(answers())
    first.answers(streams(opening, silence))
    const early = wrapped.chat.completions.create({ ...chat, stream: true })
    early.catch(() => undefined)
    await passAfter(1, 60_000)
    expect(await textOf(await early)).toBe(wholeText)

    first.answers(streams(opening, content('Hel'), silence))
    second.answers(answers())
    const late = errorOf(wrapped.chat.completions.create({ ...chat, stream: true }).then(textOf))
    await passAfter(1, 30_000)
    expect(ourErrorIn(await late)).toMatchObject({ code: 'HS_LLM_STALLED', details: { partialText: 'Hel' } })
    expect(second.requests).toHaveLength(0)
  })

  it('not for a request that is wrong, nor when the caller has left', async () => {
    const { guard } = setClientStage([first, second])
    const wrapped = wrapClient(openaiAt(first), guard, { fallback: [toSecond()] })
    second.answers(answers())
    first.answers(refuses(400, { code: 'invalid_value' }))
    expect(await errorOf(wrapped.chat.completions.create(chat))).toBeInstanceOf(OpenAI.BadRequestError)
    first.answers(hangs)
    const leaving = new AbortController()
    const left = errorOf(wrapped.chat.completions.create(chat, { signal: leaving.signal }))
    await first.still(1)
    leaving.abort()
    expect(await left).toBeInstanceOf(OpenAI.APIUserAbortError)
    await received()
    expect(second.requests).toHaveLength(0)
  })

  it('aborts the fallback too when the caller leaves', async () => {
    const { guard } = setClientStage([first, second])
    const wrapped = wrapClient(openaiAt(first), guard, { fallback: [toSecond()] })
    first.answers(noMoney)
    second.answers(hangs)
    const leaving = new AbortController()
    const left = errorOf(wrapped.chat.completions.create(chat, { signal: leaving.signal }))
    await second.still(1)
    leaving.abort()
    expect(await left).toBeInstanceOf(OpenAI.APIUserAbortError)
    await received()
    expect(second.requests[0]?.abandoned).toBe(true)
  })

  it('and gives the last answer when all fail, or what was thrown', async () => {
    const { guard } = setClientStage([first, second])
    const wrapped = wrapClient(openaiAt(first), guard, { fallback: [toSecond()] })
    first.answers(noMoney)
    second.answers(refuses(401, { code: 'invalid_api_key', message: 'wrong key' }))
    const error = await errorOf(wrapped.chat.completions.create(chat))
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError)
    expect(error).toMatchObject({ message: expect.stringContaining('wrong key') as string })
    second.answers(html(200))
    const other = wrapClient(openaiAt(first, { apiKey: 'sk-another-0123456789' }), guard, {
      fallback: [{ ...toSecond(), client: openaiAt(second, { apiKey: 'sk-another-0123456789' }) }],
    })
    expect(ourErrorIn(await errorOf(other.chat.completions.create(chat)))).toMatchObject({ code: 'HS_LLM_GARBAGE' })
  })

  it("in place of the guard's own fallbacks", async () => {
    const { guard } = setClientStage([first, second], { fallback: [{ model: 'of-the-guard' }] })
    first.answers(refuses(404), answers())
    second.answers(answers())
    await wrapClient(openaiAt(first), guard, { fallback: [toSecond()] }).chat.completions.create(chat)
    expect(first.requests.map(({ body }) => body['model'])).toEqual(['gpt-5'])
    first.answers(refuses(404), answers())
    await wrapClient(openaiAt(first), guard).chat.completions.create(chat)
    expect(first.requests.map(({ body }) => body['model'])).toEqual(['gpt-5', 'of-the-guard'])
  })

  it('in place of those that the client was wrapped with before', async () => {
    const { guard } = setClientStage([first, second])
    first.answers(refuses(404), answers())
    second.answers(answers())
    const once = wrapClient(openaiAt(first), guard, { fallback: [toSecond()] })
    await wrapClient(once, guard, { fallback: [{ model: 'gpt-5-mini' }] }).chat.completions.create(chat)
    expect([first.requests.at(-1)?.body['model'], second.requests.length]).toEqual(['gpt-5-mini', 0])
    first.answers(refuses(404))
    const onto = wrapClient(openaiAt(first), guard, { fallback: [{ client: once, model: 'gpt-5-mini' }] })
    await errorOf(onto.chat.completions.create(chat))
    expect([first.requests.length, second.requests.length]).toEqual([2, 0])
  })

  it('not for embeddings, which another model makes in another space', async () => {
    const asked: unknown[] = []
    const own: typeof fetch = async (input) => {
      asked.push(input)
      return Response.json({ error: { code: 'insufficient_quota' } }, { status: 429 })
    }
    const { guard } = setClientStage([first, second])
    second.answers(answers())
    const wrapped = wrapClient(openaiAt(first, { fetch: own }), guard, { fallback: [toSecond()] })
    const error = await errorOf(wrapped.embeddings.create({ model: 'text-embedding-3-small', input: 'Hi' }))
    expect(statusIn(error)).toBe(429)
    expect([asked.length, second.requests.length]).toEqual([1, 0])
  })

  it('to no more than ten, named ones that speak the same language', () => {
    const { guard } = setClientStage([first, second])
    const client = openaiAt(first)
    const wrap = (fallback: unknown) => () => wrapClient(client, guard, { fallback } as never)
    expect(wrap(Array.from({ length: 11 }, () => ({ model: 'm' })))).toThrow(RangeError)
    expect(wrap([{ model: '' }])).toThrow('names no model')
    expect(wrap([{ model: 'm', client: {} }])).toThrow('fallback 0')
    expect(wrap([{ model: 'm', client: anthropicAt(second) }])).toThrow('from OpenAI to Anthropic')
    expect(wrap('m')).toThrow(TypeError)
    expect(wrap([null])).toThrow(TypeError)
  })
})
