import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConfidenceEstimate } from '../../src/core/confidence.js'
import { newTrace } from '../../src/llm/fetch/llm-trace.js'
import { MetaTable } from '../../src/llm/meta.js'
import { wrapClient } from '../../src/llm/wrap/wrap-client.js'
import { answers, refuses } from './provider/behaviours.js'
import { startProvider, type Provider } from './provider/provider.js'
import { usage } from './provider/speech.js'
import { sharedClock } from './provider/stage.js'
import { anthropicAt, chat, message, openaiAt, setClientStage } from './wrap/client-stage.js'

let provider: Provider

beforeAll(async () => {
  provider = await startProvider(sharedClock)
})
afterAll(() => provider.close())

const prices = { 'gpt-5': { input: 1, output: 10 } }
const usd = (usage.inputTokens * 1 + usage.outputTokens * 10) / 1_000_000

describe('MetaTable.of() knows, of what a wrapped client gave', () => {
  it('an answer, with what it took to get it', async () => {
    provider.answers(refuses(529), answers())
    const { guard } = setClientStage([provider], { prices })
    const answer = await wrapClient(openaiAt(provider), guard).chat.completions.create(chat)
    expect(guard.meta.of(answer)).toEqual({
      target: 'provider/gpt-5',
      attempts: 2,
      failures: [],
      streamed: false,
      finish: 'stop',
      cost: {
        inputTokens: usage.inputTokens,
        outputTokens: usage.outputTokens,
        cachedInputTokens: undefined,
        usd,
        estimated: false,
      },
      durationMs: expect.any(Number) as number,
      confidence: undefined,
    })
    expect(Object.keys(answer)).not.toContain('meta')
  })

  it('a stream, and all of it when it has ended', async () => {
    provider.answers(answers())
    const { guard } = setClientStage([provider], { prices })
    const stream = await wrapClient(openaiAt(provider), guard).chat.completions.create({ ...chat, stream: true })
    expect(guard.meta.of(stream)).toMatchObject({ target: 'provider/gpt-5', attempts: 1, streamed: true, cost: undefined })
    for await (const _ of stream);
    expect(guard.meta.of(stream)).toMatchObject({ finish: 'stop', cost: { usd } })
  })

  it('a raw response, both together, a page of helpers, and each for itself', async () => {
    provider.answers(answers())
    const { guard } = setClientStage([provider])
    const { completions } = wrapClient(openaiAt(provider), guard).chat
    const response = await completions.create(chat).asResponse()
    const both = await completions.create(chat).withResponse()
    const helper = completions.stream(chat)
    await helper.finalChatCompletion()
    for (const known of [response, both, both.data, both.response, helper])
      expect(guard.meta.of(known)).toMatchObject({ target: 'provider/gpt-5', attempts: 1 })
    const parsed = await completions.parse(chat)
    expect(guard.meta.of(parsed)).toMatchObject({ attempts: 1 })
    expect(guard.meta.of(await wrapClient(anthropicAt(provider), guard).messages.create(message))).toMatchObject({
      target: 'provider/claude-sonnet-5',
      finish: 'end_turn',
    })
  })

  it('an error', async () => {
    provider.answers(refuses(429, { code: 'insufficient_quota' }))
    const { guard } = setClientStage([provider])
    const error: unknown = await wrapClient(openaiAt(provider), guard)
      .chat.completions.create(chat)
      .then(undefined, (thrown: unknown) => thrown)
    expect(guard.meta.of(error)).toMatchObject({ attempts: 1, failures: [{ target: 'provider/gpt-5', kind: 'quota' }] })
  })

  it('an answer of a fallback, with the requests to all targets', async () => {
    provider.answers(refuses(404), answers())
    const { guard } = setClientStage([provider])
    const wrapped = wrapClient(openaiAt(provider), guard, { fallback: [{ model: 'other' }] })
    const answer = await wrapped.chat.completions.create(chat)
    expect(guard.meta.of(answer)).toMatchObject({
      target: 'provider/other',
      attempts: 2,
      failures: [{ target: 'provider/gpt-5', kind: 'not-found' }],
    })
  })
})

describe('MetaTable', () => {
  const estimate: ConfidenceEstimate = { probability: 0.9, interval: [0.8, 0.95], contributions: {}, state: 'prior', samples: 0 }

  it('of() knows nothing of what it has not seen', () => {
    const table = new MetaTable()
    table.remember('text', newTrace('t'))
    for (const stranger of [undefined, null, 'text', 1, {}, { response: { headers: {} } }, () => 1])
      expect(table.of(stranger)).toBeUndefined()
  })

  it('judge() adds a confidence to a known result', () => {
    const table = new MetaTable()
    const result = {}
    expect(table.judge(result, estimate)).toBe(false)
    table.remember(result, newTrace('t'))
    expect(table.judge(result, estimate)).toBe(true)
    expect(table.of(result)).toMatchObject({ target: 't', confidence: estimate })
  })

  it('of() finds results by the headers and the metadata that they share with an answer', () => {
    const table = new MetaTable()
    const headers = {}
    const providerMetadata = {}
    table.remember(headers, newTrace('by headers'))
    table.remember(providerMetadata, newTrace('by metadata'))
    expect(table.of({ headers })).toMatchObject({ target: 'by headers' })
    expect(table.of({ response: { headers }, providerMetadata })).toMatchObject({ target: 'by headers' })
    expect(table.of({ response: {}, providerMetadata })).toMatchObject({ target: 'by metadata' })
  })

  it('of() does not touch the fields of what is consumed by being looked at', () => {
    const table = new MetaTable()
    const stream = {
      consumeStream: () => undefined,
      get response(): unknown {
        throw new Error('it was looked at')
      },
    }
    expect(table.of(stream)).toBeUndefined()
    const hostile = {
      get response(): unknown {
        throw new Error('it has thorns')
      },
    }
    expect(table.of(hostile)).toBeUndefined()
  })
})
