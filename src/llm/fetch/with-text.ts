/**
 * The very response, whose body has been read already, with its text to be read by the caller as if it had not been. A new
 * `Response` would do as well, and cost more than the rest of the guard: it copies all headers, and makes a stream of a text that
 * the caller makes a text of again.
 *
 * @param json - The parsed text, where it is known. It becomes the caller's.
 */
export function withText(response: Response, text: string, json?: { readonly value: unknown }): Response {
  return new Proxy(response, new KnownBody(text, json))
}

/** What of a response has to do with its body; nothing else of it is changed. */
class KnownBody implements ProxyHandler<Response> {
  readonly #text: string
  #json: { readonly value: unknown } | undefined
  #used = false
  /** Made for callers who want more than the text. */
  #copy: Response | undefined

  constructor(text: string, json: { readonly value: unknown } | undefined) {
    this.#text = text
    this.#json = json
  }

  get(response: Response, name: string | symbol): unknown {
    if (name === 'text' && this.#untouched) return this.#readText
    if (name === 'json' && this.#untouched) return this.#readJson
    if (name === 'bodyUsed' && this.#copy === undefined) return this.#used
    const isOfBody = typeof name === 'string' && ofBody.has(name)
    const owner = isOfBody ? this.#copied(response) : response
    const value: unknown = Reflect.get(owner, name, owner)
    return isOfBody && typeof value === 'function' ? (value.bind(owner) as unknown) : value
  }

  get #untouched(): boolean {
    return !this.#used && this.#copy === undefined
  }

  readonly #readText = async (): Promise<string> => {
    this.#take()
    return this.#text
  }

  readonly #readJson = async (): Promise<unknown> => {
    this.#take()
    const known = this.#json
    this.#json = undefined
    return known === undefined ? JSON.parse(this.#text) : known.value
  }

  #take(): void {
    if (this.#used) throw new TypeError('Cannot read the body of the response: it was read already')
    this.#used = true
  }

  #copied({ status, statusText, headers }: Response): Response {
    if (this.#copy === undefined) {
      this.#copy = new Response(this.#text, { status, statusText, headers })
      // A body that was read stays read.
      if (this.#used) void this.#copy.text()
    }
    return this.#copy
  }
}

const ofBody: ReadonlySet<string> = new Set([
  'text',
  'json',
  'body',
  'bodyUsed',
  'arrayBuffer',
  'blob',
  'bytes',
  'formData',
  'clone',
])
