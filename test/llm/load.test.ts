import { fork, type ChildProcess } from 'node:child_process'
import { setTimeout as realSleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { createWorld } from '../../src/core/world.js'
import { createLlmGuard } from '../../src/llm/create-llm-guard.js'
import { Orchestrator } from '../../src/orchestrator/orchestrator.js'
import { closing, content, opening, streams } from './provider/behaviours.js'
import { startProvider } from './provider/provider.js'

/** Streams at once. Most of their time is spent in the SDK and its sockets: ten thousand take a minute, and are for `HOMEOSTAT_CROWD=10000`. */
const crowd = Number(process.env['HOMEOSTAT_CROWD'] ?? 300)
const piecesEach = 10
const crowdTimeoutMs = 30_000 + crowd * 30

describe('llm.fetch', () => {
  it(
    `carries ${crowd} streams at once: no chunk lost or doubled, and nothing stays behind`,
    async () => {
      await using server = await startCrowdServer()
      await using healer = new Orchestrator({ guard: { bulkhead: { enabled: true, concurrentMax: crowd } } })
      const budget = { concurrentMax: crowd, tokensPerMinute: 1_000_000_000 }
      const llm = createLlmGuard(healer, { budget, providers: { [server.host]: 'provider' } })
      const client = new OpenAI({ apiKey: 'sk-crowd', baseURL: `http://${server.host}/v1`, fetch: llm.fetch, maxRetries: 0 })
      const wanted = Array.from({ length: piecesEach }, (_, piece) => `${piece};`).join('')

      // The first round also fills caches and compiles; the second one must leave no more behind than that.
      expect(await readAll(client)).toEqual(new Set([wanted]))
      const before = await atRest()
      expect(await readAll(client)).toEqual(new Set([wanted]))
      const after = await atRest()

      expect(await server.state()).toEqual({ open: 0, openMax: crowd, begun: crowd * 2 })
      expect(after.heapBytes - before.heapBytes).toBeLessThan(Math.max(1_000_000, 100 * crowd))
      expect(after.resources).toEqual(before.resources)
      const [target] = healer.snapshot().keys.filter(({ key }) => key.startsWith('provider/'))
      expect(target).toMatchObject({ key: 'provider/m', bulkhead: { running: 0, queued: 0 } })
      expect(healer.breaker('provider/m').stats).toMatchObject({ successes: crowd * 2, failures: 0 })
    },
    crowdTimeoutMs,
  )

  it('lets a slow reader slow the provider down, and loses nothing', async () => {
    const pieceChars = 64 * 1_024
    const piecesMax = 400
    const provider = await startProvider(createWorld().clock)
    let sent = 0
    const pieces = Array.from({ length: piecesMax }, () => content('x'.repeat(pieceChars))).map(
      (piece): typeof piece =>
        (exchange) => {
          sent += 1
          return piece(exchange)
        },
    )
    provider.answers(streams(opening, ...pieces, closing))
    const healer = new Orchestrator()
    const llm = createLlmGuard(healer)
    const client = new OpenAI({ apiKey: 'sk-slow', baseURL: `${provider.origin}/v1`, fetch: llm.fetch, maxRetries: 0 })
    const stream = await client.chat.completions.create({ model: 'm', messages: [], stream: true })
    let chars = 0
    for await (const { choices } of stream) {
      const atFirst = chars === 0
      chars += choices[0]?.delta.content?.length ?? 0
      if (!atFirst || chars === 0) continue
      await sentNoMore(() => sent)
      // What the sockets of both sides hold; far from all of it.
      expect(sent).toBeLessThan(piecesMax / 2)
    }
    expect([chars, sent]).toEqual([piecesMax * pieceChars, piecesMax])
    await healer.close()
    await provider.close()
  })
})

/** The texts of as many streams as the crowd is large, all of them open at the same time. */
async function readAll(client: OpenAI): Promise<ReadonlySet<string>> {
  const read = async (): Promise<string> => {
    let text = ''
    for await (const { choices } of await client.chat.completions.create({ model: 'm', messages: [], stream: true }))
      text += choices[0]?.delta.content ?? ''
    return text
  }
  const reads: Promise<string>[] = []
  for (let stream = 0; stream < crowd; stream += 1) {
    reads.push(read())
    // Connections are asked for in waves: a listener's queue is not without end.
    if (stream % 250 === 249) await realSleep(5)
  }
  return new Set(await Promise.all(reads))
}

/** The heap and what the process holds, once both have come to rest. */
async function atRest(): Promise<{ readonly heapBytes: number; readonly resources: Readonly<Record<string, number>> }> {
  await realSleep(200)
  setFlagsFromString('--expose-gc')
  // A context that is made now has the function; nothing else does.
  const collect = runInNewContext('gc') as () => void
  for (let round = 0; round < 3; round += 1) {
    collect()
    await realSleep(20)
  }
  const resources: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1
  // What the test itself waits with.
  delete resources['Timeout']
  return { heapBytes: process.memoryUsage().heapUsed, resources }
}

/** Waits until a count stands still. */
async function sentNoMore(count: () => number): Promise<void> {
  for (let before = -1; before !== count();) {
    before = count()
    await realSleep(100)
  }
}

interface CrowdServer extends AsyncDisposable {
  readonly host: string
  state(): Promise<unknown>
}

async function startCrowdServer(): Promise<CrowdServer> {
  const script = new URL('./provider/crowd-server.mjs', import.meta.url)
  const child: ChildProcess = fork(script, [String(crowd), String(piecesEach)], { execArgv: [] })
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve(Number(Reflect.get(Object(message), 'port'))))
    child.once('error', reject)
  })
  const host = `127.0.0.1:${port}`
  return {
    host,
    state: async () => (await fetch(`http://${host}/state`)).json(),
    [Symbol.asyncDispose]: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.disconnect()
      await gone
    },
  }
}
