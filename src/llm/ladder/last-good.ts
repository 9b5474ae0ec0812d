import { LRUCache } from 'lru-cache'
import { whole, within } from '../../core/checked-number.js'
import type { Clock } from '../../core/world.js'
import { dataBytes } from './data-bytes.js'

/** How much is kept, and how long. */
export interface LastGoodLimits {
  /** An older value is none. Milliseconds, above 0. */
  readonly ageMsMax: number
  /** Default 1000. */
  readonly entriesMax?: number | undefined
  /** All values together, roughly. Default 16 MiB. */
  readonly bytesMax?: number | undefined
}

/** A value that was good once. */
export interface Kept<T> {
  readonly value: T
  readonly ageMs: number
}

interface Entry<T> {
  readonly value: T
  readonly bytes: number
  readonly keptMs: number
}

/**
 * The last good value of each key, for when no better one can be had. Bounded in number, bytes and age; the least recently used
 * one goes first. What is given out is a copy that nobody else has.
 */
export class LastGood<T> {
  readonly #ageMsMax: number
  readonly #clock: Pick<Clock, 'monoMs'>
  readonly #values: LRUCache<string, Entry<T>>

  /** @throws RangeError when a limit is out of range. */
  constructor({ ageMsMax, entriesMax = 1_000, bytesMax = 16 * 1_024 * 1_024 }: LastGoodLimits, clock: Pick<Clock, 'monoMs'>) {
    this.#ageMsMax = within('ageMsMax', ageMsMax, Number.MIN_VALUE)
    this.#clock = clock
    this.#values = new LRUCache({
      max: whole('entriesMax', entriesMax, 1),
      maxSize: whole('bytesMax', bytesMax, 1),
      sizeCalculation: ({ bytes }) => bytes,
    })
  }

  get size(): number {
    return this.#values.size
  }

  /**
   * Keeps a value in the place of an earlier one. One that is not plain data (it holds functions) or is too large is not kept, and
   * the earlier one stays.
   *
   * @returns Whether it is kept.
   */
  keep(key: string, value: T): boolean {
    let copy: T
    try {
      copy = structuredClone(value)
    } catch {
      // Whoever has a good answer is not to fail because it cannot be kept.
      return false
    }
    const bytes = dataBytes([key, copy], this.#values.maxSize)
    if (bytes > this.#values.maxSize) return false
    this.#values.set(key, { value: copy, bytes, keptMs: this.#clock.monoMs() })
    return true
  }

  /** The value of `key`, unless there is none or it is too old. */
  get(key: string): Kept<T> | undefined {
    const kept = this.#values.get(key)
    if (kept === undefined) return undefined
    const ageMs = this.#clock.monoMs() - kept.keptMs
    if (ageMs <= this.#ageMsMax) return { value: structuredClone(kept.value), ageMs }
    this.#values.delete(key)
    return undefined
  }

  delete(key: string): void {
    this.#values.delete(key)
  }
}
