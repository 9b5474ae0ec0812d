import { chainedFetch } from './client-chain.js'
import type { ClientGuard } from './client-guard.js'
import { followedClient, originalOf } from './followed-client.js'
import { checkClient, checkedFallbacks, type SdkClient, type WrapOptions } from './sdk-client.js'

/**
 * A client of OpenAI's or Anthropic's SDK under guard: the same type, overloads, streams and helpers. It is a copy without
 * retries of its own, which sends by the guard's fetch over the fetch of the given client; that one stays as it is. What the copy
 * makes by `withOptions()` is under guard as well. A client that is wrapped already is not wrapped twice.
 *
 * @throws TypeError when it is no such client, or a fallback is not, or speaks another language; RangeError when there are more
 * than ten fallbacks.
 */
export function wrapClient<C extends SdkClient>(client: C, guard: ClientGuard, options: WrapOptions = {}): C {
  checkClient(client)
  const original = originalOf(client)
  const fallbacks = checkedFallbacks(client, options).map((one) => ({ ...one, client: originalOf(one.client) }))
  const copy = original.withOptions({ maxRetries: 0, fetch: chainedFetch(guard, original, fallbacks) })
  // withOptions() makes a client of the class of the given one.
  return followedClient(copy as C, guard, (other) => wrapClient(other, guard, options))
}
