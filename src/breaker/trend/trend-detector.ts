import * as z from 'zod'
import { FailureTrend, failureTrendStateSchema } from './failure-trend.js'
import { LatencyTrend } from './latency-trend.js'
import { OverdueTrend } from './overdue-trend.js'
export type { TrendOptions } from './trend-options.js'
import { trendSettings, type TrendOptions, type TrendSettings } from './trend-options.js'
import { describeTrend } from './trend-description.js'
import type { TrendState, TrendVerdict } from './trend-verdict.js'

/** One settled call. */
export interface TrendSample {
  readonly ok: boolean
  /** How long it took, milliseconds. */
  readonly latencyMs?: number | undefined
  /** When it settled, milliseconds on any clock. It dates a change, and is no evidence. */
  readonly atMs?: number | undefined
}

/** What a {@link TrendDetector} has learnt and where it stands, as plain JSON. */
export type TrendDetectorState = z.infer<typeof stateSchema>

const stateSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('trend-detector'),
  settings: z.strictObject({
    falseTripBudget: z.number(),
    openAt: z.number(),
    memoryCalls: z.number(),
    prior: z.strictObject({ ratio: z.number(), calls: z.number() }),
  }),
  calls: z.int().nonnegative(),
  failures: failureTrendStateSchema,
  /** Checked by their own classes. */
  latency: z.looseObject({}).nullable(),
  overdue: z.looseObject({}).nullable(),
})

/**
 * Watches one stream of calls and says when it became worse than it usually is: in failures, in latency, and in calls that do
 * not come back. What is usual, and how strong evidence must be, it learns from the stream itself. Pure: no timers, no clock,
 * no chance; time is an argument and may stand still or go back.
 *
 * `degrading`: a change is significant, at about one false alarm in `falseTripBudget` calls. `tripped`: besides, the failure rate
 * is above `openAt`; it stays tripped, and takes nothing in, until {@link reset}.
 *
 * @example
 * ```ts
 * const detector = new TrendDetector()
 * for (let call = 0; call < 1_000; call += 1) detector.observe({ ok: call % 100 !== 0 })
 * while (detector.verdict.state !== 'tripped') detector.observe({ ok: false })
 * expect(detector.verdict.estimate?.failures).toBeLessThanOrEqual(5)
 * ```
 */
export class TrendDetector {
  readonly #settings: TrendSettings
  #failures: FailureTrend
  /** Made when the first latency is told. */
  #latency: LatencyTrend | undefined
  /** Made when the first call is said to start. */
  #overdue: OverdueTrend | undefined
  #state: TrendState = 'learning'
  #calls = 0

  /** @throws RangeError when an option is out of its range; TypeError when it is no number. */
  constructor(options?: TrendOptions) {
    this.#settings = trendSettings(options)
    this.#failures = new FailureTrend(this.#settings)
  }

  /** The state of {@link verdict}; costs nothing. */
  get state(): TrendState {
    return this.#state
  }

  /** How the stream stands, and why. */
  get verdict(): TrendVerdict {
    return describeTrend(this.#state, {
      settings: this.#settings,
      calls: this.#calls,
      failures: this.#failures,
      latency: this.#latency,
      overdue: this.#overdue,
    })
  }

  /**
   * Takes in a settled call.
   *
   * @throws TypeError when the sample is none.
   */
  observe(sample: TrendSample): TrendVerdict {
    refuseNoSample(sample)
    this.step(sample.ok, sample.latencyMs ?? Number.NaN, sample.atMs ?? Number.NaN)
    return this.verdict
  }

  /**
   * The same for the hot path: no checks, nothing allocated on success.
   *
   * @param latencyMs - NaN when unknown.
   * @param atMs - NaN when unknown.
   */
  step(ok: boolean, latencyMs: number, atMs: number): TrendState {
    if (this.#state === 'tripped') return this.#state
    this.#calls += 1
    const state = this.#failures.step(ok, atMs)
    // A failed call says nothing about latency: it may have been refused at once, or waited for in vain.
    if (ok && latencyMs >= 0) this.#latencyTrend().step(latencyMs)
    return this.#conclude(state)
  }

  /**
   * A call starts.
   *
   * @returns A ticket for {@link callEnded}; −1 when the call is not tracked.
   */
  callStarted(atMs: number): number {
    const { falseTripBudget, openAt, memoryCalls } = this.#settings
    this.#overdue ??= new OverdueTrend({ falseTripBudget, openAt, memoryCalls })
    return this.#overdue.started(atMs)
  }

  /** The call with this ticket settled or was given up. {@link step} is told besides, if it is evidence. */
  callEnded(ticket: number, ok = true): void {
    this.#overdue?.ended(ticket, ok)
  }

  /** Looks at the calls in flight; amortised O(1). */
  look(atMs: number): TrendState {
    if (this.#overdue === undefined || this.#state === 'tripped') return this.#state
    this.#overdue.look(atMs, this.#latency?.overdueAfterMs() ?? Number.POSITIVE_INFINITY)
    return this.#conclude(this.#failures.state)
  }

  /**
   * Drops the evidence and keeps what was learnt.
   *
   * @param options - `falseTrip`: nothing was wrong (the probes succeeded at once), so this much evidence is usual here.
   */
  reset({ falseTrip = false }: { readonly falseTrip?: boolean | undefined } = {}): void {
    this.#failures.reset(falseTrip)
    this.#latency?.reset({ falseTrip })
    this.#overdue?.reset({ falseTrip })
    this.#state = this.#failures.state
  }

  toJSON(): TrendDetectorState {
    return {
      version: 1,
      kind: 'trend-detector',
      settings: this.#settings,
      calls: this.#calls,
      failures: this.#failures.toJSON(),
      latency: this.#latency === undefined ? null : { ...this.#latency.toJSON() },
      overdue: this.#overdue === undefined ? null : { ...this.#overdue.toJSON() },
    }
  }

  /**
   * Goes on where another one, perhaps of another process, stood; calls in flight are not remembered.
   *
   * @param options - Settings that replace those it had; what was learnt is kept.
   * @throws TypeError when `json` is not of the shape that `toJSON` gives; RangeError when its numbers cannot be.
   */
  static from(json: unknown, options: TrendOptions = {}): TrendDetector {
    const parsed = stateSchema.safeParse(json)
    if (!parsed.success)
      throw new TypeError(`Cannot restore a trend detector: ${z.prettifyError(parsed.error)}`, { cause: parsed.error })
    const state = parsed.data
    const detector = new TrendDetector(trendSettings(options, state.settings))
    const { falseTripBudget, openAt, memoryCalls } = detector.#settings
    detector.#calls = state.calls
    detector.#failures = FailureTrend.from(state.failures, detector.#settings)
    if (state.latency !== null) detector.#latency = LatencyTrend.from({ ...state.latency, falseTripBudget, memoryCalls })
    if (state.overdue !== null) detector.#overdue = OverdueTrend.from({ ...state.overdue, falseTripBudget, openAt, memoryCalls })
    detector.#conclude(detector.#failures.state)
    return detector
  }

  #latencyTrend(): LatencyTrend {
    return (this.#latency ??= new LatencyTrend(this.#settings))
  }

  /** The gravest of what the parts say; `failures` is the state of the first. */
  #conclude(failures: TrendState): TrendState {
    const overdue = this.#overdue?.state ?? 'steady'
    if (failures === 'tripped' || overdue === 'tripped') this.#state = 'tripped'
    else if (overdue === 'degrading' || this.#latency?.degrading === true) this.#state = 'degrading'
    else this.#state = failures
    return this.#state
  }
}

function refuseNoSample(sample: TrendSample): void {
  if (typeof sample.ok !== 'boolean')
    throw new TypeError(`Cannot observe a call: ok is ${typeof sample.ok}, and must be a boolean`)
  for (const name of ['latencyMs', 'atMs'] as const) {
    const value = sample[name]
    if (value !== undefined && typeof value !== 'number')
      throw new TypeError(`Cannot observe a call: ${name} is ${typeof value}, and must be a number`)
  }
}
