/** A client of the SDK of OpenAI or Anthropic, as far as it is looked at here. */
export interface SdkClient {
  readonly baseURL: string
  /** A client with other options; this one stays as it is. */
  withOptions(options: { readonly maxRetries?: number; readonly fetch?: typeof fetch }): SdkClient
  post(path: string, options?: object): { asResponse(): Promise<Response> }
}

/** A model that is asked when the ones before it fail. */
export interface ClientFallback {
  /** What the target calls the model. */
  readonly model: string
  /** Whom to ask; it must speak the same language as the wrapped client. Default: the wrapped client itself. */
  readonly client?: SdkClient | undefined
}

/** A {@link ClientFallback} with all it needs. */
export interface ClientTarget {
  readonly client: SdkClient
  readonly model: string
}

/** How a client is wrapped. */
export interface WrapOptions {
  /** Asked in this order, at most ten, in place of the guard's own fallbacks. */
  readonly fallback?: readonly ClientFallback[] | undefined
}

/** The most targets that one call is made to ask. */
const fallbacksMax = 10

/**
 * Makes sure that a client can be wrapped.
 *
 * @throws TypeError
 */
export function checkClient(client: unknown, what = 'the client'): asserts client is SdkClient {
  for (const method of ['withOptions', 'post'])
    if (!isObject(client) || typeof Reflect.get(client, method) !== 'function')
      throw new TypeError(
        `Cannot wrap ${what}: it is no client of the SDKs of OpenAI or Anthropic (it has no ${method}()); give yours llm.fetch and no retries of its own`,
      )
}

/**
 * The fallbacks, checked.
 *
 * @throws TypeError when one is not what it should be, or speaks another language; RangeError when there are too many.
 */
export function checkedFallbacks(client: SdkClient, { fallback = [] }: WrapOptions): readonly ClientTarget[] {
  if (!Array.isArray(fallback)) throw new TypeError('Cannot use the option "fallback": it is no list')
  if (fallback.length > fallbacksMax)
    throw new RangeError(`Cannot use ${fallback.length} fallbacks: at most ${fallbacksMax} are asked`)
  return fallback.map((one: ClientFallback, index) => {
    const { client: other = client, model } = one
    checkClient(other, `fallback ${index}`)
    if (typeof model !== 'string' || model === '') throw new TypeError(`Cannot use fallback ${index}: it names no model`)
    if (languageOf(other) !== languageOf(client))
      throw new TypeError(
        `Cannot fall back from ${languageOf(client)} to ${languageOf(other)}: their clients speak different languages; llm.model() can, with models of the AI SDK`,
      )
    return { client: other, model }
  })
}

/** The fetch that a client sends by. */
export function fetchOf(client: SdkClient): typeof fetch {
  const own: unknown = Reflect.get(client, 'fetch')
  // The SDKs keep it in a field of this name, with this signature.
  return typeof own === 'function' ? (own as typeof fetch) : globalThis.fetch
}

/** Clients of Anthropic have `messages`; all others speak OpenAI's language. */
function languageOf(client: object): string {
  return 'messages' in client ? 'Anthropic' : 'OpenAI'
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
