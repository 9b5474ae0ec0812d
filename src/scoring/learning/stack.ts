/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import type { KnownSignal } from '../known-signals.js'
import { logLossOf } from '../logistic.js'
import { baseLogOdds } from '../prior-confidence.js'
import { inverse } from './cholesky.js'
import { columnsOf, type Columns } from './columns.js'
import { designOf } from './design.js'
import { fitLogistic, leaveFoldsOut, type Labelled } from './map-logistic.js'
import type { OutcomeStore } from './outcome-store.js'
import { priorOf, type Stiffness } from './prior.js'
import type { Stack } from './stack-score.js'
import { summarise } from './stack-summary.js'
import type { Arranged } from './tasks.js'
import { uncertaintyOf } from './uncertainty.js'

/** Below so many tasks there is too little to choose the stiffness by. */
const tasksToChoose = 50
const usual: Stiffness = { slope: 0.5, bend: 0.2 }
const slopes = [0.5, 0.25, 1]
const bends = { usual: 0.3, others: [0.1, 0.7] }
/** Choosing needs no more rows than this; the final fit uses all. */
const rowsToChoose = 1_200

/** Fits a stack to arranged rows. The same rows give the same stack, whatever their order was. */
export function fitStack(store: OutcomeStore, arranged: Arranged, known: ReadonlyMap<string, KnownSignal>): Stack {
  const stored = store.signals()
  const columns = columnsOf(stored, { rows: arranged.rows, tasks: arranged.tasks, known })
  const design = designOf(columns, stored, arranged.rows)
  const labelled: Labelled = {
    design,
    correct: Uint8Array.from(arranged.rows, (row) => store.correct[row] as number),
    fold: arranged.fold,
    folds: arranged.folds,
  }
  const base = columns.columns.some(({ kind }) => kind === 'known') ? baseLogOdds : 0
  const sample = arranged.rows.length > rowsToChoose * 1.5 ? thinned(labelled, arranged.task) : labelled
  const chosen = arranged.tasks < tasksToChoose ? undefined : choose(inFewerFolds(sample), columns, base)
  const prior = priorOf(columns, chosen?.stiffness ?? usual, base)
  const optimum = fitLogistic(labelled, prior, { start: chosen?.weights })
  const { weights, factor } = optimum
  const summary = summarise(design, columns.columns, weights)
  return {
    columns: columns.columns,
    weights,
    uncertainty: uncertaintyOf(columns.columns, { covariance: inverse(factor, columns.size), means: summary.means, design }),
    crossFitted: leaveFoldsOut(labelled, prior, optimum),
    centre: summary.centre,
    spreads: summary.spreads,
    patterns: summary.patterns,
  }
}

interface Tried {
  readonly stiffness: Stiffness
  readonly weights: Float64Array
  readonly loss: number
}

/** The stiffness whose curves fare best on tasks they have not seen, by log loss: first the slope, then the bend. */
function choose(labelled: Labelled, columns: Columns, base: number): Tried {
  const [first = usual, ...others] = slopes.map((slope) => ({ slope, bend: bends.usual }))
  let best = attempt(first, undefined)
  const improve = (stiffness: Stiffness): void => {
    const tried = attempt(stiffness, best.weights)
    if (tried.loss < best.loss) best = tried
  }
  others.forEach(improve)
  const { slope } = best.stiffness
  for (const bend of bends.others) improve({ slope, bend })
  return best

  function attempt(stiffness: Stiffness, start: Float64Array | undefined): Tried {
    const prior = priorOf(columns, stiffness, base)
    // A rough optimum will do: the step that leaves a fold out brings it nearer.
    const optimum = fitLogistic(labelled, prior, { start, tolerance: 0.1 })
    let loss = 0
    leaveFoldsOut(labelled, prior, optimum).forEach((logOdds, row) => {
      loss += logLossOf(logOdds, labelled.correct[row] as number)
    })
    return { stiffness, weights: optimum.weights, loss }
  }
}

/** Pairs of folds as one: leaving one out costs a factorisation, and choosing needs no more than five. */
function inFewerFolds(labelled: Labelled): Labelled {
  return { ...labelled, fold: labelled.fold.map((fold) => fold >> 1), folds: (labelled.folds + 1) >> 1 }
}

/** Whole tasks, spread evenly over the arranged ones. */
function thinned({ design, correct, fold, folds }: Labelled, task: Int32Array): Labelled {
  const every = Math.ceil(design.rows / rowsToChoose)
  // Tasks are dealt to folds in turn: taking a run of `folds` tasks at a time keeps every fold filled.
  const kept = [...task.keys()].filter((position) => Math.floor((task[position] as number) / folds) % every === 0)
  const width = design.columns
  const pick = <A extends Uint16Array | Float32Array>(from: A, to: A): A => {
    kept.forEach((position, row) => to.set(from.subarray(position * width, (position + 1) * width), row * width))
    return to
  }
  const count = kept.length * width
  return {
    design: {
      ...design,
      rows: kept.length,
      index: pick(design.index, new Uint16Array(count)),
      first: pick(design.first, new Float32Array(count)),
      second: pick(design.second, new Float32Array(count)),
    },
    correct: Uint8Array.from(kept, (position) => correct[position] as number),
    fold: Uint8Array.from(kept, (position) => fold[position] as number),
    folds,
  }
}
