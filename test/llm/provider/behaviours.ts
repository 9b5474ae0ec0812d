import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as realSleep } from 'node:timers/promises'
import type { Behaviour, Exchange } from './provider.js'
import type { ProviderError } from './speech.js'

/** Something that is sent in a stream. */
export type Step = (exchange: Exchange) => string | Promise<string>

/** What is said when nothing else was asked for. */
const pieces = ['Hello', ', ', 'world', '!'] as const
export const wholeText = pieces.join('')

/** A good answer: whole or as a stream, as the request wants it. */
export function answers(texts: readonly string[] = pieces, finish?: string): Behaviour {
  const whole = texts.join('')
  const streaming = streams(opening, ...texts.map(content), (exchange) => exchange.speech.closing(whole, finish))
  return async (exchange) => {
    if (exchange.request.streams) return streaming(exchange)
    sendJson(exchange.response, 200, exchange.speech.answer(whole, finish))
  }
}

/** An error answer in the shape of the API that was asked. */
export function refuses(status: number, error: ProviderError = {}, headers: Readonly<Record<string, string>> = {}): Behaviour {
  return ({ response, speech }) => sendJson(response, status, speech.refusal(error), headers)
}

/** Any answer at all. */
export function sends(status: number, type: string, body: string, headers: Readonly<Record<string, string>> = {}): Behaviour {
  return ({ response }) => {
    response.writeHead(status, { ...headers, 'content-type': type })
    response.end(body)
  }
}

/** What a proxy sends when it is at its end. */
export function html(status: number): Behaviour {
  return sends(status, 'text/html; charset=utf-8', '<html><body><h1>Bad Gateway</h1></body></html>')
}

/** Takes the request and says nothing. */
export const hangs: Behaviour = async ({ still, over }) => {
  still()
  await over
}

/** Breaks the connection instead of answering. */
export const resets: Behaviour = ({ socket }) => {
  socket.resetAndDestroy()
}

/** A stream of these steps, which then ends: whether that is well depends on the steps. Waits when the client reads slowly. */
export function streams(...steps: readonly Step[]): Behaviour {
  return async (exchange) => {
    const { response, over } = exchange
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
    response.flushHeaders()
    for (const step of steps) {
      const text = await step(exchange)
      if (response.destroyed) return
      if (text !== '' && !response.write(text)) await Promise.race([once(response, 'drain'), over])
      // What is written in one turn may arrive as one chunk.
      await realSleep(0)
    }
    response.end()
  }
}

/** The events before the first content. */
export const opening: Step = ({ speech }) => speech.opening()

/** A piece of content. */
export function content(text: string): Step {
  return ({ speech }) => speech.content(text)
}

/** The end, as it should be. */
export const closing: Step = ({ speech }) => speech.closing(wholeText)

/** An error inside the stream. */
export function inBand(error: ProviderError): Step {
  return ({ speech }) => speech.inBand(error)
}

/** Keeps the connection alive and says nothing, until the client hangs up. */
export const keepsAlive: Step = async ({ speech, response, over, still }) => {
  let gone = false
  void over.then(() => (gone = true))
  for (let beat = 0; !gone; beat += 1) {
    response.write(beat % 2 === 0 ? ': keep-alive\n\n' : speech.ping())
    if (beat === 3) still()
    await Promise.race([realSleep(1), over])
  }
  return ''
}

/** Says nothing more, until the client hangs up. */
export const silence: Step = async ({ over, still }) => {
  still()
  await over
  return ''
}

/** Breaks the connection in the middle of the body. */
export const reset: Step = ({ socket }) => {
  socket.resetAndDestroy()
  return ''
}

/** Lets real time pass. */
export function pause(ms: number): Step {
  return async () => {
    await realSleep(ms)
    return ''
  }
}

function sendJson(response: ServerResponse, status: number, body: object, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
