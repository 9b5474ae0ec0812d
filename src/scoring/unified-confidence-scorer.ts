import type { ConfidenceEstimate } from '../core/confidence.js'
import type { Gate, GateOptions } from './gates/gate.js'
import { makeGate } from './gates/make-gate.js'
import { knownSignals, type KnownSignal } from './known-signals.js'
import { Learner } from './learning/learner.js'
import { checkOutcome, type Outcome } from './learning/outcome.js'
import { logistic } from './logistic.js'
import { priorConfidence } from './prior-confidence.js'
import { reportOn, type CalibrationReport } from './reporting/calibration-report.js'
import { readScorer, writeScorer, type SavedScorer } from './saved-scorer.js'
import { answerSignals } from './signals/answer-signals.js'
import type { Signals } from './signals/signal-value.js'

export interface ScorerOptions {
  /** Signals of your own whose meaning you know; their weight is learnt, their direction is kept. */
  readonly signals?: readonly KnownSignal[]
  /** How many labelled outcomes are kept, 1..1 000 000, the latest; 20 000 by default, which is about 4 MB for 20 signals. */
  readonly outcomesMax?: number
}

/**
 * Says how likely an answer is right, from whatever is known about it. Without labels it is an informed guess that says so:
 * `state: 'prior'`, `samples: 0`. With labels it learns what each signal is worth and calibrates, so that 0.9 means right nine times in
 * ten; its gates promise how often they are wrong.
 *
 * @example
 * ```ts
 * const { probability } = new UnifiedConfidenceScorer().score({ commandPasses: 1, candidatePlausibility: 0.9, linesChanged: 2 })
 * expect(probability).toBeGreaterThan(0.7)
 * ```
 */
export class UnifiedConfidenceScorer {
  readonly #known: readonly KnownSignal[]
  readonly #learner: Learner

  /** @throws RangeError when an option is out of its range, or a signal is declared twice. */
  constructor({ signals = [], outcomesMax = outcomesUsual }: ScorerOptions = {}) {
    if (!Number.isInteger(outcomesMax) || outcomesMax < 1 || outcomesMax > 1_000_000)
      throw new RangeError(`Cannot keep ${outcomesMax} outcomes: it must be a whole number of 1..1 000 000`)
    this.#known = [...knownSignals, ...answerSignals, ...signals]
    const known = new Map(this.#known.map((signal) => [signal.name, signal]))
    if (known.size < this.#known.length)
      throw new RangeError('Cannot know a signal twice: two of the declared signals have one name')
    this.#learner = new Learner({ known, outcomesMax })
  }

  /**
   * A probability, the interval in which it lies nine times out of ten, and what each signal added (before calibration).
   *
   * @param signals - By name. Known ones are understood at once, others from labels. What is missing or no number adds nothing.
   * @param context - What the answer is about, `{ model, taskType, strategy }`: scopes that had labels have base rates of their own.
   */
  score(signals: Signals, context?: object): ConfidenceEstimate {
    const contributions: Record<string, number> = {}
    const scored = this.#learner.score(signals, context, contributions)
    if (scored === undefined) return priorConfidence(signals, this.#known)
    const { probability, interval } = scored
    return { probability, interval, contributions, state: this.#learner.state, samples: this.#learner.samples }
  }

  /**
   * Learns from one answer whose truth has become known. Labels may come late and in any order.
   *
   * @throws TypeError, RangeError when the outcome cannot be used; nothing has changed then.
   */
  learn(outcome: Outcome): void {
    checkOutcome(outcome)
    this.#learner.learn(outcome)
  }

  /**
   * Learns from these outcomes, and forgets all from before.
   *
   * @throws TypeError, RangeError when one of them cannot be used; nothing has changed then.
   */
  fit(outcomes: Iterable<Outcome>): void {
    const all = [...outcomes]
    all.forEach(checkOutcome)
    this.#learner.replace(all)
  }

  /**
   * A gate with a promise about wrong accepts, computed from the labels known now. Make a new one after learning more.
   *
   * @throws RangeError
   * @example
   * ```ts
   * const gate = new UnifiedConfidenceScorer().gate({ risk: 0.05, kind: 'joint' })
   * expect(gate).toMatchObject({ certified: false, threshold: null, tasksMissing: 19 })
   * ```
   */
  gate(options: GateOptions): Gate {
    const { logOdds, correct, task, tasks } = this.#learner.evidence()
    return makeGate({ probability: logOdds.map(logistic), correct, task, tasks }, options, this.#learner.state === 'drift')
  }

  /** How good the probabilities are, measured on answers that the judging model had not seen. */
  report(): CalibrationReport {
    const evidence = this.#learner.evidence()
    const { state, model, drifts, driftEvidence } = this.#learner
    return reportOn(evidence, {
      state,
      method: model?.calibrator.method ?? 'none',
      drift: { found: drifts, evidence: driftEvidence },
    })
  }

  /** Everything needed to go on elsewhere, as plain JSON. */
  toJSON(): SavedScorer {
    return writeScorer(this.#learner)
  }

  /**
   * A scorer that goes on where another left off, with identical scores.
   *
   * @param json - What `toJSON` gave, or the same after `JSON.parse`.
   * @param options - As for the constructor; signals of your own must be declared again.
   * @throws HomeostatError HS_SCORER_UNREADABLE when it is not a saved scorer, or one of a version that is not understood.
   */
  static from(json: unknown, options?: ScorerOptions): UnifiedConfidenceScorer {
    const scorer = new UnifiedConfidenceScorer(options)
    readScorer(json, scorer.#learner)
    return scorer
  }
}

const outcomesUsual = 20_000
