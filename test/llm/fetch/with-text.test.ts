import { describe, expect, it } from 'vitest'
import { withText } from '../../../src/llm/fetch/with-text.js'

const text = '{"answer":"Grüße"}'

async function known(json?: { readonly value: unknown }): Promise<Response> {
  const response = new Response(text, { status: 201, statusText: 'Made', headers: { 'x-request-id': '7' } })
  await response.text()
  return withText(response, text, json)
}

describe('withText()', () => {
  it('is the response it was, but for its body', async () => {
    const response = await known()
    expect(response).toBeInstanceOf(Response)
    expect([response.status, response.statusText, response.ok, response.bodyUsed]).toEqual([201, 'Made', true, false])
    expect([response.headers.get('x-request-id'), response.constructor, response.redirected]).toEqual(['7', Response, false])
  })

  it('is read in every way, once', async () => {
    const ways: Record<string, (response: Response) => Promise<unknown>> = {
      text: (response) => response.text(),
      json: async (response) => JSON.stringify(await response.json()),
      arrayBuffer: async (response) => new TextDecoder().decode(await response.arrayBuffer()),
      bytes: async (response) => new TextDecoder().decode(await response.bytes()),
      blob: async (response) => (await response.blob()).text(),
      body: async (response) => new Response(response.body).text(),
    }
    for (const [name, read] of Object.entries(ways)) {
      const response = await known()
      expect([name, await read(response), response.bodyUsed]).toEqual([name, text, true])
      for (const again of Object.values(ways)) await expect(again(response)).rejects.toBeInstanceOf(TypeError)
    }
  })

  it('can be cloned before it is read, not after', async () => {
    const response = await known()
    const clone = response.clone()
    expect([await clone.text(), await response.text()]).toEqual([text, text])
    expect(() => response.clone()).toThrow(TypeError)
  })

  it('gives what was parsed to the first who asks, and to him only', async () => {
    const value = { answer: 'Grüße' }
    const response = await known({ value })
    const read = response.json
    expect(await read()).toBe(value)
    await expect(read()).rejects.toBeInstanceOf(TypeError)
  })
})
