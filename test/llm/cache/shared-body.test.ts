import { describe, expect, it } from 'vitest'
import { SharedBody } from '../../../src/llm/cache/shared-body.js'
import { drain, handStream } from '../stream/streams.js'

function shared(bytesMax: number) {
  const stream = handStream()
  const ended: (readonly Uint8Array[] | undefined)[] = []
  const left: unknown[] = []
  const someone = { coming: true }
  const options = {
    bytesMax,
    coming: () => someone.coming,
    ended: (chunks: readonly Uint8Array[] | undefined) => ended.push(chunks),
  }
  const body = new SharedBody(stream.body, options)
  return {
    stream,
    ended,
    left,
    someone,
    body,
    read: (signal?: AbortSignal) => body.reader(signal, (reason) => left.push(reason)),
  }
}

describe('SharedBody', () => {
  it('keeps all of a long body for one who is about to come', async () => {
    const { stream, someone, body, read, ended, left } = shared(4)
    const first = read().getReader()
    for (const text of ['long ', 'body']) {
      stream.send(text)
      await first.read()
    }
    expect(body.whole).toBe(false)
    const second = drain(read())
    someone.coming = false
    stream.close()
    expect(await second).toEqual({ text: 'long body', error: undefined })
    expect((await first.read()).done).toBe(true)
    expect(ended).toEqual([undefined])
    expect(left).toEqual([undefined, undefined])
    expect(body.readers).toBe(0)
  })

  it('drops what all have read of a long body', async () => {
    const { stream, someone, read } = shared(4)
    someone.coming = false
    const [one, two] = [read().getReader(), read().getReader()]
    for (let count = 0; count < 100; count += 1) {
      stream.send(`${count % 10}ab`)
      for (const reader of [one, two]) expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe(`${count % 10}ab`)
    }
    await one.cancel()
    stream.send('end')
    stream.close()
    expect(Buffer.from((await two.read()).value ?? []).toString()).toBe('end')
  })

  it('gives the chunks of a short body when it has ended, and nothing when it broke', async () => {
    const whole = shared(10)
    const reading = drain(whole.read())
    whole.stream.send('ab')
    whole.stream.close()
    await reading
    expect(whole.ended.map((chunks) => chunks?.map(String))).toEqual([['97,98']])
    const broken = shared(10)
    const error = new Error('reset')
    const failing = drain(broken.read())
    broken.stream.break(error)
    expect((await failing).error).toBe(error)
    expect(broken.ended).toEqual([undefined])
    expect(broken.body.whole).toBe(false)
  })

  it('errors for a reader who has aborted before, and for those who are left when it is cancelled', async () => {
    const { stream, read, body, left, ended } = shared(10)
    const reason = new Error('gone')
    expect((await drain(read(AbortSignal.abort(reason)))).error).toBe(reason)
    expect(left).toEqual([reason])
    const waiting = drain(read())
    await new Promise(setImmediate)
    body.cancel(reason)
    body.cancel(new Error('again'))
    expect((await waiting).error).toBe(reason)
    expect(stream.cancelled).toEqual([reason])
    expect(ended).toEqual([undefined])
  })

  it.each([
    [['data: {}\n\n', 'data: [DONE]\n\n'], true],
    [['data: {}\n\ndata:[DONE]\r\n\r\n'], true],
    ['data: [DONE]\n\n'.split(''), true],
    [['data: {}\n\n'], false],
    [['data: "data: [DONE]'], false],
    [['data: [DONE]\n\ndata: {}\n\n'], false],
  ])('takes %j, cancelled, for complete: %s', async (parts, complete) => {
    const { stream, read, body, ended } = shared(100)
    const reader = read().getReader()
    for (const part of parts) {
      stream.send(part)
      await reader.read()
    }
    body.cancel(undefined)
    expect(ended).toHaveLength(1)
    expect(ended[0] !== undefined).toBe(complete)
    expect(stream.cancelled).toEqual([undefined])
  })

  it('survives a source that does not let itself be cancelled', async () => {
    const cancel = (): Promise<never> => Promise.reject(new Error('no'))
    const ended = (): void => undefined
    const stubborn = new SharedBody(new ReadableStream({ cancel }), { bytesMax: 1, coming: () => false, ended })
    stubborn.cancel('enough')
    const error = new Error('reset')
    const broken = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(error), cancel })
    const body = new SharedBody(broken, { bytesMax: 1, coming: () => false, ended })
    expect((await drain(body.reader(undefined, () => undefined))).error).toBe(error)
    await new Promise(setImmediate)
  })
})
