import { availableParallelism, loadavg, totalmem } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { HomeostatError } from '../core/errors.js'
import type { LoadReadings, LoadSource } from '../breaker/load/load-readings.js'

/** The load of this process and its machine, read from Node. Measures from its making until it is closed. */
export interface NodeLoadReadings extends LoadSource, Disposable {
  /**
   * The 99th percentile of the event loop's delay since the last time but one that it was read, the load average of the last
   * minute for each core (not on Windows, which has none), and the fuller of heap and memory.
   *
   * @throws HS_CLOSED after `close`.
   */
  read(): LoadReadings
  /** Stops measuring. */
  close(): void
}

/**
 * Begins to measure the load of this process. It does not keep the process alive.
 *
 * @param options - `resolutionMs`: how often the event loop is sampled; whole, 1 to 1 000. Default 10.
 * @throws RangeError when the resolution is out of range.
 */
export function nodeLoadReadings({ resolutionMs = 10 }: { readonly resolutionMs?: number } = {}): NodeLoadReadings {
  if (!(Number.isInteger(resolutionMs) && resolutionMs >= 1 && resolutionMs <= 1_000))
    throw new RangeError(`Cannot use ${String(resolutionMs)} as "resolutionMs": it must be a whole number from 1 to 1000`)
  const loop = watchLoop(resolutionMs)
  let closed = false
  const close = (): void => {
    closed = true
    loop.close()
  }
  return {
    read() {
      if (closed) throw new HomeostatError('HS_CLOSED', { what: 'the load readings' })
      return { eventLoopDelayMs: loop.delayMs(), loadPerCore: loadPerCore(), memoryRatio: memoryRatio() }
    },
    close,
    [Symbol.dispose]: close,
  }
}

/**
 * Two histograms that take turns. Emptying one drops the sample under way, and that would be the very block of the event loop
 * that the caller has just come out of; so one is emptied only when the other is past its first sample.
 */
function watchLoop(resolutionMs: number): { delayMs(): number | undefined; close(): void } {
  const start = (): ReturnType<typeof monitorEventLoopDelay> => {
    const delays = monitorEventLoopDelay({ resolution: resolutionMs })
    delays.enable()
    return delays
  }
  let older = start()
  let newer = start()
  return {
    delayMs() {
      if (older.count === 0) return undefined
      const slowestNs = Math.max(older.percentile(99), newer.percentile(99))
      if (newer.count > 0) {
        older.reset()
        ;[older, newer] = [newer, older]
      }
      // What they record is the time between two samples: an idle loop shows the resolution.
      return Math.max(0, slowestNs / 1e6 - resolutionMs)
    },
    close() {
      older.disable()
      newer.disable()
    },
  }
}

function loadPerCore(): number | undefined {
  const [lastMinute] = loadavg()
  // Windows keeps no load average, and Node says 0.
  return process.platform === 'win32' || lastMinute === undefined ? undefined : lastMinute / availableParallelism()
}

/** The heap against its limit, or all memory against what the container or the machine has; whichever is fuller. */
function memoryRatio(): number {
  const { used_heap_size: usedBytes, heap_size_limit: limitBytes } = getHeapStatistics()
  const residentBytes = process.memoryUsage.rss()
  // 0 or a number above the machine's memory: there is no such limit.
  const allowedBytes = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem())
  return Math.min(1, Math.max(usedBytes / limitBytes, residentBytes / allowedBytes))
}
