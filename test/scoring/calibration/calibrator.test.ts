import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  calibrationMethods,
  chooseCalibrator,
  crossCalibrate,
  fitCalibrator,
  type Scored,
} from '../../../src/scoring/calibration/calibrator.js'
import { logistic, logLossOf, logOddsOf } from '../../../src/scoring/logistic.js'
import { chanceOf } from '../worlds.js'

/** Scores whose truth follows `truth(score)` in log odds. */
function scored(count: number, truth: (score: number) => number, seed = 1): Scored {
  const random = chanceOf(seed)
  const logOdds = Float64Array.from({ length: count }, () => random() * 8 - 4)
  return {
    logOdds,
    correct: Uint8Array.from(logOdds, (score) => Number(random() < logistic(truth(score)))),
    fold: Uint8Array.from({ length: count }, (_, at) => at % 10),
    folds: 10,
    tasks: count,
  }
}

describe('chooseCalibrator()', () => {
  it('takes a method with more freedom only when there are tasks for it and it pays', () => {
    const steep = (score: number): number => (score > 1 ? 3 : -3)
    expect(chooseCalibrator(scored(40, steep)).method).toBe('none')
    expect(chooseCalibrator(scored(150, steep)).method).toBe('platt')
    expect(chooseCalibrator(scored(4_000, steep)).method).toBe('isotonic')
    expect(chooseCalibrator({ ...scored(4_000, steep), tasks: 900 }).method).not.toBe('isotonic')
    expect(chooseCalibrator(scored(4_000, (score) => score)).method).toBe('platt')
    expect(chooseCalibrator(scored(4_000, (score) => (score > 0 ? 2 * score : score / 3))).method).not.toBe('platt')
  })

  it.each([
    ['too sure', (score: number) => score / 3],
    ['too timid', (score: number) => score * 1.6],
    ['shifted', (score: number) => score - 1],
    ['sure of the wrong things on one side', (score: number) => (score > 0 ? score * 0.4 : score * 1.4)],
  ])('mends scores that are %s', (_, truth) => {
    const { apply } = chooseCalibrator(scored(3_000, truth))
    for (const score of [-3, -1.5, 0, 1.5, 3])
      expect(Math.abs(logistic(apply(score)) - logistic(truth(score)))).toBeLessThan(0.06)
  })
})

describe('fitCalibrator()', () => {
  it.each(calibrationMethods)('never decreases: %s', (method) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.double({ min: -2, max: 2, noNaN: true }), (seed, slope) => {
        const { apply } = fitCalibrator(
          method,
          scored(120, (score) => slope * score, seed),
        )
        let before = -Infinity
        for (let score = -30; score <= 30; score += 0.5) {
          expect(apply(score)).toBeGreaterThanOrEqual(before)
          before = apply(score)
        }
      }),
      { numRuns: 20 },
    )
  })

  it.each(calibrationMethods)('stays finite on one label, and on labels that are all alike: %s', (method) => {
    for (const truth of [-50, 50])
      for (const count of [1, 60]) {
        const { apply } = fitCalibrator(
          method,
          scored(count, () => truth),
        )
        expect(Number.isFinite(apply(-40)) && Number.isFinite(apply(40))).toBe(true)
      }
  })
})

describe('crossCalibrate()', () => {
  it('does not let a row judge itself', () => {
    const one = scored(100, (score) => score)
    const flipped = { ...one, correct: one.correct.map((value, at) => (at % 10 === 3 ? 1 - value : value)) }
    const [before, after] = [crossCalibrate('platt', one), crossCalibrate('platt', flipped)]
    before.forEach((value, at) => (at % 10 === 3 ? expect(after[at]).toBe(value) : expect(after[at]).not.toBe(value)))
  })
})

describe('logLossOf()', () => {
  it('is the logarithm of the probability, without overflow', () => {
    expect(logLossOf(0, 1)).toBeCloseTo(Math.log(2), 12)
    expect(logLossOf(-1_000, 1)).toBe(1_000)
    expect(logLossOf(1_000, 1)).toBe(0)
    expect(logLossOf(2, 0)).toBeCloseTo(-Math.log(1 - logistic(2)), 12)
  })
})

describe('logOddsOf()', () => {
  it('undoes logistic(), and stays finite at 0 and 1', () => {
    fc.assert(
      fc.property(fc.double({ min: -20, max: 20, noNaN: true }), (value) => {
        expect(logOddsOf(logistic(value))).toBeCloseTo(value, 4)
      }),
    )
    expect([logOddsOf(0), logOddsOf(1)]).toEqual([-34, 34])
  })
})
