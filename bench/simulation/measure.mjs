// One experiment each: feed the same outcomes to a rule and count. Calls settle at once, `spacingMs` apart, the first at
// `startMs` (windows in seconds must not begin with the run); what calls in flight do is in `traffic.mjs`.
import { degrading, steady, tripped } from './level.mjs'

/** Nothing is known about the latency: the failure rate alone must do. */
const latencyUnknown = Number.NaN
const windowCallsMax = 3_500

/** Failed calls up to and including the one at which each level was first reached; undefined where it never was. */
export function delays(rule, { before, after, ...times }) {
  const watcher = rule.create()
  const calm = warmUp(rule, watcher, before, times)
  const result = { alarmedBefore: calm.level !== steady, degrading: undefined, tripped: undefined }
  let failures = 0
  for (let call = 0; call < after.length; call += 1) {
    failures += after[call]
    const level = feed(watcher, before.length + call, after[call], times)
    if (level >= degrading) result.degrading ??= { failures, calls: call + 1 }
    if (level === tripped) {
      result.tripped = { failures, calls: call + 1 }
      return result
    }
  }
  return result
}

/** How often a healthy service was called degrading, and how often its circuit would have opened. */
export function falseAlarms(rule, { before, after, ...times }) {
  const watcher = rule.create()
  const early = warmUp(rule, watcher, before, times)
  const { alarms, trips } = watch(watcher, after, times, { firstCall: before.length, level: early.level })
  return { alarms, trips }
}

/** A rule that does not learn has forgotten all but the last 30 s at 100 calls/s: it is spared the rest. */
function warmUp(rule, watcher, before, times) {
  const heard = rule.learns ? before : before.subarray(-windowCallsMax)
  return watch(watcher, heard, times, { firstCall: before.length - heard.length })
}

/**
 * Feeds outcomes, telling the rule after each trip that it was a false one. An alarm is a step up from steady, so a trip that
 * nothing announced is an alarm, too.
 */
function watch(watcher, outcomes, times, { firstCall = 0, level = steady } = {}) {
  let [alarms, trips] = [0, 0]
  for (let call = 0; call < outcomes.length; call += 1) {
    const next = feed(watcher, firstCall + call, outcomes[call], times)
    if (next !== steady && level === steady) alarms += 1
    level = next
    if (next !== tripped) continue
    trips += 1
    level = steady
    watcher.recovered({ falseTrip: true })
  }
  return { alarms, trips, level }
}

function feed(watcher, call, failed, { startMs, spacingMs }) {
  const atMs = startMs + call * spacingMs
  const early = watcher.start(call, atMs)
  return Math.max(early, watcher.settle(call, failed, atMs, latencyUnknown))
}
