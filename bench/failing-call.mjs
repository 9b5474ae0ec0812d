// What one failing call costs when the window of the breaker already holds a hundred thousand.
import CircuitBreaker from 'opossum'
import { TrendAwareCircuitBreaker } from '../dist/breaker/index.js'
import { median } from './compare.mjs'

const callsBefore = 100_000
const callsToWarmUp = 2_000
const failures = 25

/** Nanoseconds of a failing call, ours and opossum's, each with its defaults but for a window that does not turn meanwhile. */
export async function failingCallNs() {
  let failing = false
  const work = async () => {
    if (failing) throw new Error('down')
    return 1
  }
  const options = { timeout: false, rollingCountTimeout: 600_000, errorThresholdPercentage: 100, volumeThreshold: 1_000_000 }
  // Neither may open its circuit, or it would refuse the calls that are to be measured.
  const make = () => [new TrendAwareCircuitBreaker(work, { ...options, mode: 'observe' }), new CircuitBreaker(work, options)]
  const warm = make()
  failing = true
  for (let call = 0; call < callsToWarmUp; call += 1) for (const breaker of warm) await breaker.fire().catch(() => undefined)
  failing = false
  const sides = make()
  for (const breaker of sides) for (let call = 0; call < callsBefore; call += 1) await breaker.fire()
  failing = true
  // One side after the other: opossum goes through megabytes for each failure, and would leave ours with cold caches.
  const times = sides.map(() => [])
  for (const [side, breaker] of sides.entries()) {
    for (let round = 0; round < failures; round += 1) {
      const startedMs = performance.now()
      await breaker.fire().catch(() => undefined)
      times[side].push((performance.now() - startedMs) * 1e6)
    }
  }
  for (const breaker of [...warm, ...sides]) breaker.shutdown()
  const [ours, opossum] = times.map(median)
  return { ours, opossum }
}
