import { describe, expect, it } from 'vitest'
import { LatencyTrend } from '../../src/breaker/trend/latency-trend.js'
import { OverdueTrend } from '../../src/breaker/trend/overdue-trend.js'
import { createTestWorld } from '../../src/testing/test-world.js'
import { lognormalMs, playLatencyStream, type Served } from './latency-stream.js'

type Serve = (random: () => number, sinceChangeMs: number) => Served

const budget = { falseTripBudget: 100_000, memoryCalls: 10_000 } as const
const timeoutMs = 60_000

const healthy: Serve = (random) => served(random, lognormalMs(random, 1_000, 0.5))
const slowedBy =
  (factor: number): Serve =>
  (random, sinceMs) =>
    served(random, lognormalMs(random, 1_000, 0.5) * (sinceMs >= 0 ? factor : 1))
const hangs =
  (share: number): Serve =>
  (random, sinceMs) =>
    sinceMs >= 0 && random() < share ? { latencyMs: Number.POSITIVE_INFINITY, ok: true } : healthy(random, sinceMs)

/** A call of a service with half a percent of errors. */
function served(random: () => number, latencyMs: number): Served {
  return { latencyMs, ok: random() >= 0.005 }
}

interface Seen {
  /** Calls that started from the change until it was seen; `null` when it was not. */
  tripped: number | null
  slower: number | null
}

/**
 * One incident: detectors that have learnt, some healthy calls so that there are some in flight, then a change, until both saw
 * it or `callsMax` calls started after it.
 */
function incident(seed: number, callsPerSecond: number, serve: Serve, { callsMax = 800 } = {}): Seen {
  const seen: Seen = { tripped: null, slower: null }
  const healthyCalls = 300
  let calls = 0
  let changedMs = Number.POSITIVE_INFINITY
  watch(
    { seed, callsPerSecond, callsMax: healthyCalls + callsMax, detectors: learnt(callsPerSecond, seed % 8) },
    {
      serve: (atMs, random) => {
        calls += 1
        if (calls > healthyCalls && changedMs === Number.POSITIVE_INFINITY) changedMs = atMs
        return serve(random, atMs - changedMs)
      },
      see: (state, slower) => {
        if (state === 'tripped' && calls > healthyCalls) seen.tripped ??= calls - healthyCalls
        if (slower && calls > healthyCalls) seen.slower ??= calls - healthyCalls
        return seen.tripped !== null && seen.slower !== null
      },
    },
  )
  return seen
}

interface Detectors {
  readonly latency: LatencyTrend
  readonly overdue: OverdueTrend
}

const histories = new Map<string, { readonly latency: unknown; readonly overdue: unknown }>()

/** Detectors after 10 000 healthy calls: a copy of one of a few that are made once, because learning takes most of the time. */
function learnt(callsPerSecond: number, which: number): Detectors {
  const name = `${callsPerSecond}/${which}`
  const history = histories.get(name)
  if (history !== undefined) return { latency: LatencyTrend.from(history.latency), overdue: OverdueTrend.from(history.overdue) }
  const detectors = newDetectors()
  watch(
    { seed: 1_000 + which, callsPerSecond, callsMax: 10_000, detectors },
    { serve: (_, random) => healthy(random, Number.NEGATIVE_INFINITY), see: () => false },
  )
  detectors.latency.reset()
  detectors.overdue.reset()
  histories.set(name, { latency: detectors.latency.toJSON(), overdue: detectors.overdue.toJSON() })
  return learnt(callsPerSecond, which)
}

function newDetectors(): Detectors {
  return { latency: new LatencyTrend(budget), overdue: new OverdueTrend({ ...budget, openAt: 0.2 }) }
}

/** False alarms of a service that is as it always is; after each the detectors are told that it was one. */
function falseAlarms(
  callsPerSecond: number,
  calls: number,
  serve: Serve,
  clock = (atMs: number): number => atMs,
): { trips: number; slower: number } {
  const alarms = { trips: 0, slower: 0 }
  let before = false
  watch(
    { seed: 77, callsPerSecond, callsMax: calls, clock },
    {
      serve: (atMs, random) => serve(random, atMs),
      see: (state, slower, reset) => {
        if (slower && !before) alarms.slower += 1
        before = slower
        if (state === 'tripped') {
          alarms.trips += 1
          reset()
        }
        return false
      },
    },
  )
  return alarms
}

interface Watching {
  readonly serve: (atMs: number, random: () => number) => Served
  readonly see: (state: OverdueTrend['state'], slower: boolean, reset: () => void) => boolean
}

interface Watched {
  readonly seed: number
  readonly callsPerSecond: number
  readonly callsMax: number
  readonly detectors?: Detectors
  /** What the detectors' clock shows when it really is `atMs`. */
  readonly clock?: (atMs: number) => number
}

/** Both detectors on one stream, as a breaker uses them. */
function watch(
  { seed, callsPerSecond, callsMax, detectors = newDetectors(), clock = (atMs) => atMs }: Watched,
  { serve, see }: Watching,
): void {
  const { random } = createTestWorld(seed)
  const { latency, overdue } = detectors
  let over = false
  const look = (atMs: number): void => {
    const state = overdue.look(atMs, latency.overdueAfterMs())
    over = see(state, latency.degrading, () => {
      overdue.reset({ falseTrip: true })
      latency.reset({ falseTrip: true })
    })
  }
  playLatencyStream(
    { callsPerSecond, timeoutMs, random, serve },
    {
      start: (atMs) => {
        const ticket = overdue.started(clock(atMs))
        look(clock(atMs))
        return ticket
      },
      settle: (ticket, ok, latencyMs, atMs) => {
        overdue.ended(ticket, ok)
        if (ok) latency.step(clock(atMs) - clock(atMs - latencyMs))
        look(clock(atMs))
      },
    },
    (_, calls) => over || calls >= callsMax,
  )
}

function means(runs: number, run: (seed: number) => Seen, what: keyof Seen): { readonly mean: number; readonly missed: number } {
  const found = Array.from({ length: runs }, (_, index) => run(index + 1)[what]).filter((calls) => calls !== null)
  return { mean: found.reduce((sum, calls) => sum + calls, 0) / found.length, missed: runs - found.length }
}

describe('a language model that takes a second, at a hang with a timeout of a minute', () => {
  it('at 10 calls/s no more than 50 doomed calls are admitted', () => {
    const { mean, missed } = means(200, (seed) => incident(seed, 10, hangs(1), { callsMax: 200 }), 'tripped')
    expect(missed).toBe(0)
    expect(mean).toBeLessThan(50)
  })

  it('at 1 call/s it takes a dozen calls, at 0.1 call/s half a dozen', () => {
    expect(means(200, (seed) => incident(seed, 1, hangs(1), { callsMax: 100 }), 'tripped').mean).toBeLessThan(13)
    expect(means(200, (seed) => incident(seed, 0.1, hangs(1), { callsMax: 100 }), 'tripped').mean).toBeLessThan(8)
  })

  it('at 100 calls/s it takes four seconds', () => {
    expect(means(40, (seed) => incident(seed, 100, hangs(1), { callsMax: 2_000 }), 'tripped').mean).toBeLessThan(450)
  })

  it('is seen also when half of the calls come back', () => {
    const { mean, missed } = means(200, (seed) => incident(seed, 10, hangs(0.5)), 'tripped')
    expect(missed).toBe(0)
    expect(mean).toBeLessThan(90)
  })
})

describe('a language model that becomes slower, at 10 calls/s', () => {
  it('twice as slow is seen within 60 calls from the first slow one, and is no reason to stop', () => {
    const runs = Array.from({ length: 200 }, (_, seed) => incident(seed + 1, 10, slowedBy(2), { callsMax: 300 }))
    expect(runs.reduce((sum, { slower }) => sum + (slower ?? Number.NaN), 0) / runs.length).toBeLessThan(60)
    expect(runs.filter(({ tripped }) => tripped !== null).length).toBeLessThanOrEqual(2)
  })

  it('four times as slow looks like a hang at first in about one run of five, and not for long', () => {
    const runs = Array.from({ length: 200 }, (_, seed) => incident(seed + 1, 10, slowedBy(4), { callsMax: 1_000 }))
    // 74 of 400 other runs did; more than 55 of 200 would be another rate.
    expect(runs.filter(({ tripped }) => tripped !== null).length).toBeLessThanOrEqual(55)
    for (const { tripped } of runs) if (tripped !== null) expect(tripped).toBeLessThan(150)
  })
})

describe('a service that is slow and healthy', () => {
  it.each<[string, number, Serve]>([
    ['lognormal', 10, healthy],
    ['lognormal, 0.1 call/s', 0.1, healthy],
    ['lognormal, 100 calls/s', 100, healthy],
    [
      '3 % of calls four times slower',
      10,
      (random) => served(random, lognormalMs(random, 1_000, 0.5) * (random() < 0.03 ? 4 : 1)),
    ],
    ['two humps', 10, (random) => served(random, lognormalMs(random, random() < 0.5 ? 100 : 2_000, 0.3))],
    ['very wide', 10, (random) => served(random, lognormalMs(random, 1_000, 1.5))],
    ['a Pareto tail', 10, (random) => served(random, 100 / (1 - random()) ** (1 / 1.2))],
    ['1 % of calls half a minute', 10, (random) => served(random, random() < 0.01 ? 30_000 : lognormalMs(random, 1_000, 0.5))],
  ])('never trips in 100 000 calls, and is called slower once at most: %s', (_, callsPerSecond, serve) => {
    const { trips, slower } = falseAlarms(callsPerSecond, 100_000, serve)
    expect(trips).toBe(0)
    expect(slower).toBeLessThanOrEqual(1)
  })

  it('does not trip while it starts up and its latency triples with the load', () => {
    for (let seed = 0; seed < 10; seed += 1) {
      let calls = 0
      const startingUp: Serve = (random) =>
        served(random, lognormalMs(random, 300 * (1 + 2 * Math.min(1, (calls += 1) / 500)), 0.5))
      expect(falseAlarms(10, 2_000, startingUp).trips).toBe(0)
    }
  })

  it('does not trip when the computer sleeps for two hours, again and again, at any traffic', () => {
    for (const callsPerSecond of [0.1, 1, 3, 10, 100]) {
      const everyMs = 5_000_000 / callsPerSecond
      const asleep = (atMs: number): number => atMs + Math.floor(atMs / everyMs) * 7_200_000
      expect(falseAlarms(callsPerSecond, 50_000, healthy, asleep).trips).toBe(0)
    }
  })
})
