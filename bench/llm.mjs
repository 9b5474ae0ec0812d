// What a guarded call of a language model costs: through the OpenAI SDK, against the same SDK without a guard, on the loopback.
import { fork } from 'node:child_process'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import OpenAI from 'openai'
import { SelfHealingOrchestrator } from '../dist/index.js'
import { createLlmGuard } from '../dist/llm/index.js'
import { median } from './compare.mjs'

const self = fileURLToPath(import.meta.url)
const request = { model: 'gpt-5', messages: [{ role: 'user', content: 'Say hello. '.repeat(50) }] }
const chunksPerStream = 1_000

/** Nanoseconds of a whole call, and of one chunk of a stream, bare and guarded. Medians; only their ratios mean anything. */
export async function llmNs({ calls = 1_500, streams = 60 } = {}) {
  const server = fork(self, { execArgv: [] })
  const port = await new Promise((resolve) => server.once('message', resolve))
  const baseURL = `http://127.0.0.1:${port}/v1`
  const healer = new SelfHealingOrchestrator()
  const llm = createLlmGuard(healer, { budget: { usdPerDay: 1_000_000, concurrentMax: 100 } })
  const bare = new OpenAI({ apiKey: 'sk-bench', baseURL, maxRetries: 0 })
  const guarded = llm.wrap(new OpenAI({ apiKey: 'sk-bench', baseURL, maxRetries: 0, fetch: llm.fetch }))
  try {
    const call = await interleaved({ bare: () => whole(bare), guarded: () => whole(guarded) }, calls)
    const stream = await interleaved({ bare: () => streamed(bare), guarded: () => streamed(guarded) }, streams)
    return { call, chunk: { bare: stream.bare / chunksPerStream, guarded: stream.guarded / chunksPerStream } }
  } finally {
    server.disconnect()
    await healer.close()
  }
}

async function whole(client) {
  const { choices } = await client.chat.completions.create(request)
  if (choices.length !== 1) throw new Error('the server gave no answer')
}

async function streamed(client) {
  let chunks = 0
  for await (const { choices } of await client.chat.completions.create({ ...request, stream: true })) chunks += choices.length
  if (chunks !== chunksPerStream) throw new Error(`${chunks} chunks came`)
}

/**
 * Medians of two sides that take turns, in alternating order: what disturbs the machine disturbs both. The first tenth warms up.
 * The guarded side is told as the bare one times the median of the ratios of neighbours, which is steadier than either time.
 */
async function interleaved({ bare, guarded }, rounds) {
  const times = []
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? [bare, guarded] : [guarded, bare]
    const pair = new Map()
    for (const side of order) {
      const startedMs = performance.now()
      await side()
      pair.set(side, (performance.now() - startedMs) * 1e6)
    }
    if (round >= rounds / 10) times.push({ bareNs: pair.get(bare), ratio: pair.get(guarded) / pair.get(bare) })
  }
  const bareNs = median(times.map((one) => one.bareNs))
  return { bare: bareNs, guarded: bareNs * median(times.map(({ ratio }) => ratio)) }
}

/** The provider, in a process of its own: whole answers at once, streams chunk by chunk. */
function serve() {
  const id = { id: 'chatcmpl-1', created: 1_700_000_000, model: 'gpt-5' }
  const usage = { prompt_tokens: 150, completion_tokens: 200, total_tokens: 350 }
  const message = { role: 'assistant', content: 'Hello. '.repeat(100), refusal: null }
  const answer = JSON.stringify({
    ...id,
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage,
  })
  const event = (delta, finish = null) =>
    `data: ${JSON.stringify({ ...id, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
  const respond = async (incoming, response) => {
    let body = ''
    for await (const piece of incoming) body += piece
    if (!JSON.parse(body).stream) {
      response.writeHead(200, { 'content-type': 'application/json' })
      return response.end(answer)
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (let chunk = 1; chunk < chunksPerStream; chunk += 1) {
      response.write(event({ content: 'Hello ' }))
      // Each chunk is a write of its own, as it is with a model that thinks between two words.
      await new Promise((resolve) => setImmediate(resolve))
    }
    response.end(`${event({}, 'stop')}data: [DONE]\n\n`)
  }
  const server = createServer((incoming, response) => void respond(incoming, response))
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
  process.on('disconnect', () => process.exit())
}

if (process.argv[1] === self && process.send !== undefined) serve()
