import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LlmFailureKind } from '../../src/llm/failure/llm-failure.js'
import {
  answers,
  content,
  closing,
  hangs,
  html,
  inBand,
  keepsAlive,
  opening,
  pause,
  refuses,
  reset,
  silence,
  streams,
  wholeText,
} from './provider/behaviours.js'
import { clients } from './provider/clients.js'
import { startProvider, type Behaviour, type Provider } from './provider/provider.js'
import { ourErrorIn, providerName, received, setStage, sharedClock, statusIn } from './provider/stage.js'

const timeouts = { firstTokenMs: 20_000, idleMs: 15_000, totalMs: 120_000 }

/** A stream that goes wrong, as caller and provider see it. */
interface Row {
  readonly kind: LlmFailureKind
  readonly says: string
  readonly behaviour: Behaviour
  readonly requests: 1 | 3
  readonly failures: 0 | 1 | 3
  readonly code: string
  /** What had come before. */
  readonly text: string
  /** How long the watchdog waits that ends it, milliseconds. */
  readonly waitsMs?: number
  readonly opensCredential?: true
}

const overloaded = inBand({ type: 'overloaded_error', code: 'server_is_overloaded' })
const noMoney = inBand({ type: 'insufficient_quota', code: 'insufficient_quota' })
const begun = [opening, content('Hello'), content(', wor')] as const
const thrice = { requests: 3, failures: 3, text: '' } as const
const once = { requests: 1, failures: 1, text: 'Hello, wor' } as const
const late = { ...thrice, code: 'HS_LLM_FIRST_TOKEN', waitsMs: timeouts.firstTokenMs } as const

const rows: readonly Row[] = [
  { kind: 'first-token-late', says: 'no answer at all', behaviour: hangs, ...late },
  { kind: 'first-token-late', says: 'a beginning without content', behaviour: streams(opening, silence), ...late },
  { kind: 'first-token-late', says: 'pings instead of content', behaviour: streams(opening, keepsAlive), ...late },
  {
    kind: 'stream-stalled',
    says: 'silence after content',
    behaviour: streams(...begun, silence),
    ...once,
    code: 'HS_LLM_STALLED',
    waitsMs: timeouts.idleMs,
  },
  {
    kind: 'stream-stalled',
    says: 'pings after content',
    behaviour: streams(...begun, keepsAlive),
    ...once,
    code: 'HS_LLM_STALLED',
    waitsMs: timeouts.idleMs,
  },
  { kind: 'stream-cut', says: 'an end before content', behaviour: streams(opening), ...thrice, code: 'HS_LLM_CUT' },
  { kind: 'stream-cut', says: 'an end after content', behaviour: streams(...begun), ...once, code: 'HS_LLM_CUT' },
  {
    kind: 'stream-cut',
    says: 'a reset before content',
    behaviour: streams(opening, pause(5), reset),
    ...thrice,
    code: 'HS_LLM_CUT',
  },
  {
    kind: 'stream-cut',
    says: 'a reset after content',
    behaviour: streams(...begun, pause(5), reset),
    ...once,
    code: 'HS_LLM_CUT',
  },
  {
    kind: 'overloaded',
    says: 'an error before content',
    behaviour: streams(opening, overloaded),
    ...thrice,
    code: 'HS_LLM_STREAM_ERROR',
  },
  {
    kind: 'overloaded',
    says: 'an error after content',
    behaviour: streams(...begun, overloaded),
    ...once,
    code: 'HS_LLM_STREAM_ERROR',
  },
  {
    kind: 'quota',
    says: 'no money left, before content',
    behaviour: streams(opening, noMoney),
    requests: 1,
    failures: 0,
    text: '',
    code: 'HS_LLM_STREAM_ERROR',
    opensCredential: true,
  },
]

let provider: Provider

beforeAll(async () => {
  provider = await startProvider(sharedClock)
})
afterAll(() => provider.close())

describe.each(rows)('$kind: $says', (row) => {
  it.each(clients)('$name', async (client) => {
    provider.answers(row.behaviour)
    const { llm, healer, passAfter, settled, circuit } = setStage(provider, { timeouts })
    const asked = client.ask({ fetch: llm.fetch, origin: provider.origin, stream: true })
    if (row.waitsMs !== undefined)
      for (let request = 1; request <= row.requests; request += 1) await passAfter(request, row.waitsMs)
    const { error, text } = await asked
    await received()

    const ours = ourErrorIn(error)
    expect(ours?.code).toBe(row.code)
    expect(text).toBe(row.text)
    if (row.text !== '') expect(ours?.details).toMatchObject({ partialText: row.text, contentChars: row.text.length })
    expect(provider.requests).toHaveLength(row.requests)
    const [{ key } = { key: '' }] = settled
    expect(settled).toEqual([
      expect.objectContaining({ failure: row.kind, attempts: row.requests, streamed: row.text !== '', key }),
    ])
    expect(circuit(key.slice(providerName.length + 1)).stats.failures).toBe(row.failures)
    // What came is billed, not all that might have come.
    if (row.text !== '') expect(settled[0]?.outputTokens).toBe(3)
    const credential = healer.snapshot().keys.find((known) => known.key.startsWith(`${providerName}#`))
    expect(credential?.circuit.state).toBe(row.opensCredential === true ? 'open' : 'closed')
    // Whoever was given up is not left talking to nobody.
    if (row.waitsMs !== undefined) expect(provider.requests.every(({ abandoned }) => abandoned)).toBe(true)
    await healer.close()
  })
})

describe('a stream that fails before its first content', () => {
  const failures = [
    ['hangs', hangs, timeouts.firstTokenMs],
    ['pings', streams(opening, keepsAlive), timeouts.firstTokenMs],
    ['is cut', streams(opening), 0],
    ['is reset', streams(opening, pause(5), reset), 0],
    ['carries an error', streams(opening, overloaded), 0],
    ['is HTML', html(200), 0],
    ['is refused', refuses(529, { type: 'overloaded_error' }), 0],
  ] as const
  const cases = failures.flatMap(([says, behaviour, waitsMs]) => clients.map((client) => ({ says, behaviour, waitsMs, client })))

  it.each(cases)('is begun anew, unseen: $says, $client.name', async ({ behaviour, waitsMs, client }) => {
    provider.answers(behaviour, answers())
    const { llm, healer, passAfter, settled } = setStage(provider, { timeouts })
    const asked = client.ask({ fetch: llm.fetch, origin: provider.origin, stream: true })
    if (waitsMs > 0) await passAfter(1, waitsMs)
    expect(await asked).toEqual({ text: wholeText, error: undefined })
    expect(provider.requests).toHaveLength(2)
    expect(settled).toEqual([
      expect.objectContaining({ failure: undefined, attempts: 2, streamed: true, inputTokens: expect.any(Number) as number }),
    ])
    await healer.close()
  })
})

describe('totalMs', () => {
  it.each(clients)('ends a stream that goes on and on: $name', async (client) => {
    provider.answers(streams(...begun, silence))
    const { llm, healer, passAfter, settled } = setStage(provider, { timeouts: { ...timeouts, idleMs: 500_000 } })
    const asked = client.ask({ fetch: llm.fetch, origin: provider.origin, stream: true })
    await passAfter(1, timeouts.totalMs)
    const { error, text } = await asked
    expect([ourErrorIn(error)?.code, text]).toEqual(['HS_LLM_TOTAL', 'Hello, wor'])
    expect(ourErrorIn(error)?.details).toMatchObject({ totalMs: timeouts.totalMs })
    await received()
    expect(settled).toEqual([expect.objectContaining({ failure: 'deadline' })])
    await healer.close()
  })

  it.each(clients)('ends an answer that never comes: $name', async (client) => {
    provider.answers(hangs)
    const { llm, healer, passAfter, settled, circuit } = setStage(provider, { timeouts })
    const asked = client.ask({ fetch: llm.fetch, origin: provider.origin, stream: false })
    await passAfter(1, timeouts.totalMs)
    const { error } = await asked
    expect([ourErrorIn(error)?.code, provider.requests.length, statusIn(error)]).toEqual(['HS_DEADLINE', 1, undefined])
    const [{ key } = { key: '' }] = settled
    expect([settled[0]?.failure, circuit(key.slice(providerName.length + 1)).stats.failures]).toEqual(['deadline', 1])
    await received()
    expect(provider.requests[0]?.abandoned).toBe(true)
    await healer.close()
  })
})

describe('firstTokenMs and idleMs', () => {
  it.each(clients)('wait as long as they say, and no shorter: $name', async (client) => {
    provider.answers(hangs, streams(...begun, silence))
    const { llm, healer, passAfter, clock } = setStage(provider, { timeouts })
    let done = false
    const asked = client.ask({ fetch: llm.fetch, origin: provider.origin, stream: true }).finally(() => (done = true))
    await passAfter(1, timeouts.firstTokenMs - 1)
    await received()
    expect(provider.requests).toHaveLength(1)
    await clock.advance(1)
    await passAfter(2, timeouts.idleMs - 1)
    await received()
    expect(done).toBe(false)
    await clock.advance(1)
    expect(ourErrorIn((await asked).error)?.code).toBe('HS_LLM_STALLED')
    await healer.close()
  })

  it.each(clients)('do not disturb a stream that keeps coming, slowly: $name', async (client) => {
    const { llm, healer, clock } = setStage(provider, { timeouts })
    const waits: (() => Promise<string>)[] = Array.from({ length: 5 }, () => async () => {
      await received()
      await clock.advance(timeouts.idleMs - 1)
      return ''
    })
    const steps = waits.flatMap((wait, index) => [content(`${index}`), wait])
    provider.answers(streams(opening, ...steps, closing))
    expect(await client.ask({ fetch: llm.fetch, origin: provider.origin, stream: true })).toEqual({
      text: '01234',
      error: undefined,
    })
    expect(provider.requests).toHaveLength(1)
    await healer.close()
  })
})
