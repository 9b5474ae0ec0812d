import { notRanked, type Ranked } from './eviction-queue.js'
import type { PackedValue } from './packed-value.js'

/** What is kept of one key. */
export interface Entry<V> extends Ranked {
  readonly key: string
  /** `undefined` when it is packed. */
  value: V | undefined
  packed: PackedValue | undefined
  /** By which it is found, where it was given. */
  text: string | undefined
  /** Worth × cost. */
  weight: number
  /** All that it takes. */
  bytes: number
  /** On the monotonic clock; `undefined`: never (which, unlike `Infinity`, needs no memory of its own). */
  expiresMs: number | undefined
  /** Its place in the index, or {@link notIndexed}, or {@link notFindable}. */
  slot: number
}

export const notIndexed = -1
/** It was looked at, and has no text. */
export const notFindable = -2

/** An entry that is not kept yet. */
export function entryOf<V>(key: string, value: V | undefined, packed: PackedValue | undefined): Entry<V> {
  // What every `get` reads comes first, so that it lies in one line of the processor's cache.
  return { rank: notRanked, value, packed, key, bytes: 0, slot: notIndexed, text: undefined, weight: 1, expiresMs: undefined }
}

/** Whether it is not kept any more, or not yet. */
export function isGone({ rank }: Ranked): boolean {
  return rank === notRanked
}
