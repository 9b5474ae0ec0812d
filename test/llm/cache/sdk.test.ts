import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createWorld } from '../../../src/core/world.js'
import { AnswerSharing } from '../../../src/llm/cache/answer-sharing.js'
import { readRequest } from '../../../src/llm/fetch/target.js'
import { anthropicEvent, chatChunk, chatDone } from '../stream/streams.js'

/** A provider that streams these parts, and a fetch that shares what it answers. */
async function provider(parts: readonly string[]) {
  let requests = 0
  const server = createServer((request, response) => {
    requests += 1
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const part of parts) response.write(part)
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const sharing = new AnswerSharing({ coalesce: true, ttlMs: 60_000 }, createWorld().clock)
  const shared: typeof fetch = async (input, init) => {
    const request = await readRequest(input, init, {})
    const send = (signal: AbortSignal | undefined): Promise<Response> => fetch(request.url, { ...init, signal: signal ?? null })
    const { response } = await sharing.answer({ key: sharing.keyOf(request), signal: request.signal, send })
    return response
  }
  const { port } = server.address() as AddressInfo // it listens on a port
  return { baseURL: `http://127.0.0.1:${port}`, fetch: shared, sharing, requests: () => requests }
}

describe('AnswerSharing behind the SDKs', () => {
  it('streams one answer to two callers of openai, and again to a third', async () => {
    const { baseURL, fetch, sharing, requests } = await provider([chatChunk('Hel'), chatChunk('lo', 'stop'), chatDone])
    const client = (apiKey: string): OpenAI => new OpenAI({ apiKey, baseURL: `${baseURL}/v1`, fetch, maxRetries: 0 })
    const ask = async (apiKey: string): Promise<string> => {
      const stream = await client(apiKey).chat.completions.create({ model: 'm', temperature: 0, stream: true, messages: [] })
      let text = ''
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
      return text
    }
    expect(await Promise.all([ask('a'), ask('a')])).toEqual(['Hello', 'Hello'])
    expect(await ask('a')).toBe('Hello')
    expect(requests()).toBe(1)
    expect(sharing.snapshot()).toMatchObject({ fromOrigin: 1, fromInFlight: 1, fromCache: 1, inFlight: 0, kept: 1 })
    expect(await ask('b')).toBe('Hello')
    expect(requests()).toBe(2)
  })

  it('streams one answer to two callers of @anthropic-ai/sdk, and again to a third', async () => {
    const { baseURL, fetch, sharing, requests } = await provider([
      anthropicEvent('message_start', {
        message: { id: 'i', role: 'assistant', content: [], usage: { input_tokens: 1, output_tokens: 1 } },
      }),
      anthropicEvent('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      anthropicEvent('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hello' } }),
      anthropicEvent('content_block_stop', { index: 0 }),
      anthropicEvent('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }),
      anthropicEvent('message_stop', {}),
    ])
    const client = new Anthropic({ apiKey: 'a', baseURL, fetch, maxRetries: 0 })
    // The SDK's types know no temperature for the newest models; others still take it.
    const ask = async (): Promise<string> =>
      client.messages
        .stream({ model: 'm', max_tokens: 9, temperature: 0, messages: [{ role: 'user', content: 'hi' }] })
        .finalText()
    expect(await Promise.all([ask(), ask()])).toEqual(['Hello', 'Hello'])
    expect(await ask()).toBe('Hello')
    expect(requests()).toBe(1)
    expect(sharing.snapshot()).toMatchObject({ inFlight: 0, kept: 1 })
  })
})
