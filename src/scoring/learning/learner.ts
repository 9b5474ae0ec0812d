/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import type { ConfidenceEstimate } from '../../core/confidence.js'
import type { KnownSignal } from '../known-signals.js'
import { logistic, logOddsOf } from '../logistic.js'
import type { Signals } from '../signals/signal-value.js'
import { adjust, fitAdjustment, type Adjustment, type Recent } from './adjustment.js'
import { DriftMonitor, type MonitorState } from './drift-monitor.js'
import { gatherEvidence, type Evidence } from './evidence.js'
import { fitModel, scoreModel, type Model } from './model.js'
import type { Outcome } from './outcome.js'
import { OutcomeStore } from './outcome-store.js'
import { scopesOf } from './scopes.js'

/** 0..1, each. */
export type Scoring = Pick<ConfidenceEstimate, 'probability' | 'interval'>

export interface LearnerOptions {
  readonly known: ReadonlyMap<string, KnownSignal>
  /** How many outcomes are kept; the oldest go first. */
  readonly outcomesMax: number
}

/** What a learner needs to go on where another left off, besides the outcomes. */
export interface LearnerState {
  /** How many outcomes the model was fitted to, and how many the scopes. */
  readonly fitted: number
  readonly swept: number
  /** The first outcome after the last drift; 0 when there was none. */
  readonly changedAt: number
  readonly drifts: number
  readonly monitor: MonitorState
  /** What has changed since the last drift, as far as the monitor knows. */
  readonly settled: Recent | null
}

/** Nine in ten of a normal distribution lie within so many standard deviations of its mean. */
const intervalDeviations = 1.645
/** Up to so many outcomes a score always knows all of them. */
const freshMax = 256
/** So many labels without a score in between, or a sixteenth of all, were loaded in one go: the next score knows them all. */
const burstMin = 64
/** Above that, the model is fitted anew when the outcomes have grown by this share: fitting then costs little for each label. */
const growthMin = 0.5
/** The first fit that learning starts by itself. */
const firstFit = 25
/** The monitor is silent until the model is worth betting against. */
const tasksToMonitor = 50
/** Up to so many labels a scope is new. */
const labelsOfNewScope = 30
/** So many tasks after a change the new state counts as known. */
const tasksToRecover = 100

/** Keeps outcomes, fits models to them, adjusts them to scopes, and watches for change. */
export class Learner {
  readonly #options: LearnerOptions
  readonly #store = new OutcomeStore()
  /** What the model said about each outcome that it has not been fitted to. */
  #pending: number[] = []
  #fitted = 0
  #swept = 0
  #model: Model | undefined
  #adjustment: Adjustment = nothing
  /** What has changed since the last drift that was found, without what is only suspected. */
  #settled: Recent | undefined
  #monitor = new DriftMonitor()
  #changedAt = 0
  #drifts = 0
  /** The log odds of each stored outcome the model was fitted to, cross-fitted. */
  #crossFitted = new Float64Array(0)
  #scopeCounts = new Map<string, number>()
  #evidence: Evidence | undefined
  /** Labels since the last score. */
  #burst = 0
  /** How many drifts are over: enough tasks have been seen since. */
  #recovered = 0

  constructor(options: LearnerOptions) {
    this.#options = options
  }

  get store(): OutcomeStore {
    return this.#store
  }

  get samples(): number {
    return this.#store.length
  }

  get model(): Model | undefined {
    return this.#model
  }

  get drifts(): number {
    return this.#drifts
  }

  get driftEvidence(): number {
    return this.#monitor.evidence
  }

  get state(): 'prior' | 'learning' | 'calibrated' | 'drift' {
    if (this.#store.length === 0) return 'prior'
    if (this.#drifts > this.#recovered) {
      if (this.#tasksFrom(this.#changedAt, tasksToRecover) < tasksToRecover) return 'drift'
      this.#recovered = this.#drifts
    }
    return (this.#model?.arranged.tasks ?? 0) >= tasksToMonitor ? 'calibrated' : 'learning'
  }

  /** Takes a checked outcome. Fits by itself when enough have come. */
  learn(outcome: Outcome): void {
    const model = this.#model
    const row = this.#store.length
    this.#store.addOutcome(outcome)
    this.#burst += 1
    const scopes = this.#store.scopesAt(row)
    for (const scope of scopes) this.#scopeCounts.set(scope, (this.#scopeCounts.get(scope) ?? 0) + 1)
    if (model !== undefined) {
      const { logOdds } = scoreModel(model, outcome.signals)
      this.#pending.push(logOdds)
      // A scope that is new is no drift.
      const isKnown = scopes.every((scope) => (this.#scopeCounts.get(scope) ?? 0) > labelsOfNewScope)
      // A suspicion must not silence itself by being acted on: what is watched knows of found drifts only.
      if (isKnown && model.arranged.tasks >= tasksToMonitor)
        this.#watch(adjust({ ...this.#adjustment, recent: this.#settled }, scopes, logOdds), row)
    }
    if (this.#store.length - this.#fitted >= Math.max(firstFit, growthMin * this.#fitted)) this.fit()
  }

  /** Takes checked outcomes in place of all before, and fits. */
  replace(outcomes: readonly Outcome[]): void {
    this.#store.dropOldest(this.#store.length)
    this.#changedAt = 0
    this.#drifts = 0
    this.#recovered = 0
    this.#monitor = new DriftMonitor()
    for (const outcome of outcomes.slice(-this.#options.outcomesMax)) this.#store.addOutcome(outcome)
    this.#fitTo(this.#store.length)
    this.#sweep(this.#fitted)
  }

  /** Goes on where another learner left off; the store holds its outcomes already. */
  restore(state: LearnerState): void {
    this.#changedAt = state.changedAt
    this.#drifts = state.drifts
    this.#fitTo(state.fitted)
    if (this.#model !== undefined) {
      for (let row = state.fitted; row < this.#store.length; row += 1)
        this.#pending.push(scoreModel(this.#model, this.#store.signalsAt(row)).logOdds)
    }
    this.#monitor = new DriftMonitor(state.monitor)
    this.#sweep(state.swept)
    this.#settled = state.settled ?? undefined
  }

  /** Fits to everything that is known. Does nothing when nothing is new. */
  fit(): void {
    const excess = this.#store.length - this.#options.outcomesMax
    if (excess > 0) {
      this.#store.dropOldest(excess)
      this.#changedAt = Math.max(0, this.#changedAt - excess)
    } else if (this.#fitted === this.#store.length && this.#model !== undefined) {
      if (this.#swept !== this.#fitted) this.#sweep(this.#fitted)
      return
    }
    this.#fitTo(this.#store.length)
    this.#sweep(this.#fitted)
  }

  /** Adjusted log odds of an answer and their interval; `undefined` when no label is known. */
  score(signals: Signals, context: object | undefined, contributions: Record<string, number>): Scoring | undefined {
    this.#freshen()
    if (this.#model === undefined) return undefined
    const { logOdds, variance } = scoreModel(this.#model, signals, contributions)
    const scopes = context === undefined ? none : scopesOf(context)
    if (this.#isStale(scopes)) this.#sweep(this.#store.length)
    const pair = this.#model.pairOf(logOdds)
    const reach = intervalDeviations * Math.sqrt(variance)
    // The adjustment never decreases, so it may be applied to the bounds.
    const low = Math.min(logOdds - reach, pair === undefined ? logOdds : logOddsOf(pair[0]))
    const high = Math.max(logOdds + reach, pair === undefined ? logOdds : logOddsOf(pair[1]))
    const bound = (value: number): number => logistic(adjust(this.#adjustment, scopes, value))
    return { probability: bound(logOdds), interval: [bound(low), bound(high)] }
  }

  /**
   * Everything known since the last change, each outcome with log odds from a model, a calibrator and an adjustment that have not
   * seen its task.
   */
  evidence(): Evidence {
    this.fit()
    this.#evidence ??= gatherEvidence(this.#store, this.#model, { since: this.#changedAt, recentFrom: this.#recentFrom() })
    return this.#evidence
  }

  toJSON(): LearnerState {
    return {
      fitted: this.#fitted,
      swept: this.#swept,
      changedAt: this.#changedAt,
      drifts: this.#drifts,
      monitor: this.#monitor.toJSON(),
      settled: this.#settled ?? null,
    }
  }

  /** Fits before a score when there are few labels, or many new ones. */
  #freshen(): void {
    const length = this.#store.length
    const isLoaded = this.#burst >= Math.max(burstMin, length / 16)
    if (length !== this.#fitted && (length <= freshMax || isLoaded || this.#model === undefined)) this.fit()
    this.#burst = 0
  }

  #fitTo(count: number): void {
    this.#model = count === 0 ? undefined : fitModel(this.#store, count, this.#options.known)
    this.#fitted = count
    this.#pending = []
    this.#evidence = undefined
    this.#crossFitted = new Float64Array(count)
    this.#scopeCounts = new Map()
    if (this.#model !== undefined) {
      const { arranged, calibrator, scored } = this.#model
      arranged.rows.forEach((row, position) => {
        this.#crossFitted[row] = calibrator.apply(scored.logOdds[position] as number)
      })
    }
    for (let row = 0; this.#store.scoped && row < this.#store.length; row += 1)
      for (const scope of this.#store.scopesAt(row)) this.#scopeCounts.set(scope, (this.#scopeCounts.get(scope) ?? 0) + 1)
  }

  /** Fits the adjustment to the first `count` outcomes. */
  #sweep(count: number): void {
    this.#swept = count
    this.#evidence = undefined
    if (this.#model === undefined) {
      this.#adjustment = nothing
      this.#settled = undefined
      return
    }
    const from = this.#recentFrom()
    // What was fitted comes in its arranged order, so that sums do not depend on when labels came.
    const { rows } = this.#model.arranged
    const rowOf = (index: number): number => rows[index] ?? index
    this.#adjustment = fitAdjustment({
      rows: count,
      logOdds: (index) => this.#logOddsAt(rowOf(index)),
      correct: (index) => this.#store.correct[rowOf(index)] as number,
      scopes: (index) => this.#store.scopesAt(rowOf(index)),
      isRecent: from === undefined ? undefined : (index) => rowOf(index) >= from,
      scoped: this.#store.scoped,
    })
    if (!this.#suspects) this.#settled = this.#adjustment.recent
  }

  #logOddsAt(row: number): number {
    return (row < this.#fitted ? this.#crossFitted[row] : this.#pending[row - this.#fitted]) as number
  }

  /**
   * The first outcome after a change: a drift that was found, or one that is only suspected so far. Once the model knows all labels, a
   * suspicion is dropped, so that what it says does not depend on the order in which they came.
   */
  #recentFrom(): number | undefined {
    if (this.#suspects) return Math.max(this.#changedAt, this.#store.length - this.#monitor.labelsSince)
    return this.#drifts > 0 ? this.#changedAt : undefined
  }

  get #suspects(): boolean {
    return this.#fitted < this.#store.length && this.#monitor.verdict === 'suspected'
  }

  /** Whether the adjustment lags behind the labels of these scopes, or of a change, by a fifth. */
  #isStale(scopes: readonly string[]): boolean {
    if (this.#swept === this.#store.length) return false
    const lags = (now: number, then: number): boolean => now - then >= Math.max(Math.min(3, then + 1), then / 5)
    const from = this.#recentFrom()
    const { effects, recent } = this.#adjustment
    if ((from === undefined) !== (recent === undefined)) return true
    if (from !== undefined && lags(this.#store.length - from, recent?.samples ?? 0)) return true
    return scopes.some((scope) => lags(this.#scopeCounts.get(scope) ?? 0, effects.get(scope)?.samples ?? 0))
  }

  #watch(logOdds: number, row: number): void {
    this.#monitor.observe(logOdds, this.#store.correct[row] as number, this.#store.group[row] as number)
    if (this.#monitor.verdict !== 'drifted') return
    this.#changedAt = Math.max(this.#changedAt, row + 1 - this.#monitor.labelsSince)
    this.#drifts += 1
    // From here on the adjusted probabilities are watched, which know of the change.
    this.#monitor = new DriftMonitor()
    this.#sweep(this.#store.length)
  }

  /** How many tasks the outcomes from `row` on belong to; stops counting at `most`. */
  #tasksFrom(row: number, most: number): number {
    const tasks = new Set<number>()
    for (let at = row; at < this.#store.length && tasks.size < most; at += 1) tasks.add(this.#store.group[at] as number)
    return tasks.size
  }
}

const nothing: Adjustment = { effects: new Map(), recent: undefined }
const none: readonly string[] = []
