// Calls that take time: a discrete-event simulation in which calls start at a fixed pace, whatever the ones before do, and settle
// when they are answered or time out. The story of a run is written first and then told to every rule.
import { degrading, steady, tripped } from './level.mjs'
import { normal } from './random.mjs'

/**
 * A latency of 1 s in the median, lognormal; `slowRate` of the calls take `slowFactor` times as long. Like a language model.
 */
export const modelLike = ({ medianMs = 1_000, sigma = 0.5, errorRate = 0.005, slowRate = 0, slowFactor = 4 } = {}) => ({
  draw(random) {
    const factor = slowRate > 0 && random() < slowRate ? slowFactor : 1
    return { latencyMs: medianMs * factor * Math.exp(sigma * normal(random)), failed: random() < errorRate ? 1 : 0 }
  },
})

/** The same service, `factor` times as slow. */
export const slowed = (service, factor) => ({
  draw(random) {
    const answer = service.draw(random)
    return { ...answer, latencyMs: answer.latencyMs * factor }
  },
})

/** A service that never answers. */
export const hung = { draw: () => ({ latencyMs: Infinity, failed: 1 }) }

/**
 * Everything that happens, in order: `callsBefore` calls are answered by `before`, the following `callsAfter` by `after`. An event
 * with a `latencyMs` of undefined is a start.
 */
export function story({ before, after, callsBefore, callsAfter = 0, callsPerSecond, timeoutMs }, random) {
  const events = []
  for (let call = 0; call < callsBefore + callsAfter; call += 1) {
    const startedMs = (call * 1_000) / callsPerSecond
    const answer = (call < callsBefore ? before : after).draw(random)
    const timedOut = answer.latencyMs >= timeoutMs
    const latencyMs = timedOut ? timeoutMs : answer.latencyMs
    events.push({ call, atMs: startedMs, latencyMs: undefined, failed: 0 })
    events.push({ call, atMs: startedMs + latencyMs, latencyMs, failed: timedOut ? 1 : answer.failed })
  }
  return events.sort((a, b) => a.atMs - b.atMs || a.call - b.call)
}

/** Calls started after the change and before each level was reached, and how long that took; undefined where it never was. */
export function admittedUntil(rule, events, { callsBefore, callsPerSecond }) {
  const watcher = rule.create()
  const changedMs = (callsBefore * 1_000) / callsPerSecond
  const result = { alarmedBefore: false, degrading: undefined, tripped: undefined }
  let calls = 0
  for (const event of events) {
    const level = tell(watcher, event)
    const changed = event.atMs >= changedMs
    if (!changed) {
      if (level === tripped) watcher.recovered({ falseTrip: true })
      result.alarmedBefore = level === degrading
      continue
    }
    // The look at a call's start comes before its admission: the call at which it trips is refused.
    if (event.latencyMs === undefined && level !== tripped) calls += 1
    const reached = { calls, seconds: (event.atMs - changedMs) / 1_000 }
    if (level >= degrading) result.degrading ??= reached
    if (level === tripped) return { ...result, tripped: reached }
  }
  return result
}

/** False alarms of a rule over a story in which nothing is wrong, after its first `callsBefore` calls. */
export function falseAlarmsIn(rule, events, { callsBefore }) {
  const watcher = rule.create()
  const result = { alarms: 0, trips: 0 }
  let level = steady
  for (const event of events) {
    const next = tell(watcher, event)
    const counts = event.call >= callsBefore
    if (counts && next !== steady && level === steady) result.alarms += 1
    if (counts && next === tripped) result.trips += 1
    if (next === tripped) watcher.recovered({ falseTrip: true })
    level = next === tripped ? steady : next
  }
  return result
}

function tell(watcher, { call, atMs, latencyMs, failed }) {
  return latencyMs === undefined ? watcher.start(call, atMs) : watcher.settle(call, failed, atMs, latencyMs)
}
