// What one failing call costs when the window of the breaker already holds a hundred thousand.
import CircuitBreaker from 'opossum'
import { TrendAwareCircuitBreaker } from '../dist/breaker/index.js'
import { median } from './compare.mjs'

const callsBefore = 100_000
const failures = 25

/** Nanoseconds of a failing call, ours and opossum's. Percentiles and a long window, as opossum has them by default. */
export async function failingCallNs() {
  let failing = false
  const work = async () => {
    if (failing) throw new Error('down')
    return 1
  }
  // The window must not turn while it is filled and measured, and the circuit must not open.
  const options = { timeout: false, rollingCountTimeout: 600_000, errorThresholdPercentage: 100, volumeThreshold: 1_000_000 }
  const sides = [new TrendAwareCircuitBreaker(work, { ...options }), new CircuitBreaker(work, options)]
  const times = sides.map(() => [])
  for (const breaker of sides) for (let call = 0; call < callsBefore; call += 1) await breaker.fire()
  failing = true
  for (let round = 0; round < failures; round += 1) {
    for (const [side, breaker] of sides.entries()) {
      const startedMs = performance.now()
      await breaker.fire().catch(() => undefined)
      times[side].push((performance.now() - startedMs) * 1e6)
    }
  }
  for (const breaker of sides) breaker.shutdown()
  const [ours, opossum] = times.map(median)
  return { ours, opossum }
}
