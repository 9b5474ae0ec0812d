import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnswerSharing, type AnswerSharingOptions, type SharedAnswer } from '../../../src/llm/cache/answer-sharing.js'
import { readRequest } from '../../../src/llm/fetch/target.js'
import { createTestWorld } from '../../../src/testing/test-world.js'
import { handStream, type HandStream } from '../stream/streams.js'

const json = { 'content-type': 'application/json' }
const sse = { 'content-type': 'text/event-stream' }

function sharing(options: Partial<AnswerSharingOptions> = {}) {
  const { clock } = createTestWorld()
  return { clock, shared: new AnswerSharing({ coalesce: true, ...options }, clock) }
}

/** A target that is answered by hand. */
function target() {
  const sent: {
    readonly signal: AbortSignal | undefined
    readonly answer: (response: Response) => void
    readonly fail: (error: unknown) => void
  }[] = []
  const send = (signal: AbortSignal | undefined): Promise<Response> =>
    new Promise((resolve, reject) => {
      sent.push({ signal, answer: resolve, fail: reject })
    })
  return { sent, send }
}

function streamed(stream: HandStream): Response {
  return new Response(stream.body, { headers: sse })
}

async function textOf({ response }: SharedAnswer): Promise<string> {
  return response.text()
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  )
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('AnswerSharing: coalescing', () => {
  it('sends equal requests once, and gives each a response of its own', async () => {
    const { shared } = sharing()
    const { sent, send } = target()
    const asked = [1, 2, 3].map(() => shared.answer({ key: 'k', signal: undefined, send }))
    const other = shared.answer({ key: 'other', signal: undefined, send })
    expect(sent).toHaveLength(2)
    const response = new Response('{"a":1}', { status: 201, statusText: 'Made', headers: { ...json, 'x-a': 'b' } })
    Object.defineProperty(response, 'url', { value: 'https://x/' })
    sent[0]?.answer(response)
    sent[1]?.answer(new Response('{}'))
    const answers = await Promise.all(asked)
    expect(answers.map(({ from }) => from)).toEqual(['origin', 'in-flight', 'in-flight'])
    expect(new Set(answers.map((answer) => answer.response)).size).toBe(3)
    answers[0]?.response.headers.set('x-a', 'mine')
    expect(answers[1]?.response.headers.get('x-a')).toBe('b')
    expect(answers[2]?.response).toMatchObject({ status: 201, statusText: 'Made', url: 'https://x/', ok: true })
    expect(await Promise.all(answers.map(textOf))).toEqual(['{"a":1}', '{"a":1}', '{"a":1}'])
    expect(await textOf(await other)).toBe('{}')
    expect(shared.snapshot()).toMatchObject({ fromOrigin: 2, fromInFlight: 2, fromCache: 0, inFlight: 0 })
  })

  it('gives each reader bytes of its own', async () => {
    const { shared } = sharing()
    const { sent, send } = target()
    const asked = [1, 2].map(() => shared.answer({ key: 'k', signal: undefined, send }))
    sent[0]?.answer(new Response('abc'))
    const [one, two] = await Promise.all(asked)
    const first = await one?.response.body?.getReader().read()
    first?.value?.fill(0)
    expect(two && (await textOf(two))).toBe('abc')
  })

  it('gives a stream as a stream, also to one who comes late, from the beginning', async () => {
    const { shared } = sharing()
    const { sent, send } = target()
    const stream = handStream()
    const first = shared.answer({ key: 'k', signal: undefined, send })
    sent[0]?.answer(streamed(stream))
    const reader = (await first).response.body?.getReader()
    stream.send('one ')
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('one ')
    const late = await shared.answer({ key: 'k', signal: undefined, send })
    expect(late.from).toBe('in-flight')
    const lateReader = late.response.body?.getReader()
    expect(Buffer.from((await lateReader?.read())?.value ?? []).toString()).toBe('one ')
    stream.send('two')
    stream.close()
    for (const one of [reader, lateReader]) {
      expect(Buffer.from((await one?.read())?.value ?? []).toString()).toBe('two')
      expect((await one?.read())?.done).toBe(true)
    }
    expect(sent).toHaveLength(1)
    expect((await shared.answer({ key: undefined, signal: undefined, send: async () => new Response('x') })).from).toBe('origin')
  })

  it('reads no further than the fastest reader asks', async () => {
    const { shared } = sharing()
    const { sent, send } = target()
    const stream = handStream()
    const asked = [1, 2].map(() => shared.answer({ key: 'k', signal: undefined, send }))
    sent[0]?.answer(streamed(stream))
    const [one] = await Promise.all(asked)
    for (const text of ['a', 'b', 'c']) stream.send(text)
    await settled()
    expect(stream.pulls()).toBe(0)
    const reader = one?.response.body?.getReader()
    await reader?.read()
    await settled()
    expect(stream.pulls()).toBeLessThanOrEqual(1)
  })

  it('lets one go without the others noticing, and ends the work when the last has gone', async () => {
    const { shared } = sharing()
    const { sent, send } = target()
    const leaving = [new AbortController(), new AbortController()]
    const asked = leaving.map(({ signal }) => shared.answer({ key: 'k', signal, send }))
    const reason = new Error('enough')
    leaving[0]?.abort(reason)
    expect(await errorOf(asked[0] ?? Promise.resolve())).toBe(reason)
    expect(sent[0]?.signal?.aborted).toBe(false)
    leaving[1]?.abort('last')
    expect(await errorOf(asked[1] ?? Promise.resolve())).toBe('last')
    expect(sent[0]?.signal?.reason).toBe('last')
    expect(shared.snapshot().inFlight).toBe(0)
    void shared.answer({ key: 'k', signal: undefined, send })
    expect(sent).toHaveLength(2)
    // What comes all the same is let go of.
    const stream = handStream()
    sent[0]?.answer(streamed(stream))
    await settled()
    expect(stream.cancelled).toEqual(['last'])
  })

  it('goes on for the reader who is left, and cancels the body when he leaves too', async () => {
    const { shared } = sharing()
    const { sent, send } = target()
    const stream = handStream()
    const leaving = new AbortController()
    const asked = [leaving.signal, undefined].map((signal) => shared.answer({ key: 'k', signal, send }))
    sent[0]?.answer(streamed(stream))
    const [one, two] = await Promise.all(asked)
    const reading = one?.response.text()
    leaving.abort(new Error('enough'))
    expect(await errorOf(reading ?? Promise.resolve())).toBe(leaving.signal.reason)
    stream.send('still here')
    const reader = two?.response.body?.getReader()
    expect((await reader?.read())?.done).toBe(false)
    expect(stream.cancelled).toEqual([])
    await reader?.cancel('done')
    expect(stream.cancelled).toEqual(['done'])
    expect(sent[0]?.signal?.aborted).toBe(true)
    expect(shared.snapshot().inFlight).toBe(0)
  })

  it('tells each when it fails, before the answer and in its body', async () => {
    const { shared } = sharing()
    const { sent, send } = target()
    const error = new Error('down')
    const asked = [1, 2].map(() => errorOf(shared.answer({ key: 'k', signal: undefined, send })))
    sent[0]?.fail(error)
    expect(await Promise.all(asked)).toEqual([error, error])
    const stream = handStream()
    const again = [1, 2].map(() => shared.answer({ key: 'k', signal: undefined, send }))
    sent[1]?.answer(streamed(stream))
    const answers = await Promise.all(again)
    stream.break(error)
    for (const { response } of answers) expect(await errorOf(response.text())).toBe(error)
    expect(shared.snapshot().inFlight).toBe(0)
    expect(
      await errorOf(
        shared.answer({
          key: 'k',
          signal: undefined,
          send: () => {
            throw error
          },
        }),
      ),
    ).toBe(error)
    expect(shared.snapshot().inFlight).toBe(0)
  })

  it('does not begin for a caller who has aborted', async () => {
    const { shared } = sharing()
    const { sent, send } = target()
    const reason = new Error('gone')
    expect(await errorOf(shared.answer({ key: 'k', signal: AbortSignal.abort(reason), send }))).toBe(reason)
    expect(sent).toHaveLength(0)
  })

  it('lets nobody join an answer that has lain unread for a minute', async () => {
    const { shared, clock } = sharing()
    const { sent, send } = target()
    const unread = shared.answer({ key: 'k', signal: undefined, send })
    sent[0]?.answer(new Response('old'))
    await unread
    await clock.advance(60_000)
    expect((await shared.answer({ key: 'k', signal: undefined, send })).from).toBe('in-flight')
    await clock.advance(1)
    const next = shared.answer({ key: 'k', signal: undefined, send })
    expect(sent).toHaveLength(2)
    sent[1]?.answer(new Response('new'))
    expect(await textOf(await next)).toBe('new')
    // The end of the old one takes nothing away from one that has its place.
    const third = shared.answer({ key: 'k', signal: undefined, send })
    expect(await textOf(await unread)).toBe('old')
    expect(shared.snapshot().inFlight).toBe(1)
    sent[2]?.answer(new Response('third'))
    expect(await textOf(await third)).toBe('third')
  })

  it('remembers no more calls under way than it may', async () => {
    const { shared } = sharing()
    const send = async (): Promise<Response> => new Response('unread')
    for (let count = 0; count < 10_010; count += 1) await shared.answer({ key: `${count}`, signal: undefined, send })
    expect(shared.snapshot().inFlight).toBe(10_000)
    expect((await shared.answer({ key: '0', signal: undefined, send })).from).toBe('origin')
    expect((await shared.answer({ key: '10009', signal: undefined, send })).from).toBe('in-flight')
  })

  it('shares an answer without a body', async () => {
    const { shared } = sharing()
    const { sent, send } = target()
    const asked = [1, 2].map(() => shared.answer({ key: 'k', signal: undefined, send }))
    sent[0]?.answer(new Response(null, { status: 204 }))
    for (const { response } of await Promise.all(asked)) expect([response.status, response.body]).toEqual([204, null])
    expect(shared.snapshot().inFlight).toBe(0)
  })

  it('gives a long answer to all who wait for it, and to nobody who comes later', async () => {
    const { shared } = sharing({ answerBytesMax: 4 })
    const { sent, send } = target()
    const asked = [undefined, new AbortController().signal, undefined].map((signal) => shared.answer({ key: 'k', signal, send }))
    sent[0]?.answer(new Response('much too long'))
    const answers = await Promise.all(asked)
    expect(await Promise.all(answers.map(textOf))).toEqual(Array(3).fill('much too long'))
    const stream = handStream()
    const first = shared.answer({ key: 'k', signal: undefined, send })
    sent[1]?.answer(streamed(stream))
    const reader = (await first).response.body?.getReader()
    stream.send('too long')
    await reader?.read()
    void shared.answer({ key: 'k', signal: undefined, send })
    expect(sent).toHaveLength(3)
  })

  it('tells a reader who is too far behind, and the other reads on', async () => {
    const { shared } = sharing({ answerBytesMax: 4 })
    const { sent, send } = target()
    const stream = handStream()
    const asked = [1, 2].map(() => shared.answer({ key: 'k', signal: undefined, send }))
    sent[0]?.answer(streamed(stream))
    const [fast, slow] = await Promise.all(asked)
    const reader = fast?.response.body?.getReader()
    for (const text of ['aaa', 'bbb', 'ccc']) {
      stream.send(text)
      await reader?.read()
    }
    expect(await errorOf(slow?.response.text() ?? Promise.resolve())).toMatchObject({
      code: 'HS_LLM_LAGGED',
      details: { bytesMax: 4 },
    })
    stream.send('ddd')
    stream.close()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('ddd')
    expect((await reader?.read())?.done).toBe(true)
  })

  it('errors a body that is not made of bytes, rather than losing them', async () => {
    const { shared } = sharing()
    const body = new ReadableStream({ start: (controller) => controller.enqueue('text') })
    const response = { status: 200, statusText: '', url: '', headers: new Headers(), body } as unknown as Response // a fetch that is not Node's
    const answer = await shared.answer({ key: 'k', signal: undefined, send: async () => response })
    expect(await errorOf(answer.response.text())).toBeInstanceOf(TypeError)
  })

  it('gives every reader every byte in order, whoever reads when, and leaves nothing behind', async () => {
    const step = fc.oneof(
      fc.nat(3).map((reader) => ({ reader })),
      fc.constant('send' as const),
      fc.constant('join' as const),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.integer({ min: 3, max: 200 }), async (steps, answerBytesMax) => {
        const { shared } = sharing({ answerBytesMax })
        const stream = handStream()
        const send = async (): Promise<Response> => streamed(stream)
        const readers: {
          reader: ReadableStreamDefaultReader<Uint8Array>
          text: string
          error?: unknown
          pending?: Promise<void>
        }[] = []
        let all = ''
        const join = async (): Promise<void> => {
          if (readers.length === 4 || (readers.length > 0 && shared.snapshot().inFlight === 0)) return
          const before = shared.snapshot().fromOrigin
          const { response } = await shared.answer({
            key: 'k',
            signal: undefined,
            send: readers.length === 0 ? send : async () => new Response('other'),
          })
          if (before === 0 || shared.snapshot().fromOrigin === before)
            readers.push({ reader: (response.body ?? expect.fail()).getReader(), text: '' })
          else await response.text()
        }
        const read = async (one: (typeof readers)[number]): Promise<boolean> => {
          try {
            const { done, value } = await one.reader.read()
            one.text += Buffer.from(value ?? []).toString()
            return done
          } catch (error) {
            one.error = error
            return true
          }
        }
        await join()
        for (const [at, one] of steps.entries()) {
          if (one === 'send') {
            stream.send(`${at};`)
            all += `${at};`
          } else if (one === 'join') await join()
          else {
            const chosen = readers[one.reader]
            if (chosen !== undefined && chosen.error === undefined && all.length > chosen.text.length) await read(chosen)
          }
        }
        stream.close()
        await Promise.all(
          readers.map(async (one) => {
            while (one.error === undefined && !(await read(one)));
          }),
        )
        for (const { text, error } of readers)
          if (error === undefined) expect(text).toBe(all)
          else expect(error).toMatchObject({ code: 'HS_LLM_LAGGED' })
        expect(readers.some(({ error }) => error === undefined)).toBe(true)
        expect(shared.snapshot().inFlight).toBe(0)
      }),
    )
  })
})

describe('AnswerSharing: kept answers', () => {
  const kept = { coalesce: false, ttlMs: 1_000 }

  async function ask(
    shared: AnswerSharing,
    response: () => Response,
    key = 'k',
    worthKeeping?: () => boolean,
  ): Promise<[string, string]> {
    const answer = await shared.answer({ key, signal: undefined, send: async () => response(), worthKeeping })
    return [answer.from, await textOf(answer)]
  }

  it('gives a complete answer again, until its time is over or it is forgotten', async () => {
    const { shared, clock } = sharing(kept)
    let count = 0
    const response = (): Response => new Response(`{"n":${(count += 1)}}`, { headers: json })
    expect(await ask(shared, response)).toEqual(['origin', '{"n":1}'])
    expect(await ask(shared, response)).toEqual(['cache', '{"n":1}'])
    expect(shared.snapshot()).toMatchObject({ fromOrigin: 1, fromCache: 1, kept: 1 })
    await clock.advance(1_000)
    expect(await ask(shared, response)).toEqual(['origin', '{"n":2}'])
    shared.clear()
    expect(await ask(shared, response)).toEqual(['origin', '{"n":3}'])
    expect(await ask(shared, response, 'other')).toEqual(['origin', '{"n":4}'])
  })

  it('gives a stream again chunk by chunk, in bytes of its own, with the headers that are still true', async () => {
    const { shared } = sharing(kept)
    const stream = handStream()
    const headers = {
      ...sse,
      'x-request-id': 'r',
      'set-cookie': 'c=1',
      'retry-after': '1',
      'x-ratelimit-remaining-requests': '1',
      'anthropic-ratelimit-x': '1',
    }
    const first = await shared.answer({ key: 'k', signal: undefined, send: async () => new Response(stream.body, { headers }) })
    expect(first.response.headers.get('retry-after')).toBe('1')
    for (const text of ['data: 1\n\n', '', 'data: 2\n\n']) stream.send(text)
    stream.close()
    await textOf(first)
    for (let time = 0; time < 2; time += 1) {
      const { response, from } = await shared.answer({
        key: 'k',
        signal: undefined,
        send: () => expect.fail('it was sent again'),
      })
      expect(from).toBe('cache')
      expect(Object.fromEntries(response.headers)).toEqual({ ...sse, 'x-request-id': 'r', 'x-homeostat-cache': 'hit' })
      const chunks: string[] = []
      for await (const chunk of response.body ?? []) {
        chunks.push(Buffer.from(chunk).toString())
        chunk.fill(0)
      }
      expect(chunks).toEqual(['data: 1\n\n', 'data: 2\n\n'])
    }
  })

  it.each<[string, () => Response]>([
    ['another status', () => new Response('{}', { status: 201, headers: json })],
    ['no JSON', () => new Response('<html>', { headers: json })],
    ['an error in JSON', () => new Response('{"error":{}}', { headers: json })],
    ['JSON that is no object', () => new Response('null', { headers: json })],
    ['an answer without a body', () => new Response(null, { headers: json })],
    ['an answer that is too long', () => new Response(`{"a":"${'x'.repeat(100)}"}`, { headers: json })],
  ])('does not keep %s', async (_, response) => {
    const { shared } = sharing({ ...kept, answerBytesMax: 50 })
    await ask(shared, response)
    expect((await ask(shared, response))[0]).toBe('origin')
    expect(shared.snapshot()).toMatchObject({ kept: 0, keptBytes: 0 })
  })

  it('keeps neither what its asker does not want to be kept, nor when asking fails', async () => {
    const { shared } = sharing(kept)
    const response = (): Response => new Response('{}', { headers: json })
    await ask(shared, response, 'k', () => false)
    await ask(shared, response, 'k', () => {
      throw new Error('no')
    })
    expect(shared.snapshot().kept).toBe(0)
    await ask(shared, response, 'k', () => true)
    expect(shared.snapshot().kept).toBe(1)
  })

  it('keeps no answer that broke off, was cancelled, or was not read to its end', async () => {
    const { shared } = sharing(kept)
    for (const end of ['break', 'cancel', 'abort'] as const) {
      const stream = handStream()
      const { signal, abort } = { signal: new AbortController(), abort: new Error('enough') }
      const { response } = await shared.answer({ key: 'k', signal: signal.signal, send: async () => streamed(stream) })
      stream.send('data: 1\n\n')
      const reader = response.body?.getReader()
      await reader?.read()
      if (end === 'break') stream.break(abort)
      else if (end === 'cancel') await reader?.cancel()
      else signal.abort(abort)
      await reader?.read().catch(() => undefined)
      expect(shared.snapshot().kept).toBe(0)
    }
  })

  it('keeps no more bytes than it may', async () => {
    const bytesMax = 10_000
    const { shared } = sharing({ ...kept, bytesMax })
    for (let count = 0; count < 50; count += 1) {
      await ask(shared, () => new Response(JSON.stringify({ a: 'x'.repeat(count * 40) }), { headers: json }), `${count}`)
      expect(shared.snapshot().keptBytes).toBeLessThanOrEqual(bytesMax)
    }
    expect(shared.snapshot().kept).toBeGreaterThan(1)
  })

  it('is used together with coalescing', async () => {
    const { shared } = sharing({ coalesce: true, ttlMs: 1_000 })
    const { sent, send } = target()
    const asked = [1, 2].map(() => shared.answer({ key: 'k', signal: undefined, send }))
    sent[0]?.answer(new Response('{}', { headers: json }))
    await Promise.all((await Promise.all(asked)).map(textOf))
    expect((await shared.answer({ key: 'k', signal: undefined, send })).from).toBe('cache')
    expect(sent).toHaveLength(1)
  })
})

describe('AnswerSharing', () => {
  it('gives keys only when it shares anything', async () => {
    const request = await readRequest('https://api.openai.com/v1/embeddings', { method: 'POST', body: '{"input":"x"}' }, {})
    const sampling = await readRequest('https://api.openai.com/v1/responses', { method: 'POST', body: '{"input":"x"}' }, {})
    expect(sharing({ coalesce: false }).shared.keyOf(request)).toBeUndefined()
    expect(sharing({ coalesce: true }).shared.keyOf(request)).toMatch(/^[0-9a-f]{64}$/)
    expect(sharing({ coalesce: true }).shared.keyOf(sampling)).toBeUndefined()
    expect(sharing({ coalesce: false, ttlMs: 1, when: 'always' }).shared.keyOf(sampling)).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each([{ ttlMs: 0 }, { ttlMs: Number.NaN }, { ttlMs: 1, bytesMax: 0 }, { answerBytesMax: 0.5 }])('refuses %o', (options) => {
    expect(() => sharing(options)).toThrow(RangeError)
  })
})
