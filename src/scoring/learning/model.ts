import { chooseCalibrator, crossCalibrate, type Calibrator, type Scored } from '../calibration/calibrator.js'
import { vennAbers, type ProbabilityPair } from '../calibration/venn-abers.js'
import type { KnownSignal } from '../known-signals.js'
import type { Signals } from '../signals/signal-value.js'
import type { OutcomeStore } from './outcome-store.js'
import { fitStack } from './stack.js'
import { scoreStack, type Stack, type StackScore } from './stack-score.js'
import { arrange, type Arranged } from './tasks.js'

/** What was fitted to stored outcomes: the stack and its calibration. A function of the set of outcomes, not of their order. */
export interface Model {
  readonly stack: Stack
  readonly calibrator: Calibrator
  readonly arranged: Arranged
  readonly scored: Scored
  /** The Venn-Abers pair of calibrated log odds, in log odds; `undefined` while there are too few tasks for it to say anything. */
  readonly pairOf: (logOdds: number) => ProbabilityPair | undefined
}

/** Fewer tasks give pairs so wide that they say nothing. */
const tasksForPairs = 50

/** Fits a model to the first `count` outcomes of a store. */
export function fitModel(store: OutcomeStore, count: number, known: ReadonlyMap<string, KnownSignal>): Model {
  const arranged = arrange(store, 0, count)
  const stack = fitStack(store, arranged, known)
  const scored: Scored = {
    logOdds: stack.crossFitted,
    correct: Uint8Array.from(arranged.rows, (row) => store.correct[row] ?? 0),
    fold: arranged.fold,
    folds: arranged.folds,
    tasks: arranged.tasks,
  }
  const calibrator = chooseCalibrator(scored)
  let pairs: ((logOdds: number) => ProbabilityPair) | undefined
  const pairOf = (logOdds: number): ProbabilityPair | undefined => {
    if (scored.tasks < tasksForPairs) return undefined
    // Made when first asked for: fitting alone does not need it.
    pairs ??= vennAbers(crossCalibrate(calibrator.method, scored), scored.correct)
    return pairs(logOdds)
  }
  return { stack, calibrator, arranged, scored, pairOf }
}

/** Calibrated log odds of an answer, before its scopes. */
export function scoreModel({ stack, calibrator }: Model, signals: Signals, contributions?: Record<string, number>): StackScore {
  const { logOdds, variance } = scoreStack(stack, signals, contributions)
  return { logOdds: calibrator.apply(logOdds), variance }
}

/** Calibrated log odds of each arranged row, by a stack and a calibrator that have not seen its task. */
export function crossFittedLogOdds({ calibrator, scored }: Model): Float64Array {
  return crossCalibrate(calibrator.method, scored)
}
