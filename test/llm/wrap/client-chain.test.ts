import { describe, expect, it } from 'vitest'
import { chainedFetch } from '../../../src/llm/wrap/client-chain.js'
import type { SdkClient } from '../../../src/llm/wrap/sdk-client.js'
import { startProvider } from '../provider/provider.js'
import { sharedClock } from '../provider/stage.js'
import { setClientStage } from './client-stage.js'

const broke = () => Response.json({ error: { code: 'insufficient_quota' } }, { status: 429 })

/** A client by hand, which counts how often it is asked. */
function handClient(
  baseURL: string,
  ask: () => Promise<Response> = async () => broke(),
): SdkClient & { readonly paths: string[] } {
  const paths: string[] = []
  const client = {
    baseURL,
    paths,
    fetch: async () => broke(),
    withOptions: () => client,
    post: (path: string) => {
      paths.push(path)
      return { asResponse: ask }
    },
  }
  return client
}

async function chain(other: SdkClient) {
  const provider = await startProvider(sharedClock)
  const { guard } = setClientStage([provider])
  await provider.close()
  return chainedFetch(guard, handClient('https://one.example/v1'), [{ client: other, model: 'm' }])
}

const question = { method: 'POST', body: JSON.stringify({ model: 'gpt-5', messages: [] }) }

describe('chainedFetch()', () => {
  it.each<[string, string | URL | Request, RequestInit | undefined, readonly string[]]>([
    ['a question', 'https://one.example/v1/chat/completions', question, ['/chat/completions']],
    ['a question to an address', new URL('https://one.example/v1/responses'), question, ['/responses']],
    ['no question', 'https://one.example/v1/models', undefined, []],
    ['a request that is sent elsewhere', 'https://one.example/other/chat/completions', question, []],
    ['a body that names no model', 'https://one.example/v1/chat/completions', { method: 'POST', body: '{}' }, []],
    ['a body that is no JSON', 'https://one.example/v1/chat/completions', { method: 'POST', body: '{' }, []],
    ['a body that is no object', 'https://one.example/v1/chat/completions', { method: 'POST', body: '3' }, []],
    ['a Request', new Request('https://one.example/v1/chat/completions', question), undefined, []],
  ])('asks the others for %s as it should', async (_, input, init, paths) => {
    const other = handClient('https://two.example')
    const response = await (await chain(other))(input, init)
    expect(response.status).toBe(429)
    expect(other.paths).toEqual(paths)
  })

  it('passes on what a client throws by itself', async () => {
    const refused = new Error('Missing credentials')
    const fetchChained = await chain(handClient('https://two.example', () => Promise.reject(refused)))
    await expect(fetchChained('https://one.example/v1/chat/completions', question)).rejects.toBe(refused)
  })

  it('rejects, and does not throw, when the address is none', async () => {
    const fetchChained = await chain(handClient('https://two.example'))
    const asked = fetchChained('nowhere', question)
    await expect(asked).rejects.toThrow(TypeError)
  })
})
