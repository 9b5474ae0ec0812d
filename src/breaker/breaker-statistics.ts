import type CircuitBreaker from 'opossum'

/** What opossum's statistics count. */
export const counters = [
  'failures',
  'fallbacks',
  'successes',
  'rejects',
  'fires',
  'timeouts',
  'cacheHits',
  'cacheMisses',
  'coalesceCacheHits',
  'coalesceCacheMisses',
  'semaphoreRejections',
] as const

/** One of {@link counters}. */
export type Counter = (typeof counters)[number]

/** The counts of one part of the window, under opossum's names. */
export type Counts = { [Name in Counter]: number }

/** The counts of one part of the window, with the newest latencies of the calls that settled in it. */
export class StatisticsBucket implements Counts {
  failures = 0
  fallbacks = 0
  successes = 0
  rejects = 0
  fires = 0
  timeouts = 0
  cacheHits = 0
  cacheMisses = 0
  coalesceCacheHits = 0
  coalesceCacheMisses = 0
  semaphoreRejections = 0
  /** Milliseconds, in no order. */
  readonly latencyTimes: number[] = []
}

/** All that the window holds, in opossum's shape. */
export type BreakerStats = CircuitBreaker.Stats & Counts

/** The percentiles that opossum gives. */
const percentiles = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 1] as const

/** Latencies kept in the whole window; beyond that a later one takes the place of an earlier one of its bucket. */
export const latenciesMax = 4_000

/**
 * Rolling counts for people to read; when to trip is decided elsewhere. Counting is one addition, without timer: whoever counts
 * says what time it is. Sums and percentiles are made when someone asks.
 */
export class BreakerStatistics {
  /** How long one part of the window is; infinite when someone else says when the next one begins. */
  readonly bucketMs: number
  readonly bucketsMax: number
  readonly #latenciesMax: number
  #newest = new StatisticsBucket()
  #newestEndMs: number
  /** Newest first; `undefined`: nothing happened in it. */
  #older: (StatisticsBucket | undefined)[] = []

  /** @param options - `windowMs`: above 0, infinite when only {@link rotate} turns the buckets; `buckets`: whole, at least 1. */
  constructor(options: { readonly windowMs: number; readonly buckets: number; readonly nowMs: number }) {
    this.bucketMs = options.windowMs / options.buckets
    this.bucketsMax = options.buckets
    this.#latenciesMax = Math.ceil(latenciesMax / options.buckets)
    this.#newestEndMs = options.nowMs + this.bucketMs
  }

  /** The part of the window that `nowMs` lies in, to count in. A time that lies back counts in the newest part. */
  at(nowMs: number): StatisticsBucket {
    if (nowMs >= this.#newestEndMs) this.#turnTo(nowMs)
    return this.#newest
  }

  /** Keeps the latency of a call in a bucket that {@link at} gave. */
  keepLatency(bucket: StatisticsBucket, latencyMs: number): void {
    const { latencyTimes } = bucket
    if (latencyTimes.length < this.#latenciesMax) latencyTimes.push(latencyMs)
    else latencyTimes[(bucket.successes + bucket.failures) % this.#latenciesMax] = latencyMs
  }

  /** Begins the next part of the window; the oldest one falls out. */
  rotate(): void {
    this.#older.unshift(this.#newest)
    this.#older.length = Math.min(this.#older.length, this.bucketsMax - 1)
    this.#newest = new StatisticsBucket()
  }

  /** The parts of the window, newest first. */
  window(nowMs: number): (StatisticsBucket | undefined)[] {
    return [this.at(nowMs), ...this.#older]
  }

  /** Takes over parts of an earlier window, newest first; what is older than the window is dropped. */
  restore(buckets: readonly (StatisticsBucket | undefined)[]): void {
    for (const bucket of buckets) bucket?.latencyTimes.splice(this.#latenciesMax)
    const [newest, ...older] = buckets
    this.#newest = newest ?? new StatisticsBucket()
    this.#older = older.slice(0, this.bucketsMax - 1)
  }

  /** Sums over the window; latency figures are −1 unless `withLatencies`. */
  stats(nowMs: number, withLatencies: boolean): BreakerStats {
    const buckets = this.window(nowMs).filter((bucket) => bucket !== undefined)
    const sum = (name: Counter): number => buckets.reduce((total, bucket) => total + bucket[name], 0)
    const latencyTimes = withLatencies ? buckets.flatMap((bucket) => bucket.latencyTimes).toSorted((a, b) => a - b) : []
    return {
      failures: sum('failures'),
      fallbacks: sum('fallbacks'),
      successes: sum('successes'),
      rejects: sum('rejects'),
      fires: sum('fires'),
      timeouts: sum('timeouts'),
      cacheHits: sum('cacheHits'),
      cacheMisses: sum('cacheMisses'),
      coalesceCacheHits: sum('coalesceCacheHits'),
      coalesceCacheMisses: sum('coalesceCacheMisses'),
      semaphoreRejections: sum('semaphoreRejections'),
      percentiles: Object.fromEntries(percentiles.map((share) => [share, withLatencies ? percentile(latencyTimes, share) : -1])),
      latencyTimes,
      latencyMean: withLatencies ? mean(latencyTimes) : -1,
    }
  }

  #turnTo(nowMs: number): void {
    const lateMs = nowMs - this.#newestEndMs
    const empty = Math.min(Math.floor(lateMs / this.bucketMs), this.bucketsMax - 1)
    this.#newestEndMs = nowMs - (lateMs % this.bucketMs) + this.bucketMs
    this.rotate()
    if (empty === 0) return
    this.#older.unshift(...Array.from({ length: empty }, () => undefined))
    this.#older.length = Math.min(this.#older.length, this.bucketsMax - 1)
  }
}

/** Nearest rank, as opossum counts it; 0 of nothing. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((total, value) => total + value, 0) / values.length
}
