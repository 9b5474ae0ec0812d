import { callListener, type ListenerErrorHandler } from '../core/listeners.js'
import type { Clock } from '../core/world.js'
import type { Counter } from './breaker-statistics.js'
import { ResultCache, type CacheTransport } from './result-cache.js'

/** How a call ended, as `coalesceResetOn` names it. */
export type CallEnding = 'success' | 'error' | 'timeout'

/** Which calls share what. */
export interface SharingOptions {
  readonly cache: { readonly transport: CacheTransport; readonly ttlMs: number } | undefined
  readonly coalesce: { readonly sizeMax: number; readonly ttlMs: number; readonly resetOn: readonly CallEnding[] } | undefined
  readonly clock: Clock
  /** Counts a hit or a miss, and tells those who listen. */
  readonly told: (counter: Counter, event: string) => void
  /** Hears what a cache transport throws: a cache that is down is a cache without entries. */
  readonly report: ListenerErrorHandler
}

/** Results and calls under way of one breaker, for later calls with the same key. */
export class CallSharing<TR> {
  readonly #options: SharingOptions
  readonly #underWay: ResultCache<Promise<TR>> | undefined

  constructor(options: SharingOptions) {
    const { clock, coalesce } = options
    this.#options = options
    this.#underWay = coalesce && new ResultCache(coalesce.sizeMax, () => clock.monoMs())
  }

  /** The promise that a call with this key can share, if there is one. */
  find(key: string): Promise<TR> | undefined {
    return this.#cached(key) ?? this.#coalesced(key)
  }

  /** A call with this key begins, and this is what it will give. */
  begin(key: string, promise: Promise<TR>): SharedCall {
    const { coalesce, clock } = this.#options
    if (coalesce) this.#underWay?.set(key, promise, expiry(coalesce.ttlMs, clock.monoMs()))
    return { ended: (ending) => this.#ended(key, promise, ending) }
  }

  /** Forgets everything. */
  flush(): void {
    const { cache, report } = this.#options
    if (cache) callListener(() => cache.transport.flush(), report)
    this.#underWay?.flush()
  }

  #cached(key: string): Promise<TR> | undefined {
    const { cache, told, report } = this.#options
    if (cache === undefined) return undefined
    let found: unknown
    try {
      found = cache.transport.get(key)
    } catch (error) {
      callListener(() => Promise.reject(error), report)
    }
    told(found ? 'cacheHits' : 'cacheMisses', found ? 'cacheHit' : 'cacheMiss')
    // What the cache gives back is what we put in, or what the user's own transport made of it.
    return found ? (Promise.resolve(found) as Promise<TR>) : undefined
  }

  #coalesced(key: string): Promise<TR> | undefined {
    if (this.#underWay === undefined) return undefined
    const found = this.#underWay.get(key)
    const hit = found !== undefined
    this.#options.told(hit ? 'coalesceCacheHits' : 'coalesceCacheMisses', hit ? 'coalesceCacheHit' : 'coalesceCacheMiss')
    return found
  }

  #ended(key: string, promise: Promise<TR>, ending: CallEnding): void {
    const { cache, coalesce, clock, report } = this.#options
    // Only its own entry: a later call may have taken the place.
    if (coalesce?.resetOn.includes(ending) && this.#underWay?.get(key) === promise) this.#underWay.delete(key)
    if (cache === undefined || ending !== 'success') return
    callListener(() => cache.transport.set(key, promise, expiry(cache.ttlMs, clock.epochMs())), report)
  }
}

/** One call whose promise others may share. */
export interface SharedCall {
  /** It ended so; at most once. */
  ended(ending: CallEnding): void
}

/** 0 stands for never, as in opossum. */
function expiry(ttlMs: number, nowMs: number): number {
  return ttlMs > 0 ? nowMs + ttlMs : 0
}
