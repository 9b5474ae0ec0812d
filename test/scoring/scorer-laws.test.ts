import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/scoring/learning/outcome.js'
import { answerSignals } from '../../src/scoring/signals/answer-signals.js'
import { UnifiedConfidenceScorer } from '../../src/scoring/unified-confidence-scorer.js'
import { chanceOf, normal } from './worlds.js'

const names = ['agreementExact', 'schemaValid', 'failedOperations', 'verbalisedConfidence', 'length'] as const
const names01 = names.filter((name) => name !== 'failedOperations' && name !== 'length')

/** Outcomes with known and unknown signals, some missing, some with tasks and scopes. */
function outcomes(count: number, seed: number): readonly Outcome[] {
  const random = chanceOf(seed)
  return Array.from({ length: count }, (_, at): Outcome => {
    const signals: Record<string, number> = { length: Math.exp(normal(random)) * 100 }
    for (const name of names01) if (random() < 0.8) signals[name] = random()
    if (random() < 0.5) signals['failedOperations'] = Math.floor(random() * 5)
    return {
      signals,
      correct: random() < 0.2 + 0.6 * (signals['agreementExact'] ?? 0.5),
      ...(at % 3 === 0 ? { group: `task ${at % 17}` } : {}),
      ...(at % 4 === 0 ? { context: { model: at % 8 } } : {}),
    }
  })
}

const signals = fc.record(
  {
    agreementExact: fc.double({ min: 0, max: 1, noNaN: true }),
    schemaValid: fc.nat(1),
    failedOperations: fc.nat(30),
    verbalisedConfidence: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    unheard: fc.double(),
  },
  { requiredKeys: [] },
)

const shuffled = <T>(all: readonly T[], seed: number): readonly T[] => {
  const random = chanceOf(seed)
  return all
    .map((one): [number, T] => [random(), one])
    .sort(([a], [b]) => a - b)
    .map(([, one]) => one)
}

const trained = [12, 80, 400].map((count) => {
  const scorer = new UnifiedConfidenceScorer()
  scorer.fit(outcomes(count, count))
  return scorer
})
const scorers = fc.constantFrom(new UnifiedConfidenceScorer(), ...trained)

describe('the laws of UnifiedConfidenceScorer', () => {
  it('a probability is in 0..1 and in its interval, and everything is finite, whatever it is given', () => {
    const anything = fc.dictionary(
      fc.oneof(fc.constantFrom(...names, '__proto__', 'constructor', 'toString'), fc.string()),
      fc.oneof(
        fc.double(),
        fc.constantFrom(NaN, Infinity, -Infinity, 1e308, -1e308, 5e-324),
        fc.boolean(),
        fc.constant(undefined),
      ),
    )
    fc.assert(
      fc.property(scorers, anything, (scorer, given) => {
        const { probability, interval, contributions } = scorer.score(given)
        expect(interval[0]).toBeGreaterThanOrEqual(0)
        expect(probability).toBeGreaterThanOrEqual(interval[0])
        expect(interval[1]).toBeGreaterThanOrEqual(probability)
        expect(interval[1]).toBeLessThanOrEqual(1)
        expect(Object.values(contributions).every(Number.isFinite)).toBe(true)
      }),
    )
  })

  it('better evidence never lowers a probability: signals with a known direction are monotone after learning too', () => {
    const directed = answerSignals.filter(({ name }) => (names as readonly string[]).includes(name))
    fc.assert(
      fc.property(
        scorers,
        signals,
        fc.constantFrom(...directed),
        fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
        (scorer, given, { name, direction }, pair) => {
          const [less, more] = [...pair]
            .sort((a, b) => a - b)
            .map((value) => scorer.score({ ...given, [name]: value }).probability)
          expect(((more ?? 0) - (less ?? 0)) * (direction === 'for' ? 1 : -1)).toBeGreaterThanOrEqual(-1e-12)
        },
      ),
    )
  })

  it('a missing signal contributes nothing, however it is missing', () => {
    fc.assert(
      fc.property(scorers, signals, fc.constantFrom(...names), (scorer, given, name) => {
        const { [name]: _, ...without } = given
        const missing = scorer.score(without)
        expect(Object.hasOwn(missing.contributions, name)).toBe(false)
        for (const value of [undefined, NaN, Infinity, 'text', null, {}])
          expect(scorer.score({ ...without, [name]: value as number })).toEqual(missing)
      }),
    )
  })

  it('the order of signals changes nothing', () => {
    fc.assert(
      fc.property(scorers, signals, (scorer, given) => {
        expect(scorer.score(Object.fromEntries(Object.entries(given).reverse()))).toEqual(scorer.score(given))
      }),
    )
  })

  it.each([30, 200, 600])('the order of %d labels changes nothing, whether they come at once or one by one', (count) => {
    const all = outcomes(count, 5)
    const [atOnce, backwards, oneByOne, mixed] = [all, [...all].reverse(), all, shuffled(all, 3)].map((order, way) => {
      const scorer = new UnifiedConfidenceScorer()
      if (way < 2) scorer.fit(order)
      else
        for (const { signals: given, ...rest } of order)
          scorer.learn({ ...rest, signals: Object.fromEntries(Object.entries(given).reverse()) })
      return scorer
    })
    for (const { signals: given, context } of outcomes(20, 6)) {
      const expected = atOnce?.score(given, context)
      for (const scorer of [backwards, oneByOne, mixed]) expect(scorer?.score(given, context)).toEqual(expected)
    }
    expect(mixed?.gate({ risk: 0.1, kind: 'joint' }).threshold).toBe(atOnce?.gate({ risk: 0.1, kind: 'joint' }).threshold)
  })

  it('ten thousand signals are refused as a lesson, and harmless as a question', () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`s${at}`, at]))
    const [scorer = new UnifiedConfidenceScorer()] = trained
    const before = scorer.score({ agreementExact: 1 })
    expect(() => scorer.learn({ signals: many, correct: true })).toThrow(RangeError)
    expect(scorer.score({ ...many, agreementExact: 1 })).toEqual(before)
  })

  it('hostile values among the labels spoil nothing', () => {
    const scorer = new UnifiedConfidenceScorer()
    const hostile = [1e308, -1e308, 5e-324, NaN, Infinity, -Infinity, 0, -0, 1e150]
    scorer.fit([
      ...outcomes(150, 9),
      ...hostile.map((_, at) => ({
        signals: JSON.parse(`{"__proto__": 1, "constructor": ${at}, "hasOwnProperty": 2}`) as Record<string, number>,
        correct: at % 2 === 0,
      })),
      ...hostile.map((value, at) => ({ signals: { length: value, agreementExact: value, huge: value }, correct: at % 2 === 0 })),
    ])
    for (const value of hostile) {
      const { probability } = scorer.score({ length: value, huge: value, constructor: 1 })
      expect(probability > 0 && probability < 1).toBe(true)
    }
    expect(({} as Record<string, unknown>)['constructor']).toBe(Object)
  })

  it('text in labels from JSON is a category', () => {
    const scorer = new UnifiedConfidenceScorer()
    const level = (text: string): Record<string, number> => ({ level: text as unknown as number })
    scorer.fit(
      Array.from({ length: 200 }, (_, at) => ({
        signals: level(at % 2 === 0 ? 'easy' : 'hard'),
        correct: at % 2 === 0 ? at % 10 !== 0 : at % 9 === 0,
      })),
    )
    expect(scorer.score(level('easy')).probability).toBeGreaterThan(0.7)
    expect(scorer.score(level('hard')).probability).toBeLessThan(0.3)
  })
})
