import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { knownSignals } from '../../src/scoring/known-signals.js'
import { priorConfidence, type Signals } from '../../src/scoring/prior-confidence.js'

const ruleOnOneLine = {
  commandPasses: 1,
  checksPassedRatio: 1,
  candidatePlausibility: 0.9,
  strategyTrust: 0.9,
  rivalsPassing: 0,
  faultGone: 1,
  newFaults: 0,
  linesChanged: 2,
  filesChanged: 1,
  auditFindings: 0,
  auditReview: 0,
  attemptNumber: 1,
}
const probability = (signals: Signals): number => priorConfidence(signals).probability
const widthOf = (signals: Signals): number => {
  const {
    interval: [low, high],
  } = priorConfidence(signals)
  return logit(high) - logit(low)
}
const logit = (ratio: number): number => Math.log(ratio / (1 - ratio))

const names = knownSignals.map(({ name }) => name)
const valueOf = (name: string): fc.Arbitrary<number> =>
  isRatio(name) ? fc.double({ min: 0, max: 1, noNaN: true }) : fc.oneof(fc.nat(200), fc.double({ min: 0, max: 1e6, noNaN: true }))
const isRatio = (name: string): boolean => knownSignals.some((known) => known.name === name && known.range[1] === 1)
const sound = fc.record(Object.fromEntries(names.map((name) => [name, valueOf(name)])), { requiredKeys: [] })
const anything: fc.Arbitrary<Signals> = fc.dictionary(
  fc.oneof(fc.constantFrom(...names, '__proto__', 'constructor'), fc.string()),
  fc.oneof(
    fc.double(),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e308, -1e308, 5e-324, -0),
    fc.boolean(),
    fc.constant(undefined),
  ),
)

describe('priorConfidence()', () => {
  it('knows the signals that the heal loop gives, each once and with a meaning', () => {
    expect([...names].sort()).toEqual(Object.keys(ruleOnOneLine).sort())
    expect(knownSignals.every(({ meaning, precision }) => meaning.length > 10 && precision > 0)).toBe(true)
  })

  it('believes a plausible one-line repair by a rule of which everything passes', () => {
    expect(probability(ruleOnOneLine)).toBeGreaterThan(0.9)
    expect(probability(ruleOnOneLine)).toBeLessThan(0.95)
  })

  it('hardly tells candidates apart that all pass', () => {
    expect(probability({ ...ruleOnOneLine, rivalsPassing: 1 })).toBeCloseTo(0.6, 1)
    expect(probability({ ...ruleOnOneLine, rivalsPassing: 3 })).toBeLessThan(0.4)
  })

  it('doubts forty lines by a model of which only the failing command is known to pass', () => {
    const model = {
      commandPasses: 1,
      candidatePlausibility: 0.6,
      strategyTrust: 0.6,
      rivalsPassing: 0,
      faultGone: 1,
      newFaults: 0,
      linesChanged: 40,
      filesChanged: 1,
      auditFindings: 0,
      auditReview: 0,
    }
    expect(probability(model)).toBeGreaterThan(0.58)
    expect(probability({ ...model, checksPassedRatio: 1 })).toBeCloseTo(0.7, 1)
    expect(probability({ ...model, checksPassedRatio: 1, linesChanged: 4 })).toBeLessThan(0.8)
  })

  it('doubts what its own repairer doubts, and what breaks a check that passed', () => {
    expect(probability({ ...ruleOnOneLine, candidatePlausibility: 0.3 })).toBeLessThan(0.8)
    expect(probability({ ...ruleOnOneLine, checksPassedRatio: 2 / 3 })).toBeLessThan(0.7)
  })

  it('does not believe a patch whose command still fails, whatever else is said', () => {
    fc.assert(
      fc.property(sound, (signals) => {
        expect(probability({ ...signals, commandPasses: 0 })).toBeLessThan(0.1)
      }),
    )
    expect(
      probability({
        ...ruleOnOneLine,
        commandPasses: 0,
        candidatePlausibility: 1,
        strategyTrust: 1,
        linesChanged: 0,
        filesChanged: 0,
      }),
    ).toBeLessThan(0.1)
  })

  it('is the base rate with a wide interval when nothing is known', () => {
    expect(priorConfidence({})).toEqual({
      probability: expect.closeTo(0.3, 12),
      interval: [expect.any(Number), expect.any(Number)],
      contributions: {},
      state: 'prior',
      samples: 0,
    })
    const [low, high] = priorConfidence({}).interval
    expect(low).toBeLessThan(0.05)
    expect(high).toBeGreaterThan(0.8)
  })

  it('lists what each present signal added, no more', () => {
    const { contributions } = priorConfidence({
      commandPasses: true,
      rivalsPassing: 0,
      linesChanged: undefined,
      newFaults: -1,
      moon: 1,
    })
    expect(contributions).toEqual({ commandPasses: 1.4, rivalsPassing: 0 })
  })

  it('adds up to the probability it states', () => {
    fc.assert(
      fc.property(sound, (signals) => {
        const { contributions, probability: stated } = priorConfidence(signals)
        const sum = Object.values(contributions).reduce((total, added) => total + added, logit(0.3))
        expect(stated).toBeCloseTo(1 / (1 + Math.exp(-sum)), 9)
      }),
    )
  })

  it('stays in 0..1, inside its interval, finite, whatever it is given', () => {
    fc.assert(
      fc.property(anything, (signals) => {
        const {
          probability: stated,
          interval: [low, high],
          contributions,
        } = priorConfidence(signals)
        expect(low).toBeGreaterThanOrEqual(0)
        expect(stated).toBeGreaterThanOrEqual(low)
        expect(high).toBeGreaterThanOrEqual(stated)
        expect(high).toBeLessThanOrEqual(1)
        expect(Object.values(contributions).every(Number.isFinite)).toBe(true)
      }),
    )
  })

  it.each(knownSignals)('is monotone in $name, $direction the answer', ({ name, direction }) => {
    fc.assert(
      fc.property(sound, valueOf(name), valueOf(name), (signals, a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map((value) => probability({ ...signals, [name]: value }))
        expect(direction === 'for' ? (more ?? 0) - (less ?? 0) : (less ?? 0) - (more ?? 0)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it.each(knownSignals)('is strictly changed by $name somewhere in its range', ({ name }) => {
    expect(probability({ ...ruleOnOneLine, [name]: isRatio(name) ? 0 : 5 })).not.toBe(
      probability({ ...ruleOnOneLine, [name]: 1 }),
    )
  })

  it('takes what is not a value of the signal for missing', () => {
    const strange = [
      undefined,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -0.001,
      '1' as unknown as number,
      null as unknown as number,
    ]
    for (const name of names)
      for (const value of isRatio(name) ? [...strange, 1.001] : strange)
        expect(priorConfidence({ [name]: value })).toEqual(priorConfidence({}))
  })

  it('reads own members only', () => {
    expect(priorConfidence(Object.create({ commandPasses: 0 }) as Signals)).toEqual(priorConfidence({}))
    expect(priorConfidence(JSON.parse('{"__proto__": 5, "constructor": 1}') as Signals)).toEqual(priorConfidence({}))
  })

  it('widens the interval when a signal is taken away', () => {
    // Mild values, so that no bound is rounded to 0 or 1.
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.entries(ruleOnOneLine), { minLength: 1 }), (entries) => {
        expect(widthOf(Object.fromEntries(entries.slice(1)))).toBeGreaterThan(widthOf(Object.fromEntries(entries)))
      }),
    )
  })

  it('does not depend on the order of the signals or on earlier calls', () => {
    fc.assert(
      fc.property(sound, (signals) => {
        expect(priorConfidence(Object.fromEntries(Object.entries(signals).reverse()))).toEqual(priorConfidence(signals))
      }),
    )
  })
})
