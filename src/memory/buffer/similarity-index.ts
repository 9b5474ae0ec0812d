import { PostingLists } from './posting-lists.js'
import { comparable, Comparison, sample, shingles } from './shingles.js'

/** A text that was found. */
export interface Neighbour {
  readonly slot: number
  /** Shared shingles ÷ all shingles (Jaccard), 0 to 1, exact. */
  readonly similarity: number
}

export interface NeighbourOptions {
  /** Whole, at least 1. */
  readonly limit: number
  /** Less alike ones are not given; above 0. */
  readonly similarityMin: number
}

/** Members of lists that one search reads; beyond that the best so far is the answer. */
const readMax = 50_000
/** Of those met in the lists, how many of the most promising are compared in full, for each one wanted; and at least. */
const comparedFactor = 20
const comparedMin = 200
/** A search looks at what it has when it has read this share of its lists. */
const rounds = [0.25, 0.5, 0.75, 1]

/**
 * Finds the most similar of many texts without comparing them all. A sample of the shingles of each text is in lists by shingle; a
 * query reads the lists of its own sample, the shortest first, and stops when a text that is in none of those read so far cannot be
 * similar enough any more (prefix filter: Bayardo, Ma and Srikant, "Scaling up all pairs similarity search", 2007; for the best k:
 * Xiao et al., "Top-k set similarity joins", 2009). How often a text was met says how promising it is; the most promising are
 * compared in full. Bands of MinHash need a threshold to be tuned to; this finds the distant best as well as near duplicates.
 */
export class SimilarityIndex {
  readonly #lists = new PostingLists()
  readonly #texts: string[] = []
  /** Shingles of each text, each counted once. */
  readonly #sizes: number[] = []
  #counts = new Uint8Array(0)

  /** The slot of the text from now on; `undefined`: there is nothing in it to compare. */
  add(text: string): number | undefined {
    const clean = comparable(text)
    if (clean === '') return undefined
    const hashes = shingles(clean)
    const slot = this.#lists.add(sample(hashes))
    this.#texts[slot] = clean
    this.#sizes[slot] = hashes.length
    return slot
  }

  remove(slot: number): void {
    this.#lists.remove(slot)
    this.#texts[slot] = ''
  }

  clear(): void {
    this.#lists.clear()
    this.#texts.length = this.#sizes.length = 0
  }

  /** The most similar first. */
  nearest(text: string, { limit, similarityMin }: NeighbourOptions): readonly Neighbour[] {
    const hashes = shingles(comparable(text))
    const comparison = new Comparison(hashes)
    const asked = [...sample(hashes)].sort((a, b) => this.#lists.sizeOf(a) - this.#lists.sizeOf(b))
    if (this.#counts.length < this.#lists.slots) this.#counts = new Uint8Array(this.#lists.slots * 2)
    const met: number[] = []
    const known = new Map<number, number>()
    let best: readonly Neighbour[] = []
    let [read, members] = [0, 0]
    for (const round of rounds) {
      const end = Math.ceil(asked.length * round)
      for (; read < end && members < readMax; read += 1) {
        const hash = asked[read] ?? 0
        members += this.#lists.sizeOf(hash)
        this.#lists.count(hash, this.#counts, met)
      }
      // What is left to share, of at least as many as are asked for.
      const left = (asked.length - read) / asked.length
      best = this.#best(met, { limit, similarityMin, asked: asked.length, comparison, known })
      const least = best.length === limit ? (best.at(-1)?.similarity ?? 0) : similarityMin
      if (left <= least || members >= readMax) break
    }
    for (const slot of met) this.#counts[slot] = 0
    return best
  }

  #best(
    met: readonly number[],
    { limit, similarityMin, asked, comparison, known }: NeighbourOptions & Query,
  ): readonly Neighbour[] {
    const promising = this.#promising(met, asked, Math.max(comparedMin, limit * comparedFactor))
    const neighbours = promising.map((slot) => {
      const similarity = known.get(slot) ?? comparison.with(this.#texts[slot] ?? '', this.#sizes[slot] ?? 0)
      known.set(slot, similarity)
      return { slot, similarity }
    })
    return neighbours
      .filter(({ similarity }) => similarity >= similarityMin)
      .sort((a, b) => b.similarity - a.similarity || a.slot - b.slot)
      .slice(0, limit)
  }

  /** About `wanted` of those met most often for their size. They are counted by promise, not sorted: they may be very many. */
  #promising(met: readonly number[], asked: number, wanted: number): readonly number[] {
    if (met.length <= wanted) return met
    const promise = (slot: number): number => {
      const shared = this.#counts[slot] ?? 0
      return Math.floor((levels * shared) / (asked + this.#lists.lengthOf(slot) - shared))
    }
    const atLevel = new Uint32Array(levels + 1)
    for (const slot of met) {
      const level = promise(slot)
      atLevel[level] = (atLevel[level] ?? 0) + 1
    }
    let [level, above] = [levels, 0]
    while (level > 0 && above + (atLevel[level] ?? 0) <= wanted) above += atLevel[level--] ?? 0
    // The level on the edge is let in as far as there is room.
    let room = wanted - above
    return met.filter((slot) => {
      const own = promise(slot)
      return own > level || (own === level && room-- > 0)
    })
  }
}

interface Query {
  readonly asked: number
  readonly comparison: Comparison
  /** Similarities found in an earlier round. */
  readonly known: Map<number, number>
}

const levels = 1_024
