import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { requestKey, type ShareableRequest } from '../../../src/llm/cache/request-key.js'
import { readRequest } from '../../../src/llm/fetch/target.js'

const chat = 'https://api.openai.com/v1/chat/completions'
const embeddings = 'https://api.openai.com/v1/embeddings'

interface Parts {
  readonly url?: string
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: unknown
  readonly text?: string
}

function request({
  url = chat,
  method = 'POST',
  headers = {},
  body = { model: 'm', temperature: 0 },
  text,
}: Parts): Promise<ShareableRequest> {
  return readRequest(url, { method, headers, body: text ?? JSON.stringify(body) }, {})
}

async function keyOf(parts: Parts, when: 'deterministic' | 'always' = 'deterministic'): Promise<string | undefined> {
  return requestKey(await request(parts), when)
}

describe('requestKey()', () => {
  it('is the same for what means the same: the order of members, blanks, and headers of one request only', async () => {
    const key = await keyOf({ headers: { authorization: 'Bearer a' } })
    expect(key).toMatch(/^[0-9a-f]{64}$/)
    expect(await keyOf({ headers: { Authorization: 'Bearer a' }, text: '{ "temperature": 0, "model": "m" }' })).toBe(key)
    const noise = {
      'x-stainless-retry-count': '1',
      'idempotency-key': 'i',
      traceparent: 't',
      'user-agent': 'u',
      authorization: 'Bearer a',
    }
    expect(await keyOf({ headers: noise })).toBe(key)
  })

  it('differs by credential, tenant, address, version and body, and by headers that nobody knows', async () => {
    const variants: readonly Parts[] = [
      {},
      { headers: { authorization: 'Bearer a' } },
      { headers: { authorization: 'Bearer b' } },
      { headers: { 'x-api-key': 'a' } },
      { headers: { 'api-key': 'a' } },
      { headers: { cookie: 'a' } },
      { headers: { 'openai-project': 'p' } },
      { headers: { 'anthropic-version': '1' } },
      { headers: { 'x-some-tenant': '1' } },
      { url: `${chat}?key=a` },
      { url: chat.replace('openai', 'openia') },
      { body: { model: 'n', temperature: 0 } },
      { body: { model: 'm', temperature: 0, stream: true } },
      { body: { model: 'm', temperature: 0, messages: [1, 2] } },
      { body: { model: 'm', temperature: 0, messages: [2, 1] } },
    ]
    const keys = await Promise.all(variants.map((parts) => keyOf(parts)))
    expect(new Set(keys).size).toBe(variants.length)
    expect(keys).not.toContain(undefined)
  })

  it('does not take numbers for equal that a double cannot tell apart', async () => {
    const of = (seed: string): Promise<string | undefined> => keyOf({ text: `{"model":"m","temperature":0,"seed":${seed}}` })
    expect(await of('12345678901234567890')).not.toBe(await of('12345678901234567891'))
    expect(await of('1e400')).not.toBe(await of('null'))
    expect(await of('1.0')).toBe(await of('1'))
  })

  it('differs exactly when the bodies do', async () => {
    const body = fc.dictionary(
      fc.constantFrom('a', 'b', '__proto__', 'constructor'),
      fc.oneof(fc.nat(3), fc.array(fc.nat(2)), fc.string({ maxLength: 2 })),
    )
    await fc.assert(
      fc.asyncProperty(body, body, async (one, other) => {
        const textOf = (value: object): string => JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        const [a, b] = [
          await keyOf({ text: JSON.stringify(one) }, 'always'),
          await keyOf({ text: JSON.stringify(other) }, 'always'),
        ]
        expect(a === b).toBe(textOf(one) === textOf(other))
      }),
    )
  })

  it.each<[string, Parts, boolean, boolean]>([
    ['a temperature of 0', {}, true, true],
    ['no temperature', { body: { model: 'm' } }, false, true],
    ['a temperature', { body: { model: 'm', temperature: 0.1 } }, false, true],
    ['a temperature that is no number', { body: { model: 'm', temperature: '0' } }, false, true],
    ['embeddings', { url: embeddings, body: { model: 'm', input: 'x' } }, true, true],
    [
      'tools of the caller',
      { body: { temperature: 0, tools: [{ type: 'function' }, { name: 'x' }, { type: 'custom' }] } },
      true,
      true,
    ],
    ['tools of the provider', { body: { temperature: 0, tools: [{ type: 'web_search' }] } }, false, true],
    ['tools that are none', { body: { temperature: 0, tools: 'x' } }, true, true],
    ['a conversation on the other side', { body: { temperature: 0, conversation: 'c' } }, false, false],
    ['an answer that comes later', { body: { temperature: 0, background: true } }, false, false],
    ['another method', { method: 'PUT' }, false, false],
    ['an address that is not understood', { url: 'https://api.openai.com/v1/files' }, false, false],
    ['no JSON', { text: 'x=1' }, false, false],
    ['the word of the caller', { headers: { 'cache-control': 'No-Store' } }, false, false],
  ])('%s: shared when deterministic, or always', async (_, parts, deterministic, always) => {
    expect((await keyOf(parts)) !== undefined).toBe(deterministic)
    expect((await keyOf(parts, 'always')) !== undefined).toBe(always)
  })

  it('is none for a body that is no text, or too deep to be sorted', async () => {
    const bytes = await readRequest(chat, { method: 'POST', body: new TextEncoder().encode('{"temperature":0}') }, {})
    expect(requestKey(bytes, 'always')).toBeUndefined()
    const deep: unknown[] = []
    let inner = deep
    for (let depth = 0; depth < 50_000; depth += 1) {
      const next: unknown[] = []
      inner.push(next)
      inner = next
    }
    const whole = await request({})
    expect(requestKey({ ...whole, body: { temperature: 0, deep } }, 'always')).toBeUndefined()
  })
})
