import type { Clock } from '../../core/world.js'
import { isGone, type Entry } from './entry.js'
import { EvictionQueue } from './eviction-queue.js'
import type { PackedValue } from './packed-value.js'

export interface EntryStoreOptions<V> {
  readonly entriesMax: number
  readonly bytesMax: number
  readonly clock: Pick<Clock, 'monoMs'>
  /** Hears of each entry that leaves, or is about to change. */
  readonly leaves: (entry: Entry<V>) => void
}

/** Entries by key, bounded in number, bytes and age. */
export class EntryStore<V> {
  readonly #options: EntryStoreOptions<V>
  // Not an lru-cache: the queue says who goes first, and keeps the order of use, so that an order kept here would be paid for twice.
  readonly #entries = new Map<string, Entry<V>>()
  readonly #queue = new EvictionQueue<Entry<V>>()
  #bytes = 0
  #packed = { entries: 0, bytes: 0, plainBytes: 0 }
  /** No entry expires before. */
  #expiryMs = Infinity
  #setsSinceSweep = 0
  #evictions = 0
  #expirations = 0

  constructor(options: EntryStoreOptions<V>) {
    this.#options = options
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get packed(): { readonly entries: number; readonly bytes: number; readonly plainBytes: number } {
    return { ...this.#packed }
  }

  get evictions(): number {
    return this.#evictions
  }

  get expirations(): number {
    return this.#expirations
  }

  /** The entry of the key, which counts as used. */
  use(key: string): Entry<V> | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined || (this.#expiryMs !== Infinity && this.#hasExpired(entry))) return undefined
    this.#queue.use(entry)
    return entry
  }

  /** The entry of the key, as if nobody had looked. */
  peek(key: string): Entry<V> | undefined {
    const entry = this.#entries.get(key)
    return entry === undefined || this.#hasExpired(entry) ? undefined : entry
  }

  /** Those that there are now, the most recently used first; some may have expired. Sorts them all. */
  newestFirst(): readonly Entry<V>[] {
    return this.#queue.newestFirst()
  }

  /** Those that there are now, in no order that means anything; some may have expired. */
  all(): Iterable<Entry<V>> {
    return this.#entries.values()
  }

  /** How often an entry that is kept has been used. */
  frequencyOf(entry: Entry<V>): number {
    return this.#queue.frequencyOf(entry)
  }

  /**
   * Keeps an entry whose fields are filled in; others go until there is room. It must fit into an empty store.
   *
   * @param frequency - How often it was used before, when its key is new.
   */
  put(entry: Entry<V>, frequency = 1): void {
    const present = this.#entries.get(entry.key)
    if (present !== undefined) {
      if (this.#bytes + entry.bytes - present.bytes <= this.#options.bytesMax) return this.#change(present, entry)
      this.drop(present)
    }
    this.#makeRoom(entry.bytes)
    this.#entries.set(entry.key, entry)
    this.#queue.add(entry, entry.weight / entry.bytes, frequency)
    this.#count(entry)
  }

  /** Whether an entry of so many bytes fits without one having to go. */
  hasRoom(entries: number, bytes: number): boolean {
    return this.#entries.size + entries <= this.#options.entriesMax && this.#bytes + bytes <= this.#options.bytesMax
  }

  drop(entry: Entry<V>): void {
    if (isGone(entry)) return
    this.#entries.delete(entry.key)
    this.#queue.remove(entry)
    this.#uncount(entry)
  }

  /** The entry takes more than it did; others go until there is room, or this one. */
  enlarge(entry: Entry<V>, bytes: number): void {
    // It may have had to go for another one.
    if (isGone(entry)) return
    entry.bytes += bytes
    this.#bytes += bytes
    while (this.#bytes > this.#options.bytesMax && this.#evict());
  }

  /** Drops what has expired, if something can have. */
  sweep(): void {
    if (this.#expiryMs === Infinity || this.#expiryMs > this.#options.clock.monoMs()) return
    let expiryMs = Infinity
    for (const entry of [...this.#entries.values()])
      if (!this.#hasExpired(entry)) expiryMs = Math.min(expiryMs, entry.expiresMs ?? Infinity)
    this.#expiryMs = expiryMs
    this.#setsSinceSweep = 0
  }

  clear(): void {
    this.#entries.clear()
    this.#queue.clear()
    this.#bytes = 0
    this.#packed = { entries: 0, bytes: 0, plainBytes: 0 }
  }

  /** The present entry becomes the new one where it stands: cheaper than one that leaves and one that comes. */
  #change(present: Entry<V>, entry: Entry<V>): void {
    this.#uncount(present)
    present.value = entry.value
    present.packed = entry.packed
    present.text = entry.text
    present.weight = entry.weight
    present.bytes = entry.bytes
    present.expiresMs = entry.expiresMs
    present.slot = entry.slot
    this.#count(present)
    this.#queue.change(present, present.weight / present.bytes)
  }

  #count({ bytes, expiresMs, packed }: Entry<V>): void {
    this.#bytes += bytes
    this.#setsSinceSweep += 1
    if (expiresMs !== undefined && expiresMs < this.#expiryMs) this.#expiryMs = expiresMs
    if (packed !== undefined) this.#countPacked(packed, 1)
  }

  #uncount(entry: Entry<V>): void {
    this.#bytes -= entry.bytes
    if (entry.packed !== undefined) this.#countPacked(entry.packed, -1)
    this.#options.leaves(entry)
  }

  #countPacked({ bytes, plainBytes }: PackedValue, sign: 1 | -1): void {
    this.#packed.entries += sign
    this.#packed.bytes += sign * bytes.length
    this.#packed.plainBytes += sign * plainBytes
  }

  #hasExpired(entry: Entry<V>): boolean {
    if (entry.expiresMs === undefined || entry.expiresMs > this.#options.clock.monoMs()) return false
    this.drop(entry)
    this.#expirations += 1
    return true
  }

  #makeRoom(bytes: number): void {
    if (this.hasRoom(1, bytes)) return
    // What has expired goes first; it is looked for so seldom that each `put` pays for a few looks.
    if (this.#setsSinceSweep * 4 >= this.#entries.size) this.sweep()
    while (!this.hasRoom(1, bytes) && this.#evict());
  }

  #evict(): boolean {
    const entry = this.#queue.evict()
    if (entry === undefined) return false
    this.#entries.delete(entry.key)
    this.#uncount(entry)
    this.#evictions += 1
    return true
  }
}
