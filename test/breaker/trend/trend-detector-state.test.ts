import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TrendDetector } from '../../../src/breaker/trend/trend-detector.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

/** Sections of a stream: so many calls of which such a share fails, with such a latency. */
const sections = fc.array(
  fc.record({
    calls: fc.integer({ min: 1, max: 400 }),
    ratio: fc.constantFrom(0, 0.01, 0.1, 0.3, 1),
    latencyMs: fc.constantFrom(Number.NaN, 10, 300, 60_000),
    reset: fc.constantFrom(undefined, true, false),
  }),
  { maxLength: 8 },
)
type Section = Exclude<typeof sections extends fc.Arbitrary<infer T> ? T : never, never>[number]

function feed(detector: TrendDetector, stream: readonly Section[], seed: number): string[] {
  const { random } = createTestWorld(seed)
  const heard: string[] = []
  let atMs = 0
  for (const { calls, ratio, latencyMs, reset } of stream) {
    for (let call = 0; call < calls; call += 1) {
      atMs += 3
      detector.step(random() >= ratio, latencyMs * (1 + random()), atMs)
      if (call % 20 === 0) heard.push(JSON.stringify(detector.verdict))
    }
    if (reset !== undefined) detector.reset({ falseTrip: reset })
  }
  return heard
}

function stateOf(): ReturnType<TrendDetector['toJSON']> {
  const detector = new TrendDetector()
  feed(detector, [{ calls: 300, ratio: 0.1, latencyMs: 10, reset: undefined }], 1)
  return detector.toJSON()
}

describe('TrendDetector.from()', () => {
  it('gives the same verdicts ever after', () => {
    fc.assert(
      fc.property(sections, sections, fc.nat(), (before, after, seed) => {
        const detector = new TrendDetector({ falseTripBudget: 5_000 })
        feed(detector, before, seed)
        const copy = TrendDetector.from(JSON.parse(JSON.stringify(detector)))
        expect(copy.toJSON()).toEqual(detector.toJSON())
        expect(feed(copy, after, seed + 1)).toEqual(feed(detector, after, seed + 1))
      }),
      { numRuns: 60 },
    )
  })

  it('knows that it was tripped, and by whom', () => {
    for (const warm of [0, 500]) {
      const detector = new TrendDetector()
      for (let call = 0; call < warm; call += 1) detector.step(true, Number.NaN, call)
      while (detector.step(false, Number.NaN, 7) !== 'tripped');
      const copy = TrendDetector.from(JSON.parse(JSON.stringify(detector)))
      expect(copy.state).toBe('tripped')
      expect(copy.verdict).toEqual(detector.verdict)
    }
  })

  it('keeps what was learnt of calls in flight, and not the calls', () => {
    const detector = new TrendDetector()
    detector.callEnded(detector.callStarted(0))
    const copy = TrendDetector.from(JSON.parse(JSON.stringify(detector)))
    expect(copy.toJSON()).toEqual(detector.toJSON())
  })

  it('takes other settings and keeps what was learnt', () => {
    const copy = TrendDetector.from(stateOf(), { openAt: 0.7, falseTripBudget: undefined })
    expect(copy.toJSON().settings).toEqual({ ...stateOf().settings, openAt: 0.7 })
    expect(copy.verdict.baseline).toEqual(TrendDetector.from(stateOf()).verdict.baseline)
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a string', '{}'],
    ['an empty object', {}],
    ['another version', { ...stateOf(), version: 2 }],
    ['the state of something else', { ...stateOf(), kind: 'scorer' }],
    ['an unknown field', { ...stateOf(), extra: 1 }],
    ['a missing part', { ...stateOf(), failures: undefined }],
    ['a forged prototype', JSON.parse(`{"__proto__": ${JSON.stringify(stateOf())}}`)],
    ['a negative count', { ...stateOf(), calls: -1 }],
    ['more failures than calls', { ...stateOf(), failures: { ...stateOf().failures, baseline: { calls: 1, failures: 2 } } }],
    ['numbers as text', { ...stateOf(), failures: { ...stateOf().failures, alarmCalls: '3' } }],
    [
      'too many candidates',
      {
        ...stateOf(),
        failures: {
          ...stateOf().failures,
          walk: { ...stateOf().failures.walk, candidates: Array.from({ length: 99 }, () => [0, 0, null]) },
        },
      },
    ],
    ['a foreign latency', { ...stateOf(), latency: { version: 1 } }],
    ['a foreign part for calls in flight', { ...stateOf(), overdue: {} }],
  ])('refuses %s', (_, json) => {
    expect(() => TrendDetector.from(json)).toThrow(TypeError)
    expect(() => TrendDetector.from(json)).toThrow(/^Cannot restore /)
  })

  it.each([
    ['settings out of range', { ...stateOf(), settings: { ...stateOf().settings, openAt: 3 } }],
    ['a trip at no change point', { ...stateOf(), failures: { ...stateOf().failures, state: 'tripped' } }],
    ['a change point of no trip', { ...stateOf(), failures: { ...stateOf().failures, since: 0 } }],
    [
      'a walk that cannot be',
      { ...stateOf(), failures: { ...stateOf().failures, walk: { calls: 1, failures: 5, lastFailed: false, candidates: [] } } },
    ],
  ])('refuses %s', (_, json) => {
    expect(() => TrendDetector.from(json)).toThrow(RangeError)
  })
})
