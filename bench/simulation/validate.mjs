// Do our copies of the peers' rules open where the real packages open? Drives opossum and cockatiel themselves with the same
// random streams, in virtual time, and compares the call at which each opens. resilience4j and Polly cannot run in Node; their
// copies are held by worked examples in `test/sim/`.
import { EventEmitter } from 'node:events'
import { mock } from 'node:test'
import CircuitBreaker from 'opossum'
import { circuitBreaker, CircuitState, ConsecutiveBreaker, handleAll, SamplingBreaker } from 'cockatiel'
import { tripped } from './level.mjs'
import { consecutive, sampling } from './peers/cockatiel.mjs'
import { opossum } from './peers/opossum.mjs'
import { seeded } from './random.mjs'
import { bursts, independent, ramp, take } from './streams.mjs'

const epochMs = 1_700_000_000_000
const callsMax = 400

/** How many streams were tried, how often a circuit opened, and how often the copy opened elsewhere or not at all. */
export async function validatePeers({ streams = 400, seed = 1 } = {}) {
  const result = { streams, trips: 0, differences: 0 }
  mock.timers.enable({ apis: ['Date'], now: epochMs })
  try {
    for (let stream = 0; stream < streams; stream += 1) {
      const random = seeded('validate', seed, stream)
      const { rule, real } = pair(random)
      const outcomes = take(outcomesOf(random), callsMax)
      const times = timesOf(random)
      const expected = await realTrip(real, outcomes, times)
      if (expected >= 0) result.trips += 1
      if (expected !== copyTrip(rule, outcomes, times)) result.differences += 1
    }
  } finally {
    mock.timers.reset()
  }
  return result
}

/** A rule and the real thing with the same settings, drawn by chance. */
function pair(random) {
  const threshold = [0.1, 0.2, 0.5, 0.75][Math.floor(random() * 4)]
  const windowMs = [1_000, 5_000, 10_000, 20_000][Math.floor(random() * 4)]
  const kind = random()
  if (kind < 0.5) {
    const volume = [0, 5, 20][Math.floor(random() * 3)]
    return {
      rule: opossum('', { threshold, volume, windowMs }),
      real: () => realOpossum({ threshold, volume, windowMs }),
    }
  }
  if (kind < 0.65) {
    const count = 2 + Math.floor(random() * 6)
    return { rule: consecutive('', count), real: () => realCockatiel(new ConsecutiveBreaker(count)) }
  }
  const callsPerSecondMin = [undefined, 0.1, 1, 5][Math.floor(random() * 4)]
  return {
    rule: sampling('', { threshold, durationMs: windowMs, callsPerSecondMin }),
    real: () => realCockatiel(new SamplingBreaker({ threshold, duration: windowMs, minimumRps: callsPerSecondMin })),
  }
}

function outcomesOf(random) {
  const kind = random()
  if (kind < 0.4) return independent(random() * 0.8)(random)
  if (kind < 0.7) return bursts({ rate: 0.02 + 0.2 * random(), burstCalls: 10, burstRate: 0.8 })(random)
  return ramp({ from: 0, to: random(), calls: callsMax })(random)
}

/** Irregular, with idle times now and then: that is where windows go stale. */
function timesOf(random) {
  const meanMs = [10, 100, 1_000, 10_000][Math.floor(random() * 4)]
  let atMs = 0
  return Array.from({ length: callsMax }, () => {
    atMs += Math.round(2 * random() * meanMs + (random() < 0.01 ? 30 * meanMs : 0))
    return atMs
  })
}

function copyTrip(rule, outcomes, times) {
  const watcher = rule.create()
  return outcomes.findIndex((failed, call) => {
    watcher.start(call, times[call])
    return watcher.settle(call, failed, times[call], 0) === tripped
  })
}

async function realTrip(real, outcomes, times) {
  const { at, fire, opened, end } = real()
  try {
    for (let call = 0; call < outcomes.length; call += 1) {
      mock.timers.setTime(epochMs + times[call])
      at(times[call])
      await fire(outcomes[call])
      if (opened()) return call
    }
    return -1
  } finally {
    end()
  }
}

/** opossum turns its buckets when an emitter says so, so that its own timer is not needed; percentiles decide nothing. */
function realOpossum({ threshold, volume, windowMs }) {
  const rotateBucketController = new EventEmitter()
  const breaker = new CircuitBreaker(work, {
    timeout: false,
    errorThresholdPercentage: threshold * 100,
    volumeThreshold: volume,
    rollingCountTimeout: windowMs,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
    rotateBucketController,
  })
  let turns = 0
  return {
    at(atMs) {
      for (; turns < Math.floor(atMs / (windowMs / 10)); turns += 1) rotateBucketController.emit('rotate')
    },
    fire: (failed) => breaker.fire(failed).catch(ignore),
    opened: () => breaker.opened,
    end: () => breaker.shutdown(),
  }
}

function realCockatiel(breaker) {
  const policy = circuitBreaker(handleAll, { halfOpenAfter: 30_000, breaker })
  return {
    at: ignore,
    fire: (failed) => policy.execute(() => work(failed)).catch(ignore),
    opened: () => policy.state === CircuitState.Open,
    end: ignore,
  }
}

async function work(failed) {
  if (failed) throw failure
}

const failure = new Error('Failed on purpose')
function ignore() {}
