import type { Clock } from '../../core/world.js'
import { noRow, type Entry, type EntryFacts } from './entry.js'
import { EvictionQueue } from './eviction-queue.js'
import type { PackedValue } from './packed-value.js'

export interface EntryStoreOptions {
  readonly entriesMax: number
  readonly bytesMax: number
  readonly clock: Pick<Clock, 'monoMs'>
  /** Hears of each entry that leaves, or is about to change. */
  readonly found: { left(row: number): void }
}

/** Entries by key, bounded in number, bytes and age. */
export class EntryStore<V> {
  readonly #options: EntryStoreOptions
  readonly #clock: Pick<Clock, 'monoMs'>
  // Not an lru-cache: the queue says who goes first, and keeps the order of use, so that an order kept here would be paid for twice.
  readonly #rows = new Map<string, number>()
  readonly #queue = new EvictionQueue()
  /** By row, as all that follow. `undefined`: nobody has the row. */
  readonly #keys: (string | undefined)[] = []
  /** `undefined`: it is packed. */
  readonly #values: (V | undefined)[] = []
  readonly #facts: (EntryFacts | undefined)[] = []
  /** All that it takes. */
  #bytesOf = new Float64Array(64)
  /** When it expires. There is none until something is to expire. */
  #expiresMs = new Float64Array(0)
  #bytes = 0
  #packed = { entries: 0, bytes: 0, plainBytes: 0 }
  /** No entry expires before. */
  #expiryMs = Infinity
  #setsSinceSweep = 0
  #changes = 0
  #evictions = 0
  #expirations = 0

  constructor(options: EntryStoreOptions) {
    this.#options = options
    this.#clock = options.clock
  }

  get size(): number {
    return this.#rows.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get packed(): { readonly entries: number; readonly bytes: number; readonly plainBytes: number } {
    return { ...this.#packed }
  }

  /** How often something came, changed or left. */
  get changes(): number {
    return this.#changes
  }

  get evictions(): number {
    return this.#evictions
  }

  get expirations(): number {
    return this.#expirations
  }

  /** The row of the key, which counts as used; {@link noRow}: there is none. */
  use(key: string): number {
    const row = this.#rows.get(key)
    if (row === undefined || (this.#expiryMs !== Infinity && this.#hasExpired(row))) return noRow
    this.#queue.use(row)
    return row
  }

  /** The row of the key, as if nobody had looked; {@link noRow}: there is none. */
  peek(key: string): number {
    const row = this.#rows.get(key)
    return row === undefined || this.#hasExpired(row) ? noRow : row
  }

  /** The value of a row; `undefined`: it is packed, or gone. */
  valueOf(row: number): V | undefined {
    return this.#values[row]
  }

  /** The key of a row; `undefined`: nobody has it any more. */
  keyOf(row: number): string | undefined {
    return this.#keys[row]
  }

  /** All that is known of a row; `undefined`: nobody has it any more. */
  entryOf(row: number): Entry<V> | undefined {
    const [key, facts] = [this.#keys[row], this.#facts[row]]
    if (key === undefined || facts === undefined) return undefined
    return { key, value: this.#values[row], facts, expiresMs: this.#expiryOf(row), frequency: this.#queue.frequencyOf(row) }
  }

  /** Those that there are now, the most recently used first; some may have expired. Sorts them all. */
  newestFirst(): readonly number[] {
    return this.#queue.newestFirst()
  }

  /** Those that there are now, in no order that means anything; some may have expired. */
  all(): Iterable<number> {
    return this.#rows.values()
  }

  /** Keeps an entry; others go until there is room. It must fit into an empty store. */
  // It is given in parts: an object for it would have to be made at each `set`.
  put(key: string, value: V | undefined, bytes: number, facts: EntryFacts): void {
    const present = this.#rows.get(key)
    if (present !== undefined) {
      if (this.#bytes + bytes - at(this.#bytesOf, present) <= this.#options.bytesMax) {
        this.#uncount(present)
        this.#fill(present, value, bytes, facts)
        this.#queue.change(present, facts.weight / bytes)
        return
      }
      this.drop(present)
    }
    this.#makeRoom(bytes)
    const row = this.#queue.add(facts.weight / bytes, facts.frequency)
    if (row >= this.#bytesOf.length) this.#grow()
    this.#rows.set(key, row)
    this.#keys[row] = key
    this.#fill(row, value, bytes, facts)
  }

  /** Whether an entry of so many bytes fits without one having to go. */
  hasRoom(entries: number, bytes: number): boolean {
    return this.#rows.size + entries <= this.#options.entriesMax && this.#bytes + bytes <= this.#options.bytesMax
  }

  /** Lets an entry go, if it is there. */
  drop(row: number): void {
    const key = this.#keys[row]
    if (key === undefined) return
    this.#queue.remove(row)
    this.#leave(row, key)
  }

  /** The entry, if it is there, takes more than it did; others go until there is room, or this one. */
  enlarge(row: number, bytes: number): void {
    // It may have had to go for another one.
    if (this.#keys[row] === undefined) return
    this.#bytesOf[row] = at(this.#bytesOf, row) + bytes
    this.#bytes += bytes
    while (this.#bytes > this.#options.bytesMax && this.#evict());
  }

  /** Drops what has expired, if something can have. */
  sweep(): void {
    if (this.#expiryMs === Infinity || this.#expiryMs > this.#clock.monoMs()) return
    let expiryMs = Infinity
    for (const row of [...this.#rows.values()]) if (!this.#hasExpired(row)) expiryMs = Math.min(expiryMs, this.#expiryOf(row))
    this.#expiryMs = expiryMs
    this.#setsSinceSweep = 0
  }

  clear(): void {
    this.#rows.clear()
    this.#queue.clear()
    this.#keys.length = this.#values.length = this.#facts.length = 0
    this.#bytes = 0
    this.#packed = { entries: 0, bytes: 0, plainBytes: 0 }
  }

  #fill(row: number, value: V | undefined, bytes: number, facts: EntryFacts): void {
    const { ttlMs, packed } = facts
    this.#values[row] = value
    this.#facts[row] = facts
    this.#bytesOf[row] = bytes
    this.#bytes += bytes
    this.#setsSinceSweep += 1
    this.#changes += 1
    if (ttlMs !== Infinity) this.#setExpiry(row, this.#clock.monoMs() + ttlMs)
    else if (this.#expiresMs.length > 0) this.#setExpiry(row, Infinity)
    if (packed !== undefined) this.#countPacked(packed, 1)
  }

  #setExpiry(row: number, expiresMs: number): void {
    if (row >= this.#expiresMs.length) {
      const old = this.#expiresMs
      this.#expiresMs = new Float64Array(this.#bytesOf.length).fill(Infinity, old.length)
      this.#expiresMs.set(old)
    }
    this.#expiresMs[row] = expiresMs
    if (expiresMs < this.#expiryMs) this.#expiryMs = expiresMs
  }

  #expiryOf(row: number): number {
    return row < this.#expiresMs.length ? at(this.#expiresMs, row) : Infinity
  }

  #uncount(row: number): void {
    this.#changes += 1
    this.#bytes -= at(this.#bytesOf, row)
    const packed = this.#facts[row]?.packed
    if (packed !== undefined) this.#countPacked(packed, -1)
    this.#options.found.left(row)
  }

  #countPacked({ bytes, plainBytes }: PackedValue, sign: 1 | -1): void {
    this.#packed.entries += sign
    this.#packed.bytes += sign * bytes.length
    this.#packed.plainBytes += sign * plainBytes
  }

  /** The row was taken out of the queue. */
  #leave(row: number, key: string): void {
    this.#rows.delete(key)
    this.#uncount(row)
    this.#keys[row] = this.#values[row] = this.#facts[row] = undefined
  }

  #hasExpired(row: number): boolean {
    const expiresMs = this.#expiryOf(row)
    if (expiresMs === Infinity || expiresMs > this.#clock.monoMs()) return false
    this.drop(row)
    this.#expirations += 1
    return true
  }

  #makeRoom(bytes: number): void {
    if (this.hasRoom(1, bytes)) return
    // What has expired goes first; it is looked for so seldom that each `put` pays for a few looks.
    if (this.#setsSinceSweep * 4 >= this.#rows.size) this.sweep()
    while (!this.hasRoom(1, bytes) && this.#evict());
  }

  #evict(): boolean {
    const row = this.#queue.evict()
    const key = this.#keys[row]
    if (key === undefined) return false
    this.#leave(row, key)
    this.#evictions += 1
    return true
  }

  #grow(): void {
    const old = this.#bytesOf
    this.#bytesOf = new Float64Array(old.length * 2)
    this.#bytesOf.set(old)
  }
}

// Always within the array.
function at(numbers: Float64Array, index: number): number {
  return numbers[index] ?? 0
}
