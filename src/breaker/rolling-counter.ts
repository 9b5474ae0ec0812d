/**
 * Counts what happened in the last `windowMs` milliseconds, in a ring of buckets: constant memory, constant time (amortised)
 * for each call, and no timer. Time is an argument and must never go back.
 *
 * What it counts as "the window" is between `windowMs` less one bucket and `windowMs` long.
 */
export class RollingCounter {
  /** A plain array: for a few small numbers it takes a quarter of the memory of a typed one. */
  readonly #counts: number[]
  readonly #bucketMs: number
  #newest = Number.NEGATIVE_INFINITY
  #total = 0

  /** @param options - `windowMs`: above 0; `buckets`: whole, at least 1. */
  constructor({ windowMs, buckets }: { readonly windowMs: number; readonly buckets: number }) {
    this.#counts = Array.from({ length: buckets }, () => 0)
    this.#bucketMs = windowMs / buckets
  }

  /** Counts one more at `nowMs`. */
  add(nowMs: number): void {
    this.#turnTo(nowMs)
    const slot = this.#slot(this.#newest)
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1
    this.#total += 1
  }

  /** How many there are in the window that ends at `nowMs`. */
  total(nowMs: number): number {
    this.#turnTo(nowMs)
    return this.#total
  }

  /** Milliseconds from `nowMs` until the oldest ones leave the window; 0 when it is empty. */
  leaveMs(nowMs: number): number {
    this.#turnTo(nowMs)
    for (let age = this.#counts.length - 1; age >= 0; age -= 1) {
      const bucket = this.#newest - age
      if ((this.#counts[this.#slot(bucket)] ?? 0) > 0) return (bucket + this.#counts.length) * this.#bucketMs - nowMs
    }
    return 0
  }

  #turnTo(nowMs: number): void {
    const bucket = Math.floor(nowMs / this.#bucketMs)
    // Said this way round, a time that is not a number is passed over like one that goes back.
    if (!(bucket > this.#newest)) return
    if (bucket - this.#newest >= this.#counts.length) this.#clear()
    else for (let stale = this.#newest + 1; stale <= bucket; stale += 1) this.#clearOne(this.#slot(stale))
    this.#newest = bucket
  }

  #clear(): void {
    this.#counts.fill(0)
    this.#total = 0
  }

  #clearOne(slot: number): void {
    this.#total -= this.#counts[slot] ?? 0
    this.#counts[slot] = 0
  }

  #slot(bucket: number): number {
    const rest = bucket % this.#counts.length
    return rest < 0 ? rest + this.#counts.length : rest
  }
}
