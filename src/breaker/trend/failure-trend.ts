import * as z from 'zod'
import { baselineStateSchema, FailureBaseline } from './failure-baseline.js'
import { FailureWalk, walkStateSchema } from './failure-walk.js'
import { ReferenceRatio } from './reference-ratio.js'
import { ReturnWalk, returnStateSchema } from './return-walk.js'
import { TailThreshold, tailStateSchema } from './tail-threshold.js'
import type { TrendSettings } from './trend-options.js'
import type { TrendEstimate, TrendEvidence, TrendState } from './trend-verdict.js'
import { wilsonInterval } from './wilson.js'

/** Calls that must have been learnt before a deviation from them means anything; until then the absolute guard is alone. */
export const learningCalls = 100
/** Failures that an alarm needs at least: two in a row are no news for anyone. */
const failuresMin = 3
/** So many calls after the last time, a success looks whether calls can be learnt; or a stream that never fails would stay unknown. */
const settleCalls = 100
/**
 * Standard deviations of the lower bound that must pass `openAt`. A weak bound (66 %, one-sided), because the evidence that
 * something changed is strong already, and every failed call counts. At 0.8 a step from 1 to 30 % takes 5.1 failed calls until
 * it trips instead of 4.6, and one from 1 to 10 % trips in 26 % of the runs instead of 32 %; at 0 it is 4.4 and 38 % (3 000 runs).
 */
const openSigmas = 0.4
/** Two detectors share the budget for false alarms. */
const detectors = 2
/** By so much, in nats, log(budget) overrates what independent calls do against a reference with a margin. */
const natsSpared = 1.5
/** After an alarm that nobody confirmed, calls since the change count as this share of the memory at most: an hour of trouble must not become the usual. */
const doubtfulShare = 0.1

const stateSchema = z.strictObject({
  state: z.enum(['learning', 'steady', 'degrading', 'tripped']),
  source: z.enum(['failure-rate', 'absolute']),
  since: z.int().min(-1),
  settleAt: z.number().nonnegative(),
  alarmCalls: z.int().nonnegative(),
  baseline: baselineStateSchema,
  walk: walkStateSchema,
  back: returnStateSchema.nullable(),
  tail: tailStateSchema,
  guardTail: tailStateSchema,
})

/** {@link FailureTrend} as plain JSON. */
export type FailureTrendState = z.infer<typeof stateSchema>
export const failureTrendStateSchema = stateSchema

/** Where a change began, counted back from the newest call. */
export interface ChangePoint {
  readonly callsSince: number
  readonly failuresSince: number
  /** NaN when unknown. */
  readonly atMs: number
}

/**
 * Says when failures became more frequent than is usual here (`degrading`) and when they certainly are more frequent than
 * `openAt` (`tripped`).
 *
 * The statistic is the generalised likelihood ratio over all change points and all higher rates, against the learnt baseline.
 * Calls since the oldest change point that is still possible are held back from the baseline. A guard beside it holds the same
 * change points against `openAt` and needs no baseline. Written plainly: it runs on every call.
 */
export class FailureTrend {
  readonly #settings: TrendSettings
  readonly #baseline: FailureBaseline
  readonly #guard: ReferenceRatio
  readonly #tail: TailThreshold
  readonly #guardTail: TailThreshold
  #walk = new FailureWalk()
  /** While degrading. */
  #back: ReturnWalk | undefined
  #state: TrendState = 'learning'
  /** Of the last trip. */
  #source: 'failure-rate' | 'absolute' = 'failure-rate'
  /** Candidate at which the trip's change began. */
  #since = -1
  /** Calls in the walk at which a success has more to do than to be counted. */
  #settleAt = settleCalls
  /** Calls since it began to degrade. */
  #alarmCalls = 0

  constructor(settings: TrendSettings) {
    this.#settings = settings
    const budgetCalls = settings.falseTripBudget * detectors
    const nats = Math.log(settings.falseTripBudget)
    this.#baseline = new FailureBaseline(settings)
    this.#guard = guardOf(settings)
    this.#tail = new TailThreshold({ budgetCalls, natsMin: nats - natsSpared })
    this.#guardTail = new TailThreshold({ budgetCalls, natsMin: nats })
  }

  get state(): TrendState {
    return this.#state
  }

  get source(): 'failure-rate' | 'absolute' {
    return this.#source
  }

  get baseline(): FailureBaseline {
    return this.#baseline
  }

  /** Takes in one call. While tripped nothing is taken in. */
  step(ok: boolean, atMs: number): TrendState {
    if (this.#state === 'tripped') return this.#state
    if (!ok) return this.#fail(atMs)
    this.#walk.succeed()
    return this.#walk.calls < this.#settleAt ? this.#state : this.#succeed()
  }

  /** Where the change most likely began; `undefined` when nothing speaks for one. */
  change(): ChangePoint | undefined {
    const index = this.#change()
    if (index < 0) return undefined
    const walk = this.#walk
    return { callsSince: walk.callsSince(index), failuresSince: walk.failuresSince(index), atMs: walk.atMs(index) }
  }

  /** The failure rate since then. */
  estimate(): TrendEstimate | undefined {
    const change = this.change()
    if (change === undefined) return undefined
    const { callsSince: calls, failuresSince: failures } = change
    return { ratio: failures / calls, ...wilsonInterval(failures, calls, openSigmas), calls, failures }
  }

  evidence(): TrendEvidence {
    const guarded = this.#state === 'tripped' && this.#source === 'absolute'
    const tail = guarded ? this.#guardTail : this.#tail
    const statistic = this.#walk.evidence(guarded ? this.#guard : this.#baseline.reference)
    const falseAlarmsExpected = tail.expected(statistic, this.#settings.falseTripBudget)
    return { statistic, threshold: tail.nats, falseAlarmsExpected }
  }

  /** Drops the evidence, keeps what was learnt. `falseTrip`: nothing was wrong, so calls like these are usual. */
  reset(falseTrip: boolean): void {
    if (falseTrip) {
      this.#retract(this.#settings.memoryCalls * doubtfulShare)
      return
    }
    // The calls of an outage are not learnt as usual, those before it are.
    this.#learnBefore(this.#change())
    this.#begin()
  }

  toJSON(): FailureTrendState {
    return {
      state: this.#state,
      source: this.#source,
      since: this.#since,
      settleAt: this.#settleAt,
      alarmCalls: this.#alarmCalls,
      baseline: this.#baseline.toJSON(),
      walk: this.#walk.toJSON(),
      back: this.#back?.toJSON() ?? null,
      tail: this.#tail.toJSON(),
      guardTail: this.#guardTail.toJSON(),
    }
  }

  /**
   * Goes on where another one stood; with other settings, what was learnt is kept.
   *
   * @throws RangeError when no stream of calls leads to such a state.
   */
  static from(state: FailureTrendState, settings: TrendSettings): FailureTrend {
    const tripped = state.state === 'tripped'
    if (tripped ? state.since < 0 || state.since >= state.walk.candidates.length : state.since !== -1)
      throw new RangeError('Cannot restore a failure trend: it is not said at which change point it tripped')
    const trend = new FailureTrend(settings)
    trend.#state = state.state
    trend.#source = state.source
    trend.#since = state.since
    trend.#settleAt = state.settleAt
    trend.#alarmCalls = state.alarmCalls
    trend.#baseline.restore(state.baseline)
    trend.#walk = FailureWalk.from(state.walk)
    if (state.back !== null) trend.#back = ReturnWalk.from(state.back)
    trend.#tail.restore(state.tail)
    trend.#guardTail.restore(state.guardTail)
    return trend
  }

  #succeed(): TrendState {
    if (this.#state !== 'degrading') {
      this.#settle()
      this.#settleAt = this.#walk.calls + settleCalls
      return this.#state
    }
    this.#alarmCalls += 1
    const { falseTripBudget, memoryCalls } = this.#settings
    // It ended by itself. Nobody can tell what it was, so it counts as this stream's own way.
    if ((this.#back?.succeed() ?? 0) >= Math.log(falseTripBudget)) return this.#retract(memoryCalls * doubtfulShare)
    // It has outlasted a whole budget for false alarms. That is no news any more: it is what is usual now.
    if (this.#alarmCalls > falseTripBudget) return this.#retract(memoryCalls)
    return this.#state
  }

  #fail(atMs: number): TrendState {
    const { reference } = this.#baseline
    this.#settle()
    this.#walk.fail(atMs)
    if (this.#guardTail.rise(this.#weighty(this.#guard))) return this.#trip('absolute', this.#walk.best)
    const significant = this.#tail.rise(this.#weighty(reference))
    if (this.#state === 'steady' && significant) {
      this.#state = 'degrading'
      this.#settleAt = 0
      this.#alarmCalls = 0
      this.#back = new ReturnWalk()
    }
    return this.#state === 'degrading' ? this.#weigh(this.#walk.best) : this.#state
  }

  /** The evidence against a reference; 0 when too few failures bear it. Only what can alarm counts as a peak, too. */
  #weighty(reference: ReferenceRatio): number {
    const evidence = this.#walk.evidence(reference)
    return this.#walk.failuresSince(this.#walk.best) >= failuresMin ? evidence : 0
  }

  /** Ends excursions that have come to rest, and learns the calls before the oldest change point that is still possible. */
  #settle(): void {
    const { reference, weight } = this.#baseline
    const degrading = this.#state === 'degrading'
    const ratio = degrading
      ? this.#walk.settle(0, Number.POSITIVE_INFINITY)
      : this.#walk.settle(Math.min(reference.ratio, this.#guard.ratio), Math.min(weight, this.#settings.memoryCalls))
    if (ratio <= this.#guard.ratio) this.#guardTail.rest()
    if (degrading) return
    if (ratio <= reference.ratio) this.#tail.rest()
    if (this.#walk.callsBefore(0) > 0) {
      this.#learn(this.#walk.callsBefore(0), this.#walk.failuresBefore(0))
      this.#walk.rebase()
      this.#settleAt = settleCalls
    }
  }

  /** While degrading, with the failure just taken in: back to usual, certainly past `openAt`, or neither. */
  #weigh(best: number): TrendState {
    this.#alarmCalls += 1
    if (best < 0) return this.#retract(this.#settings.memoryCalls * doubtfulShare)
    const failures = this.#walk.failuresSince(best)
    const calls = this.#walk.callsSince(best)
    // By Laplace's rule of succession: were the rate taken for 1, the first success would refute it.
    this.#back?.fail(this.#baseline.ratio, (failures + 1) / (calls + 2))
    return this.#exceeds(failures, calls) ? this.#trip('failure-rate', best) : this.#state
  }

  #exceeds(failures: number, calls: number): boolean {
    return failures >= failuresMin && wilsonInterval(failures, calls, openSigmas).low > this.#settings.openAt
  }

  #trip(source: 'failure-rate' | 'absolute', since: number): TrendState {
    this.#state = 'tripped'
    this.#source = source
    this.#since = since
    return this.#state
  }

  /** The alarm meant nothing, so calls like these are usual, and so is such an excursion. */
  #retract(weightMax: number): TrendState {
    const alarmed = this.#state === 'tripped' || this.#state === 'degrading'
    const byGuard = this.#state === 'tripped' && this.#source === 'absolute'
    if (alarmed) (byGuard ? this.#guardTail : this.#tail).cut()
    // The other one was on its way up, too.
    ;(byGuard ? this.#tail : this.#guardTail).interrupt()
    const index = this.#change()
    this.#learnBefore(index)
    if (index >= 0) this.#learn(this.#walk.callsSince(index), this.#walk.failuresSince(index), weightMax)
    return this.#begin()
  }

  /** Learns the calls before a change; all of them when there is none (−1). */
  #learnBefore(index: number): void {
    const upTo = index < 0 ? this.#walk.candidates : index
    this.#learn(this.#walk.callsBefore(upTo), this.#walk.failuresBefore(upTo))
  }

  #learn(calls: number, failures: number, weightMax?: number): void {
    this.#baseline.learn(calls, failures, weightMax)
    this.#tail.pass(calls)
    this.#guardTail.pass(calls)
    if (this.#state === 'learning' && this.#baseline.calls >= learningCalls) this.#state = 'steady'
  }

  /** The candidate that a change is dated to; −1 when nothing speaks for one. */
  #change(): number {
    if (this.#state === 'tripped') return this.#since
    this.#walk.evidence(this.#baseline.reference)
    return this.#walk.best
  }

  #begin(): TrendState {
    this.#walk.clear()
    this.#back = undefined
    this.#tail.drop()
    this.#guardTail.drop()
    this.#since = -1
    this.#settleAt = settleCalls
    this.#state = this.#baseline.calls < learningCalls ? 'learning' : 'steady'
    return this.#state
  }
}

/** Shared by all that have the same settings. */
const guards = new WeakMap<TrendSettings, ReferenceRatio>()

function guardOf(settings: TrendSettings): ReferenceRatio {
  const guard = guards.get(settings) ?? new ReferenceRatio(settings.openAt)
  guards.set(settings, guard)
  return guard
}
