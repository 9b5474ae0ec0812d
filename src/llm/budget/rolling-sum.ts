/**
 * The sum of amounts in the last `windowMs` milliseconds, in a ring of buckets: constant memory and no timer. An amount counts for
 * `windowMs` to one bucket longer, so that a limit on the sum holds for every window of that length. Time is an argument; one that
 * goes back, or is no number, stands still.
 */
export class RollingSum {
  readonly #amounts: number[]
  readonly #bucketMs: number
  #newest = Number.NEGATIVE_INFINITY
  #total = 0

  /** @param options - `windowMs`: above 0; `buckets`: whole, at least 1. */
  constructor({ windowMs, buckets }: { readonly windowMs: number; readonly buckets: number }) {
    this.#amounts = Array.from({ length: buckets + 1 }, () => 0)
    this.#bucketMs = windowMs / buckets
  }

  /** Adds an amount, at least 0, and returns the place where it can be corrected. */
  add(amount: number, nowMs: number): number {
    this.#turnTo(nowMs)
    this.#change(this.#newest, amount)
    return this.#newest
  }

  /** Changes what was added at a place by `change`; nothing when that has left the window. */
  correct(place: number, change: number, nowMs: number): void {
    this.#turnTo(nowMs)
    if (place > this.#newest - this.#amounts.length) this.#change(place, change)
  }

  /** The sum in the window that ends at `nowMs`. */
  total(nowMs: number): number {
    this.#turnTo(nowMs)
    return this.#total
  }

  /** Milliseconds until the sum is at most `max`, which is at least 0, if nothing is added or corrected meanwhile; 0 when it is already. */
  fallsToMs(max: number, nowMs: number): number {
    this.#turnTo(nowMs)
    let left = this.#total
    if (left <= max) return 0
    let bucket = this.#newest - this.#amounts.length
    while (left > max && bucket < this.#newest) {
      bucket += 1
      left -= this.#amounts[this.#slot(bucket)] ?? 0
    }
    return this.#leavesMs(bucket, nowMs)
  }

  #leavesMs(bucket: number, nowMs: number): number {
    const ms = (bucket + this.#amounts.length) * this.#bucketMs - nowMs
    return Number.isFinite(ms) ? Math.max(1, Math.ceil(ms)) : Math.ceil(this.#amounts.length * this.#bucketMs)
  }

  #change(bucket: number, change: number): void {
    const slot = this.#slot(bucket)
    const before = this.#amounts[slot] ?? 0
    // What is taken back may be a hair more than what was added, for binary fractions.
    const after = Math.max(0, before + change)
    this.#amounts[slot] = after
    this.#total = Math.max(0, this.#total + after - before)
  }

  #turnTo(nowMs: number): void {
    const bucket = Math.floor(nowMs / this.#bucketMs)
    if (!(bucket > this.#newest) || !Number.isFinite(bucket)) {
      if (this.#newest === Number.NEGATIVE_INFINITY) this.#newest = 0
      return
    }
    if (bucket - this.#newest >= this.#amounts.length) this.#amounts.fill(0)
    else for (let stale = this.#newest + 1; stale <= bucket; stale += 1) this.#amounts[this.#slot(stale)] = 0
    this.#newest = bucket
    // Added up anew, so that the errors of binary fractions do not pile up for ever.
    this.#total = this.#amounts.reduce((sum, amount) => sum + amount, 0)
  }

  #slot(bucket: number): number {
    const rest = bucket % this.#amounts.length
    return rest < 0 ? rest + this.#amounts.length : rest
  }
}
