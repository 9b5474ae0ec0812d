import type { PackedValue } from './packed-value.js'

/** What is kept of a key beside its value; entries with nothing of their own may share one. */
export interface EntryFacts {
  /** In place of the value. */
  readonly packed: PackedValue | undefined
  /** By which it is found, where it was given. */
  readonly text: string | undefined
  /** Worth × cost. */
  readonly weight: number
  /** How long it was to be kept when it came; `Infinity`: for ever. */
  readonly ttlMs: number
  /** How often it had been used when it came. */
  readonly frequency: number
}

/** An entry as it is now. */
export interface Entry<V> {
  readonly key: string
  /** `undefined` when it is packed. */
  readonly value: V | undefined
  readonly facts: EntryFacts
  /** On the monotonic clock; `Infinity`: never. */
  readonly expiresMs: number
  readonly frequency: number
}

/**
 * The row of no entry. A kept entry is a row: a number below which every table holds a part of what is known of it, so that there is no
 * object for each entry to make, to follow and to collect.
 */
export const noRow = -1
