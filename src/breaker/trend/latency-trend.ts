import * as z from 'zod'
import { AlarmLevel, alarmLevelSchema, fallMin, ratioMax } from './alarm-level.js'
import {
  latencyBinOf,
  latencyMemoryCallsMax,
  LatencyQuantiles,
  latencyQuantilesSchema,
  typicalLatencyOf,
} from './latency-quantiles.js'
import { overdueLimitMs, overdueLimitMsMin } from './overdue-limit.js'

/** What speaks for a slowdown. */
export interface LatencyEvidence {
  /** Usual latency (geometric mean), milliseconds; NaN until one is known. */
  readonly baselineMs: number
  /** Typical latency since the most likely change, milliseconds; NaN while there is none. */
  readonly estimateMs: number
  /** Calls since that change; 0 while there is none. */
  readonly sinceCalls: number
  /** Calls that the baseline was learnt from. */
  readonly calls: number
  /** Log likelihood ratio of "it became slower" against "it is as usual", nats. */
  readonly statistic: number
  /** What it must reach, nats. */
  readonly threshold: number
}

/** How {@link LatencyTrend} judges. */
export interface LatencyOptions {
  /** Calls per false alarm that one can live with; at least 100. */
  readonly falseTripBudget: number
  /** Calls after which something learnt has faded; at least 100, and taken as 16 000 when above. */
  readonly memoryCalls: number
}

/** Calls without which nothing is judged: until they were reviewed, every rank is 0. */
const callsMin = 60
/** Calls between two reviews of the baseline, at least. */
const reviewCallsMin = 16
/** By what factor calls must be slower at least: less may be certain, but is no trouble. */
const slowdownMin = 1.25

const stateSchema = z.strictObject({
  version: z.literal(1),
  falseTripBudget: z.number().min(100),
  memoryCalls: z.number().min(100),
  usual: latencyQuantilesSchema,
  slow: latencyQuantilesSchema.nullable(),
  ratios: z.array(z.number().min(0).max(ratioMax)).length(4),
  since: z.strictObject({ calls: z.int().min(0), binSum: z.int().min(0) }),
  alarm: alarmLevelSchema,
  overdueAfterMs: z.number().min(overdueLimitMsMin).nullable(),
  reviewInCalls: z.int().max(latencyMemoryCallsMax),
})

/** {@link LatencyTrend} as plain JSON. */
export type LatencyTrendState = z.infer<typeof stateSchema>

/**
 * Says when calls became slower. A call counts by its rank u among the earlier ones, so nothing is assumed about how
 * latencies are spread, and no single call weighs much, however long it took.
 *
 * The test is Page's CUSUM (1954) of the Lehmann alternatives F^k for k = 2, 4, 12 (Lehmann 1953): likelihood ratio
 * k u^(k-1), as products, so that a call costs no logarithm. They suit slowdowns of about 1.5, 2 and 4 times at the spread of
 * a language model. While calls are slow they are not learnt as usual; they become the new usual when there are as many.
 */
export class LatencyTrend {
  readonly #falseTripBudget: number
  readonly #memoryCalls: number
  #usual: LatencyQuantiles
  /** Calls of the slowdown; `undefined` while there is none. */
  #slow: LatencyQuantiles | undefined
  /**
   * Likelihood ratios for k = 2, 4, 12, and the highest of them since all were 1. An array, because a private field that is
   * given a new fraction on every call allocates memory for it each time.
   */
  readonly #ratios = new Float64Array(4).fill(1)
  #sinceCalls = 0
  #sinceBinSum = 0
  readonly #alarm: AlarmLevel
  #overdueAfterMs = Number.POSITIVE_INFINITY
  /** Calls until the baseline is reviewed. */
  #reviewInCalls = callsMin

  /** @throws RangeError when an option is out of its range. */
  constructor({ falseTripBudget, memoryCalls }: LatencyOptions) {
    if (!(falseTripBudget >= 100 && falseTripBudget < ratioMax)) throw outOfRange('falseTripBudget', falseTripBudget)
    if (!(memoryCalls >= 100 && memoryCalls < Number.POSITIVE_INFINITY)) throw outOfRange('memoryCalls', memoryCalls)
    this.#falseTripBudget = falseTripBudget
    this.#memoryCalls = memoryCalls
    this.#usual = new LatencyQuantiles(memoryCalls)
    this.#alarm = new AlarmLevel(falseTripBudget)
  }

  /** Whether calls are slower than usual now. */
  get degrading(): boolean {
    return this.#slow !== undefined
  }

  get evidence(): LatencyEvidence {
    return {
      baselineMs: this.#usual.typicalMs,
      estimateMs: typicalLatencyOf(this.#sinceBinSum, this.#sinceCalls),
      sinceCalls: this.#sinceCalls,
      calls: this.#usual.calls,
      statistic: Math.log(Math.max(1, ...this.#ratios.subarray(0, 3))),
      threshold: this.#alarm.nats,
    }
  }

  /**
   * Takes in how long a call took that did its work; a failed call says nothing about latency. Ignores what is no latency.
   *
   * @returns Whether calls are slower than usual now.
   */
  step(latencyMs: number): boolean {
    if (!(latencyMs >= 0 && latencyMs < Number.POSITIVE_INFINITY)) return this.#slow !== undefined
    const bin = latencyBinOf(latencyMs)
    this.#weigh(bin)
    if (this.#slow === undefined) this.#learn(bin)
    else this.#learnSlow(bin, this.#slow)
    return this.#slow !== undefined
  }

  /**
   * The time, in milliseconds, after which a call is overdue: only 0.6 % of healthy ones take longer. `Infinity` until
   * 100 calls were seen.
   */
  overdueAfterMs(): number {
    return this.#overdueAfterMs
  }

  /**
   * Drops the evidence and keeps what was learnt.
   *
   * @param options - `falseTrip`: nothing was wrong, so this much evidence, and these latencies, are usual.
   */
  reset({ falseTrip = false }: { readonly falseTrip?: boolean | undefined } = {}): void {
    if (falseTrip) this.#subside()
    else this.#clear()
  }

  toJSON(): LatencyTrendState {
    return {
      version: 1,
      falseTripBudget: this.#falseTripBudget,
      memoryCalls: this.#memoryCalls,
      usual: this.#usual.toJSON(),
      slow: this.#slow?.toJSON() ?? null,
      ratios: [...this.#ratios],
      since: { calls: this.#sinceCalls, binSum: this.#sinceBinSum },
      alarm: this.#alarm.toJSON(),
      overdueAfterMs: Number.isFinite(this.#overdueAfterMs) ? this.#overdueAfterMs : null,
      reviewInCalls: this.#reviewInCalls,
    }
  }

  /**
   * Goes on where another one, perhaps of another process, stood.
   *
   * @throws TypeError when `json` is not what `toJSON` gave.
   */
  static from(json: unknown): LatencyTrend {
    const parsed = stateSchema.safeParse(json)
    if (!parsed.success)
      throw new TypeError(`Cannot restore a latency trend: ${z.prettifyError(parsed.error)}`, { cause: parsed.error })
    const state = parsed.data
    const trend = new LatencyTrend(state)
    trend.#usual = LatencyQuantiles.from(state.usual, state.memoryCalls)
    if (state.slow !== null) trend.#slow = LatencyQuantiles.from(state.slow, state.memoryCalls)
    trend.#ratios.set(state.ratios)
    trend.#sinceCalls = state.since.calls
    trend.#sinceBinSum = state.since.binSum
    trend.#alarm.restore(state.alarm)
    trend.#overdueAfterMs = state.overdueAfterMs ?? Number.POSITIVE_INFINITY
    trend.#reviewInCalls = state.reviewInCalls
    return trend
  }

  /** Written plainly, and with as few branches as can be: nobody can foresee which way a latency goes. */
  #weigh(bin: number): void {
    this.#alarm.count()
    const u = this.#usual.rank(bin)
    const u3 = u * u * u
    const ratios = this.#ratios
    // Constants as literals: a bundler makes variables of those at the top of a module, and reading them doubles the time.
    // A slowdown leaves 15 % of the calls as they were, so that one cache hit does not wipe out the evidence of ten slow calls.
    const mild = Math.max(1, ratios[0] ?? 1) * (0.15 + 0.85 * 2 * u)
    const middle = Math.max(1, ratios[1] ?? 1) * (0.15 + 0.85 * 4 * u3)
    const strong = Math.max(1, ratios[2] ?? 1) * (0.15 + 0.85 * 12 * u3 * u3 * u3 * u * u)
    const most = Math.max(mild, middle, strong)
    ratios[0] = mild
    ratios[1] = middle
    ratios[2] = strong
    if (most > 1) this.#suspect(bin, most)
    else if (this.#sinceCalls > 0) this.#subside()
  }

  #suspect(bin: number, most: number): void {
    this.#sinceCalls += 1
    this.#sinceBinSum += bin
    const ratios = this.#ratios
    const peak = Math.max(most, ratios[3] ?? 1)
    ratios[3] = peak
    if (most > ratioMax) ratios.fill(ratioMax)
    if (most < peak * fallMin) this.#subside()
    else if (most >= this.#alarm.ratio && this.#slow === undefined && this.#slowdown() >= slowdownMin)
      this.#slow = new LatencyQuantiles(this.#memoryCalls)
  }

  #slowdown(): number {
    return typicalLatencyOf(this.#sinceBinSum, this.#sinceCalls) / this.#usual.typicalMs
  }

  #learn(bin: number): void {
    this.#usual.add(bin)
    this.#reviewInCalls -= 1
    if (this.#reviewInCalls <= 0) this.#review()
  }

  #learnSlow(bin: number, slow: LatencyQuantiles): void {
    slow.add(bin)
    if (slow.calls < Math.min(this.#usual.calls, this.#memoryCalls)) return
    this.#usual = slow
    this.#clear()
    this.#review()
  }

  /** Works out what follows from the baseline: often while it is new, then whenever an eighth of it is. */
  #review(): void {
    this.#usual.review()
    this.#reviewInCalls = Math.max(reviewCallsMin, this.#usual.calls >> 3)
    this.#overdueAfterMs = overdueLimitMs(this.#usual)
  }

  /** The evidence went as it had come: it is remembered, and so are the calls that were held back. */
  #subside(): void {
    this.#alarm.learn(this.#ratios[3] ?? 1)
    if (this.#slow !== undefined) this.#usual.addAll(this.#slow)
    this.#clear()
  }

  #clear(): void {
    this.#slow = undefined
    const ratios = this.#ratios
    ratios[0] = ratios[1] = ratios[2] = ratios[3] = 1
    this.#sinceCalls = this.#sinceBinSum = 0
  }
}

function outOfRange(name: string, value: number): RangeError {
  return new RangeError(`Cannot watch latencies: ${name} is ${value}, and must be at least 100 and finite`)
}
