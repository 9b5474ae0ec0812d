import { newTrace } from '../fetch/llm-trace.js'
import type { ClientGuard } from './client-guard.js'
import { followedPromise } from './followed-promise.js'
import type { SdkClient } from './sdk-client.js'

type Method = (...args: unknown[]) => unknown

/** Clients behind the views of them. */
const originals = new WeakMap<object, SdkClient>()

/** The client that is behind a view of it; any other client is itself. */
export function originalOf(client: SdkClient): SdkClient {
  return originals.get(client) ?? client
}

/**
 * A view of a client that notes which call each result came from; all else is the client's. Methods run on the client itself, so
 * that its private fields work, and so that what it calls within itself is noted once.
 *
 * @param again - Wraps what `withOptions()` makes.
 */
export function followedClient<C extends SdkClient>(client: C, guard: ClientGuard, again: (other: SdkClient) => SdkClient): C {
  const views = new WeakMap<object, object>()
  const viewOf = <T extends object>(object: T): T => {
    const known = views.get(object)
    // A view is kept under the object that it is of.
    if (known !== undefined) return known as T
    const methods = new WeakMap<Method, Method>()
    const view = new Proxy(object, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (isMethod(target, name, value)) return cached(methods, value, () => followedMethod(target, name, value))
        return isResource(value, client) ? viewOf(value) : value
      },
      set: (target, name, value) => Reflect.set(target, name, value, target),
    })
    views.set(object, view)
    return view
  }
  const followedMethod = (target: object, name: string | symbol, method: Method): Method => {
    // It is a method of the client: what it makes is a client.
    if (name === 'withOptions' && target === client) return (...args) => again(Reflect.apply(method, target, args) as SdkClient)
    return (...args) => {
      const trace = newTrace('-')
      return guard.traces.run(trace, () =>
        followedPromise(Reflect.apply(method, target, args), (end) => guard.meta.remember(end, trace)),
      )
    }
  }
  const view = viewOf(client)
  originals.set(view, client)
  return view
}

/** Functions that belong to the instance are settings of it, not methods. */
function isMethod(target: object, name: string | symbol, value: unknown): value is Method {
  return typeof value === 'function' && name !== 'constructor' && !Object.hasOwn(target, name)
}

/** The SDKs' resources know their client. */
function isResource(value: unknown, client: SdkClient): value is object {
  return typeof value === 'object' && value !== null && Reflect.get(value, '_client') === client
}

function cached(methods: WeakMap<Method, Method>, method: Method, make: () => Method): Method {
  const known = methods.get(method)
  if (known !== undefined) return known
  const made = make()
  methods.set(method, made)
  return made
}
