import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { TrendDetector, type TrendDetectorState } from '../../../src/breaker/trend/trend-detector.js'
import type { TrendState, TrendVerdict } from '../../../src/breaker/trend/trend-verdict.js'
import { createTestWorld } from '../../../src/testing/test-world.js'
import { independent } from './failure-streams.js'

/** A detector that knows a service of which one call in a hundred fails. */
function accustomed(options?: ConstructorParameters<typeof TrendDetector>[0]): TrendDetector {
  const detector = new TrendDetector(options)
  for (let call = 1; call <= 10_000; call += 1) detector.step(call % 100 !== 50, Number.NaN, call * 10)
  return detector
}

function fail(detector: TrendDetector, times: number): TrendVerdict {
  for (let failure = 0; failure < times; failure += 1) detector.observe({ ok: false, atMs: 500_000 + failure })
  return detector.verdict
}

/** Every so many calls one fails: how many calls until the state is this. */
function failEvery(apart: number, detector: TrendDetector, until: TrendState): number {
  for (let call = 1; call <= 100_000; call += 1) {
    if (detector.step(call % apart !== 0, Number.NaN, Number.NaN) === until) return call
  }
  return Number.POSITIVE_INFINITY
}

describe('TrendDetector', () => {
  it('learns first, and is steady then', () => {
    const detector = new TrendDetector()
    expect(detector.verdict).toMatchObject({ state: 'learning', detector: null, estimate: null, since: null })
    expect(detector.verdict.reason).toBe('learning: 0 of the 100 calls that are needed to know what is usual')
    for (let call = 0; call < 100; call += 1) detector.observe({ ok: true })
    expect(detector.verdict).toMatchObject({ state: 'steady', detector: null, estimate: null, since: null })
    expect(detector.verdict.baseline).toMatchObject({ calls: 100, latencyMs: null })
  })

  it('trips on a dead service at the third failure, and says why', () => {
    const detector = accustomed()
    const verdict = fail(detector, 3)
    expect(verdict).toMatchObject({ state: 'tripped', detector: 'failure-rate' })
    expect(verdict.estimate).toMatchObject({ failures: 3, calls: 3, ratio: 1, high: 1 })
    expect(verdict.estimate?.low).toBeGreaterThan(0.2)
    expect(verdict.since).toEqual({ call: 10_001, atMs: 500_000 })
    expect(verdict.baseline.ratio).toBeCloseTo(0.01, 3)
    expect(verdict.evidence.statistic).toBeGreaterThanOrEqual(verdict.evidence.threshold)
    expect(verdict.evidence.falseAlarmsExpected).toBeLessThan(1)
    expect(verdict.reason).toBe('3 of the last 3 calls failed (100 %; usual: 1 %); the rate is at least 95 %, above 20 %')
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict)
  })

  it('two failures are no news', () => {
    expect(fail(accustomed(), 2).state).toBe('steady')
  })

  it('says degrading and does not trip when one call in ten fails', () => {
    const detector = accustomed()
    const calls = failEvery(10, detector, 'degrading')
    expect(calls).toBeLessThanOrEqual(100)
    const { verdict } = detector
    expect(verdict).toMatchObject({ state: 'degrading', detector: 'failure-rate' })
    expect(verdict.estimate?.low).toBeLessThan(0.2)
    expect(verdict.since?.atMs).toBeNull()
    expect(verdict.reason).toMatch(/^\d of the last \d+ calls failed \(1\d %; usual: (0\.9\d|1) %\)$/)
    for (let call = 1; call <= 20_000; call += 1) expect(detector.step(call % 10 !== 0, Number.NaN, Number.NaN)).toBe('degrading')
  })

  it('is steady again when the failures are as rare as they were', () => {
    const detector = accustomed()
    failEvery(10, detector, 'degrading')
    for (let call = 1; call <= 2_000; call += 1) detector.step(call % 10 !== 0, Number.NaN, Number.NaN)
    expect(failEvery(100, detector, 'steady')).toBeLessThan(300)
    expect(detector.verdict.baseline.ratio).toBeLessThan(0.025)
  })

  it('is not calmed by one success among failures', () => {
    const detector = accustomed({ openAt: 0.999 })
    expect(fail(detector, 4).state).toBe('degrading')
    expect(detector.observe({ ok: true }).state).toBe('degrading')
  })

  it('is steady again when no call fails any more', () => {
    const detector = accustomed()
    failEvery(10, detector, 'degrading')
    let calls = 0
    while (detector.observe({ ok: true }).state === 'degrading') calls += 1
    expect(calls).toBeLessThan(200)
  })

  it('takes a rate for usual that has outlasted a whole budget of false alarms', () => {
    const detector = accustomed({ falseTripBudget: 2_000 })
    failEvery(10, detector, 'degrading')
    const calls = failEvery(10, detector, 'steady')
    expect(calls).toBeGreaterThan(1_900)
    expect(calls).toBeLessThan(2_100)
    expect(detector.verdict.baseline.ratio).toBeGreaterThan(0.02)
  })

  it('trips on the absolute rate while nothing is known yet', () => {
    const verdict = fail(new TrendDetector(), 8)
    expect(verdict).toMatchObject({
      state: 'tripped',
      detector: 'absolute',
      reason: '8 of the last 8 calls failed (100 %), certainly more than 20 %',
    })
    expect(fail(new TrendDetector(), 7).state).toBe('learning')
    expect(verdict.evidence.statistic).toBeGreaterThanOrEqual(verdict.evidence.threshold)
  })

  it('trips on the absolute rate where that much is usual', () => {
    const detector = new TrendDetector({ openAt: 0.3 })
    const failed = independent(0.25, 11)
    for (let call = 0; call < 20_000; call += 1) detector.step(!failed(), Number.NaN, Number.NaN)
    expect(detector.state).toBe('steady')
    expect(detector.verdict.baseline.ratio).toBeCloseTo(0.25, 1)
    expect(failEvery(2, detector, 'tripped')).toBeLessThan(300)
  })

  it('openAt decides what is tolerable', () => {
    const half = (call: number): boolean => call % 2 === 0
    for (const [openAt, state] of [
      [0.2, 'tripped'],
      [0.8, 'degrading'],
    ] as const) {
      const detector = accustomed({ openAt })
      for (let call = 0; call < 40; call += 1) detector.step(half(call), Number.NaN, Number.NaN)
      expect(detector.state).toBe(state)
    }
  })

  it('takes nothing in while tripped', () => {
    const detector = accustomed()
    const verdict = fail(detector, 3)
    for (let call = 0; call < 1_000; call += 1) detector.observe({ ok: call % 2 === 0, latencyMs: 5 })
    expect(detector.verdict).toEqual(verdict)
  })

  it('reset() keeps what was usual, and does not learn an outage', () => {
    const detector = accustomed()
    const { baseline } = detector.verdict
    fail(detector, 3)
    detector.reset()
    expect(detector.state).toBe('steady')
    expect(detector.verdict.baseline.ratio).toBeCloseTo(baseline.ratio, 4)
    expect(fail(detector, 3).state).toBe('tripped')
  })

  it('reset() with falseTrip asks for more next time', () => {
    const detector = accustomed()
    for (let burst = 0; burst < 3; burst += 1) {
      while (detector.state !== 'tripped') detector.observe({ ok: false })
      detector.reset({ falseTrip: true })
    }
    expect(detector.verdict.evidence.threshold).toBeGreaterThan(15)
    expect(fail(detector, 3).state).toBe('steady')
  })

  it('reset() with falseTrip teaches both detectors, whichever tripped', () => {
    const detector = new TrendDetector()
    expect(fail(detector, 8).detector).toBe('absolute')
    detector.reset({ falseTrip: true })
    const { tail, guardTail } = detector.toJSON().failures
    expect([tail.peaks?.[0], guardTail.peaks?.[0]]).toEqual([1, 1])
  })

  it('reset() with falseTrip cannot make it blind', () => {
    const detector = accustomed()
    for (let burst = 0; burst < 300; burst += 1) {
      while (detector.state !== 'tripped') detector.observe({ ok: false })
      for (let call = 0; call < 2_000; call += 1) detector.step(true, Number.NaN, Number.NaN)
      detector.reset({ falseTrip: true })
    }
    expect(failEvery(1, detector, 'tripped')).toBeLessThan(400)
  })

  it('reset() while nothing is wrong forgets the suspicion', () => {
    const detector = accustomed()
    fail(detector, 2)
    detector.reset()
    expect(detector.verdict.evidence.statistic).toBe(0)
    detector.reset({ falseTrip: true })
    expect(detector.state).toBe('steady')
    const fresh = new TrendDetector()
    fresh.reset()
    expect(fresh.state).toBe('learning')
  })

  it('judges by calls and not by time: a clock that stands still, goes back or is no number changes nothing', () => {
    const times = fc.constantFrom(Number.NaN, Number.NEGATIVE_INFINITY, -5, 0, 1e300)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), times), { maxLength: 200 }), (calls) => {
        const timed = accustomed()
        const untimed = accustomed()
        for (const [ok, atMs] of calls) expect(timed.step(ok, Number.NaN, atMs)).toBe(untimed.step(ok, Number.NaN, Number.NaN))
        expect({ ...timed.verdict, since: null }).toEqual({ ...untimed.verdict, since: null })
        expect(JSON.parse(JSON.stringify(timed.verdict))).toEqual(timed.verdict)
      }),
      { numRuns: 50 },
    )
  })

  it('a failure in place of a success never lowers the statistic', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), fc.nat(), (calls, at) => {
        const statistics = [calls, calls.with(at % calls.length, false)].map((oks) => {
          const detector = accustomed({ openAt: 0.999 })
          for (const ok of oks) detector.observe({ ok })
          return detector.verdict.evidence.statistic
        })
        expect(statistics[1]).toBeGreaterThanOrEqual((statistics[0] ?? 0) - 1e-9)
      }),
      { numRuns: 60 },
    )
  })

  it('has read that calls became slower', () => {
    const detector = new TrendDetector()
    const { random } = createTestWorld(3)
    for (let call = 0; call < 5_000; call += 1) detector.observe({ ok: true, latencyMs: 500 * (1 + random()) })
    expect(detector.verdict).toMatchObject({ state: 'steady', detector: null })
    expect(detector.verdict.baseline.latencyMs).toBeGreaterThan(500)
    let slow = 0
    while (detector.step(true, 1_500 * (1 + random()), Number.NaN) !== 'degrading' && slow < 1_000) slow += 1
    expect(slow).toBeLessThan(60)
    expect(detector.verdict).toMatchObject({ state: 'degrading', detector: 'latency', estimate: null })
    expect(detector.verdict.reason).toMatch(/^the last \d+ calls took \d(\.\d)? s typically \(usual: 7\d\d ms\)$/)
    expect(detector.verdict.since?.call).toBeGreaterThan(4_900)
    detector.reset()
    expect(detector.state).toBe('steady')
  })

  it('does not take failed calls for fast or slow ones', () => {
    const detector = new TrendDetector({ openAt: 0.9 })
    for (let call = 0; call < 1_000; call += 1) detector.step(call % 4 !== 0, call % 4 === 0 ? 60_000 : 100, Number.NaN)
    expect(detector.verdict.baseline.latencyMs).toBeLessThan(130)
  })

  it('sees calls that do not come back', () => {
    const detector = new TrendDetector()
    const { random } = createTestWorld(5)
    let nowMs = 0
    for (let call = 0; call < 2_000; call += 1) {
      const ticket = detector.callStarted(nowMs)
      const latencyMs = 500 * (1 + random())
      nowMs += latencyMs
      detector.callEnded(ticket)
      detector.step(true, latencyMs, nowMs)
      detector.look(nowMs)
    }
    expect(detector.state).toBe('steady')
    let doomed = 0
    while (detector.state !== 'tripped' && doomed < 200) {
      detector.callStarted(nowMs)
      doomed += 1
      nowMs += 100
      detector.look(nowMs)
    }
    expect(doomed).toBeLessThanOrEqual(60)
    expect(detector.verdict).toMatchObject({ state: 'tripped', detector: 'overdue', estimate: null })
    expect(detector.verdict.reason).toContain('have not come back')
    expect(detector.look(nowMs)).toBe('tripped')
    expect(detector.step(true, 1, nowMs)).toBe('tripped')
    detector.reset()
    expect(detector.state).toBe('steady')
  })

  it('callEnded() and look() are harmless when no call was started', () => {
    const detector = new TrendDetector()
    detector.callEnded(-1)
    detector.callEnded(7, false)
    expect(detector.look(1_000)).toBe('learning')
  })

  it.each([
    [{ ok: 'yes' }, 'ok is string'],
    [{}, 'ok is undefined'],
    [{ ok: true, latencyMs: '5' }, 'latencyMs is string'],
    [{ ok: true, atMs: new Date(0) }, 'atMs is object'],
  ])('observe() refuses %j before anything changes', (sample, message) => {
    const detector = accustomed()
    const before = detector.toJSON()
    // @ts-expect-error a caller without types
    expect(() => detector.observe(sample)).toThrow(new RegExp(`Cannot observe a call: ${message}`))
    expect(detector.toJSON()).toEqual(before)
  })

  it('observe() survives numbers that are none', () => {
    const detector = new TrendDetector()
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1]) detector.observe({ ok: true, latencyMs: value, atMs: value })
    expect(detector.verdict.baseline.latencyMs).toBeNull()
  })

  it('has the shape that users rely on', () => {
    expectTypeOf<TrendVerdict['state']>().toEqualTypeOf<'learning' | 'steady' | 'degrading' | 'tripped'>()
    expectTypeOf(TrendDetector.from).parameter(0).toEqualTypeOf<unknown>()
    expectTypeOf<TrendDetector['toJSON']>().returns.toEqualTypeOf<TrendDetectorState>()
  })
})
