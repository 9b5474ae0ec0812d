import { isGone, notFindable, notIndexed, type Entry } from './entry.js'
import { textCharsMax } from './shingles.js'
import { SimilarityIndex, type NeighbourOptions } from './similarity-index.js'

/** What the index takes for one entry, beside two bytes for each character. */
const indexedBytes = 2_200

/** Finds entries by their text. They are indexed when somebody searches, so that nobody pays for it who never does. */
export class FoundByText<V> {
  readonly #index = new SimilarityIndex()
  readonly #bySlot: (Entry<V> | undefined)[] = []
  #indexed = 0
  #waiting = 0

  /** Entries that are in the index. */
  get indexed(): number {
    return this.#indexed
  }

  /** An entry has come: it is `notIndexed`. */
  came(): void {
    this.#waiting += 1
  }

  /** An entry has gone. */
  left(entry: Entry<V>): void {
    if (entry.slot === notIndexed) this.#waiting -= 1
    else if (entry.slot !== notFindable) {
      this.#index.remove(entry.slot)
      this.#bySlot[entry.slot] = undefined
      this.#indexed -= 1
    }
    entry.slot = notFindable
  }

  /**
   * Indexes what has come since the last time.
   *
   * @param entries - All of them.
   * @returns What the index takes more for each entry, in bytes.
   */
  indexNew(entries: Iterable<Entry<V>>, textOf: (entry: Entry<V>) => string): ReadonlyMap<Entry<V>, number> {
    const grown = new Map<Entry<V>, number>()
    for (const entry of this.#new(entries)) {
      const text = textOf(entry)
      // Reading its text may have shown that it is broken.
      if (isGone(entry)) continue
      this.#waiting -= 1
      entry.slot = this.#index.add(text) ?? notFindable
      if (entry.slot === notFindable) continue
      this.#bySlot[entry.slot] = entry
      this.#indexed += 1
      grown.set(entry, indexedBytes + 2 * Math.min(text.length, textCharsMax))
    }
    return grown
  }

  /** The entries whose text is most like this one, the most similar first. */
  nearest(text: string, options: NeighbourOptions): readonly { readonly entry: Entry<V>; readonly similarity: number }[] {
    return this.#index.nearest(text, options).flatMap(({ slot, similarity }) => {
      const entry = this.#bySlot[slot]
      return entry === undefined ? [] : { entry, similarity }
    })
  }

  clear(): void {
    this.#index.clear()
    this.#bySlot.length = this.#indexed = this.#waiting = 0
  }

  #new(entries: Iterable<Entry<V>>): readonly Entry<V>[] {
    const found: Entry<V>[] = []
    if (this.#waiting === 0) return found
    for (const entry of entries) {
      if (entry.slot === notIndexed) found.push(entry)
      if (found.length === this.#waiting) break
    }
    return found
  }
}
