import { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import { callListener, type ListenerErrorHandler } from '../core/listeners.js'
import type { Clock } from '../core/world.js'
import { noticeListening } from './listening.js'
import { StatisticsBucket, type BreakerStatistics, type Counter } from './breaker-statistics.js'

/** A status of opossum's own class; its types leave out what people nevertheless call. */
export interface OpossumStatus extends CircuitBreaker.Status {
  readonly enableSnapshots: boolean
  readonly rollingPercentilesEnabled: boolean
  increment(counter: Counter, latencyMs?: number): void
  open(): void
  close(): void
  shutdown(): void
}

/** What a status is made with. */
export interface OpossumStatusOptions {
  readonly clock: Clock
  readonly percentiles: boolean
  readonly snapshots: boolean
  /** The user's emitter whose `rotate` turns the buckets. */
  readonly rotator: EventEmitter | undefined
  /** Hears what listeners to `snapshot` throw. */
  readonly report: ListenerErrorHandler
  /** Whether the circuit is open at present. */
  readonly isOpen: () => boolean
}

/**
 * A status object as opossum's users know it, with its sums made from `statistics` when someone looks. It has a timer only while
 * someone listens to `snapshot`, and that one does not keep the process alive.
 */
export function opossumStatus(statistics: BreakerStatistics, options: OpossumStatusOptions): OpossumStatus {
  const { clock, percentiles, snapshots, rotator, report, isOpen } = options
  // Without an emitter of its own it would start an interval; nothing is ever emitted on this one.
  const status = CircuitBreaker.newStatus({
    rollingCountBuckets: 1,
    enableSnapshots: false,
    rotateBucketController: new EventEmitter(),
  })
  const stats = (): CircuitBreaker.Stats => statistics.stats(clock.monoMs(), percentiles)
  Object.defineProperties(status, {
    stats: { get: stats },
    window: { get: () => windowOf(statistics, clock.monoMs(), isOpen()) },
    rollingPercentilesEnabled: { value: percentiles },
    enableSnapshots: { value: snapshots },
    // These two are what opossum attaches when the breaker is enabled, and detaches when it is disabled or shut down.
    rotateBucketController: { value: rotator },
    rotateBucket: { value: () => statistics.rotate() },
    increment: {
      value: (counter: Counter, latencyMs?: number) => {
        const bucket = statistics.at(clock.monoMs())
        bucket[counter] += 1
        if (latencyMs !== undefined) statistics.keepLatency(bucket, latencyMs)
      },
    },
    // Whether it is open is asked of the circuit.
    open: { value: nothing },
    close: { value: nothing },
  })
  // opossum gives every status these methods; its types leave them out.
  const made = status as OpossumStatus & { startListeneningForRotateEvent(): void }
  if (rotator !== undefined) made.startListeneningForRotateEvent()
  if (snapshots) emitSnapshots(made, { clock, intervalMs: Math.max(1, Math.floor(statistics.bucketMs)), stats, report })
  return made
}

/** The parts of the window as opossum shows them, newest first. */
function windowOf(statistics: BreakerStatistics, nowMs: number, isOpen: boolean): CircuitBreaker.Window {
  const buckets = statistics.window(nowMs)
  return Array.from({ length: statistics.bucketsMax }, (_, age) => {
    const bucket = buckets[age] ?? new StatisticsBucket()
    const shown = Object.assign({ percentiles: {} }, bucket, { latencyTimes: [...bucket.latencyTimes] })
    return age === 0 ? Object.assign(shown, { isCircuitBreakerOpen: isOpen }) : shown
  })
}

interface SnapshotOptions {
  readonly clock: Clock
  readonly intervalMs: number
  readonly stats: () => CircuitBreaker.Stats
  readonly report: ListenerErrorHandler
}

/** Emits `snapshot` at each interval for as long as someone listens. */
function emitSnapshots(status: EventEmitter, { clock, intervalMs, stats, report }: SnapshotOptions): void {
  let set = false
  const wait = (): void => {
    set = true
    alarm.set(intervalMs)
  }
  const alarm = clock.alarm(() => {
    set = false
    if (status.listenerCount('snapshot') === 0) return
    wait()
    callListener(() => void status.emit('snapshot', stats()), report)
  })
  noticeListening(status, (_status, event, change) => {
    change()
    if (event === 'snapshot' && !set && status.listenerCount('snapshot') > 0) wait()
  })
}

function nothing(): void {}
