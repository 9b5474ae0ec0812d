import { steady, tripped } from '../level.mjs'

/**
 * resilience4j (read at commit af9e7c9 of 2026-05; Java, so not run here), count-based: of the last `calls` calls, judged after
 * every one, at least `threshold` failed or at least `slowThreshold` took longer than `slowMs`; not before `callsMin` calls.
 */
export const resilience4j = (
  name,
  { calls = 100, callsMin = 100, threshold = 0.5, slowMs = 60_000, slowThreshold = 1 } = {},
) => ({
  name,
  create: () => new Rule({ calls, callsMin: Math.min(callsMin, calls), threshold, slowMs, slowThreshold }),
})

class Rule {
  constructor(options) {
    Object.assign(this, options)
    this.failedAt = new Uint8Array(this.calls)
    this.slowAt = new Uint8Array(this.calls)
    this.recovered()
  }

  start() {
    return steady
  }

  settle(_call, failed, _atMs, latencyMs) {
    const at = this.seen % this.calls
    const slow = latencyMs > this.slowMs ? 1 : 0
    this.failures += failed - this.failedAt[at]
    this.slow += slow - this.slowAt[at]
    this.failedAt[at] = failed
    this.slowAt[at] = slow
    this.seen += 1
    const size = Math.min(this.seen, this.calls)
    if (size < this.callsMin) return steady
    return this.failures >= this.threshold * size || this.slow >= this.slowThreshold * size ? tripped : steady
  }

  recovered() {
    Object.assign(this, { seen: 0, failures: 0, slow: 0 })
    this.failedAt.fill(0)
    this.slowAt.fill(0)
  }
}
