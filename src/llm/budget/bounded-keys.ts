/**
 * What is known of each key, bounded: beyond `max` the least recently used one that is idle goes. Only when none is idle there are
 * more, and no more than there is work under way.
 */
export class BoundedKeys<V extends object> {
  /** Least recently used first. */
  readonly #values = new Map<string, V>()
  readonly #max: number
  readonly #make: (key: string) => V
  readonly #idle: (value: V) => boolean

  /** @param options - `max`: at least 1; `make`: what a new key begins with; `idle`: whether one may go. */
  constructor({
    max,
    make,
    idle,
  }: {
    readonly max: number
    readonly make: (key: string) => V
    readonly idle: (value: V) => boolean
  }) {
    this.#max = max
    this.#make = make
    this.#idle = idle
  }

  get size(): number {
    return this.#values.size
  }

  /** The value of `key`, made when there is none, and now the most recently used. */
  obtain(key: string): V {
    const known = this.#values.get(key)
    const value = known ?? this.#make(key)
    if (known === undefined) this.#makeRoom()
    else this.#values.delete(key)
    this.#values.set(key, value)
    return value
  }

  /** The value of `key`, if there is one; it stays as recently used as it was. */
  peek(key: string): V | undefined {
    return this.#values.get(key)
  }

  entries(): IterableIterator<[string, V]> {
    return this.#values.entries()
  }

  #makeRoom(): void {
    let excess = this.#values.size - this.#max + 1
    if (excess <= 0) return
    for (const [key, value] of this.#values) {
      if (!this.#idle(value)) continue
      this.#values.delete(key)
      excess -= 1
      if (excess === 0) return
    }
  }
}
