import { describe, expect, it } from 'vitest'
import { OverdueTrend, type OverdueState } from '../../../src/breaker/trend/overdue-trend.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

const options = { falseTripBudget: 100_000, openAt: 0.2 } as const
const limitMs = 3_000

/** A stream of one call each 100 ms; `latencyMs` is how long the next one takes, `Infinity` for ever. */
class Stream {
  atMs = 0
  calls = 0
  #running: { readonly ticket: number; endsMs: number; readonly ok: boolean }[] = []

  readonly trend: OverdueTrend

  constructor(trend: OverdueTrend) {
    this.trend = trend
  }

  /** Plays calls, and says how it stands. */
  play(calls: number, latencyMs: (call: number) => number, ok = true): OverdueState {
    let state = this.trend.state
    for (let call = 0; call < calls; call += 1) state = this.next(latencyMs(call), ok)
    return state
  }

  next(latencyMs: number, ok = true): OverdueState {
    this.atMs += 100
    this.calls += 1
    for (const one of this.#running.filter(({ endsMs }) => endsMs <= this.atMs)) {
      this.trend.ended(one.ticket, one.ok)
      this.trend.look(one.endsMs, limitMs)
    }
    this.#running = this.#running.filter(({ endsMs }) => endsMs > this.atMs)
    this.#running.push({ ticket: this.trend.started(this.atMs), endsMs: this.atMs + latencyMs, ok })
    return this.trend.look(this.atMs, limitMs)
  }

  /** The clock jumps; calls under way end as long after it as they would have. */
  jump(ms: number): OverdueState {
    this.atMs += ms
    for (const one of this.#running) one.endsMs += ms
    return this.trend.look(this.atMs, limitMs)
  }

  /** Plays until it says so, at most so many calls. @returns How many calls it took. */
  until(state: OverdueState, latencyMs: (call: number) => number, callsMax = 1_000): number {
    for (let call = 1; call <= callsMax; call += 1) if (this.next(latencyMs(call)) === state) return call
    throw new Error(`It was never ${state}`)
  }
}

function warm(calls = 5_000, more: Partial<ConstructorParameters<typeof OverdueTrend>[0]> = {}): Stream {
  const stream = new Stream(new OverdueTrend({ ...options, ...more }))
  // 1 call in 200 is overdue, and comes back.
  stream.play(calls, (call) => (call % 200 === 100 ? 3_500 : 1_000))
  return stream
}

const hang = (): number => Number.POSITIVE_INFINITY

describe('OverdueTrend', () => {
  it('sees a hang a few calls after the first of them is overdue', () => {
    const stream = warm()
    expect(stream.until('tripped', hang)).toBeLessThanOrEqual(limitMs / 100 + 6)
  })

  it('says degrading before it says tripped', () => {
    const stream = warm()
    expect(stream.until('degrading', hang)).toBeLessThanOrEqual(limitMs / 100 + 5)
    expect(stream.until('tripped', hang)).toBeLessThanOrEqual(3)
  })

  it('sees a hang after the first 300 calls', () => {
    expect(warm(300).until('tripped', hang)).toBeLessThanOrEqual(limitMs / 100 + 8)
  })

  it('sees that half of the calls hang', () => {
    expect(warm().until('tripped', (call) => (call % 2 === 0 ? 1_000 : Number.POSITIVE_INFINITY))).toBeLessThan(120)
  })

  it('calls a service that became slower, and whose calls come back, degrading and not tripped', () => {
    const stream = warm()
    const { random } = createTestWorld(1)
    stream.until('degrading', () => 2_000 + 1_800 * random())
    for (let call = 0; call < 3_000; call += 1) expect(stream.next(2_000 + 1_800 * random())).not.toBe('tripped')
  })

  it('sees a hang after an hour of slow calls', () => {
    const stream = warm()
    stream.play(36_000, (call) => (call % 2 === 0 ? 1_000 : 4_000))
    expect(stream.trend.state).toBe('degrading')
    expect(stream.until('tripped', hang)).toBeLessThan(250)
  })

  it('is steady again when calls come back in time', () => {
    const stream = warm()
    stream.until('degrading', () => 5_000)
    expect(stream.until('steady', () => 1_000)).toBeLessThan(250)
    expect(stream.trend.evidence).toMatchObject({ sinceCalls: 0, overdue: 0, missing: 0, low: 0, statistic: 0 })
  })

  it('tells what it knows', () => {
    const stream = warm()
    stream.until('tripped', hang)
    const { baselineRatio, sinceCalls, overdue, missing, low, statistic, threshold } = stream.trend.evidence
    expect(baselineRatio).toBeGreaterThan(0.004)
    expect(baselineRatio).toBeLessThan(0.008)
    expect(sinceCalls).toBeLessThanOrEqual(8)
    expect(overdue).toBe(missing)
    expect(low).toBeGreaterThan(0.2)
    expect(low).toBeLessThan(0.5)
    expect(statistic).toBeGreaterThanOrEqual(threshold)
  })

  it('has evidence that one more overdue call never lowers', () => {
    const stream = warm()
    stream.until('tripped', hang)
    let before = stream.trend.evidence
    for (let call = 0; call < 100; call += 1) {
      stream.next(Number.POSITIVE_INFINITY)
      const after = stream.trend.evidence
      expect(after.statistic).toBeGreaterThanOrEqual(before.statistic)
      expect(after.low).toBeGreaterThan(0.2)
      before = after
    }
    expect(before.statistic).toBeLessThan(100)
    expect(stream.trend.state).toBe('tripped')
  })

  it('leaves calls that fail to others', () => {
    const stream = warm()
    expect(stream.play(500, () => 1_000, false)).toBe('steady')
    expect(stream.trend.evidence.statistic).toBe(0)
  })

  it('does not take calls that fail at once for calls that come back', () => {
    const stream = warm()
    stream.play(10, hang)
    // Two of three calls are refused at once; the others hang.
    for (let call = 0; call < 60; call += 1) stream.next(call % 3 === 0 ? Number.POSITIVE_INFINITY : 1, call % 3 === 0)
    const { sinceCalls, overdue } = stream.trend.evidence
    expect(overdue).toBeGreaterThan(10)
    expect(sinceCalls).toBe(overdue)
  })

  it('does not count a call that was overdue before the change, and comes back after it, as one of the change', () => {
    const stream = warm()
    const late = stream.trend.started(stream.atMs)
    stream.play(18, () => 1_000)
    stream.until('degrading', hang)
    const before = stream.trend.evidence
    expect(before.overdue).toBe(before.sinceCalls)
    stream.trend.ended(late, true)
    expect(stream.trend.evidence).toEqual(before)
  })

  it('does not count an overdue call that fails at last as one that came back', () => {
    const stream = warm()
    stream.play(200, () => 6_000, false)
    expect(stream.trend.state).toBe('tripped')
    expect(stream.trend.evidence.missing).toBe(stream.trend.evidence.overdue)
  })

  it('judges nothing while it has no limit', () => {
    const trend = new OverdueTrend(options)
    for (const none of [Number.POSITIVE_INFINITY, Number.NaN, 0, -1]) {
      for (let call = 0; call < 50; call += 1) {
        trend.started(call * 1_000)
        expect(trend.look(call * 1_000, none)).toBe('steady')
      }
    }
    expect(trend.evidence).toMatchObject({ sinceCalls: 0, overdue: 0, statistic: 0 })
  })

  it('is not misled by a suspend, a clock set back, one that stands still, or one that is none', () => {
    for (const jumpMs of [7_200_000, -7_200_000, 0, Number.NaN, Number.POSITIVE_INFINITY]) {
      const stream = warm()
      if (Number.isFinite(jumpMs)) expect(stream.jump(jumpMs)).toBe('steady')
      else expect(stream.trend.look(jumpMs, limitMs)).toBe('steady')
      for (let call = 0; call < 300; call += 1) expect(stream.next(1_000)).toBe('steady')
      // And it still sees.
      expect(stream.until('tripped', hang)).toBeLessThanOrEqual(limitMs / 100 + 25)
    }
  })

  it('learns from false trips how strong the evidence of its bursts is', () => {
    const stream = warm()
    let trips = 0
    const thresholds: number[] = []
    for (let burst = 0; burst < 60; burst += 1) {
      // Eight calls in a row take long, twice a minute or so, and come back.
      for (let call = 0; call < 300; call += 1) {
        if (stream.next(call < 8 ? 5_000 : 1_000) !== 'tripped') continue
        trips += 1
        stream.trend.reset({ falseTrip: true })
      }
      thresholds.push(stream.trend.evidence.threshold)
    }
    expect(trips).toBeGreaterThan(0)
    expect(trips).toBeLessThan(20)
    expect(thresholds.at(-1)).toBeGreaterThan(thresholds[0] ?? 0)
    expect(stream.until('tripped', hang)).toBeLessThan(limitMs / 100 + 40)
  })

  it('reset() drops the evidence and the calls in flight, and keeps what was learnt', () => {
    const stream = warm()
    stream.until('tripped', hang)
    const { baselineRatio, threshold } = stream.trend.evidence
    stream.trend.reset()
    expect(stream.trend.state).toBe('steady')
    expect(stream.trend.evidence).toEqual({
      baselineRatio,
      sinceCalls: 0,
      overdue: 0,
      missing: 0,
      low: 0,
      statistic: 0,
      threshold,
    })
    // The calls that hung are nobody's business any more, whenever they end.
    for (let ticket = 0; ticket < stream.calls; ticket += 1) stream.trend.ended(ticket, true)
    expect(stream.play(200, () => 1_000)).toBe('steady')
    expect(stream.until('tripped', hang)).toBeLessThanOrEqual(limitMs / 100 + 6)
  })

  it('tracks no more calls than it was told to, and sees a hang all the same', () => {
    const stream = warm(5_000, { trackedMax: 16 })
    expect(stream.until('tripped', hang)).toBeLessThan(limitMs / 100 + 16 + 8)
  })

  it('started() refuses what is no time, and ended() what is no ticket', () => {
    const trend = new OverdueTrend(options)
    expect(trend.started(Number.NaN)).toBe(-1)
    for (const ticket of [-1, 7, Number.NaN]) trend.ended(ticket, true)
    expect(trend.look(0, limitMs)).toBe('steady')
  })

  it('from() knows what another one had learnt', () => {
    const stream = warm()
    stream.until('tripped', hang)
    stream.trend.reset({ falseTrip: true })
    const json = stream.trend.toJSON()
    const other = OverdueTrend.from(JSON.parse(JSON.stringify(json)))
    expect(other.toJSON()).toEqual(json)
    expect(other.evidence).toEqual(stream.trend.evidence)
    const [one, two] = [new Stream(stream.trend), new Stream(other)]
    for (let call = 0; call < 400; call += 1) {
      const latencyMs = call > 300 ? Number.POSITIVE_INFINITY : 1_000
      expect(two.next(latencyMs)).toBe(one.next(latencyMs))
    }
    expect(two.trend.state).toBe('tripped')
  })

  it('from() refuses what is no overdue evidence', () => {
    const good = new OverdueTrend(options).toJSON()
    for (const json of [
      undefined,
      null,
      1,
      {},
      { ...good, version: 0 },
      { ...good, extra: true },
      { ...good, openAt: 1 },
      { ...good, trackedMax: 1e9 },
      { ...good, calls: -1 },
      { ...good, alarm: null },
      JSON.parse('{"__proto__": {"version": 1}}') as unknown,
    ])
      expect(() => OverdueTrend.from(json)).toThrow(TypeError)
    expect(OverdueTrend.from({ ...good, calls: 10, overdue: 1_000 }).evidence.baselineRatio).toBeLessThan(0.2)
  })

  it('refuses options that make no sense', () => {
    for (const wrong of [0, 99, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new OverdueTrend({ ...options, falseTripBudget: wrong })).toThrow(RangeError)
      expect(() => new OverdueTrend({ ...options, memoryCalls: wrong })).toThrow(RangeError)
    }
    for (const openAt of [0, 1, -1, Number.NaN]) expect(() => new OverdueTrend({ ...options, openAt })).toThrow(RangeError)
    for (const trackedMax of [0, 1.5, 65_537, Number.NaN])
      expect(() => new OverdueTrend({ ...options, trackedMax })).toThrow(RangeError)
  })
})
