import * as z from 'zod'

/** Heights over which excursions are counted, nats. */
const levels = [3, 6, 12, 24, 48, 96] as const
/**
 * What is believed of a tail before it is seen: that it falls by a factor e for each nat, as chance alone does; and how many
 * peaks that belief is worth. The fewer, the sooner a stream's bursts are learnt; but with 1 a few peaks of chance look like a
 * heavy tail, and a step from 1 to 30 % takes 5.1 failed calls instead of 4.6 (3 000 runs).
 */
const priorPeaks = 3
/** Calls that a count is spread over at least: one early peak must not look like a habit. */
const callsMin = 200
/** The history fades after this many budgets. */
const memoryBudgets = 10
/**
 * No threshold is higher, nats: false alarms without end would raise it without end, each one by more than the last. So much a
 * dead service brings together in some hundred failures, whatever is believed of it.
 */
const natsMax = 500
/** Recalculated when the history has grown by this share, also without a peak: a stream that calms down becomes sharper again. */
const growth = 0.1

/** Numbers kept for each level. */
const width = 3

const amount = z.number().nonnegative().max(1e15)

/** {@link TailThreshold} as plain JSON. */
export const tailStateSchema = z.strictObject({
  calls: amount,
  dueCalls: amount,
  nats: amount,
  peak: amount,
  /** For each level: reached, ended, excess; `null` when no peak was high enough. */
  peaks: z
    .array(z.number().nonnegative())
    .length(levels.length * width)
    .nullable(),
})
export type TailState = z.infer<typeof tailStateSchema>

/**
 * How strong must evidence be to mean something? Stronger than this stream's own excursions, of which one in a budget of calls
 * may be stronger. Bursts and retries make failures come in clusters, so independence is no null hypothesis; the peaks of the
 * stream's past excursions are. Above each level their excess is taken as exponential (peaks over threshold: Pickands, Annals
 * of Statistics 3, 1975), and the threshold is the highest that any level asks for: a heavy tail shows only at the high ones.
 *
 * A peak that was cut short by an alarm is censored: it reached at least that height. It counts as reached and not as ended,
 * which is the maximum likelihood for exponential excesses. Written plainly: it runs on many failures.
 */
export class TailThreshold {
  readonly #budgetCalls: number
  readonly #natsMin: number
  #calls = 0
  #dueCalls = 0
  #nats: number
  /** Height of the excursion under way. */
  #peak = 0
  /** For each level: peaks that reached it, those of them that ended by themselves, the sum of their excesses. Made for the first. */
  #peaks: number[] | undefined

  /** @param options - `budgetCalls`: calls for each peak above the threshold; `natsMin`: the threshold of a stream without bursts. */
  constructor({ budgetCalls, natsMin }: { readonly budgetCalls: number; readonly natsMin: number }) {
    this.#budgetCalls = budgetCalls
    this.#natsMin = natsMin
    this.#nats = natsMin
  }

  /** What evidence must reach, nats. */
  get nats(): number {
    return this.#nats
  }

  /** Calls went by. */
  pass(calls: number): void {
    this.#calls += calls
    while (this.#calls > memoryBudgets * this.#budgetCalls) this.#fade()
    if (this.#calls >= this.#dueCalls) this.#adjust()
  }

  /** The excursion under way is at this height, nats; whether that means something. */
  rise(height: number): boolean {
    if (height > this.#peak) this.#peak = height
    return height >= this.#nats
  }

  /** It ended by itself, and was noise. */
  rest(): void {
    this.#record(this.#peak, false)
    this.#peak = 0
  }

  /** An alarm ended it, and was wrong: it would have gone on, nobody knows how far. */
  cut(): void {
    this.#record(this.#nats, true)
    this.#peak = 0
  }

  /** An alarm of someone else ended it, and was wrong. */
  interrupt(): void {
    this.#record(this.#peak, true)
    this.#peak = 0
  }

  /** An alarm ended it, and was right. */
  drop(): void {
    this.#peak = 0
  }

  /** How many excursions of at least this height the history makes one expect in so many calls. */
  expected(nats: number, calls: number): number {
    let ratio = Math.exp(this.#natsMin - nats) / this.#budgetCalls
    for (const [at, level] of levels.entries()) {
      if (nats >= level) ratio = Math.max(ratio, this.#reachedRatio(at) * Math.exp((level - nats) / this.#decay(at)))
    }
    return calls * Math.min(1, ratio)
  }

  toJSON(): TailState {
    return {
      calls: this.#calls,
      dueCalls: this.#dueCalls,
      nats: this.#nats,
      peak: this.#peak,
      peaks: this.#peaks === undefined ? null : [...this.#peaks],
    }
  }

  /** Takes over the history of another one. */
  restore(state: TailState): void {
    this.#calls = state.calls
    this.#dueCalls = state.dueCalls
    this.#nats = Math.min(natsMax, Math.max(this.#natsMin, state.nats))
    this.#peak = state.peak
    if (state.peaks !== null) this.#peaks = [...state.peaks]
  }

  #record(height: number, censored: boolean): void {
    if (height < levels[0]) return
    const peaks = (this.#peaks ??= Array.from({ length: levels.length * width }, () => 0))
    for (let index = 0; index < levels.length; index += 1) {
      const level = levels[index] ?? 0
      if (height < level) break
      const at = index * width
      peaks[at] = (peaks[at] ?? 0) + 1
      if (!censored) peaks[at + 1] = (peaks[at + 1] ?? 0) + 1
      peaks[at + 2] = (peaks[at + 2] ?? 0) + height - level
    }
    this.#adjust()
  }

  #adjust(): void {
    this.#dueCalls = this.#calls * (1 + growth)
    this.#nats = this.#natsMin
    for (let at = 0; at < levels.length; at += 1) {
      const expected = this.#reachedRatio(at) * this.#budgetCalls
      if (expected <= 1) return
      const nats = (levels[at] ?? 0) + this.#decay(at) * Math.log(expected)
      this.#nats = Math.min(natsMax, Math.max(this.#nats, nats))
    }
  }

  #reachedRatio(at: number): number {
    return (this.#peaks?.[at * width] ?? 0) / Math.max(callsMin, this.#calls)
  }

  /** Mean excess over a level, nats. */
  #decay(at: number): number {
    return ((this.#peaks?.[at * width + 2] ?? 0) + priorPeaks) / ((this.#peaks?.[at * width + 1] ?? 0) + priorPeaks)
  }

  #fade(): void {
    this.#calls /= 2
    this.#dueCalls /= 2
    this.#peaks = this.#peaks?.map((value) => value / 2)
  }
}
