import type { Clock } from '../core/world.js'
import {
  counters,
  latenciesMax,
  StatisticsBucket,
  type BreakerStatistics,
  type BreakerStats,
  type Counts,
} from './breaker-statistics.js'

/** Statistics as plain JSON: opossum's sums, and beside them the parts of the window, so that each keeps its age. */
export interface StatisticsRecord extends BreakerStats {
  /** When it was written, milliseconds since 1970. */
  readonly epochMs: number
  /** Length of one part of the window; `null`: someone else turned them. */
  readonly bucketMs: number | null
  /** The parts, newest first; `null`: nothing happened in it. `latencies`: how many of `latencyTimes` are its own. */
  readonly buckets: readonly ((Counts & { readonly latencies: number }) | null)[]
}

/** Parts of a window that are read from a record; ours have no more. */
const bucketsMax = 1_000

/** The statistics as plain JSON, for {@link restoreStatistics} in a later process. */
export function recordOfStatistics(statistics: BreakerStatistics, clock: Clock, percentiles: boolean): StatisticsRecord {
  const nowMs = clock.monoMs()
  const window = statistics.window(nowMs)
  return {
    ...statistics.stats(nowMs, percentiles),
    latencyTimes: window.flatMap((bucket) => bucket?.latencyTimes ?? []),
    epochMs: clock.epochMs(),
    bucketMs: Number.isFinite(statistics.bucketMs) ? statistics.bucketMs : null,
    buckets: window.map((bucket) => {
      if (bucket === undefined) return null
      const { latencyTimes, ...counts } = bucket
      return { ...counts, latencies: latencyTimes.length }
    }),
  }
}

/**
 * Takes over statistics of an earlier breaker: our own record, with the age that its parts have by now; a status object of
 * opossum, part by part; or opossum's bare sums, which tell no age and count as new.
 *
 * @throws TypeError or RangeError when it is none of them; then nothing has changed.
 */
export function restoreStatistics(statistics: BreakerStatistics, record: unknown, clock: Clock): void {
  const from = fieldsOf(record)
  const parts = partsOf(from)
  const elapsedMs = Math.max(0, clock.epochMs() - time('epochMs', from['epochMs'], clock.epochMs()))
  const partMs = time('bucketMs', from['bucketMs'], statistics.bucketMs)
  const { bucketMs } = statistics
  const restored: (StatisticsBucket | undefined)[] = []
  for (const [age, part] of parts.entries()) {
    if (part === undefined) continue
    // Whoever turns the buckets by hand goes by their number, not by their time.
    const place = Number.isFinite(bucketMs) ? Math.floor((age * partMs + elapsedMs) / bucketMs) : age
    if (place < statistics.bucketsMax) restored[place] = merged(restored[place], part)
  }
  statistics.restore(Array.from(restored))
}

function partsOf(from: Readonly<Record<string, unknown>>): (StatisticsBucket | undefined)[] {
  if (Array.isArray(from['buckets'])) {
    const latencies = latenciesOf(from['latencyTimes'])
    let used = 0
    return from['buckets'].slice(0, bucketsMax).map((part: unknown) => {
      if (part === null || part === undefined) return undefined
      const fields = fieldsOf(part)
      const own = latencies.slice(used, (used += count('latencies', fields['latencies'])))
      return bucketOf(fields, own)
    })
  }
  const parts: unknown[] = Array.isArray(from['window']) ? from['window'].slice(0, bucketsMax) : [from]
  return parts.map((part) => {
    const fields = fieldsOf(part)
    return bucketOf(fields, latenciesOf(fields['latencyTimes']))
  })
}

function bucketOf(fields: Readonly<Record<string, unknown>>, latencies: readonly number[]): StatisticsBucket {
  const bucket = new StatisticsBucket()
  for (const name of counters) bucket[name] = count(name, fields[name])
  bucket.latencyTimes.push(...latencies)
  return bucket
}

function merged(into: StatisticsBucket | undefined, part: StatisticsBucket): StatisticsBucket {
  if (into === undefined) return part
  for (const name of counters) into[name] += part[name]
  into.latencyTimes.push(...part.latencyTimes)
  return into
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  // An object can be asked for any name; what it answers is checked.
  if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>
  throw new TypeError(`Cannot restore statistics: they are of the type ${typeof value}, not an object`)
}

/** What is left out counts as 0, as in opossum. */
function count(name: string, value: unknown): number {
  if (value === undefined || value === null) return 0
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw refusal(name, value, 'a count')
}

function time(name: string, value: unknown, missing: number): number {
  if (value === undefined || value === null) return missing
  if (typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY) return value
  throw refusal(name, value, 'a time')
}

function latenciesOf(value: unknown): readonly number[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new TypeError('Cannot restore statistics: "latencyTimes" is not a list')
  const kept: readonly unknown[] = value.slice(0, latenciesMax)
  return kept.map((latency) => {
    if (typeof latency === 'number' && latency >= 0 && latency < Number.POSITIVE_INFINITY) return latency
    throw refusal('latencyTimes', latency, 'a latency')
  })
}

function refusal(name: string, value: unknown, wanted: string): RangeError {
  const shown = typeof value === 'number' ? String(value) : `something of the type ${typeof value}`
  return new RangeError(`Cannot restore statistics: ${shown} as "${name}" is not ${wanted}`)
}
