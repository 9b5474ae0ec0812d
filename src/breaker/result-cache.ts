/** What opossum asks of a cache; `expiresAtEpochMs` is milliseconds since 1970, 0: never. */
export interface CacheTransport {
  get(key: string): unknown
  set(key: string, value: unknown, expiresAtEpochMs: number): void
  flush(): void
}

/** opossum's bound: as many as a `Map` can hold. */
export const cacheSizeMax = 2 ** 24 - 1

interface Entry<V> {
  readonly value: V
  readonly expiresAt: number
}

/** A bounded map whose entries expire; the oldest one gives way. Time comes from a function, on whatever clock the caller uses. */
export class ResultCache<V = unknown> {
  /** Bare entries, open to view as in opossum. */
  readonly cache = new Map<unknown, Entry<V>>()
  readonly maxEntries: number
  readonly #nowMs: () => number

  /** @param maxEntries - Whole, at least 0. */
  constructor(maxEntries: number, nowMs: () => number) {
    this.maxEntries = maxEntries
    this.#nowMs = nowMs
  }

  get(key: unknown): V | undefined {
    const entry = this.cache.get(key)
    if (entry === undefined) return undefined
    if (entry.expiresAt === 0 || entry.expiresAt > this.#nowMs()) return entry.value
    this.cache.delete(key)
    return undefined
  }

  /** @param expiresAt - On the clock given to the constructor; 0: never. */
  set(key: unknown, value: V, expiresAt: number): void {
    if (this.maxEntries < 1) return
    if (!this.cache.has(key) && this.cache.size >= this.maxEntries) {
      const [oldest] = this.cache.keys()
      this.cache.delete(oldest)
    }
    this.cache.set(key, { value, expiresAt })
  }

  delete(key: unknown): void {
    this.cache.delete(key)
  }

  flush(): void {
    this.cache.clear()
  }
}
