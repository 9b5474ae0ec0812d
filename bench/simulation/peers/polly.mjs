import { steady, tripped } from '../level.mjs'

/**
 * Polly 8 (read at 8.7.0; .NET, so not run here): tenths of the sampling duration, each begun by the first call after the last
 * one ended; opens at a failure when at least `callsMin` calls are in the window and at least `threshold` of them failed.
 */
export const polly = (name, { threshold = 0.1, callsMin = 100, windowMs = 30_000 } = {}) => ({
  name,
  create: () => new Rule(threshold, callsMin, windowMs),
})

const partsMax = 10

class Rule {
  constructor(threshold, callsMin, windowMs) {
    Object.assign(this, { threshold, callsMin, windowMs })
    this.recovered()
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
    return this.calls >= this.callsMin && this.failures / this.calls >= this.threshold ? tripped : steady
  }

  recovered() {
    this.parts = []
    this.calls = 0
    this.failures = 0
  }

  partAt(atMs) {
    const newest = this.parts.at(-1)
    if (newest !== undefined && atMs - newest.startedMs < this.windowMs / partsMax) return newest
    const part = { startedMs: atMs, calls: 0, failures: 0 }
    this.parts.push(part)
    while (atMs - this.parts[0].startedMs >= this.windowMs) {
      const { calls, failures } = this.parts.shift()
      this.calls -= calls
      this.failures -= failures
    }
    return part
  }
}
