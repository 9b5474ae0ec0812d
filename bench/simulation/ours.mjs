import { degrading, steady, tripped } from './level.mjs'

const levels = { learning: steady, steady, degrading, tripped }
const ticketsMax = 16_384

/** Our detector as a rule: `TrendDetector` with `options`, told what a breaker would tell it, in the same order. */
export const ours = (TrendDetector, name = 'homeostat', options = {}) => ({
  name,
  learns: true,
  create: () => new Watcher(new TrendDetector(options)),
})

/** Ours with other options than the defaults. */
export const variants = (TrendDetector) => [
  ours(TrendDetector, 'falseTripBudget 10 000', { falseTripBudget: 10_000 }),
  ours(TrendDetector, 'falseTripBudget 100 000, openAt 0.2'),
  ours(TrendDetector, 'falseTripBudget 1 000 000', { falseTripBudget: 1_000_000 }),
  ours(TrendDetector, 'openAt 0.1', { openAt: 0.1 }),
  ours(TrendDetector, 'openAt 0.5', { openAt: 0.5 }),
]

class Watcher {
  constructor(detector) {
    this.detector = detector
    this.tickets = new Float64Array(ticketsMax)
  }

  /** Before a call is admitted the breaker looks whether calls in flight are overdue. */
  start(call, atMs) {
    const level = levels[this.detector.look(atMs)]
    this.tickets[call % ticketsMax] = this.detector.callStarted(atMs)
    return level
  }

  settle(call, failed, atMs, latencyMs) {
    this.detector.callEnded(this.tickets[call % ticketsMax], failed === 0)
    return levels[this.detector.step(failed === 0, latencyMs, atMs)]
  }

  recovered(options) {
    this.detector.reset(options)
  }

  get reason() {
    return this.detector.verdict.reason
  }
}
