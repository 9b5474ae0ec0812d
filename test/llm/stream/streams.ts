/** Streams made by hand, for tests. */
export interface HandStream {
  readonly body: ReadableStream<Uint8Array>
  /** Sends text, or bytes. */
  send(chunk: string | Uint8Array): void
  /** The server closes. */
  close(): void
  /** The connection breaks. */
  break(error: unknown): void
  /** What it was cancelled with. */
  readonly cancelled: unknown[]
  /** How often the reader asked for more. */
  readonly pulls: () => number
}

export function handStream(): HandStream {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let pulls = 0
  const cancelled: unknown[] = []
  const body = new ReadableStream<Uint8Array>(
    {
      start: (given) => {
        controller = given
      },
      pull: () => {
        pulls += 1
      },
      cancel: (reason) => {
        cancelled.push(reason)
      },
    },
    { highWaterMark: 0 },
  )
  const encoder = new TextEncoder()
  return {
    body,
    send: (chunk) => controller?.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk),
    close: () => controller?.close(),
    break: (error) => controller?.error(error),
    cancelled,
    pulls: () => pulls,
  }
}

export function chatChunk(content: string, finish: string | null = null): string {
  return `data: ${JSON.stringify({ id: 'c', model: 'gpt-5', choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`
}

export const chatUsage = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } } })}\n\n`
export const chatDone = 'data: [DONE]\n\n'

export function anthropicEvent(type: string, rest: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`
}

/** Reads a body to its end; what it errored with, if it did. */
export async function drain(body: ReadableStream<Uint8Array>): Promise<{ readonly text: string; readonly error: unknown }> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const chunk of body) text += decoder.decode(chunk, { stream: true })
    return { text, error: undefined }
  } catch (error) {
    return { text, error }
  }
}
