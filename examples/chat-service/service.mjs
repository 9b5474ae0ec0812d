// The chat service: POST /chat takes a question and streams the answer. Everything that homeostat does for it is in `guarded`.
import { createServer } from 'node:http'
import { isHomeostatError, SelfHealingOrchestrator } from 'homeostat'
import { createLlmGuard } from 'homeostat/llm'
import OpenAI from 'openai'

/** A client that asks the first provider, and the second one when the first cannot answer. */
export function guarded(first, second) {
  const healer = new SelfHealingOrchestrator({ guard: { breaker: { openMs: 2_000, openMsMax: 4_000, rampMs: 2_000 } } })
  const llm = createLlmGuard(healer, {
    timeouts: { firstTokenMs: 800, idleMs: 800, totalMs: 10_000 },
    retry: { attemptsMax: 2, delayMsBase: 100, retryAfterMsMax: 1_000 },
    budget: { usdPerDay: 1 },
    fallback: [{ model: 'gpt-5-mini', baseUrl: `${second.origin}/v1`, headers: { authorization: 'Bearer sk-of-the-second' } }],
    providers: { [first.host]: first.name, [second.host]: second.name },
    waitMsMax: 500,
  })
  const client = new OpenAI({ apiKey: 'sk-of-the-first', baseURL: `${first.origin}/v1`, fetch: llm.fetch, maxRetries: 0 })
  return { healer, client }
}

/** Starts the service. */
export async function startService(client) {
  const server = createServer((request, response) => {
    chat(client, request, response).catch((error) => apologize(response, error))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}/chat`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

async function chat(client, request, response) {
  const leaving = new AbortController()
  // A visitor who leaves is not answered any more, and the provider hears of it.
  response.on('close', () => leaving.abort())
  let content = ''
  for await (const piece of request) content += piece
  const messages = [{ role: 'user', content }]
  const options = { signal: leaving.signal }
  const answer = await client.chat.completions.create({ model: 'gpt-5', messages, stream: true }, options)
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
  for await (const { choices } of answer) response.write(choices[0]?.delta.content ?? '')
  response.end()
}

function apologize(response, error) {
  // Half an answer was sent: to break the connection is the only way to say that it is not whole.
  if (response.headersSent) return response.destroy()
  const refusal = [error, error.cause].find((one) => isHomeostatError(one))
  const retryAfterMs = refusal?.details.retryAfterMs ?? 1_000
  response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': Math.ceil(retryAfterMs / 1_000) })
  response.end(`Please try again later. (${refusal?.code ?? error.message})`)
}
