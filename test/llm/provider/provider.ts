import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Clock } from '../../../src/core/world.js'
import { speeches, type Api, type Speech } from './speech.js'

/** A request as it came. */
export interface ReceivedRequest {
  readonly api: Api
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Readonly<Record<string, unknown>>
  readonly streams: boolean
  /** On the clock that the provider was given. */
  readonly atMs: number
  /** Whether the client hung up before it had the whole answer. */
  readonly abandoned: boolean
}

/** One request that is being answered. */
export interface Exchange {
  readonly request: ReceivedRequest
  readonly speech: Speech
  readonly response: ServerResponse
  readonly socket: Socket
  /** Resolves when nothing more can be sent: the client has hung up, or has it all. */
  readonly over: Promise<void>
  /** Says that nothing more will come, whatever happens: whoever waits now, waits for his own clock. */
  still(): void
}

/** How a request is answered. */
export type Behaviour = (exchange: Exchange) => void | Promise<void>

/** A provider on the loopback interface. */
export interface Provider {
  readonly origin: string
  /** `127.0.0.1:12345`: what the guard names targets by. */
  readonly host: string
  /** The requests since {@link Provider.answers}. */
  readonly requests: readonly ReceivedRequest[]
  /** Times between them, milliseconds on the provider's clock. */
  readonly gapsMs: readonly number[]
  /** Connections that are open. */
  readonly connections: number
  /** Begins anew: answers the next requests like this, in this order; what comes after them like the last. */
  answers(...behaviours: readonly [Behaviour, ...Behaviour[]]): void
  /** Resolves when the `n`-th request (from 1) has got all that it will get for now. */
  still(n: number): Promise<void>
  close(): Promise<void>
}

const bodyBytesMax = 4 * 1_024 * 1_024

/** Starts a provider. It answers with what {@link Provider.answers} says, and has nothing to say until then. */
export async function startProvider(clock: Pick<Clock, 'monoMs'>): Promise<Provider> {
  const requests: ReceivedRequest[] = []
  const stills: PromiseWithResolvers<void>[] = []
  const sockets = new Set<Socket>()
  let script: readonly Behaviour[] = []

  const stillOf = (index: number): PromiseWithResolvers<void> => (stills[index] ??= Promise.withResolvers<void>())
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(incoming)
    const index = requests.length
    const over = Promise.withResolvers<void>()
    const request = {
      api: apiOf(incoming.url ?? ''),
      path: incoming.url ?? '',
      headers: incoming.headers,
      body,
      streams: body['stream'] === true,
      atMs: clock.monoMs(),
      abandoned: false,
    }
    requests.push(request)
    response.on('close', () => {
      request.abandoned = !response.writableFinished
      over.resolve()
    })
    const behaviour = script[index] ?? script.at(-1)
    if (behaviour === undefined) throw new Error('the provider was not told what to answer')
    const still = (): void => stillOf(index).resolve()
    await behaviour({ request, speech: speeches[request.api], response, socket: incoming.socket, over: over.promise, still })
  }
  const server = createServer((incoming, response) => {
    // A client that hangs up in the middle is part of the game; the tests look at what that does to him.
    serve(incoming, response).catch(() => response.destroy())
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address with one.
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin: `http://${host}`,
    host,
    requests,
    get gapsMs() {
      return requests.slice(1).map(({ atMs }, index) => atMs - (requests[index]?.atMs ?? 0))
    },
    get connections() {
      return sockets.size
    },
    answers: (...behaviours) => {
      script = behaviours
      requests.length = 0
      stills.length = 0
    },
    still: (n) => stillOf(n - 1).promise,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of incoming) {
    // A request gives buffers, for no encoding was set.
    pieces.push(piece as Buffer)
    bytes += (piece as Buffer).length
    if (bytes > bodyBytesMax) throw new Error('the request is too large')
  }
  const parsed: unknown = JSON.parse(Buffer.concat(pieces).toString('utf8'))
  if (typeof parsed !== 'object' || parsed === null) throw new Error('the request is no object')
  return { ...parsed }
}

function apiOf(path: string): Api {
  if (path.includes('/chat/completions')) return 'openai-chat'
  if (path.includes('/responses')) return 'openai-responses'
  if (path.includes('/messages')) return 'anthropic-messages'
  throw new Error(`the provider knows no ${path}`)
}
