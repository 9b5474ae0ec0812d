import { whole, within } from '../../core/checked-number.js'
import { HomeostatError } from '../../core/errors.js'
import { callListener, warnOfListener } from '../../core/listeners.js'
import { oneLine } from '../../core/text.js'
import type { World } from '../../core/world.js'
import { putAside, readFileWithin, replaceFile } from './buffer-file.js'
import { checkedLimits, checkedTtl, weightOf, worldOf } from './buffer-options.js'
import type { BufferLimits, EntryOptions, MemoryBufferOptions } from './buffer-options.js'
import type { BufferStats } from './buffer-stats.js'
import { EntryStore } from './entry-store.js'
import { noRow, type EntryFacts } from './entry.js'
import { FoundByText } from './found-by-text.js'
import { pack, unpack, type PackedValue } from './packed-value.js'
import { readEntries, writeEntries, type SavedEntry } from './saved-entries.js'
import { textCharsMax } from './shingles.js'
import { isPlainData, sizeOf, textIn } from './value-size.js'

/** An entry that `similar` found. */
export interface SimilarEntry<V> {
  readonly key: string
  readonly value: V
  /** Shared runs of four characters ÷ all of them (Jaccard), 0 to 1. */
  readonly similarity: number
}

export interface SimilarOptions {
  /** 1 to 1 000. Default 10. */
  readonly limit?: number | undefined
  /** Less alike ones are not given: above 0, at most 1. Default 0.1. */
  readonly similarityMin?: number | undefined
}

/** An entry beside its key and value, and a packed value beside its bytes: measured, and rounded up. */
const entryBytes = 400
const packedBytes = 200

/**
 * Values by key: bounded in entries and bytes, each for as long as its time to live, the large ones compressed, the similar ones found
 * by their text, all of it saved and loaded when asked. When room is needed the entry goes that is worth least: value × cost × uses ÷
 * size, against how long ago it was used. No method throws: what cannot be kept, read or written is reported, and a method that
 * could not do its work says `false`, `0` or nothing.
 *
 * Values are data: do not change one that was given or got. A compressed one comes back as a copy, another one as itself.
 *
 * @example
 * ```ts
 * const memory = new ResilientMemoryBuffer<{ fix: string }>({ bytesMax: 1_000_000, ttlMs: 60_000 })
 * memory.set('E1', { fix: 'npm install express' }, { text: "Cannot find module 'express'", costMs: 4_000 })
 * const [found] = memory.similar("Cannot find module 'express-session'", { limit: 1 })
 * expect(found?.value.fix).toBe('npm install express')
 * ```
 */
export class ResilientMemoryBuffer<V> {
  readonly #options: MemoryBufferOptions<V>
  readonly #limits: BufferLimits
  /** Of every entry that was set without options and is not packed. */
  readonly #plain: EntryFacts
  readonly #world: World
  readonly #store: EntryStore<V>
  readonly #found = new FoundByText()
  /** How much of what the store says has changed is in the file. */
  #savedChanges = 0
  #closed = false
  #hits = 0
  #misses = 0
  #failures = 0
  #lastError: BufferStats['lastError']

  /** @throws RangeError when a number of the options is out of range. */
  constructor(options: MemoryBufferOptions<V> = {}) {
    this.#options = { ...options }
    this.#limits = checkedLimits(options)
    this.#plain = { packed: undefined, text: undefined, weight: 1, ttlMs: this.#limits.ttlMs, frequency: 1 }
    this.#world = worldOf(options)
    this.#store = new EntryStore({ ...this.#limits, clock: this.#world.clock, found: this.#found })
  }

  /** Keeps a value. `false`: it was refused, since it is too large or an option is out of range; an earlier value is gone then. */
  set(key: string, value: V, options?: EntryOptions): boolean {
    try {
      if (this.#closed) throw new HomeostatError('HS_CLOSED', { what: 'the memory buffer' })
      this.#put(key, value, options)
      return true
    } catch (error) {
      this.delete(key)
      return this.#report(error)
    }
  }

  /** The value, which counts as used. */
  get(key: string): V | undefined {
    const row = this.#store.use(key)
    if (row === noRow) {
      this.#misses += 1
      return undefined
    }
    this.#hits += 1
    return this.#store.valueOf(row) ?? this.#read(row)
  }

  /** Whether there is a value; not a use. */
  has(key: string): boolean {
    return this.#store.peek(key) !== noRow
  }

  /** Whether there was one. */
  delete(key: string): boolean {
    const row = this.#store.peek(key)
    if (row === noRow) return false
    this.#store.drop(row)
    return true
  }

  /** Keys and values, the most recently used first; not a use. Shows what there was when it began, and is still there. */
  *entries(): Generator<[key: string, value: V], undefined> {
    this.#store.sweep()
    // By key: meanwhile a row may become another one's.
    for (const key of this.#store.newestFirst().map((row) => this.#store.keyOf(row) ?? '')) {
      const value = this.#read(this.#store.peek(key))
      if (value !== undefined) yield [key, value]
    }
    return undefined
  }

  /**
   * The entries whose text is most like this one, the most similar first; they count as used. What was set since the last search is
   * indexed now.
   */
  similar(text: string, { limit = 10, similarityMin = 0.1 }: SimilarOptions = {}): readonly SimilarEntry<V>[] {
    try {
      whole('limit', limit, 1, 1_000)
      within('similarityMin', similarityMin, Number.MIN_VALUE, 1)
      this.#store.sweep()
      const grown = this.#found.indexNew(this.#store.all(), this.#store.size, (row) => this.#textOf(row))
      for (const [row, bytes] of grown) this.#store.enlarge(row, bytes)
      const found = this.#found
        .nearest(text, { limit, similarityMin })
        .map(({ row, similarity }) => ({ key: this.#store.keyOf(row) ?? '', similarity }))
      return found.flatMap(({ key, similarity }) => {
        const value = this.#read(this.#store.use(key))
        return value === undefined ? [] : { key, value, similarity }
      })
    } catch (error) {
      this.#report(error)
      return []
    }
  }

  get stats(): BufferStats {
    const { size, bytes, packed, evictions, expirations } = this.#store
    return {
      entries: size,
      entriesMax: this.#limits.entriesMax,
      bytes,
      bytesMax: this.#limits.bytesMax,
      indexed: this.#found.indexed,
      compressed: packed,
      hits: this.#hits,
      misses: this.#misses,
      evictions,
      expirations,
      failures: this.#failures,
      lastError: this.#lastError,
    }
  }

  /**
   * Writes all entries to the file, all or nothing. Values that are more than plain data (dates, maps, instances of classes) are left
   * out. `false`: it could not be done, or there is no file.
   */
  save(): boolean {
    const { file, compressor } = this.#options
    if (file === undefined || this.#closed) return false
    try {
      this.#store.sweep()
      const { changes } = this.#store
      replaceFile(file, writeEntries(this.#saved(), compressor?.name ?? null, this.#fileBytesMax), this.#world.id())
      this.#savedChanges = changes
      return true
    } catch (error) {
      return this.#report(new HomeostatError('HS_MEMORY_UNSAVED', { path: file.path, reason: reasonOf(error) }, { cause: error }))
    }
  }

  /**
   * Adds the entries of the file while there is room, the most recently used first; one that is there already is newer, and stays. A
   * file that cannot be understood is renamed to `….corrupt` and reported. Gives the number of entries added.
   */
  load(): number {
    const { file, compressor } = this.#options
    if (file === undefined || this.#closed) return 0
    try {
      const bytes = readFileWithin(file, this.#fileBytesMax)
      if (bytes === undefined) return 0
      const read = typeof bytes === 'string' ? { problem: bytes } : readEntries(bytes, compressor?.name ?? null)
      if ('entries' in read) return this.#add(read.entries)
      const reason = `${read.problem}; it is at "${putAside(file)}" now`
      this.#report(new HomeostatError('HS_MEMORY_UNREADABLE', { path: file.path, reason }))
    } catch (error) {
      this.#report(new HomeostatError('HS_MEMORY_UNREADABLE', { path: file.path, reason: reasonOf(error) }, { cause: error }))
    }
    return 0
  }

  /** Saves what has changed, and lets go of everything; from then on it keeps nothing. `false`: it could not be saved. */
  close(): boolean {
    if (this.#closed) return true
    const saved = this.#options.file === undefined || this.#store.changes === this.#savedChanges || this.save()
    this.#closed = true
    this.#store.clear()
    this.#found.clear()
    return saved
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** What is written is never too large to be read. JSON may take three times what a text was guessed to take. */
  get #fileBytesMax(): number {
    return 4 * this.#limits.bytesMax + 1_048_576
  }

  // As little as possible is made here: this is the path that is compared with lru-cache's.
  #put(key: string, value: V, options: EntryOptions | undefined): void {
    if (typeof key !== 'string') throw new TypeError('Cannot keep a value: its key is no text')
    if (value === undefined) throw new TypeError(`Cannot keep "${key}": its value is undefined`)
    const valueBytes = sizeOf(value, this.#limits.bytesMax)
    const packed = valueBytes >= this.#limits.compressFromBytes && valueBytes !== Infinity ? this.#pack(value) : undefined
    const facts = options === undefined && packed === undefined ? this.#plain : this.#facts(packed, options)
    const bytes = bytesOf(key, valueBytes, facts)
    const bytesMax = this.#limits.entryBytesMax
    if (bytes > bytesMax) throw new HomeostatError('HS_MEMORY_REFUSED', { key: key.slice(0, 200), bytes, bytesMax })
    this.#store.put(key, packed === undefined ? value : undefined, bytes, facts)
  }

  #facts(packed: PackedValue | undefined, options: EntryOptions = {}): EntryFacts {
    const text = options.text?.slice(0, textCharsMax)
    return { packed, text, weight: weightOf(options), ttlMs: checkedTtl(options.ttlMs) ?? this.#limits.ttlMs, frequency: 1 }
  }

  #pack(value: V): PackedValue | undefined {
    const { compressor } = this.#options
    try {
      return compressor === undefined ? undefined : pack(value, compressor)
    } catch (error) {
      this.#report(error)
      return undefined
    }
  }

  /** The value of a row. `undefined`: there is none, or it cannot be read any more, and is gone. */
  #read(row: number): V | undefined {
    const { compressor } = this.#options
    const entry = this.#store.entryOf(row)
    if (entry?.facts.packed === undefined || compressor === undefined) return entry?.value
    try {
      // It was packed from a V; in a file, whoever can write the file answers for that.
      return unpack(entry.facts.packed, compressor) as V
    } catch (error) {
      this.#store.drop(row)
      this.#report(error)
      return undefined
    }
  }

  /** By which a row is found. `undefined`: it is gone. */
  #textOf(row: number): string | undefined {
    const entry = this.#store.entryOf(row)
    if (entry?.facts.text !== undefined) return entry.facts.text
    const { textOf } = this.#options
    try {
      const value = this.#read(row)
      if (entry === undefined || value === undefined) return undefined
      const text = textOf === undefined ? textIn(value, textCharsMax) : textOf(value, entry.key).slice(0, textCharsMax)
      // A `textOf` may do anything, also give the row to another one.
      return this.#store.keyOf(row) === entry.key ? text : undefined
    } catch (error) {
      this.#report(error)
      return ''
    }
  }

  *#saved(): Generator<SavedEntry> {
    const { clock } = this.#world
    const aheadMs = clock.epochMs() - clock.monoMs()
    for (const row of this.#store.newestFirst()) {
      const entry = this.#store.entryOf(row)
      if (entry === undefined) continue
      const { key, value, expiresMs, frequency } = entry
      const { packed, text, weight } = entry.facts
      if (packed === undefined && !isPlainData(value)) continue
      yield {
        key,
        weight,
        frequency,
        expiresEpochMs: expiresMs === Infinity ? null : Math.max(0, aheadMs + expiresMs),
        text: text ?? null,
        plainBytes: packed?.plainBytes ?? null,
        bytes: packed?.bytes ?? new TextEncoder().encode(JSON.stringify(value)),
      }
    }
  }

  #add(saved: readonly SavedEntry[]): number {
    const wanted: Restored<V>[] = []
    let bytes = 0
    for (const one of saved) {
      const entry = this.has(one.key) ? undefined : this.#restored(one)
      if (entry === undefined) continue
      if (!this.#store.hasRoom(wanted.length + 1, bytes + entry.bytes)) break
      bytes += entry.bytes
      wanted.push(entry)
    }
    const { size } = this.#store
    const { changes } = this.#store
    for (const entry of wanted.reverse()) this.#store.put(entry.key, entry.value, entry.bytes, entry.facts)
    // What was read from the file need not be written to it.
    this.#savedChanges += this.#store.changes - changes
    return this.#store.size - size
  }

  /** `undefined`: it has expired, or does not fit the limits. */
  #restored({ key, bytes: saved, plainBytes, weight, frequency, expiresEpochMs, text }: SavedEntry): Restored<V> | undefined {
    const { ttlMs, bytesMax, entryBytesMax } = this.#limits
    // The system clock may have jumped: nothing is kept longer than it would be if it were set now.
    const leftMs = Math.min(ttlMs, expiresEpochMs === null ? Infinity : expiresEpochMs - this.#world.clock.epochMs())
    if (leftMs <= 0 || (plainBytes ?? 0) > bytesMax) return undefined
    const packed = plainBytes === null ? undefined : { bytes: saved, plainBytes }
    // See #read.
    const value = packed === undefined ? (JSON.parse(Buffer.from(saved).toString()) as V) : undefined
    const facts = { packed, text: text?.slice(0, textCharsMax), weight, ttlMs: leftMs, frequency }
    const bytes = bytesOf(key, sizeOf(value, bytesMax), facts)
    return bytes <= entryBytesMax ? { key, value, facts, bytes } : undefined
  }

  #report(error: unknown): false {
    this.#failures += 1
    this.#lastError = { message: reasonOf(error), atEpochMs: this.#world.clock.epochMs() }
    const { onError } = this.#options
    if (onError !== undefined) callListener(() => onError(error), warnOfListener)
    return false
  }
}

interface Restored<V> {
  readonly key: string
  readonly value: V | undefined
  readonly facts: EntryFacts
  readonly bytes: number
}

/** What an entry takes. */
function bytesOf(key: string, valueBytes: number, { packed, text }: EntryFacts): number {
  const ownBytes = packed === undefined ? valueBytes : packedBytes + packed.bytes.length
  return entryBytes + 2 * key.length + ownBytes + (text === undefined ? 0 : 2 * text.length)
}

function reasonOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error))
}
