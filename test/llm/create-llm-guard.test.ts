import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLlmGuard } from '../../src/llm/create-llm-guard.js'
import { Orchestrator } from '../../src/orchestrator/orchestrator.js'
import type { HomeostatEvent } from '../../src/core/events.js'
import { createTestWorld, type TestWorld } from '../../src/testing/test-world.js'

const url = 'https://api.openai.com/v1/chat/completions'
const answer = {
  choices: [{ message: { content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1 },
}

let world: TestWorld
let healer: Orchestrator
let events: HomeostatEvent[]
/** Hosts and models that were asked, in order. */
let asked: string[]

beforeEach(() => {
  world = createTestWorld()
  healer = new Orchestrator({}, { world })
  events = []
  asked = []
  healer.on('*', (event) => events.push(event))
})

afterEach(async () => {
  await healer.close()
})

/** A provider of which some models are down, and some slow. */
function sender({
  down = [],
  slowMs = {},
}: { readonly down?: readonly string[]; readonly slowMs?: Readonly<Record<string, number>> } = {}): typeof fetch {
  return async (input, init) => {
    const { method, headers, body = '' } = { ...init }
    const sent = new Request(input, { method: method ?? 'GET', body: body ?? '', ...(headers && { headers }) })
    const { model } = (await sent.json()) as { model: string }
    const { host } = new URL(sent.url)
    asked.push(`${host}/${model}`)
    await world.clock.sleep(slowMs[host] ?? 10, init?.signal ?? undefined)
    return down.includes(model)
      ? Response.json({ error: { code: 'server_is_overloaded' } }, { status: 503 })
      : Response.json(answer)
  }
}

function ask(send: typeof fetch, model = 'gpt-5', more: object = {}): Promise<Response> {
  return send(url, { method: 'POST', body: JSON.stringify({ model, messages: [], ...more }) })
}

describe('createLlmGuard()', () => {
  it('refuses options that cannot be, by name', () => {
    for (const options of [
      { timeouts: { idleMs: 0 } },
      { fallback: [{ model: '' }] },
      { nonsense: 1 },
      { budget: { usdPerDay: -1 } },
      7,
    ])
      expect(() => createLlmGuard(healer, options as never)).toThrow(
        expect.objectContaining({ code: 'HS_INPUT_INVALID' }) as Error,
      )
  })

  it('asks the fallbacks when a model fails, and says so', async () => {
    const llm = createLlmGuard(
      healer,
      { fallback: [{ model: 'gpt-5-mini' }], retry: { attemptsMax: 1 } },
      { fetch: sender({ down: ['gpt-5'] }) },
    )
    const response = await world.clock.until(ask(llm.fetch))
    expect(await response.json()).toEqual(answer)
    expect(asked).toEqual(['api.openai.com/gpt-5', 'api.openai.com/gpt-5-mini'])
    expect(events.find(({ type }) => type === 'llm.fell-back')).toMatchObject({
      key: 'openai/gpt-5-mini',
      from: 'openai/gpt-5',
      reason: 'overloaded',
    })
    expect(events.findLast(({ type }) => type === 'llm.settled')).toMatchObject({
      key: 'openai/gpt-5-mini',
      attempts: 2,
      failure: undefined,
      outputTokens: 1,
    })
  })

  it('spreads calls over deployments, and leaves the one that is slow or whose circuit is open', async () => {
    const deployments = [{ model: 'gpt-5', baseUrl: 'https://second.example.com/v1' }]
    const llm = createLlmGuard(healer, { deployments }, { fetch: sender({ slowMs: { 'api.openai.com': 2_000 } }) })
    for (let call = 0; call < 40; call += 1) await world.clock.until(ask(llm.fetch))
    const to = (host: string): number => asked.filter((one) => one.startsWith(host)).length
    expect(to('second.example.com')).toBeGreaterThan(30)
    expect(to('api.openai.com')).toBeGreaterThan(0)
    healer.breaker('second.example.com/gpt-5').open({ reason: 'test' })
    asked = []
    await world.clock.until(ask(llm.fetch))
    expect(asked).toEqual(['api.openai.com/gpt-5'])
  })

  it('sends a second request when the first is late, if that is wanted', async () => {
    const slowMs: Record<string, number> = { 'api.openai.com': 100 }
    const llm = createLlmGuard(healer, { hedge: { enabled: true, extraRatioMax: 1 } }, { fetch: sender({ slowMs }) })
    for (let call = 0; call < 60; call += 1) await world.clock.until(ask(llm.fetch))
    asked = []
    slowMs['api.openai.com'] = 5_000
    const before = world.clock.monoMs()
    await world.clock.until(ask(llm.fetch))
    expect(asked).toHaveLength(2)
    expect(events.some(({ type }) => type === 'llm.hedged')).toBe(true)
    expect(world.clock.monoMs() - before).toBe(5_000)
    expect(healer.breaker('openai/gpt-5').view().failures).toBe(0)
  })

  it('shares equal calls under way when told to, and each gets an answer of his own', async () => {
    const llm = createLlmGuard(healer, { cache: { coalesce: true, ttlMs: 60_000 } }, { fetch: sender() })
    const both = Promise.all([ask(llm.fetch, 'gpt-5', { temperature: 0 }), ask(llm.fetch, 'gpt-5', { temperature: 0 })])
    const bodies = await Promise.all((await world.clock.until(both)).map((response) => response.json()))
    expect([bodies, asked.length]).toEqual([[answer, answer], 1])
    expect(await (await ask(llm.fetch, 'gpt-5', { temperature: 0 })).json()).toEqual(answer)
    expect(asked).toHaveLength(1)
    expect(llm.snapshot().sharing).toMatchObject({ fromOrigin: 1, fromInFlight: 1, fromCache: 1 })
    expect(events.filter(({ type }) => type === 'llm.settled')).toHaveLength(3)
    await world.clock.until(ask(llm.fetch, 'gpt-5', { temperature: 1 }))
    expect(asked).toHaveLength(2)
  })

  it('refuses what the budget does not allow before anything is sent', async () => {
    const llm = createLlmGuard(healer, { budget: { requestsPerMinute: 1 } }, { fetch: sender() })
    await world.clock.until(ask(llm.fetch))
    await expect(ask(llm.fetch)).rejects.toMatchObject({ code: 'HS_LLM_BUDGET', details: { limit: 'requestsPerMinute' } })
    expect(asked).toHaveLength(1)
    expect(healer.breaker('openai/gpt-5').view().trend?.state).not.toBe('tripped')
    expect(JSON.parse(JSON.stringify(llm.snapshot()))).toEqual(llm.snapshot())
  })

  it('tells of a ladder only when the best answer could not be had', async () => {
    const llm = createLlmGuard(healer)
    const steps = [
      { kind: 'ask' as const, name: 'full', ask: () => Promise.reject(new Error('fetch failed')) },
      { kind: 'canned' as const, name: 'sorry', make: () => 'later' },
    ]
    expect(await llm.degrade({ key: 'greeting', steps })).toMatchObject({ value: 'later', degraded: true })
    expect(events.filter(({ type }) => type === 'llm.degraded')).toHaveLength(2)
    events.length = 0
    expect(await llm.degrade({ key: 'greeting', steps: [{ kind: 'ask', name: 'full', ask: () => 'now' }] })).toMatchObject({
      value: 'now',
    })
    expect(events).toEqual([])
  })

  it('leaves a model that cannot do a schema, and tells of its circuit', async () => {
    const llm = createLlmGuard(healer)
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) => (typeof value === 'number' ? { value } : { issues: [{ message: 'no number' }] }),
      },
    }
    const models = [
      { key: 'a/weak', ask: () => '"text"' },
      { key: 'b/strong', ask: () => '7' },
    ]
    for (let call = 0; call < 8; call += 1)
      expect(await llm.askStructured({ models, schema, reAsksMax: 0 })).toMatchObject({ value: 7, key: 'b/strong' })
    expect(events.find(({ type }) => type === 'circuit.opened')).toMatchObject({ key: expect.stringMatching(/^quality:a\/weak/) })
    expect(await llm.askStructured({ models, schema, reAsksMax: 0 })).toMatchObject({ attempts: 1 })
  })
})
