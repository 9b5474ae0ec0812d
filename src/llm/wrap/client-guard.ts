import type { FetchSurroundings } from '../fetch/surroundings.js'
import { guardedFetch } from '../fetch/guarded-fetch.js'
import { MetaTable } from '../meta.js'

/** What clients and models are guarded with: all that the requests of one guard share, and what its wrappers add. */
export interface ClientGuard extends FetchSurroundings {
  /** The guard's own fetch. */
  readonly fetch: typeof fetch
  readonly meta: MetaTable
  /**
   * A fetch under this guard that sends by `send`; when that is under this guard already, by what that one sends by, so that
   * nothing is guarded twice.
   *
   * @param options - `fallback`: whether the guard's own fallbacks are asked. Default: yes.
   */
  fetchOver(send: typeof fetch, options?: { readonly fallback?: boolean }): typeof fetch
  /** Says that `made` is under this guard, and sends by what `over` sends by. */
  adopt(made: typeof fetch, over: typeof fetch): void
  /** Whether a fetch is under this guard. */
  guards(send: unknown): boolean
}

/** Makes a {@link ClientGuard} of what the requests share. */
export function clientGuard(around: FetchSurroundings): ClientGuard {
  /** What each fetch of this guard sends by. */
  const senders = new WeakMap<typeof fetch, typeof fetch>()
  const adopt = (made: typeof fetch, over: typeof fetch): void => {
    senders.set(made, senders.get(over) ?? over)
  }
  const fetchOver: ClientGuard['fetchOver'] = (send, { fallback = true } = {}) => {
    const options = fallback ? around.options : { ...around.options, fallback: [] }
    const made = guardedFetch({ ...around, options, send: senders.get(send) ?? send })
    adopt(made, send)
    return made
  }
  return {
    ...around,
    fetch: fetchOver(around.send),
    meta: new MetaTable(),
    fetchOver,
    adopt,
    // A WeakMap is asked for what may be no function at all: it has no such key then.
    guards: (send) => senders.has(send as typeof fetch),
  }
}
