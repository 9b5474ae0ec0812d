/** Hears what a promise gives, or is rejected with. */
type Hear = (end: unknown) => void

/**
 * What a method of a client returned, with `hear` told of whatever the caller gets out of it: what the promise gives, the raw
 * response, an error, a helper that is no promise. The SDKs' promises stay the objects they are, and parse nothing before someone
 * asks.
 */
export function followedPromise(returned: unknown, hear: Hear): unknown {
  if (returned instanceof Promise) return isApiPromise(returned) ? followApiPromise(returned, hear) : overheard(returned, hear)
  hear(returned)
  return returned
}

/** A promise of the SDKs of OpenAI and Anthropic. */
interface ApiPromise extends Promise<unknown> {
  asResponse(): Promise<unknown>
  withResponse(): Promise<{ readonly data: unknown; readonly response: unknown }>
  /** How the SDKs' own helpers make other results of the same answer. */
  _thenUnwrap?(transform: unknown): unknown
}

function isApiPromise(promise: Promise<unknown>): promise is ApiPromise {
  return ['asResponse', 'withResponse'].every((name) => typeof Reflect.get(promise, name) === 'function')
}

/** The methods that give something out are exchanged on the very promise: all else of it, private fields too, stays as it is. */
function followApiPromise(promise: ApiPromise, hear: Hear): ApiPromise {
  const then = promise.then.bind(promise)
  const asResponse = promise.asResponse.bind(promise)
  const withResponse = promise.withResponse.bind(promise)
  const unwrap = promise._thenUnwrap?.bind(promise)
  const given = (): Promise<unknown> => new Promise((resolve, reject) => void then(resolve, reject))
  const heard = (): Promise<unknown> => overheard(given(), hear)
  const methods: Partial<ApiPromise> = {
    // oxlint-disable-next-line unicorn/no-thenable -- it is a promise
    then: (onValue, onError) => heard().then(onValue, onError),
    catch: (onError) => heard().catch(onError),
    finally: (onEnd) => heard().finally(onEnd),
    asResponse: () => overheard(asResponse(), hear),
    withResponse: () =>
      overheard(withResponse(), hear).then((both) => {
        hear(both.data)
        hear(both.response)
        return both
      }),
    ...(unwrap && { _thenUnwrap: (transform: unknown) => followedPromise(unwrap(transform), hear) }),
  }
  for (const [name, value] of Object.entries(methods))
    Reflect.defineProperty(promise, name, { value, configurable: true, writable: true })
  return promise
}

async function overheard<T>(promise: Promise<T>, hear: Hear): Promise<T> {
  try {
    const value = await promise
    hear(value)
    return value
  } catch (error) {
    hear(error)
    throw error
  }
}
