import { steady, tripped } from '../level.mjs'

/**
 * opossum 10: counts calls when they start and failures when they settle, in `rollingCountBuckets` buckets that a timer turns,
 * and opens at a failure when more than the threshold of the calls in the window failed. A volume of 0 is its default.
 */
export const opossum = (name, { threshold = 0.5, volume = 0, windowMs = 10_000, buckets = 10 } = {}) => ({
  name,
  create: () => new Rule(threshold, volume, windowMs / buckets, buckets),
})

class Rule {
  constructor(threshold, volume, bucketMs, buckets) {
    Object.assign(this, { threshold, volume, bucketMs, buckets, turns: 0, fires: 0, failures: 0 })
    this.firesIn = new Float64Array(buckets)
    this.failuresIn = new Float64Array(buckets)
  }

  start(_call, atMs) {
    this.turnTo(atMs)
    this.fires += 1
    this.firesIn[this.turns % this.buckets] += 1
    return steady
  }

  settle(_call, failed, atMs) {
    if (!failed) return steady
    this.turnTo(atMs)
    this.failures += 1
    this.failuresIn[this.turns % this.buckets] += 1
    if (this.fires < this.volume) return steady
    return (this.failures / this.fires) * 100 > this.threshold * 100 ? tripped : steady
  }

  /** Its circuit stays open for longer than its window lasts, so that the window is empty afterwards. */
  recovered() {
    this.fires = 0
    this.failures = 0
    this.firesIn.fill(0)
    this.failuresIn.fill(0)
  }

  turnTo(atMs) {
    const turns = Math.floor(atMs / this.bucketMs)
    const first = Math.max(this.turns + 1, turns - this.buckets + 1)
    this.turns = Math.max(this.turns, turns)
    for (let turn = first; turn <= turns; turn += 1) {
      const oldest = turn % this.buckets
      this.fires -= this.firesIn[oldest]
      this.failures -= this.failuresIn[oldest]
      this.firesIn[oldest] = 0
      this.failuresIn[oldest] = 0
    }
  }
}
