import { getEventListeners } from 'node:events'
import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import {
  APICallError,
  type LanguageModelV4,
  type LanguageModelV4CallOptions,
  type LanguageModelV4StreamPart,
} from '@ai-sdk/provider'
import { generateText, streamText, wrapLanguageModel } from 'ai'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { guardModel, modelMiddleware } from '../../../src/llm/ai-sdk/guard-model.js'
import { answers, content, opening, refuses, reset, resets, silence, streams, wholeText } from '../provider/behaviours.js'
import { startProvider, type Provider } from '../provider/provider.js'
import { ourErrorIn, sharedClock, statusIn } from '../provider/stage.js'
import { setClientStage } from '../wrap/client-stage.js'
import { begins, fails, handModel, says, streamOf, usage, type Behaviour } from './models.js'

let first: Provider
let second: Provider

beforeAll(async () => {
  first = await startProvider(sharedClock)
  second = await startProvider(sharedClock)
})
afterAll(() => Promise.all([first.close(), second.close()]))

const fresh = () => ({ prompt: [] })
const params = { prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] }] }

function apiError(statusCode: number, responseHeaders: Record<string, string> = {}, responseBody = '{}'): APICallError {
  return new APICallError({
    message: `status ${statusCode}`,
    url: 'u',
    requestBodyValues: {},
    statusCode,
    responseHeaders,
    responseBody,
  })
}

async function errorOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('It was expected to fail')
}

async function read(
  stream: ReadableStream<LanguageModelV4StreamPart>,
): Promise<{ readonly types: string[]; readonly text: string }> {
  const types: string[] = []
  let text = ''
  for await (const part of stream) {
    types.push(part.type)
    if (part.type === 'text-delta') text += part.delta
  }
  return { types, text }
}

describe('guardModel() gives one model', () => {
  it('that is the first one to whoever looks at it, and reads addresses that all of them read', async () => {
    const { guard } = setClientStage([first])
    const a = handModel('a', says())
    const b = { ...handModel('b', says()), supportedUrls: { 'image/*': [/^https:/, /^data:/] } }
    const model = guardModel([a, b], guard)
    expect([model.provider, model.modelId, model.specificationVersion]).toEqual(['hand.chat', 'a', 'v4'])
    expect(await model.supportedUrls).toEqual({ 'image/*': [/^https:/], 'audio/*': [] })
  })

  it('that keeps the private fields and the class of the first', async () => {
    class Careful {
      readonly specificationVersion = 'v4'
      readonly provider = 'careful'
      readonly modelId = 'm'
      readonly supportedUrls = {}
      #secret = 'kept'
      readonly doGenerate = handModel('m', says()).doGenerate
      readonly doStream = handModel('m', says()).doStream
      tell(): string {
        return this.#secret
      }
    }
    const model = guardModel([new Careful()], setClientStage([first]).guard)
    expect(model.tell()).toBe('kept')
    expect(model).toBeInstanceOf(Careful)
    expect(model.constructor).toBe(Careful)
  })

  it('and refuses what is none, or does not fit together', () => {
    const { guard } = setClientStage([first])
    expect(() => guardModel([], guard)).toThrow('there is none')
    expect(() => guardModel([{ ...handModel('a', says()), doStream: 1 } as never], guard)).toThrow(TypeError)
    expect(() => guardModel([handModel('a', says()), null as never], guard)).toThrow('model 1')
    const older = { ...handModel('b', says()), specificationVersion: 'v2' }
    expect(() => guardModel<never>([handModel('a', says()), older] as never, guard)).toThrow('from v4 to v2')
    expect(() => modelMiddleware(guard, { fallback: [{} as never] })).toThrow(TypeError)
  })
})

describe('guardModel() guards a model that is not under guard below', () => {
  it('retries it with growing delays, and gives the result untouched', async () => {
    const { guard, settled, healer } = setClientStage([first], { prices: { a: { input: 1, output: 10, cachedInput: 0 } } })
    const model = handModel('a', fails(apiError(503)), fails(new TypeError('fetch failed')), says())
    const result = await guardModel([model], guard).doGenerate(params)
    expect(result).toMatchObject({ content: [{ type: 'text', text: 'Hello' }], finishReason: { unified: 'stop' } })
    expect(model.calls).toHaveLength(3)
    expect(settled).toEqual([
      expect.objectContaining({
        key: 'hand.chat/a',
        attempts: 3,
        failure: undefined,
        inputTokens: 12,
        outputTokens: 5,
        usd: 58e-6,
      }),
    ])
    expect(healer.breaker('hand.chat/a').stats).toMatchObject({ failures: 2, successes: 1 })
    expect(guard.meta.of(result)).toMatchObject({
      target: 'hand.chat/a',
      attempts: 3,
      finish: 'stop',
      cost: { cachedInputTokens: 4 },
    })
  })

  it('waits as long as the provider asks, or falls back at once when that is too long', async () => {
    const { guard, clock, events } = setClientStage([first])
    const startMs = clock.monoMs()
    await guardModel([handModel('a', fails(apiError(429, { 'retry-after': '7' })), says())], guard).doGenerate(params)
    expect(clock.monoMs() - startMs).toBeGreaterThanOrEqual(7_000)
    const late = handModel('b', fails(apiError(429, { 'retry-after': '120' })))
    const other = handModel('c', says('other'))
    const result = await guardModel([late, other], guard).doGenerate(params)
    expect(result.content).toEqual([{ type: 'text', text: 'other' }])
    expect([late.calls.length, other.calls.length]).toEqual([1, 1])
    expect(events.filter(({ type }) => type === 'llm.fell-back')).toEqual([
      expect.objectContaining({ key: 'hand.chat/c', from: 'hand.chat/b', reason: 'rate-limit' }),
    ])
  })

  it('opens its circuit at once when its money is spent', async () => {
    const { guard, healer } = setClientStage([first])
    const spent = handModel('a', fails(apiError(429, {}, '{"error":{"code":"insufficient_quota"}}')))
    const model = guardModel([spent], guard)
    expect(statusIn(await errorOf(model.doGenerate(params)))).toBe(429)
    expect(healer.breaker('hand.chat/a').opened).toBe(true)
    expect(await errorOf(model.doGenerate({ prompt: [] }))).toMatchObject({ code: 'HS_CIRCUIT_OPEN' })
    expect(spent.calls).toHaveLength(1)
  })

  it('does not blame it for a wrong request, nor ask another one', async () => {
    const { guard, healer } = setClientStage([first])
    const wrong = handModel('a', fails(apiError(400)))
    const other = handModel('b', says())
    expect(statusIn(await errorOf(guardModel([wrong, other], guard).doGenerate(params)))).toBe(400)
    expect([wrong.calls.length, other.calls.length]).toEqual([1, 0])
    expect(healer.breaker('hand.chat/a').stats.failures).toBe(0)
  })

  it('keeps the budget, and gives it back', async () => {
    const { guard } = setClientStage([first], { budget: { concurrentMax: 1 } })
    const held = Promise.withResolvers<void>()
    const slow: Behaviour = async (given) => {
      await held.promise
      return says()(given)
    }
    const model = guardModel([handModel('a', slow, says())], guard)
    const running = model.doGenerate(params)
    expect(await errorOf(model.doGenerate(params))).toMatchObject({ code: 'HS_LLM_BUDGET' })
    held.resolve()
    await running
    expect(await model.doGenerate(params)).toBeDefined()
    const { stream } = await model.doStream(params)
    expect(await errorOf(model.doGenerate(params))).toMatchObject({ code: 'HS_LLM_BUDGET' })
    await stream.cancel()
    expect(await model.doGenerate(params)).toBeDefined()
    const failing = guardModel([handModel('b', fails(apiError(503)), fails(apiError(400)), says())], guard)
    expect(statusIn(await errorOf(failing.doGenerate(params)))).toBe(400)
    expect(await failing.doGenerate(fresh())).toBeDefined()
  })

  it('ends an answer that takes too long, and one that says itself that it failed', async () => {
    const { guard, clock } = setClientStage([first], { timeouts: { totalMs: 5_000 }, retry: { attemptsMax: 1 } })
    let signal: AbortSignal | undefined
    const hanging = handModel('a', (given) => {
      signal = given.abortSignal
      return new Promise(() => undefined)
    })
    const error = errorOf(guardModel([hanging], guard).doGenerate(params))
    await clock.advance(5_000)
    expect(await error).toMatchObject({ code: 'HS_DEADLINE' })
    expect(signal?.aborted).toBe(true)
    const failed = guardModel([handModel('b', says('', 'error'))], guard)
    expect(await errorOf(failed.doGenerate(params))).toMatchObject({ code: 'HS_LLM_GARBAGE' })
  })

  it('tries once more what is most likely a mistake in the configuration', async () => {
    const { guard } = setClientStage([first])
    const unknownHost = Object.assign(new TypeError('fetch failed'), {
      cause: Object.assign(new Error('dns'), { code: 'ENOTFOUND' }),
    })
    const model = handModel('a', fails(unknownHost))
    expect(await errorOf(guardModel([model], guard).doGenerate(params))).toBe(unknownHost)
    expect(model.calls).toHaveLength(2)
  })

  it('lets the caller leave at any time, and blames nobody', async () => {
    const { guard, healer, settled } = setClientStage([first])
    const leaving = new AbortController()
    const model = handModel('a', () => new Promise(() => undefined))
    const left = errorOf(
      guardModel([model, handModel('b', says())], guard).doGenerate({ ...params, abortSignal: leaving.signal }),
    )
    leaving.abort('gone')
    expect(await left).toBe('gone')
    expect(model.calls[0]?.abortSignal?.aborted).toBe(true)
    expect(healer.breaker('hand.chat/a').stats.failures).toBe(0)
    expect(settled).toEqual([expect.objectContaining({ failure: 'aborted' })])
  })

  it('takes a model of the older specifications', async () => {
    const { guard } = setClientStage([first])
    const older = {
      ...handModel('old', says()),
      specificationVersion: 'v2' as const,
      doGenerate: async (given: LanguageModelV4CallOptions) => ({
        given,
        content: [],
        finishReason: 'stop',
        usage: { inputTokens: 3, outputTokens: 4, cachedInputTokens: 1 },
      }),
    }
    const result = await guardModel([older], guard).doGenerate(params)
    expect(guard.meta.of(result)).toMatchObject({
      finish: 'stop',
      cost: { inputTokens: 3, outputTokens: 4, cachedInputTokens: 1 },
    })
  })
})

describe('guardModel() watches streams', () => {
  it('and gives all parts, at the pace of the reader', async () => {
    const { guard, settled } = setClientStage([first])
    const { stream, response } = await guardModel([handModel('a', says())], guard).doStream(params)
    expect(settled).toEqual([])
    expect(await read(stream)).toEqual({
      types: ['stream-start', 'text-start', 'text-delta', 'text-end', 'finish'],
      text: 'Hello',
    })
    await Promise.resolve()
    expect(settled).toEqual([expect.objectContaining({ streamed: true, failure: undefined, outputTokens: 5 })])
    expect(guard.meta.of({ response })).toMatchObject({ target: 'hand.chat/a', streamed: true, finish: 'stop' })
  })

  it('and changes none of their parts, whatever they are and however they come', async () => {
    const delta = fc.record({
      type: fc.constantFrom('text-delta', 'reasoning-delta', 'tool-input-delta'),
      id: fc.string(),
      delta: fc.string(),
    })
    const other = fc.record({ type: fc.constantFrom('ping', 'raw', 'text-start', 'source', 'of-the-future'), id: fc.string() })
    const finish: LanguageModelV4StreamPart = { type: 'finish', usage, finishReason: { unified: 'stop', raw: undefined } }
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(delta, other), { maxLength: 20 }), async (middle) => {
        const { guard, healer } = setClientStage([first])
        // Parts of other types than the specification has.
        const parts = [...(middle as unknown as LanguageModelV4StreamPart[]), finish]
        const { stream } = await guardModel([handModel('a', async () => streamOf(parts))], guard).doStream(fresh())
        const read: unknown[] = []
        for await (const part of stream) read.push(part)
        expect(read).toEqual(parts)
        expect(healer.snapshot().calls).toMatchObject({ success: 1, failure: 0 })
      }),
      { numRuns: 30 },
    )
  })

  it('and estimates what they cost when nobody says', async () => {
    const { guard, settled } = setClientStage([first])
    const finish = { type: 'finish', finishReason: 'stop' } as unknown as LanguageModelV4StreamPart
    const { stream } = await guardModel([handModel('a', async () => [...begins('12345678'), finish])], guard).doStream(params)
    await read(stream)
    await Promise.resolve()
    expect(settled).toEqual([expect.objectContaining({ outputTokens: 2, failure: undefined })])
  })

  it.each([
    ['an error part', async () => streamOf([...begins(''), { type: 'error', error: apiError(503) }])],
    ['a broken connection', async () => streamOf(begins(''), (controller) => controller.error(new TypeError('terminated')))],
    ['an end without a finish', async () => streamOf(begins(''))],
    ['an interruption', says('', 'interrupted')],
    ['a finish that is an error', says('', 'error')],
  ] as const)('and tries again unseen after %s before the first content', async (_, behaviour) => {
    const { guard, healer } = setClientStage([first])
    const model = handModel('a', behaviour, says('again'))
    const { stream } = await guardModel([model], guard).doStream(params)
    expect((await read(stream)).text).toBe('again')
    expect(healer.breaker('hand.chat/a').stats).toMatchObject({ failures: 1, successes: 1 })
  })

  it('and falls back when the first content stays away, whether or not there is a stream', async () => {
    const { guard, clock } = setClientStage([first], { timeouts: { firstTokenMs: 1_000 }, retry: { attemptsMax: 1 } })
    const cancelled: unknown[] = []
    const silent = handModel('a', async () =>
      streamOf(
        [...begins(''), { type: 'ping' }],
        () => undefined,
        (why) => cancelled.push(why),
      ),
    )
    const mute = handModel('b', () => new Promise(() => undefined))
    const opened = guardModel([silent, mute, handModel('c', says('at last'))], guard).doStream(params)
    await clock.advance(1_000)
    await clock.advance(1_000)
    expect((await read((await opened).stream)).text).toBe('at last')
    expect(cancelled).toEqual([expect.objectContaining({ code: 'HS_LLM_FIRST_TOKEN' })])
    expect(mute.calls[0]?.abortSignal?.aborted).toBe(true)
  })

  it.each([
    ['stalls', () => streamOf(begins('Hel'), () => undefined), 'HS_LLM_STALLED'],
    ['is cut', () => streamOf(begins('Hel')), 'HS_LLM_CUT'],
    [
      'is interrupted',
      () => streamOf([...begins('Hel'), { type: 'finish', usage, finishReason: { unified: 'interrupted', raw: undefined } }]),
      'HS_LLM_CUT',
    ],
    [
      'loses its connection',
      () => streamOf(begins('Hel'), (controller) => controller.error(new Error('terminated'))),
      'HS_LLM_CUT',
    ],
    ['carries an error', () => streamOf([...begins('Hel'), { type: 'error', error: apiError(529) }]), 'HS_LLM_STREAM_ERROR'],
    [
      'finishes in an error',
      () => streamOf([...begins('Hel'), { type: 'finish', usage, finishReason: { unified: 'error', raw: undefined } }]),
      'HS_LLM_STREAM_ERROR',
    ],
  ] as const)('and ends one that %s after its first content with a coded error and the partial text', async (_, make, code) => {
    const { guard, clock, healer, settled } = setClientStage([first])
    const other = handModel('b', says())
    const { stream } = await guardModel([handModel('a', async () => make()), other], guard).doStream(params)
    const error = errorOf(read(stream))
    await clock.advance(30_000)
    expect(await error).toMatchObject({ code, details: { partialText: 'Hel', contentChars: 3 } })
    expect(other.calls).toHaveLength(0)
    await clock.advance(0)
    expect(healer.breaker('hand.chat/a').stats.failures).toBe(1)
    expect(settled).toEqual([expect.objectContaining({ key: 'hand.chat/a', failure: expect.any(String) as string })])
  })

  it('and their whole time, and not the time in which nobody reads', async () => {
    const { guard, clock } = setClientStage([first], { timeouts: { idleMs: 1_000, totalMs: 10_000 } })
    const parts: LanguageModelV4StreamPart[] = [...begins('a'), { type: 'text-delta', id: '1', delta: 'b' }]
    const { stream } = await guardModel([handModel('a', async () => streamOf(parts, () => undefined))], guard).doStream(params)
    const reader = stream.getReader()
    for (let part = 0; part < 3; part += 1) await reader.read()
    await clock.advance(5_000)
    expect((await reader.read()).value).toMatchObject({ delta: 'b' })
    await clock.advance(5_000)
    expect(await errorOf(reader.read())).toMatchObject({ code: 'HS_LLM_TOTAL', details: { partialText: 'ab' } })
  })

  it('and ends them when the caller leaves, in the beginning and in the middle', async () => {
    const { guard, healer, clock } = setClientStage([first])
    const leaving = new AbortController()
    const cancelled: unknown[] = []
    const endless = handModel('a', async () =>
      streamOf(
        begins('Hel'),
        () => undefined,
        (why) => cancelled.push(why),
      ),
    )
    const { stream } = await guardModel([endless], guard).doStream({ ...params, abortSignal: leaving.signal })
    const error = errorOf(read(stream))
    await clock.advance(0)
    leaving.abort('gone')
    expect(await error).toBe('gone')
    expect(cancelled).toEqual(['gone'])
    await clock.advance(0)
    expect(healer.breaker('hand.chat/a').stats).toMatchObject({ failures: 0, successes: 0 })
    expect(await errorOf(guardModel([endless], guard).doStream({ ...params, abortSignal: AbortSignal.abort('early') }))).toBe(
      'early',
    )
    expect(clock.sleeping).toBe(0)
  })

  it('and leaves nothing behind: no listener, and no stream that came too late', async () => {
    const { guard, clock } = setClientStage([first], { timeouts: { firstTokenMs: 1_000 }, retry: { attemptsMax: 1 } })
    const { signal } = new AbortController()
    const { stream } = await guardModel([handModel('a', says())], guard).doStream({ ...params, abortSignal: signal })
    expect(getEventListeners(signal, 'abort')).not.toEqual([])
    await read(stream)
    await clock.advance(0)
    expect(getEventListeners(signal, 'abort')).toEqual([])
    const cancelled: unknown[] = []
    const late = Promise.withResolvers<ReadableStream<LanguageModelV4StreamPart>>()
    const error = errorOf(guardModel([handModel('b', () => late.promise)], guard).doStream(params))
    await clock.advance(1_000)
    expect(await error).toMatchObject({ code: 'HS_LLM_FIRST_TOKEN' })
    late.resolve(streamOf(begins('late'), undefined, (why) => cancelled.push(why)))
    await clock.advance(0)
    expect(cancelled).toEqual([expect.objectContaining({ code: 'HS_LLM_FIRST_TOKEN' })])
  })

  it('and does not take endless pings for content', async () => {
    const { guard } = setClientStage([first], { retry: { attemptsMax: 1 } })
    const pings = handModel('a', async () => streamOf([], (controller) => controller.enqueue({ type: 'ping' })))
    expect(await errorOf(guardModel([pings], guard).doStream(params))).toMatchObject({ code: 'HS_LLM_STREAM_ERROR' })
  })
})

describe('guardModel() in generateText() and streamText()', () => {
  const openaiAt = ({ origin }: Provider, own?: typeof fetch): LanguageModelV4 =>
    createOpenAI({ apiKey: 'sk-0123456789', baseURL: `${origin}/v1`, ...(own && { fetch: own }) })('gpt-5')
  const anthropicAt = ({ origin }: Provider, own?: typeof fetch): LanguageModelV4 =>
    createAnthropic({ apiKey: 'sk-ant-0123456789', baseURL: `${origin}/v1`, ...(own && { fetch: own }) })('claude-sonnet-5')
  const overloaded = refuses(529, { type: 'overloaded_error' })

  it("falls back from one provider to another, and the SDK's own retries add nothing", async () => {
    const { guard } = setClientStage([first, second])
    first.answers(overloaded)
    second.answers(answers())
    const model = guardModel([openaiAt(first), anthropicAt(second)], guard)
    const result = await generateText({ model, prompt: 'Hi' })
    expect(result.text).toBe(wholeText)
    expect([first.requests.length, second.requests.length]).toEqual([3, 1])
    expect(guard.meta.of(result)).toMatchObject({ target: 'anthropic.messages/claude-sonnet-5', attempts: 4, finish: 'stop' })
    second.answers(refuses(400, { type: 'invalid_request_error' }))
    expect(statusIn(await errorOf(generateText({ model, prompt: 'Hi' })))).toBe(400)
  })

  it('ends where the SDK would go on trying, with the error of the provider', async () => {
    const { guard } = setClientStage([first])
    first.answers(overloaded)
    const error = await errorOf(generateText({ model: guardModel([openaiAt(first)], guard), prompt: 'Hi', maxRetries: 2 }))
    expect(first.requests).toHaveLength(3)
    expect(APICallError.isInstance(error)).toBe(true)
    expect(error).toMatchObject({ statusCode: 529, isRetryable: false })
    expect(guard.meta.of(error)).toMatchObject({ attempts: 3, failures: [{ kind: 'overloaded' }] })
  })

  it('streams', async () => {
    const { guard } = setClientStage([first, second])
    first.answers(streams(opening, reset))
    second.answers(answers())
    const result = streamText({ model: guardModel([openaiAt(first), anthropicAt(second)], guard), prompt: 'Hi' })
    expect(await result.text).toBe(wholeText)
    expect(guard.meta.of(await result.response)).toMatchObject({ target: 'anthropic.messages/claude-sonnet-5', streamed: true })
    expect(guard.meta.of(result)).toBeUndefined()
  })

  it('throws where a stream stalls, instead of ending the text', async () => {
    const { guard, passAfter } = setClientStage([first])
    first.answers(streams(opening, content('Hel'), silence))
    const result = streamText({ model: guardModel([openaiAt(first)], guard), prompt: 'Hi', onError: () => undefined })
    const error = errorOf(result.textStream.pipeTo(new WritableStream()))
    await passAfter(1, 30_000)
    expect(await error).toMatchObject({ code: 'HS_LLM_STALLED', details: { partialText: 'Hel' } })
  })

  it("guards nothing twice when the model sends by the guard's fetch", async () => {
    const { guard, settled, healer } = setClientStage([first, second], { budget: { concurrentMax: 1, requestsPerMinute: 8 } })
    first.answers(overloaded)
    second.answers(answers())
    const model = guardModel([openaiAt(first, guard.fetch), anthropicAt(second, guard.fetch)], guard)
    const result = await generateText({ model, prompt: 'Hi' })
    expect([first.requests.length, second.requests.length]).toEqual([3, 1])
    expect(settled.map(({ key, failure }) => [key, failure])).toEqual([
      ['provider/gpt-5', 'overloaded'],
      ['second/claude-sonnet-5', undefined],
    ])
    expect(
      healer
        .snapshot()
        .keys.map(({ key }) => key.replace(/#.*/, '#'))
        .sort(),
    ).toEqual(['provider#', 'provider/gpt-5', 'second#', 'second/claude-sonnet-5'])
    expect(guard.meta.of(result)).toMatchObject({ target: 'second/claude-sonnet-5', attempts: 4 })
    second.answers(answers())
    const streamed = streamText({ model, prompt: 'Hi' })
    expect(await streamed.text).toBe(wholeText)
  })

  it("throws where a stream of the guard's fetch stalls, too", async () => {
    const { guard, passAfter, healer } = setClientStage([first])
    first.answers(streams(opening, content('Hel'), silence))
    const result = streamText({
      model: guardModel([openaiAt(first, guard.fetch)], guard),
      prompt: 'Hi',
      onError: () => undefined,
    })
    const error = errorOf(result.textStream.pipeTo(new WritableStream()))
    await passAfter(1, 30_000)
    expect(ourErrorIn(await error)).toMatchObject({ code: 'HS_LLM_STALLED', details: { partialText: 'Hel' } })
    expect(healer.breaker('provider/gpt-5').stats.failures).toBe(1)
  })

  it("learns that a model sends by the guard's fetch, where that cannot be seen", async () => {
    const { guard, settled, healer } = setClientStage([first])
    const inner = openaiAt(first, guard.fetch)
    const hidden: LanguageModelV4 = {
      specificationVersion: 'v4',
      provider: 'hidden',
      modelId: 'gpt-5',
      supportedUrls: {},
      doGenerate: (options) => inner.doGenerate(options),
      doStream: (options) => inner.doStream(options),
    }
    first.answers(resets)
    expect(await errorOf(guardModel([hidden], guard).doGenerate(params))).toBeInstanceOf(Error)
    expect(first.requests).toHaveLength(3)
    expect(healer.breaker('hidden.model/gpt-5').stats.failures).toBe(0)
    expect(settled.map(({ key }) => key)).toEqual(['provider/gpt-5'])
    first.answers(answers())
    const result = await guardModel([hidden], guard).doGenerate(params)
    expect(guard.meta.of(result)).toMatchObject({ target: 'provider/gpt-5', attempts: 1 })
  })

  it('says once that someone else tries again', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const { guard } = setClientStage([first])
    const broke = guardModel([handModel('b', fails(apiError(402)))], guard)
    await errorOf(broke.doGenerate(fresh()))
    const refused = fresh()
    for (let time = 0; time < 2; time += 1) await errorOf(broke.doGenerate(refused))
    expect(warned).not.toHaveBeenCalled()
    const model = guardModel([handModel('a', fails(apiError(400)))], guard)
    for (let time = 0; time < 3; time += 1) await errorOf(model.doGenerate(params))
    await errorOf(model.doGenerate({ prompt: [...params.prompt] }))
    expect(warned.mock.calls.map(([, options]) => options)).toEqual([{ code: 'HS_DOUBLE_RETRY' }])
    warned.mockRestore()
  })
})

describe('modelMiddleware()', () => {
  it('guards a wrapped model, after what other middleware made of the call', async () => {
    const { guard, settled } = setClientStage([first])
    const inner = handModel('a', fails(apiError(503)), says())
    const model = wrapLanguageModel({
      model: inner,
      middleware: [
        { specificationVersion: 'v4', transformParams: async (call) => ({ ...call.params, temperature: 0.5 }) },
        modelMiddleware(guard),
      ],
    })
    expect((await generateText({ model, prompt: 'Hi' })).text).toBe('Hello')
    expect(inner.calls.map(({ temperature }) => temperature)).toEqual([0.5, 0.5])
    expect(settled).toEqual([expect.objectContaining({ attempts: 2 })])
  })

  it('falls back, and streams', async () => {
    const { guard } = setClientStage([first])
    const middleware = modelMiddleware(guard, { fallback: [handModel('b', says('other'))] })
    const model = wrapLanguageModel({ model: handModel('a', fails(apiError(404))), middleware })
    expect(await streamText({ model, prompt: 'Hi' }).text).toBe('other')
    expect((await generateText({ model, prompt: 'Hi' })).text).toBe('other')
  })

  it('refuses a fallback of another specification when it is asked', async () => {
    const { guard } = setClientStage([first])
    const older = { ...handModel('b', says()), specificationVersion: 'v2' }
    const model = wrapLanguageModel({ model: handModel('a', says()), middleware: modelMiddleware(guard, { fallback: [older] }) })
    expect(await errorOf(generateText({ model, prompt: 'Hi' }))).toBeInstanceOf(TypeError)
  })
})
