import { LRUCache } from 'lru-cache'

/** Entries looked at to find one that may go; beyond that the least recently used one goes, whatever it is. */
const looksMax = 1_000

/** At most `max` entries; the least recently used one that is not in use goes first. */
export class KeyCache<V extends object> {
  #entries: LRUCache<string, V>
  readonly #inUse: (value: V) => boolean

  /** @param options - `max`: at least 1; `inUse`: which entries to keep while there are others. */
  constructor({ max, inUse }: { readonly max: number; readonly inUse: (value: V) => boolean }) {
    this.#entries = new LRUCache({ max })
    this.#inUse = inUse
  }

  get size(): number {
    return this.#entries.size
  }

  /** The value of `key`, made when there is none, and now the most recently used. */
  obtain(key: string, make: () => V): V {
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    if (this.#entries.size >= this.#entries.max) this.#evict()
    const value = make()
    this.#entries.set(key, value)
    return value
  }

  /** Most recently used first. */
  values(): readonly V[] {
    return [...this.#entries.values()]
  }

  /** Changes how many are kept. */
  resize(max: number): void {
    if (max === this.#entries.max) return
    while (this.#entries.size > max) this.#evict()
    const entries = new LRUCache<string, V>({ max })
    for (const [key, value] of [...this.#entries.entries()].reverse()) entries.set(key, value)
    this.#entries = entries
  }

  #evict(): void {
    for (let looks = Math.min(looksMax, this.#entries.size); looks > 0; looks -= 1) {
      // Asking for an entry makes it the most recently used, so the next search begins after it.
      const [oldest] = this.#entries.rkeys()
      const value = oldest === undefined ? undefined : this.#entries.get(oldest)
      if (oldest !== undefined && value !== undefined && !this.#inUse(value)) {
        this.#entries.delete(oldest)
        return
      }
    }
    this.#entries.pop()
  }
}
