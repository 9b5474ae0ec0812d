import { steady, tripped } from '../level.mjs'

/** cockatiel 4, `ConsecutiveBreaker(count)`: opens at the `count`-th failure without a success between them. */
export const consecutive = (name, count) => ({
  name,
  create() {
    let failures = 0
    return {
      start: () => steady,
      settle(_call, failed) {
        failures = failed ? failures + 1 : 0
        return failures >= count ? tripped : steady
      },
      recovered() {
        failures = 0
      },
    }
  },
})

/**
 * cockatiel 4, `SamplingBreaker`: opens at a failure when more than `threshold` of the calls in the window failed and there were
 * enough of them. `callsPerSecondMin` of undefined is its default, 5 / threshold. A call after idle time drops one part of the
 * window only, however long the idle time was; so does this.
 */
export const sampling = (name, { threshold, durationMs, callsPerSecondMin }) => ({
  name,
  create: () => new Sampling(threshold, durationMs, callsPerSecondMin ?? 5 / threshold),
})

class Sampling {
  constructor(threshold, durationMs, callsPerSecondMin) {
    const parts = Math.max(5, Math.ceil(durationMs / 1_000))
    this.threshold = threshold
    this.partMs = Math.round(durationMs / parts)
    this.callsMin = parts * this.partMs * (callsPerSecondMin / 1_000)
    this.parts = Array.from({ length: parts }, () => ({ startedMs: -Infinity, calls: 0, failures: 0 }))
    this.current = 0
    this.calls = 0
    this.failures = 0
  }

  start() {
    return steady
  }

  settle(_call, failed, atMs) {
    const part = this.partAt(atMs)
    part.calls += 1
    this.calls += 1
    if (!failed) return steady
    part.failures += 1
    this.failures += 1
    return this.calls >= this.callsMin && this.failures > this.threshold * this.calls ? tripped : steady
  }

  recovered() {
    for (const part of this.parts) Object.assign(part, { startedMs: -Infinity, calls: 0, failures: 0 })
    this.calls = 0
    this.failures = 0
  }

  partAt(atMs) {
    if (atMs - this.parts[this.current].startedMs < this.partMs) return this.parts[this.current]
    this.current = (this.current + 1) % this.parts.length
    const part = this.parts[this.current]
    this.calls -= part.calls
    this.failures -= part.failures
    return Object.assign(part, { startedMs: atMs, calls: 0, failures: 0 })
  }
}
