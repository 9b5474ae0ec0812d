import { describe, expect, it } from 'vitest'
import { TrendDetector } from '../../../src/breaker/trend/trend-detector.js'
import { bursty, clustered, independent, rising, swinging, type FailureStream } from './failure-streams.js'

const runs = 200
const warmUpCalls = 10_000

function step(detector: TrendDetector, failed: boolean): string {
  return detector.step(!failed, Number.NaN, Number.NaN)
}

function warmedUp(stream: FailureStream): TrendDetector {
  const detector = new TrendDetector()
  for (let call = 0; call < warmUpCalls; call += 1) {
    if (step(detector, stream()) === 'tripped') detector.reset({ falseTrip: true })
  }
  return detector
}

/** Warmed up once for each usual rate and run, and taken up again for each row: that is most of the work. */
const warm = new Map<string, string>()

function accustomed(usualRatio: number, run: number): TrendDetector {
  const key = `${usualRatio} ${run}`
  const state = warm.get(key) ?? JSON.stringify(warmedUp(independent(usualRatio, 1_000 + run)))
  warm.set(key, state)
  return TrendDetector.from(JSON.parse(state))
}

/** Mean number of failed calls until one of the states, that call included, when the usual stream is followed by a worse one. */
function failuresUntil(states: readonly string[], usualRatio: number, worse: (seed: number) => FailureStream): number {
  let failures = 0
  for (let run = 0; run < runs; run += 1) {
    const detector = accustomed(usualRatio, run)
    const stream = worse(5_000 + run)
    for (let call = 0; call < 20_000; call += 1) {
      const failed = stream()
      if (failed) failures += 1
      if (states.includes(step(detector, failed))) break
    }
  }
  return failures / runs
}

/** Calls for each false trip and each false alarm (`degrading`, or a trip without it), told after each that it was one. */
function callsPerFalse(stream: FailureStream, calls: number): { trip: number; alarm: number } {
  const detector = warmedUp(stream)
  let trips = 0
  let alarms = 0
  let before: string = detector.state
  for (let call = 0; call < calls; call += 1) {
    const state = step(detector, stream())
    if (state !== before && before !== 'degrading' && (state === 'degrading' || state === 'tripped')) alarms += 1
    if (state === 'tripped') {
      trips += 1
      detector.reset({ falseTrip: true })
    }
    before = detector.state
  }
  return { trip: calls / Math.max(trips, 0.5), alarm: calls / Math.max(alarms, 0.5) }
}

const tripped = ['tripped']
const alarmed = ['degrading', 'tripped']

describe('TrendDetector: failed calls until it says so', () => {
  it.each([
    [0.01, 0.3, 5],
    [0.01, 0.5, 5],
    [0.01, 1, 4],
    [0.05, 0.5, 9],
  ])('trips after a step from %d to %d within %d', (usual, worse, bar) => {
    expect(failuresUntil(tripped, usual, (seed) => independent(worse, seed))).toBeLessThanOrEqual(bar)
  })

  it('says degrading after a step from 0.01 to 0.1 within 10', () => {
    expect(failuresUntil(alarmed, 0.01, (seed) => independent(0.1, seed))).toBeLessThanOrEqual(10)
  })

  it('says degrading in a ramp from 0.01 to 0.5 over 2 000 calls within 16', () => {
    expect(failuresUntil(alarmed, 0.01, (seed) => rising(0.01, 0.5, 2_000, seed))).toBeLessThanOrEqual(16)
  })

  it('is not lulled by a ramp over 200 000 calls', () => {
    const detector = warmedUp(independent(0.01, 1))
    const ramp = rising(0.01, 0.5, 200_000, 2)
    let calls = 0
    while (!alarmed.includes(step(detector, ramp()))) calls += 1
    expect(calls).toBeLessThan(20_000)
    while (step(detector, ramp()) !== 'tripped') calls += 1
    expect(calls).toBeLessThan(120_000)
  })
})

describe('TrendDetector: calls for each false trip', () => {
  it.each([
    ['independent, 0.1 %', (): FailureStream => independent(0.001, 1)],
    ['independent, 1 %', (): FailureStream => independent(0.01, 2)],
    ['independent, 5 %', (): FailureStream => independent(0.05, 3)],
    ['independent, 10 %', (): FailureStream => independent(0.1, 4)],
    ['independent, 20 %', (): FailureStream => independent(0.2, 5)],
    ['clusters of 4, 1 %', (): FailureStream => clustered(0.01, 4, 6)],
    ['clusters of 4, 5 %', (): FailureStream => clustered(0.05, 4, 7)],
    ['bursts, 1 %', (): FailureStream => bursty(0.01, { ratio: 0.5, calls: 10 }, 8)],
    ['bursts, 5 %', (): FailureStream => bursty(0.05, { ratio: 0.6, calls: 20 }, 9)],
  ])('%s: at least 100 000, alarms included', (_, stream) => {
    const { trip, alarm } = callsPerFalse(stream(), 600_000)
    expect(trip).toBeGreaterThanOrEqual(100_000)
    expect(alarm).toBeGreaterThanOrEqual(90_000)
  })

  it('day and night, 0.5 to 10 %: at least 40 000', () => {
    expect(callsPerFalse(swinging(0.005, 0.1, 50_000, 10), 600_000).trip).toBeGreaterThanOrEqual(40_000)
  })

  it('cold, up to 20 %: in the first 200 calls at most one start in 200', () => {
    for (const ratio of [0.01, 0.05, 0.1, 0.2]) {
      let trips = 0
      for (let run = 0; run < 1_000; run += 1) {
        const detector = new TrendDetector()
        const stream = independent(ratio, 9_000 + run)
        for (let call = 0; call < 200 && detector.state !== 'tripped'; call += 1) step(detector, stream())
        if (detector.state === 'tripped') trips += 1
      }
      expect(trips).toBeLessThanOrEqual(5)
    }
  })

  it('is not locked in a baseline that is too low: false trips become rare', () => {
    // Learnt from the calm start alone, bursts would trip it for ever.
    const stream = bursty(0.02, { ratio: 0.5, calls: 20 }, 3)
    const detector = new TrendDetector()
    for (let call = 0; call < 20_000; call += 1) step(detector, false)
    const trips = [0, 0]
    for (let call = 0; call < 400_000; call += 1) {
      if (step(detector, stream()) !== 'tripped') continue
      const half = call < 200_000 ? 0 : 1
      trips[half] = (trips[half] ?? 0) + 1
      detector.reset({ falseTrip: true })
    }
    expect(trips[1]).toBeLessThanOrEqual(4)
    expect(trips[0]).toBeLessThan(40)
  })
})
