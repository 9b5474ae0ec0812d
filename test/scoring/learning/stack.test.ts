import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { factorise, inverse } from '../../../src/scoring/learning/cholesky.js'
import { columnsOf, encode, valueIn } from '../../../src/scoring/learning/columns.js'
import { designOf, logOddsAt, type Design } from '../../../src/scoring/learning/design.js'
import { fitLogistic, leaveFoldsOut, type Labelled } from '../../../src/scoring/learning/map-logistic.js'
import { normalQuantile } from '../../../src/scoring/learning/normal.js'
import type { Outcome } from '../../../src/scoring/learning/outcome.js'
import { OutcomeStore } from '../../../src/scoring/learning/outcome-store.js'
import { priorOf } from '../../../src/scoring/learning/prior.js'
import { fitStack } from '../../../src/scoring/learning/stack.js'
import { scoreStack, type Stack } from '../../../src/scoring/learning/stack-score.js'
import { summarise } from '../../../src/scoring/learning/stack-summary.js'
import { arrange } from '../../../src/scoring/learning/tasks.js'
import { uncertaintyOf } from '../../../src/scoring/learning/uncertainty.js'
import { logistic, logLossOf } from '../../../src/scoring/logistic.js'
import { answerSignals } from '../../../src/scoring/signals/answer-signals.js'
import { answers, chanceOf, labelled, normal } from '../worlds.js'

const known = new Map(answerSignals.map((signal) => [signal.name, signal]))

function storeOf(outcomes: readonly Outcome[]): OutcomeStore {
  const store = new OutcomeStore()
  for (const outcome of outcomes) store.addOutcome(outcome)
  return store
}

function stackOf(outcomes: readonly Outcome[]): Stack {
  const store = storeOf(outcomes)
  return fitStack(store, arrange(store, 0, store.length), known)
}

function problemOf(outcomes: readonly Outcome[]) {
  const store = storeOf(outcomes)
  const { rows, fold, folds, tasks } = arrange(store, 0, store.length)
  const columns = columnsOf(store.signals(), { rows, tasks, known })
  const problem: Labelled = {
    design: designOf(columns, store.signals(), rows),
    correct: Uint8Array.from(rows, (row) => store.correct[row] ?? 0),
    fold,
    folds,
  }
  return { problem, prior: priorOf(columns, { slope: 0.5, bend: 0.3 }, 0), columns }
}

/** What the optimum makes small, reckoned without the code under test. */
function lossOf({ design, correct }: Labelled, { mean, precision }: ReturnType<typeof priorOf>, weights: Float64Array): number {
  let loss = 0
  for (let row = 0; row < design.rows; row += 1) loss += logLossOf(logOddsAt(design, row, weights), correct[row] ?? 0)
  weights.forEach((a, i) =>
    weights.forEach((b, j) => {
      loss += ((a - (mean[i] ?? 0)) * (precision[i * mean.length + j] ?? 0) * (b - (mean[j] ?? 0))) / 2
    }),
  )
  return loss
}

describe('fitLogistic()', () => {
  it('finds weights that no small change makes better', () => {
    const random = chanceOf(4)
    const { problem, prior } = problemOf(labelled(answers(300, random), random))
    const { weights } = fitLogistic(problem, prior, { tolerance: 1e-6 })
    const best = lossOf(problem, prior, weights)
    weights.forEach((_, at) => {
      for (const change of [-0.01, 0.01])
        expect(
          lossOf(
            problem,
            prior,
            weights.map((weight, index) => (index === at ? weight + change : weight)),
          ),
        ).toBeGreaterThan(best)
    })
  })

  it('finds the same from anywhere', () => {
    const random = chanceOf(4)
    const { problem, prior } = problemOf(labelled(answers(200, random), random))
    const { weights } = fitLogistic(problem, prior, { tolerance: 1e-6 })
    const far = fitLogistic(problem, prior, { start: weights.map((_, at) => (at % 2 === 0 ? 8 : -8)), tolerance: 1e-6 })
    weights.forEach((weight, at) => expect(far.weights[at]).toBeCloseTo(weight, 4))
  })

  it('never lets a known signal speak against its direction, whatever the labels say', () => {
    const random = chanceOf(9)
    // Here, agreement is a bad sign.
    const outcomes = Array.from({ length: 300 }, (): Outcome => {
      const agreementExact = random()
      return { signals: { agreementExact, x: normal(random) }, correct: random() > agreementExact }
    })
    const stack = stackOf(outcomes)
    expect(stack.columns[0]).toMatchObject({ kind: 'known', name: 'agreementExact' })
    expect(stack.weights[1]).toBe(0)
    expect(scoreStack(stack, { agreementExact: 1 }).logOdds).toBe(scoreStack(stack, { agreementExact: 0 }).logOdds)
  })
})

describe('leaveFoldsOut()', () => {
  it('comes near to what fitting without the fold gives', () => {
    const random = chanceOf(12)
    const { problem, prior } = problemOf(labelled(answers(250, random), random))
    const quick = leaveFoldsOut(problem, prior, fitLogistic(problem, prior))
    for (const left of [0, 7]) {
      const kept = [...problem.fold.keys()].filter((row) => problem.fold[row] !== left)
      const width = problem.design.columns
      const pick = <A extends Uint16Array | Float32Array>(from: A): A =>
        from.filter((_, place) => problem.fold[Math.floor(place / width)] !== left) as A // a filtered array keeps its type
      const design: Design = {
        ...problem.design,
        rows: kept.length,
        index: pick(problem.design.index),
        first: pick(problem.design.first),
        second: pick(problem.design.second),
      }
      const without = fitLogistic(
        {
          ...problem,
          design,
          correct: Uint8Array.from(kept, (row) => problem.correct[row] ?? 0),
          fold: Uint8Array.from(kept, (row) => problem.fold[row] ?? 0),
        },
        prior,
        { tolerance: 1e-6 },
      )
      problem.fold.forEach((fold, row) => {
        if (fold === left)
          expect(logistic(quick[row] ?? 0)).toBeCloseTo(logistic(logOddsAt(problem.design, row, without.weights)), 2)
      })
    }
  })
})

describe('fitStack()', () => {
  it('learns a curve that is no line', () => {
    const random = chanceOf(3)
    const outcomes = Array.from({ length: 3_000 }, (): Outcome => {
      const x = random() * 4 - 2
      return { signals: { x }, correct: random() < (Math.abs(x) < 1 ? 0.9 : 0.2) }
    })
    const stack = stackOf(outcomes)
    expect(logistic(scoreStack(stack, { x: 0 }).logOdds)).toBeGreaterThan(0.8)
    for (const x of [-1.9, 1.9]) expect(logistic(scoreStack(stack, { x }).logOdds)).toBeLessThan(0.3)
  })

  it('learns from a name which way it points while labels are few', () => {
    const outcomes = [0, 1, 2, 3].map((at): Outcome => ({
      signals: { vote_agreement: at / 3, terrain: at / 3 },
      correct: at > 1,
    }))
    const added: Record<string, number> = {}
    scoreStack(stackOf(outcomes), { vote_agreement: 1, terrain: 1 }, added)
    expect(added['vote_agreement']).toBeGreaterThan(3 * Math.abs(added['terrain'] ?? 0))
  })

  it('pulls towards the mean and widens when signals are missing as never before, and only then', () => {
    const random = chanceOf(21)
    const full = stackOf(labelled(answers(500, random), random))
    const all = { a: 2.5, b: 1, noise: 0 }
    const [present, missing] = [scoreStack(full, all), scoreStack(full, { b: 1, noise: 0 })]
    expect(missing.variance).toBeGreaterThan(present.variance + 0.5)
    const gaps = labelled(answers(500, random), random).map((outcome, at): Outcome => {
      const { a, ...rest } = outcome.signals
      return at % 2 === 0 || a === undefined ? outcome : { ...outcome, signals: rest }
    })
    expect(scoreStack(stackOf(gaps), { b: 1, noise: 0 }).variance).toBeLessThan(0.3)
  })

  it('adds up its contributions', () => {
    const random = chanceOf(31)
    const stack = stackOf(labelled(answers(200, random), random))
    const added: Record<string, number> = {}
    const { logOdds } = scoreStack(stack, { a: 1, b: -0.5, noise: 0.1 }, added)
    expect((stack.weights[0] ?? 0) + Object.values(added).reduce((sum, one) => sum + one, 0)).toBeCloseTo(logOdds, 9)
  })

  it('chooses on a part of many rows and still finds the truth', () => {
    const random = chanceOf(41)
    const world = answers(7_000, random)
    const stack = stackOf(labelled(world, random).map((outcome, at) => ({ ...outcome, group: `g${at >> 1}` })))
    const errors = world
      .slice(0, 500)
      .map(({ signals, chance }) => Math.abs(logistic(scoreStack(stack, signals).logOdds) - chance))
    expect(errors.reduce((sum, error) => sum + error, 0) / 500).toBeLessThan(0.03)
  })
})

describe('uncertaintyOf()', () => {
  it('is right for the rows on average, and exact for a single signal', () => {
    const random = chanceOf(51)
    for (const width of [1, 4]) {
      const outcomes = Array.from({ length: 300 }, (): Outcome => {
        const common = normal(random)
        const signals = Object.fromEntries(Array.from({ length: width }, (_, at) => [`s${at}`, common + 0.5 * normal(random)]))
        return { signals, correct: random() < logistic(common) }
      })
      const { problem, prior, columns } = problemOf(outcomes)
      const { weights, factor } = fitLogistic(problem, prior)
      const covariance = inverse(factor, columns.size)
      const { means } = summarise(problem.design, columns.columns, weights)
      const uncertainty = uncertaintyOf(columns.columns, { covariance, means, design: problem.design })
      const stack: Stack = {
        columns: columns.columns,
        weights,
        uncertainty,
        crossFitted: new Float64Array(0),
        centre: 0,
        spreads: new Float64Array(columns.columns.length),
        patterns: new Set(),
      }
      const ratios = outcomes.map(({ signals }) => {
        const features = new Float64Array(columns.size)
        features[0] = 1
        for (const column of columns.columns) {
          const cell = { index: 0, first: 0, second: 0 }
          encode(column, valueIn(signals, column), cell)
          features[cell.index] = cell.first
          if (cell.second !== 0) features[cell.index + 1] = cell.second
        }
        let exact = 0
        features.forEach((a, row) =>
          features.forEach((b, column) => {
            exact += a * b * (covariance[row * columns.size + column] ?? 0)
          }),
        )
        return scoreStack(stack, signals).variance / exact
      })
      if (width === 1) for (const ratio of ratios) expect(ratio).toBeCloseTo(1, 5)
      else expect(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length).toBeCloseTo(1, 0)
      expect(Math.min(...ratios)).toBeGreaterThan(0.3)
    }
  })
})

describe('priorOf()', () => {
  it('is positive definite for any columns', () => {
    const value = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(0, 1))
    fc.assert(
      fc.property(
        fc.array(fc.record({ x: value, error: value, schemaValid: fc.nat(1) }, { requiredKeys: [] }), {
          minLength: 2,
          maxLength: 40,
        }),
        (all) => {
          const { prior } = problemOf(all.map((signals, at): Outcome => ({ signals, correct: at % 2 === 0 })))
          expect(factorise(Float64Array.from(prior.precision), prior.mean.length)).toBe(true)
        },
      ),
    )
  })
})

describe('normalQuantile()', () => {
  it('knows the values of the tables', () => {
    for (const [probability, value] of [
      [0.5, 0],
      [0.975, 1.959964],
      [0.05, -1.644854],
      [0.999, 3.090232],
    ] as const)
      expect(Math.abs(normalQuantile(probability) - value)).toBeLessThan(5e-4)
  })
})
