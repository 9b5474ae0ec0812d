import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorld } from '../../../src/core/world.js'
import { answers, content, hangs, html, opening, refuses, resets, silence, streams, wholeText } from './behaviours.js'
import { clients } from './clients.js'
import { startProvider, type Provider } from './provider.js'
import { received, statusIn } from './stage.js'

let provider: Provider

beforeAll(async () => {
  provider = await startProvider(createWorld().clock)
})
afterAll(() => provider.close())

/** What the SDKs make of the provider without any guard: it must be one that they believe. */
describe('the provider of the tests', () => {
  it.each(clients)('is understood by $name', async (client) => {
    for (const stream of [false, true]) {
      provider.answers(answers())
      const reply = await client.ask({ fetch, origin: provider.origin, stream })
      expect(reply).toEqual({ text: wholeText, error: undefined })
      expect(provider.requests).toMatchObject([{ streams: stream, abandoned: false }])
    }
  })

  it.each(clients)('refuses so that $name tells it from all others', async (client) => {
    for (const status of [400, 401, 429, 529]) {
      provider.answers(refuses(status, { type: 'some_error' }))
      expect(statusIn((await client.ask({ fetch, origin: provider.origin, stream: true })).error)).toBe(status)
    }
    provider.answers(resets)
    expect((await client.ask({ fetch, origin: provider.origin, stream: false })).error).toBeInstanceOf(Error)
  })

  // The reasons for the guard: each of these calls seems to have gone well.
  it('cuts streams so that no SDK notices', async () => {
    for (const client of clients) {
      provider.answers(streams(opening, content('Hel')))
      expect(await client.ask({ fetch, origin: provider.origin, stream: true })).toEqual({ text: 'Hel', error: undefined })
    }
  })

  it('answers a request for a stream with HTML so that most do not notice', async () => {
    const unnoticed: string[] = []
    for (const client of clients) {
      provider.answers(html(200))
      const { error } = await client.ask({ fetch, origin: provider.origin, stream: true })
      if (error === undefined) unnoticed.push(client.name)
    }
    expect(unnoticed.length).toBeGreaterThanOrEqual(4)
  })

  it('tells when it has said all that it will say, and hears who hangs up', async () => {
    for (const behaviour of [hangs, streams(opening, content('Hel'), silence)]) {
      provider.answers(behaviour)
      const leaving = new AbortController()
      const asked = clients[0].ask({ fetch, origin: provider.origin, stream: true, signal: leaving.signal })
      await provider.still(1)
      leaving.abort()
      await asked
      await received()
      expect(provider.requests).toMatchObject([{ abandoned: true }])
    }
  })

  it('answers in the order it was told, then as at last, and measures the time between', async () => {
    provider.answers(refuses(500), answers(['a']), answers(['b']))
    const replies = []
    for (let call = 0; call < 4; call += 1)
      replies.push((await clients[0].ask({ fetch, origin: provider.origin, stream: false })).text)
    expect(replies).toEqual(['', 'a', 'b', 'b'])
    expect(provider.gapsMs).toHaveLength(3)
    expect(provider.gapsMs.every((gapMs) => gapMs >= 0)).toBe(true)
  })

  it('breaks off what it was not told how to answer', async () => {
    const silent = await startProvider(createWorld().clock)
    await expect(fetch(`${silent.origin}/v1/messages`, { method: 'POST', body: '{}' })).rejects.toThrow('fetch failed')
    await expect(fetch(`${silent.origin}/elsewhere`, { method: 'POST', body: '{}' })).rejects.toThrow('fetch failed')
    await silent.close()
  })
})
