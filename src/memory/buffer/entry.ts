import type { Ranked } from './eviction-queue.js'
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
  /** On the monotonic clock; `Infinity`: never. */
  expiresMs: number
  /** Its place in the index, or {@link notIndexed}, or {@link notFindable}. */
  slot: number
}

export const notIndexed = -1
/** It was looked at, and has no text. */
export const notFindable = -2

/** An entry that is not kept yet. */
export function entryOf<V>(key: string, value: V | undefined, packed: PackedValue | undefined): Entry<V> {
  return {
    key,
    value,
    packed,
    text: undefined,
    weight: 1,
    bytes: 0,
    expiresMs: Infinity,
    slot: notIndexed,
    density: 0,
    frequency: 1,
    priority: 0,
    usedAt: 0,
    gone: true,
  }
}
