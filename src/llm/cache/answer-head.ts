/** A response without its body. */
export interface AnswerHead {
  readonly status: number
  readonly statusText: string
  readonly url: string
  readonly headers: Headers
}

/** The head of a response, in a copy of its own. */
export function headOf({ status, statusText, url, headers }: Response): AnswerHead {
  return { status, statusText, url, headers: new Headers(headers) }
}

/** A response with this head, in a copy of its own. */
export function responseOf({ status, statusText, url, headers }: AnswerHead, body: ReadableStream<Uint8Array> | null): Response {
  const response = new Response(body, { status, statusText, headers: new Headers(headers) })
  Object.defineProperty(response, 'url', { value: url, configurable: true })
  return response
}

/** The head of an answer that is given again: what it said of the limits was true then, and a cookie was for one caller. */
export function againHead(head: AnswerHead): AnswerHead {
  const headers = new Headers(head.headers)
  for (const name of [...headers.keys()]) if (isMomentary(name)) headers.delete(name)
  headers.set('x-homeostat-cache', 'hit')
  return { ...head, headers }
}

function isMomentary(name: string): boolean {
  return name === 'set-cookie' || name === 'retry-after' || /^(?:x|anthropic)-ratelimit-/.test(name)
}
