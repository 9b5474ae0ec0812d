import { LRUCache } from 'lru-cache'
import { within, whole } from '../../core/checked-number.js'
import type { Clock } from '../../core/world.js'
import type { AnswerHead } from './answer-head.js'

/** An answer that is complete. */
export interface KeptAnswer {
  readonly head: AnswerHead
  /** As they came, so that a stream is given again as a stream. */
  readonly chunks: readonly Uint8Array[]
}

/** How much is kept, and how long. */
export interface KeptAnswersLimits {
  /** Milliseconds, above 0. */
  readonly ttlMs: number
  /** All answers together. */
  readonly bytesMax: number
}

interface Entry extends KeptAnswer {
  readonly keptMs: number
}

/** What an entry takes beside its body: head, key, bookkeeping. A rounded guess, so that many empty answers are bounded too. */
const entryBytes = 2_048
/** And a chunk beside its bytes. */
const chunkBytes = 128

/** Complete answers by request, bounded in bytes and age; the least recently used goes first. */
export class KeptAnswers {
  readonly #ttlMs: number
  readonly #clock: Pick<Clock, 'monoMs'>
  readonly #answers: LRUCache<string, Entry>

  /** @throws RangeError when a limit is out of range. */
  constructor({ ttlMs, bytesMax }: KeptAnswersLimits, clock: Pick<Clock, 'monoMs'>) {
    this.#ttlMs = within('ttlMs', ttlMs, Number.MIN_VALUE)
    this.#clock = clock
    this.#answers = new LRUCache({ maxSize: whole('bytesMax', bytesMax, 1), sizeCalculation: sizeOf })
  }

  get size(): number {
    return this.#answers.size
  }

  get bytes(): number {
    return this.#answers.calculatedSize
  }

  get(key: string): KeptAnswer | undefined {
    const entry = this.#answers.get(key)
    if (entry === undefined) return undefined
    if (this.#clock.monoMs() - entry.keptMs < this.#ttlMs) return entry
    this.#answers.delete(key)
    return undefined
  }

  /** Keeps an answer; one that is larger than all there is room for is dropped. */
  set(key: string, { head, chunks }: KeptAnswer): void {
    this.#answers.set(key, { head, chunks, keptMs: this.#clock.monoMs() })
  }

  clear(): void {
    this.#answers.clear()
  }
}

function sizeOf({ chunks }: Entry): number {
  return chunks.reduce((sum, { length }) => sum + length + chunkBytes, entryBytes)
}
