import { textCharsMax } from './shingles.js'
import { SimilarityIndex, type NeighbourOptions } from './similarity-index.js'

/** What the index takes for one entry, beside two bytes for each character. */
const indexedBytes = 2_200
/** In place of a slot + 1. */
const [notIndexed, notFindable] = [0, -1]

/** Finds rows by their text. They are indexed when somebody searches, so that nobody pays for it who never does. */
export class FoundByText {
  readonly #index = new SimilarityIndex()
  readonly #bySlot: (number | undefined)[] = []
  /** By row: its slot in the index + 1, or why it has none. */
  #slots = new Int32Array(0)
  #indexed = 0
  #unfindable = 0

  /** Rows that are in the index. */
  get indexed(): number {
    return this.#indexed
  }

  /** The entry of the row has gone, or changed. */
  left(row: number): void {
    // Nobody has searched.
    if (this.#indexed + this.#unfindable === 0) return
    const slot = this.#slotOf(row)
    if (slot === notIndexed) return
    this.#slots[row] = notIndexed
    if (slot === notFindable) {
      this.#unfindable -= 1
      return
    }
    this.#index.remove(slot - 1)
    this.#bySlot[slot - 1] = undefined
    this.#indexed -= 1
  }

  /**
   * Indexes what has come since the last time.
   *
   * @param rows - All of them.
   * @param count - How many they are.
   * @param textOf - `undefined`: the row is gone.
   * @returns The rows that were indexed, and what the index takes for each, in bytes.
   */
  indexNew(
    rows: Iterable<number>,
    count: number,
    textOf: (row: number) => string | undefined,
  ): readonly (readonly [row: number, bytes: number])[] {
    const grown: [number, number][] = []
    for (const row of this.#new(rows, count - this.#indexed - this.#unfindable)) {
      const text = textOf(row)
      // Whoever made the text may have searched, too.
      if (text === undefined || this.#slotOf(row) !== notIndexed) continue
      this.#holdRow(row)
      const slot = this.#index.add(text)
      this.#slots[row] = slot === undefined ? notFindable : slot + 1
      if (slot === undefined) {
        this.#unfindable += 1
        continue
      }
      this.#bySlot[slot] = row
      this.#indexed += 1
      grown.push([row, indexedBytes + 2 * Math.min(text.length, textCharsMax)])
    }
    return grown
  }

  /** The rows whose text is most like this one, the most similar first. */
  nearest(text: string, options: NeighbourOptions): readonly { readonly row: number; readonly similarity: number }[] {
    return this.#index.nearest(text, options).flatMap(({ slot, similarity }) => {
      const row = this.#bySlot[slot]
      return row === undefined ? [] : { row, similarity }
    })
  }

  clear(): void {
    this.#index.clear()
    this.#bySlot.length = this.#indexed = this.#unfindable = 0
    this.#slots = new Int32Array(0)
  }

  #new(rows: Iterable<number>, count: number): readonly number[] {
    const found: number[] = []
    if (count <= 0) return found
    for (const row of rows) {
      if (this.#slotOf(row) === notIndexed) found.push(row)
      if (found.length === count) break
    }
    return found
  }

  #slotOf(row: number): number {
    return row < this.#slots.length ? (this.#slots[row] ?? notIndexed) : notIndexed
  }

  #holdRow(row: number): void {
    if (row < this.#slots.length) return
    const slots = this.#slots
    this.#slots = new Int32Array(2 * row + 64)
    this.#slots.set(slots)
  }
}
