import type { CircuitState } from '../core/events.js'
import type { World } from '../core/world.js'
import { whole, within } from '../core/checked-number.js'
import { checkedLimits, type CircuitLimits } from './circuit-limits.js'
import { closedPhase, earliestDeadline, halfOpenPhase, isIsolated } from './circuit-phase.js'
import type { Closed, HalfOpen, Opening, Phase } from './circuit-phase.js'
import { viewOf, type CircuitView } from './circuit-view.js'
import { FailureRateWindow } from './failure-rate-window.js'
import { askedTime, openTimeMs } from './open-time.js'
import { CallPermit, type Failure, type PermitIssuer, type Refusal } from './permit.js'
import { RecoveryRamp, rampReason } from './recovery-ramp.js'
import { TrendWatch, type TrendListener } from './trend-watch.js'
import type { TrendDetectorState } from './trend/trend-detector.js'
import type { TrendOptions } from './trend/trend-options.js'

export type { CircuitLimits, CircuitMode } from './circuit-limits.js'
export type { Opening } from './circuit-phase.js'
export type { CircuitView } from './circuit-view.js'
export type { Permit, Refusal } from './permit.js'

/** Hears what becomes of a circuit, synchronously and after the fact. Must not throw. */
export interface CircuitListener extends TrendListener {
  /** Each new state. */
  readonly changed: (state: CircuitState) => void
}

/** What a circuit is made with, beside its numbers. */
export interface CircuitOptions extends CircuitListener {
  /** How long after its making it does not trip. Default 0. */
  readonly warmUpMs?: number
  /** How the trend detector judges; `false`: there is none, and the window alone decides. Default: on. */
  readonly trend?: false | TrendOptions | undefined
}

/**
 * The state machine of a breaker, on the world's clock and without timers: whenever it is looked at it first catches up with
 * the time. Every answer is held against the state object its call began in; when that is no longer the current one, the
 * answer changes nothing.
 *
 * It opens when the trend detector says `tripped`, and when the failure rate of the window is too high. A closed circuit is the
 * hot path: `acquire` and `success` read the clock once each and make one object.
 */
export class Circuit implements PermitIssuer<Phase> {
  #limits: Required<CircuitLimits>
  #phase: Phase = closedPhase()
  /** Openings since it last recovered: since it was closed and all traffic was back. */
  #openings = 0
  #refusals = 0
  readonly #trend: TrendWatch | undefined
  readonly #world: World
  readonly #warmUntilMonoMs: number
  readonly #changed: (state: CircuitState) => void

  /** @throws RangeError or TypeError when a number is out of range. */
  constructor(limits: CircuitLimits, world: World, { trend, warmUpMs = 0, changed, degraded, recovered }: CircuitOptions) {
    this.#limits = checkedLimits(limits)
    this.#world = world
    this.#warmUntilMonoMs = world.clock.monoMs() + within('warmUpMs', warmUpMs, 0)
    this.#changed = changed
    this.#trend = trend === false ? undefined : new TrendWatch(trend, { degraded, recovered })
  }

  get limits(): Required<CircuitLimits> {
    return this.#limits
  }

  get state(): CircuitState {
    return this.#current(this.#world.clock.monoMs()).name
  }

  /** Whether a half-open circuit still has place for a probe. */
  get admitsProbe(): boolean {
    const phase = this.#current(this.#world.clock.monoMs())
    return phase.name === 'half-open' && this.#hasPlace(phase)
  }

  /** Whether it is too young to trip. */
  get warmingUp(): boolean {
    return this.#world.clock.monoMs() < this.#warmUntilMonoMs
  }

  /** What the trend detector has learnt, for {@link restoreTrend} in a later process; `undefined` without one. */
  get trendState(): TrendDetectorState | undefined {
    return this.#trend?.state
  }

  /** The circuit as it stands. */
  view(): CircuitView {
    const nowMs = this.#world.clock.monoMs()
    return viewOf(this.#current(nowMs), nowMs, {
      limits: this.#limits,
      openings: this.#openings,
      refusals: this.#refusals,
      trend: this.#trend?.verdict ?? null,
    })
  }

  /**
   * Asks for leave to make one call.
   *
   * @param watched - Whether the call is evidence already while it is under way, when it takes longer than usual. Default true.
   */
  acquire(watched = true): CallPermit<unknown> | Refusal {
    const nowMs = this.#world.clock.monoMs()
    const phase = this.#current(nowMs)
    if (phase.name === 'closed') {
      const { ramp } = phase
      if (ramp === undefined || ramp.admits(nowMs))
        return new CallPermit(this, phase, nowMs, watched && this.#trend !== undefined ? this.#trend.started(nowMs) : -1)
      return this.#refuse({ reason: rampReason(ramp.share(nowMs)) }, nowMs, ramp.retryAfterMs(nowMs))
    }
    if (phase.name === 'open') return this.#refuse(phase.opening, nowMs, phase.untilMonoMs - nowMs)
    if (!this.#hasPlace(phase)) return this.#refuse(phase.opening, nowMs, earliestDeadline(phase) - nowMs)
    const probe = new CallPermit<Phase>(this, phase, nowMs, -1)
    phase.probes.set(probe, nowMs + this.#limits.probeTimeoutMs)
    return probe
  }

  /** Hears from a permit that its answer has begun: it is not waited for any more. */
  answered(permit: CallPermit<Phase>): number {
    this.#trend?.withdrawn(permit.ticket)
    // A ticket that was not taken stays so: its time says nothing.
    if (permit.ticket >= 0) permit.ticket = -1
    return this.#world.clock.monoMs()
  }

  /** Hears from a permit how its call ended. */
  settle(permit: CallPermit<Phase>, era: Phase, failure: Failure | undefined): number {
    const nowMs = this.#world.clock.monoMs()
    const tookMs = tookMsOf(permit, nowMs)
    if (era.name === 'closed' && era === this.#phase) this.#settleCall(permit, era, failure, nowMs)
    else if (era.name === 'half-open' && era === this.#current(nowMs)) this.#settleProbe(permit, era, failure, nowMs)
    else this.#trend?.withdrawn(permit.ticket)
    return tookMs
  }

  /** Hears from a permit that its call says nothing. */
  withdraw(permit: CallPermit<Phase>, era: Phase): number {
    const nowMs = this.#world.clock.monoMs()
    this.#trend?.withdrawn(permit.ticket)
    if (era.name === 'closed') era.ramp?.withdrawn()
    // A probe that says nothing after its deadline has missed it all the same.
    else if (era.name === 'half-open' && era === this.#current(nowMs)) era.probes.delete(permit)
    return nowMs - permit.startedMonoMs
  }

  /** Opens it; does nothing when it is open. */
  open(opening: Opening): void {
    const nowMs = this.#world.clock.monoMs()
    if (this.#current(nowMs).name !== 'open') this.#open(opening, nowMs)
  }

  /** Opens it until {@link release} or {@link close}: no time ends it, and no probe goes out. */
  isolate(reason: string): void {
    const nowMs = this.#world.clock.monoMs()
    const before = this.#current(nowMs)
    if (isIsolated(before)) return
    this.#phase = this.#opened({ reason }, nowMs, Number.POSITIVE_INFINITY)
    if (before.name !== 'open') this.#changed('open')
  }

  /** Ends an isolation: probes decide what comes next. Does nothing when it is not isolated. */
  release(): void {
    const phase = this.#phase
    if (phase.name === 'open' && isIsolated(phase)) this.halfOpen(`probes are under way since ${phase.opening.reason}`)
  }

  /**
   * Opens it as if that had been `ageMs` ago and had been meant to last `openMs`, of which no more than `openMsMax` is heard;
   * `openings`: those since it last recovered, this one included.
   *
   * @throws RangeError when a number is out of range; then nothing has changed.
   */
  restoreOpen(opening: Opening, was: { readonly ageMs: number; readonly openMs?: number; readonly openings?: number }): void {
    const ageMs = within('ageMs', was.ageMs, 0)
    const openMs = Math.min(this.#limits.openMsMax, within('openMs', was.openMs ?? this.#limits.openMs, 0))
    const openings = whole('openings', was.openings ?? 1, 1)
    const openedMonoMs = this.#world.clock.monoMs() - ageMs
    this.#openings = openings
    this.#enter(this.#opened(opening, openedMonoMs, openedMonoMs + openMs))
  }

  /** Takes up what the trend detector of an earlier process had learnt. @throws as `TrendDetector.from` does. */
  restoreTrend(state: unknown): void {
    this.#trend?.restore(state)
  }

  /** Goes to half-open now, whatever the state. */
  halfOpen(reason: string): void {
    this.#enter(halfOpenPhase({ reason }, false))
  }

  /** Closes it, with an empty window and for all calls. */
  close(): void {
    this.#openings = 0
    if (this.#phase.name === 'closed') this.#phase.ramp = undefined
    else this.#close(closedPhase(), false)
  }

  /** Takes new numbers; a new window begins empty. What the trend detector has learnt stays. @throws RangeError or TypeError */
  configure(limits: CircuitLimits): void {
    const checked = checkedLimits(limits)
    // What the time has brought so far, it has brought under the old numbers.
    const phase = this.#current(this.#world.clock.monoMs())
    const { windowMs, buckets, window } = this.#limits
    const sameWindow = checked.windowMs === windowMs && checked.buckets === buckets && checked.window === window
    if (!sameWindow && phase.name === 'closed') phase.window = undefined
    this.#limits = checked
  }

  #settleCall(permit: CallPermit<Phase>, era: Closed, failure: Failure | undefined, nowMs: number): void {
    const ok = failure === undefined
    const tripped = this.#trend?.settled(permit.ticket, ok, tookMsOf(permit, nowMs), nowMs) ?? false
    if (this.#limits.window) (era.window ??= new FailureRateWindow(this.#limits)).record(ok, nowMs)
    const relapsed = era.ramp?.settled(ok) ?? false
    if (tripped) this.#trip(nowMs, failure)
    else if (failure !== undefined && this.#phase === era) this.#judge(era, failure, relapsed, nowMs)
  }

  /** What a failure means beside the trend. */
  #judge(era: Closed, failure: Failure, relapsed: boolean, nowMs: number): void {
    if (nowMs < this.#warmUntilMonoMs) return
    if (relapsed) return this.#open({ reason: 'it failed again while it recovered', ...failure }, nowMs)
    const rate = this.#limits.window ? era.window?.judge(nowMs, this.#limits) : undefined
    if (rate?.exceeded === true)
      this.#open(
        { reason: `${rate.failures} of ${rate.calls} calls failed within ${this.#limits.windowMs} ms`, ...failure },
        nowMs,
      )
  }

  /** The trend detector wants it open. */
  #trip(nowMs: number, failure: Failure | undefined): void {
    const trend = this.#trend
    if (trend === undefined) return
    if (nowMs < this.#warmUntilMonoMs) return trend.reset(false)
    const { verdict } = trend
    // A target that asks to be left alone confirms what the detector says.
    const unconfirmed = this.#openings === 0 && !((failure?.retryAfterMs ?? 0) > 0)
    this.#open({ reason: verdict.reason, trend: verdict, ...failure }, nowMs, unconfirmed)
  }

  #settleProbe(probe: CallPermit<Phase>, era: HalfOpen, failure: Failure | undefined, nowMs: number): void {
    era.probes.delete(probe)
    if (failure !== undefined) return this.#open({ reason: 'a probe failed', ...failure }, nowMs)
    era.succeeded += 1
    if (era.succeeded < this.#limits.probesMax) return
    const { rampMs } = this.#limits
    if (rampMs === 0) this.#openings = 0
    this.#close(closedPhase(rampMs === 0 ? undefined : this.#ramp(rampMs, nowMs)), era.unconfirmed)
  }

  #ramp(rampMs: number, startMonoMs: number): RecoveryRamp {
    // Without a detector the user says what is usual: what the window tolerates, and better.
    const failureRatioUsual = this.#trend?.verdict.baseline.reference ?? this.#limits.failureRatioMax / 2
    return new RecoveryRamp({ rampMs, startMonoMs, failureRatioUsual })
  }

  #hasPlace({ probes, succeeded }: HalfOpen): boolean {
    return probes.size + succeeded < this.#limits.probesMax
  }

  #refuse({ reason, cause }: Opening, nowMs: number, freeMs: number): CallPermit<Phase> | Refusal {
    this.#refusals += 1
    // Its call would not have been made: whatever comes of it says nothing.
    if (this.#limits.mode === 'observe') return new CallPermit<Phase>(this, nowhere, nowMs, -1)
    return { admitted: false, reason, retryAfterMs: Number.isFinite(freeMs) ? Math.max(0, Math.ceil(freeMs)) : 0, cause }
  }

  #open(opening: Opening, atMonoMs: number, unconfirmed = false): void {
    const asked = askedTime(opening.retryAfterMs, this.#limits)
    const openMs = Math.max(
      openTimeMs(this.#openings, this.#limits, () => this.#world.random()),
      asked.ms,
    )
    this.#openings += 1
    const told = asked.note === '' ? opening : { ...opening, reason: opening.reason + asked.note }
    this.#enter(this.#opened(told, atMonoMs, atMonoMs + openMs, unconfirmed))
  }

  #opened(opening: Opening, atMonoMs: number, untilMonoMs: number, unconfirmed = false): Phase {
    const { clock } = this.#world
    const openedEpochMs = Math.round(clock.epochMs() - (clock.monoMs() - atMonoMs))
    return { name: 'open', opening, openedEpochMs, untilMonoMs, unconfirmed }
  }

  #close(phase: Closed, falseTrip: boolean): void {
    this.#phase = phase
    this.#trend?.reset(falseTrip)
    // Someone who heard that the trend has recovered may have opened it.
    if (this.#phase === phase) this.#changed('closed')
  }

  /** The state at `nowMs`: first everything happens that the time alone brings. */
  #current(nowMs: number): Phase {
    const phase = this.#phase
    if (phase.name === 'closed') {
      if (phase.ramp !== undefined && phase.ramp.share(nowMs) === 1) {
        phase.ramp = undefined
        this.#openings = 0
      }
      if (this.#trend?.overdue(nowMs) !== true) return this.#phase
      this.#trip(nowMs, undefined)
    }
    return this.#catchUp(nowMs)
  }

  #catchUp(nowMs: number): Phase {
    const trial = this.#phase
    if (trial.name === 'half-open') {
      const deadlineMonoMs = earliestDeadline(trial)
      if (deadlineMonoMs <= nowMs)
        this.#open({ reason: `a probe did not answer within ${this.#limits.probeTimeoutMs} ms` }, deadlineMonoMs)
    }
    // Read anew: the step above, or someone who heard of it, may have changed it.
    const phase = this.#phase
    if (phase.name === 'open' && phase.untilMonoMs <= nowMs) {
      const reason = `probes are under way since ${phase.opening.reason}`
      this.#enter(halfOpenPhase({ ...phase.opening, reason }, phase.unconfirmed))
    }
    return this.#phase
  }

  #enter(phase: Phase): void {
    this.#phase = phase
    this.#changed(phase.name)
  }
}

/** A state that no circuit is ever in. */
const nowhere: Phase = closedPhase()

/** Until its answer began, or until it ended when that is all there is to know. */
function tookMsOf({ startedMonoMs, answeredMonoMs }: CallPermit<Phase>, nowMs: number): number {
  return (Number.isNaN(answeredMonoMs) ? nowMs : answeredMonoMs) - startedMonoMs
}
