import { withoutEscapes } from '../../core/text.js'

/** Most hashes in a {@link sample}. */
export const sampleMax = 128
/** Characters of one shingle: short enough for a word that is spelt otherwise, long enough for two subjects not to share many. */
const shingleChars = 4
/** The rest of a text is not looked at. */
export const textCharsMax = 4_096

/** What of a text is compared: case, white space and terminal colours do not count. */
export function comparable(text: string): string {
  return withoutEscapes(text.slice(0, textCharsMax)).toLowerCase().replace(/\s+/g, ' ').trim()
}

/**
 * The hashes of the shingles of a comparable text (every four characters in a row; all of it when it is shorter), each once, sorted.
 * Not empty, unless the text is.
 */
export function shingles(text: string): Uint32Array {
  const hashes = new Uint32Array(shingleCount(text))
  for (let start = 0; start < hashes.length; start += 1) hashes[start] = shingleHash(text, start)
  hashes.sort()
  let kept = 0
  for (let index = 0; index < hashes.length; index += 1) {
    const hash = hashes[index] ?? 0
    if (kept === 0 || hash !== hashes[kept - 1]) hashes[kept++] = hash
  }
  return hashes.subarray(0, kept)
}

/**
 * The smallest hashes: a fair sample, and the same one wherever two texts agree (bottom-k sketch: Broder, "On the resemblance and
 * containment of documents", 1997).
 */
export function sample(hashes: Uint32Array): Uint32Array {
  return hashes.subarray(0, sampleMax)
}

/** One text, to compare many others with. */
export class Comparison {
  readonly #size: number
  /** An open-addressing table: hash, or 0 where there is none. */
  readonly #table: Uint32Array
  /** Which comparison has met a hash last. */
  readonly #metBy: Uint32Array
  #comparisons = 0

  constructor(hashes: Uint32Array) {
    this.#size = hashes.length
    this.#table = new Uint32Array(2 ** Math.ceil(Math.log2(2 * this.#size + 1)))
    this.#metBy = new Uint32Array(this.#table.length)
    for (const hash of hashes) this.#table[this.#placeOf(hash)] = hash
  }

  /**
   * How alike the other text is: shared shingles ÷ all shingles (Jaccard), from 0 to 1.
   *
   * @param size - How many shingles `text` has, each counted once.
   */
  with(text: string, size: number): number {
    const comparison = (this.#comparisons += 1)
    const count = shingleCount(text)
    let shared = 0
    for (let start = 0; start < count; start += 1) {
      const hash = shingleHash(text, start)
      const place = this.#placeOf(hash)
      if (this.#table[place] !== hash || this.#metBy[place] === comparison) continue
      this.#metBy[place] = comparison
      shared += 1
    }
    const all = this.#size + size - shared
    return all === 0 ? 0 : shared / all
  }

  #placeOf(hash: number): number {
    const mask = this.#table.length - 1
    let place = hash & mask
    // Never full: it is at least twice as long as there are hashes.
    while (this.#table[place] !== 0 && this.#table[place] !== hash) place = (place + 1) & mask
    return place
  }
}

function shingleCount(text: string): number {
  return text === '' ? 0 : Math.max(1, text.length - shingleChars + 1)
}

/**
 * Mixed well (the finaliser of MurmurHash3 by Austin Appleby, public domain): which hashes are the smallest must be left to chance.
 * Never 0.
 */
function shingleHash(text: string, start: number): number {
  const end = Math.min(text.length, start + shingleChars)
  let hash = 0
  for (let index = start; index < end; index += 1) hash = Math.imul(hash, 0x01000193) + text.charCodeAt(index)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0 || 1
}
