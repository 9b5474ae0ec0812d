// A provider of language models that is sometimes ill: it speaks OpenAI's chat completions, streams, and runs offline.
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** What can be wrong with it, and how a request is answered then. */
const illnesses = {
  well: (exchange) => stream(exchange, exchange.words),
  slow: async (exchange) => {
    await sleep(400)
    await stream(exchange, exchange.words, 60)
  },
  overloaded: ({ response }) => refuse(response, 529, 'overloaded_error'),
  'rate limited': ({ response }) => refuse(response, 429, 'rate_limit_error', { 'retry-after': '2' }),
  'out of money': ({ response }) => refuse(response, 429, 'insufficient_quota'),
  // The worst ones: they begin well.
  cutting: (exchange) => stream(exchange, exchange.words.slice(0, 3), 10, 'cut'),
  stalling: (exchange) => stream(exchange, exchange.words.slice(0, 3), 10, 'stall'),
  hanging: () => undefined,
  'behind a broken proxy': ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end('<html><body>Bad gateway</body></html>')
  },
}

/** Starts one on the loopback interface. `health` can be changed at any time. */
export async function startProvider(name) {
  const provider = { name, health: 'well', requests: 0, origin: '', host: '', close }
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  provider.host = `127.0.0.1:${server.address().port}`
  provider.origin = `http://${provider.host}`
  return provider

  async function answer(request, response) {
    let text = ''
    for await (const piece of request) text += piece
    const { messages, model } = JSON.parse(text)
    provider.requests += 1
    const words = `This is ${model} of ${name}. You said: ${messages.at(-1).content}`.split(/(?<= )/)
    await illnesses[provider.health]({ response, words, model })
  }

  function close() {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
}

async function stream({ response, words, model }, say, gapMs = 15, end = 'well') {
  const send = (body) =>
    response.write(`data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', model, ...body })}\n\n`)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const content of say) {
    send({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })
    await sleep(gapMs)
  }
  if (end === 'stall') return
  if (end === 'well') {
    send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
    send({ choices: [], usage: { prompt_tokens: 20, completion_tokens: words.length, total_tokens: 20 + words.length } })
    response.write('data: [DONE]\n\n')
  }
  response.end()
}

function refuse(response, status, type, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify({ error: { type, code: type, message: `The provider is ill: ${type}` } }))
}
