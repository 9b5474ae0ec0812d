/**
 * Counts what happened in the last `windowMs` milliseconds, in a ring of buckets: constant memory, constant time (amortised)
 * for each call, and no timer. Time is an argument and must never go back.
 *
 * What it counts as "the window" is between `windowMs` less one bucket and `windowMs` long.
 */
export class RollingCounter {
  readonly #counts: Float64Array
  readonly #bucketMs: number
  #newest = Number.NEGATIVE_INFINITY
  #total = 0

  /** @param options - `windowMs`: above 0; `buckets`: whole, at least 1. */
  constructor({ windowMs, buckets }: { readonly windowMs: number; readonly buckets: number }) {
    this.#counts = new Float64Array(buckets)
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
    if (bucket <= this.#newest) return
    // After a long pause every bucket is stale; clearing each once is enough.
    const oldest = Math.max(this.#newest + 1, bucket - this.#counts.length + 1)
    for (let stale = oldest; stale <= bucket; stale += 1) {
      const slot = this.#slot(stale)
      this.#total -= this.#counts[slot] ?? 0
      this.#counts[slot] = 0
    }
    this.#newest = bucket
  }

  #slot(bucket: number): number {
    const rest = bucket % this.#counts.length
    return rest < 0 ? rest + this.#counts.length : rest
  }
}
