import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EventPayloads } from '../../src/core/events.js'
import { createLlmGuard } from '../../src/llm/create-llm-guard.js'
import { Orchestrator } from '../../src/orchestrator/orchestrator.js'
import { createTestWorld, type TestWorld } from '../../src/testing/test-world.js'
import { speeches, usage } from './provider/speech.js'

/** What becomes of one request. */
const fates = [
  'answers',
  'limits',
  'waits',
  'fails',
  'breaks',
  'hangs',
  'garbles',
  'cuts',
  'stalls',
  'errs',
  'has-no-money',
] as const
type Fate = (typeof fates)[number]

interface PlannedCall {
  readonly afterMs: number
  readonly model: 'a' | 'b'
  readonly key: 'one' | 'two' | 'three'
  readonly streams: boolean
  /** When the caller loses patience, milliseconds. */
  readonly leavesAfterMs: number | undefined
}

const call: fc.Arbitrary<PlannedCall> = fc.record({
  afterMs: fc.integer({ min: 0, max: 5_000 }),
  model: fc.constantFrom('a', 'b'),
  key: fc.constantFrom('one', 'two'),
  streams: fc.boolean(),
  leavesAfterMs: fc.option(fc.integer({ min: 0, max: 30_000 }), { nil: undefined, freq: 5 }),
})
interface Schedule {
  readonly calls: readonly PlannedCall[]
  /** In the order of the requests; then all is well. */
  readonly fates: readonly Fate[]
  readonly seed: number
}

const schedule: fc.Arbitrary<Schedule> = fc.record({
  calls: fc.array(call, { minLength: 1, maxLength: 40 }),
  // Mostly answers: a circuit that is always open proves little.
  fates: fc.array(fc.oneof({ arbitrary: fc.constant<Fate>('answers'), weight: 8 }, fc.constantFrom(...fates)), { maxLength: 80 }),
  seed: fc.integer(),
})

const limits = { requestsPerMinute: 20, tokensPerMinute: 400, concurrentMax: 6 }
const outputTokensMax = 20
const retryBudget = { retriesMax: 5, retriesPerSuccess: 0.1, refillMs: 10_000 }
const attemptsMax = 3
const origin = 'https://provider.test'
const encoder = new TextEncoder()

/** What happened, from all sides. */
interface Story {
  readonly world: TestWorld
  /** When requests reached the provider, and whether their answers were billed. */
  readonly sent: { readonly atMs: number; billed: number }[]
  readonly underWayMax: number
  readonly settled: readonly EventPayloads['llm.settled'][]
  readonly retried: readonly EventPayloads['call.retried'][]
  readonly outcomes: readonly ('given' | 'failed')[]
  readonly healer: Orchestrator
  /** Whether as many calls as are allowed at once can be made again. */
  readonly roomAgain: number
}

describe('llm.fetch, over random schedules of faults', () => {
  it('never exceeds a budget, never more retries than theirs, settles each call once, and gives everything back', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (planned) => {
        const story = await play(planned)
        const { sent, settled, retried, outcomes, world, healer } = story
        expect(outcomes).toHaveLength(planned.calls.length)
        expect(settled).toHaveLength(planned.calls.length)

        expect(story.underWayMax).toBeLessThanOrEqual(limits.concurrentMax)
        expect(mostInAMinute(sent, () => 1)).toBeLessThanOrEqual(limits.requestsPerMinute)
        expect(mostInAMinute(sent, ({ billed }) => billed)).toBeLessThanOrEqual(limits.tokensPerMinute)

        for (const { attempts } of settled) expect(attempts).toBeLessThanOrEqual(attemptsMax)
        for (const { key, outcomes: ended } of healer.snapshot().keys) {
          const retries = retried.filter((one) => one.key === key).length
          // A retry that helped is free; each that did not belongs to the budget.
          const { retriesMax, retriesPerSuccess, refillMs } = retryBudget
          const affordable = retriesMax + retriesPerSuccess * ended.success + world.clock.monoMs() / refillMs
          expect(retries).toBeLessThanOrEqual(affordable + ended.success)
        }

        expect(world.clock.sleeping).toBe(0)
        for (const { bulkhead } of healer.snapshot().keys) expect(bulkhead).toEqual({ running: 0, queued: 0 })
        expect(story.roomAgain).toBe(limits.concurrentMax)
      }),
      { numRuns: 150 },
    )
  }, 60_000)
})

async function play({ calls, fates: planned, seed }: Schedule): Promise<Story> {
  const world = createTestWorld(seed)
  const healer = new Orchestrator({ guard: { retryBudget, bulkhead: { enabled: true } } }, { world })
  const sent: Story['sent'] = []
  let underWay = 0
  let underWayMax = 0
  const rest = [...planned]
  const send: typeof fetch = async (_, init) => {
    const index = sent.push({ atMs: world.clock.monoMs(), billed: 0 }) - 1
    underWay += 1
    underWayMax = Math.max(underWayMax, underWay)
    const over = once(() => (underWay -= 1))
    const bill = (): void => void (sent[index] = { atMs: sent[index]?.atMs ?? 0, billed: usage.inputTokens + usage.outputTokens })
    return meet(rest.shift() ?? 'answers', init ?? {}, { world, over, bill })
  }
  const llm = createLlmGuard(
    healer,
    { budget: limits, providers: { 'provider.test': 'provider' }, retry: { attemptsMax }, timeouts: { totalMs: 60_000 } },
    { fetch: send },
  )
  const settled: EventPayloads['llm.settled'][] = []
  const retried: EventPayloads['call.retried'][] = []
  healer.on('llm.settled', (event) => settled.push(event))
  healer.on('call.retried', (event) => retried.push(event))

  const asked: Promise<'given' | 'failed'>[] = []
  const all = (async () => {
    for (const one of calls) {
      await world.clock.sleep(one.afterMs)
      asked.push(ask(llm.fetch, one, world))
    }
    return Promise.all(asked)
  })()
  const outcomes = await world.clock.until(all)
  await world.clock.advance(120_000)

  // Nothing is held by anyone: exactly so many calls of a target that never answers can be under way at once.
  const before = sent.length
  rest.splice(0, rest.length, ...Array.from({ length: limits.concurrentMax + 1 }, (): Fate => 'hangs'))
  const leaving = new AbortController()
  const probe = requestOf({ model: 'c', key: 'three', streams: false }, leaving.signal)
  const probes = Promise.allSettled(
    Array.from({ length: limits.concurrentMax + 1 }, () => llm.fetch(`${origin}/v1/chat/completions`, probe)),
  )
  await world.clock.advance(0)
  const roomAgain = sent.length - before
  leaving.abort()
  await probes
  settled.splice(calls.length)
  return { world, sent: sent.slice(0, before), underWayMax, settled, retried, outcomes, healer, roomAgain }
}

async function ask(send: typeof fetch, planned: PlannedCall, world: TestWorld): Promise<'given' | 'failed'> {
  const leaving = new AbortController()
  if (planned.leavesAfterMs !== undefined)
    void world.clock.sleep(planned.leavesAfterMs, undefined, { background: true }).then(() => leaving.abort())
  try {
    const response = await send(`${origin}/v1/chat/completions`, requestOf(planned, leaving.signal))
    await response.text()
    return response.ok ? 'given' : 'failed'
  } catch {
    return 'failed'
  }
}

function requestOf(
  { model, key, streams }: Pick<PlannedCall, 'key' | 'streams'> & { model: string },
  signal: AbortSignal,
): RequestInit {
  return {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    // The bound on the output is what the budget counts on; the provider keeps it.
    body: JSON.stringify({
      model,
      stream: streams,
      max_completion_tokens: outputTokensMax,
      messages: [{ content: 'Say hello, please.' }],
    }),
    signal,
  }
}

/** How a provider in memory answers; `over` when it has nothing more to do with the request. */
async function meet(
  fate: Fate,
  { body, signal }: RequestInit,
  { world, over, bill }: { readonly world: TestWorld; readonly over: () => void; readonly bill: () => void },
): Promise<Response> {
  signal?.addEventListener('abort', over, { once: true })
  const streams = typeof body === 'string' && body.includes('"stream":true')
  const speech = speeches['openai-chat']
  const json = (status: number, answer: object, headers: Readonly<Record<string, string>> = {}): Response => {
    over()
    return Response.json(answer, { status, headers })
  }
  const sends = (...parts: readonly string[]): Response => streamOf(parts, { signal: signal ?? undefined, over })
  await world.clock.sleep(Math.floor(world.random() * 2_000), signal ?? undefined).catch(() => undefined)
  signal?.throwIfAborted()
  switch (fate) {
    case 'answers':
      bill()
      if (!streams) return json(200, speech.answer('Hello'))
      return sends(speech.opening(), speech.content('Hello'), speech.closing('Hello'))
    case 'limits':
      return json(429, speech.refusal({ type: 'rate_limit_error' }))
    case 'waits':
      return json(429, speech.refusal({ type: 'rate_limit_error' }), { 'retry-after': '7' })
    case 'fails':
      return json(500, speech.refusal({ type: 'server_error' }))
    case 'breaks':
      over()
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) })
    case 'hangs':
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('gone')), { once: true }))
    case 'garbles':
      over()
      return new Response('<html>', { headers: { 'content-type': 'text/html' } })
    case 'has-no-money':
      return json(429, speech.refusal({ type: 'insufficient_quota', code: 'insufficient_quota' }))
    case 'cuts':
      return sends(speech.opening(), speech.content('Hel'))
    case 'stalls':
      return sends(speech.opening(), speech.content('Hel'), 'wait')
    case 'errs':
      return sends(speech.opening(), speech.inBand({ type: 'overloaded_error', code: 'server_is_overloaded' }))
  }
}

function streamOf(
  parts: readonly string[],
  { signal, over }: { readonly signal: AbortSignal | undefined; readonly over: () => void },
): Response {
  const rest = [...parts]
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => signal?.addEventListener('abort', () => controller.error(signal.reason), { once: true }),
      pull: (controller) => {
        const part = rest.shift()
        if (part === 'wait') return new Promise(() => undefined)
        if (part !== undefined) return controller.enqueue(encoder.encode(part))
        over()
        controller.close()
      },
      cancel: over,
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

/** The most that came together in sixty seconds. */
function mostInAMinute<T extends { readonly atMs: number }>(list: readonly T[], amountOf: (one: T) => number): number {
  const sums = list.map(({ atMs }) =>
    list.filter((other) => other.atMs >= atMs && other.atMs < atMs + 60_000).reduce((sum, one) => sum + amountOf(one), 0),
  )
  return Math.max(0, ...sums)
}

function once(work: () => void): () => void {
  let done = false
  return () => {
    if (!done) work()
    done = true
  }
}
