import { getEventListeners } from 'node:events'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anthropicMessages, openaiChat, unknownDialect } from '../../../src/llm/stream/dialects.js'
import { guardStream, type GuardedStream, type StreamOptions } from '../../../src/llm/stream/guard-stream.js'
import { createTestWorld, type TestWorld } from '../../../src/testing/test-world.js'
import { anthropicEvent, chatChunk, chatDone, chatUsage, drain, handStream, type HandStream } from './streams.js'

interface Watched {
  readonly world: TestWorld
  readonly source: HandStream
  readonly controller: AbortController
  readonly guarded: Promise<GuardedStream>
}

function watch(options: Partial<StreamOptions> = {}): Watched {
  const world = createTestWorld()
  const source = handStream()
  const controller = new AbortController()
  const guarded = guardStream(source.body, {
    key: 'openai/gpt-5',
    dialect: openaiChat,
    world,
    signal: controller.signal,
    firstTokenMs: 1_000,
    idleMs: 500,
    totalMs: undefined,
    ...options,
  })
  guarded.catch(() => undefined)
  return { world, source, controller, guarded }
}

describe('guardStream()', () => {
  it('passes the very bytes on, resolves with the first content, and sums up how it ended', async () => {
    const { source, guarded, world, controller } = watch()
    const texts = [': ping\n\n', chatChunk(''), chatChunk('Hel'), chatChunk('lo', 'stop'), chatUsage, chatDone]
    for (const text of texts) source.send(text)
    source.close()
    const { body, done } = await guarded
    expect(await drain(body)).toEqual({ text: texts.join(''), error: undefined })
    expect(await done).toEqual({
      aborted: false,
      finish: 'stop',
      usage: { inputTokens: 10, outputTokens: 3, cachedInputTokens: 4 },
      model: 'gpt-5',
      contentChars: 5,
      partialText: 'Hello',
    })
    expect([world.clock.sleeping, getEventListeners(controller.signal, 'abort').length]).toEqual([0, 0])
  })

  it('adds up what Anthropic says of tokens, and takes its message_stop for the end', async () => {
    const { source, guarded } = watch({ dialect: anthropicMessages })
    source.send(
      anthropicEvent('message_start', {
        message: { model: 'claude', usage: { input_tokens: 5, cache_read_input_tokens: 2, output_tokens: 1 } },
      }),
    )
    source.send(anthropicEvent('ping', {}))
    source.send(anthropicEvent('content_block_delta', { delta: { type: 'text_delta', text: 'Hi' } }))
    source.send(anthropicEvent('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } }))
    source.send(anthropicEvent('message_stop', {}))
    source.close()
    const { body, done } = await guarded
    await drain(body)
    expect(await done).toMatchObject({
      model: 'claude',
      finish: 'end_turn',
      usage: { inputTokens: 7, outputTokens: 9, cachedInputTokens: 2 },
      contentChars: 2,
    })
  })

  it('rejects when no content comes in time, though pings do, and cancels the source', async () => {
    const { source, guarded, world } = watch()
    source.send(chatChunk(''))
    for (let ping = 0; ping < 9; ping += 1) {
      await world.clock.advance(100)
      source.send(': keep-alive\n\n')
    }
    await world.clock.advance(100)
    await expect(guarded).rejects.toMatchObject({
      code: 'HS_LLM_FIRST_TOKEN',
      details: { key: 'openai/gpt-5', firstTokenMs: 1_000 },
    })
    expect([source.cancelled.length, world.clock.sleeping]).toEqual([1, 0])
  })

  it('errors the body when content stalls, keep-alives or not, with what had come so far and no AbortError', async () => {
    const { source, guarded, world } = watch()
    source.send(chatChunk('Hello'))
    const { body, done } = await guarded
    const drained = drain(body)
    for (let ping = 0; ping < 4; ping += 1) {
      await world.clock.advance(100)
      source.send(': keep-alive\n\n')
    }
    await world.clock.advance(100)
    const { text, error } = await drained
    expect(text).toContain('Hello')
    expect(error).toMatchObject({
      name: 'HomeostatError',
      code: 'HS_LLM_STALLED',
      details: { idleMs: 500, contentChars: 5, partialText: 'Hello' },
    })
    await expect(done).rejects.toBe(error)
    expect([source.cancelled, world.clock.sleeping]).toEqual([[error], 0])
  })

  it('does not hold it against the provider when the caller reads slowly', async () => {
    const { source, guarded, world } = watch()
    source.send(chatChunk('a'))
    const { body, done } = await guarded
    const reader = body.getReader()
    await reader.read()
    await world.clock.advance(60_000)
    source.send(chatChunk('b', 'stop'))
    await reader.read()
    await world.clock.advance(60_000)
    source.close()
    expect((await reader.read()).done).toBe(true)
    expect(await done).toMatchObject({ aborted: false, contentChars: 2 })
  })

  it('takes a body that ends without saying so for cut, before its content and after', async () => {
    const early = watch()
    early.source.send(chatChunk(''))
    early.source.close()
    await expect(early.guarded).rejects.toMatchObject({ code: 'HS_LLM_CUT', details: { contentChars: 0 } })
    const late = watch()
    late.source.send(chatChunk('Hel'))
    const { body } = await late.guarded
    late.source.close()
    expect((await drain(body)).error).toMatchObject({ code: 'HS_LLM_CUT', details: { partialText: 'Hel' } })
    const reset = Object.assign(new TypeError('terminated'), { cause: { code: 'UND_ERR_SOCKET' } })
    const broken = watch()
    broken.source.send(chatChunk('Hel'))
    const stream = await broken.guarded
    broken.source.break(reset)
    expect((await drain(stream.body)).error).toMatchObject({ code: 'HS_LLM_CUT', cause: reset })
  })

  it('lets an empty stream pass that says that it is complete', async () => {
    const { source, guarded } = watch()
    source.send(chatChunk('', 'stop') + chatDone)
    source.close()
    const { body, done } = await guarded
    expect((await drain(body)).error).toBeUndefined()
    expect(await done).toMatchObject({ finish: 'stop', contentChars: 0 })
  })

  it('finds errors inside a stream, with the failure they stand for', async () => {
    const { source, guarded } = watch({ dialect: anthropicMessages })
    source.send(anthropicEvent('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }))
    await expect(guarded).rejects.toMatchObject({
      code: 'HS_LLM_STREAM_ERROR',
      failure: { kind: 'overloaded', circuit: 'failure' },
    })
    const late = watch()
    late.source.send(chatChunk('x'))
    const { body } = await late.guarded
    late.source.send(`data: ${JSON.stringify({ error: { code: 'insufficient_quota' } })}\n\n`)
    expect((await drain(body)).error).toMatchObject({ failure: { kind: 'quota' }, details: { partialText: 'x' } })
  })

  it('ends a stream that takes too long in all', async () => {
    const { source, guarded, world } = watch({ totalMs: 1_200 })
    source.send(chatChunk('0'))
    const { body } = await guarded
    const drained = drain(body)
    for (let part = 1; part < 20; part += 1) {
      source.send(chatChunk('.'))
      await world.clock.advance(100)
      if (source.cancelled.length > 0) break
    }
    expect((await drained).error).toMatchObject({ code: 'HS_LLM_TOTAL', details: { totalMs: 1_200 } })
    expect(world.clock.monoMs()).toBe(1_200)
  })

  it('counts nowhere when the caller aborts or stops reading, and lets go of the source within a tick', async () => {
    for (const how of ['abort', 'cancel'] as const) {
      const { source, guarded, controller, world } = watch()
      source.send(chatChunk('Hel'))
      const { body, done } = await guarded
      if (how === 'abort') {
        const drained = drain(body)
        controller.abort('gone')
        expect((await drained).error).toBe('gone')
      } else await body.cancel('enough')
      expect(await done).toMatchObject({ aborted: true, contentChars: 3 })
      expect([source.cancelled, world.clock.sleeping]).toEqual([[how === 'abort' ? 'gone' : 'enough'], 0])
    }
    const before = watch()
    before.controller.abort('early')
    await expect(before.guarded).rejects.toBe('early')
  })

  it('is complete for a reader who lets go after the word that it is', async () => {
    for (const last of [chatChunk('', 'stop'), chatDone]) {
      const { source, guarded } = watch()
      source.send(chatChunk('Hel'))
      const { body, done } = await guarded
      const reader = body.getReader()
      await reader.read()
      source.send(last)
      await reader.read()
      await reader.cancel()
      expect(await done).toMatchObject({ aborted: false, contentChars: 3 })
    }
  })

  it('counts its patience from when it was asked, and says all of it', async () => {
    const { source, guarded, world } = watch({ totalMs: 2_000, firstTokenMs: undefined, startedMs: -500 })
    source.send(chatChunk('Hel'))
    const { body, done } = await guarded
    void drain(body)
    await world.clock.advance(499)
    for (let wait = 0; wait < 4; wait += 1) {
      source.send(chatChunk('lo'))
      await world.clock.advance(wait < 3 ? 333 : 2)
    }
    await expect(done).rejects.toMatchObject({ code: 'HS_LLM_TOTAL', details: { totalMs: 2_000 } })
    expect(world.clock.monoMs()).toBe(1_500)
  })

  it('reads no further than the caller does', async () => {
    const { source, guarded } = watch()
    source.send(chatChunk('a'))
    const { body } = await guarded
    const asked = source.pulls()
    await new Promise((resolve) => setImmediate(resolve))
    expect(source.pulls()).toBe(asked)
    const reader = body.getReader()
    await reader.read()
    const next = reader.read()
    source.send(chatChunk('b', 'stop'))
    await next
    expect(source.pulls()).toBe(asked + 1)
    await reader.cancel()
  })

  it('gives up a stream that never comes to its content', async () => {
    const { source, guarded } = watch()
    for (let part = 0; part < 20; part += 1) source.send(`: ${'x'.repeat(100_000)}\n\n`)
    await expect(guarded).rejects.toMatchObject({ code: 'HS_LLM_STREAM_ERROR' })
  })

  it('watches what it does not understand, and takes its end for the end', async () => {
    const { source, guarded } = watch({ dialect: unknownDialect })
    source.send('data: whatever\n\n')
    source.close()
    const { body, done } = await guarded
    expect(await drain(body)).toEqual({ text: 'data: whatever\n\n', error: undefined })
    expect(await done).toMatchObject({ aborted: false, contentChars: 8 })
  })

  it('gives the same bytes and the same summary however they are cut', async () => {
    const bytes = new TextEncoder().encode(
      [chatChunk('Grüße '), ': ping\n\n', chatChunk('😀', 'stop'), chatUsage, chatDone].join(''),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 40 }), async (cuts) => {
        const { source, guarded } = watch()
        let from = 0
        for (const cut of [...cuts, bytes.length]) {
          if (from < bytes.length) source.send(bytes.slice(from, from + cut))
          from += cut
        }
        source.close()
        const { body, done } = await guarded
        expect((await drain(body)).text).toBe(new TextDecoder().decode(bytes))
        expect(await done).toMatchObject({ finish: 'stop', partialText: 'Grüße 😀', usage: { inputTokens: 10 } })
      }),
      { numRuns: 50 },
    )
  })
})
