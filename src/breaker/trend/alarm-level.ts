import * as z from 'zod'
import { tailStateSchema, TailThreshold } from './tail-threshold.js'

/** Likelihood ratios are cut off here (99 nats), so that products stay finite and a change back is seen. */
export const ratioMax = 1e43
/** Evidence is over when it has fallen by this factor (7 nats) from its peak: Page's rule for the change back. */
export const fallMin = 1e-3
/** Excursions that are remembered: from 3 nats. */
const peakMin = Math.exp(3)

export const alarmLevelSchema = z.strictObject({ judgedCalls: z.int().nonnegative(), tail: tailStateSchema })

/** {@link AlarmLevel} as plain JSON. */
export type AlarmLevelState = z.infer<typeof alarmLevelSchema>

/**
 * The likelihood ratio that means something. Page's rule gives at least as many calls for each false alarm as the ratio says
 * (Lorden 1971), if calls are independent; where excursions are a stream's habit, its {@link TailThreshold} is higher.
 */
export class AlarmLevel {
  readonly #tail: TailThreshold
  #ratio = 1
  #judgedCalls = 0

  /** @param falseTripBudget - Calls per false alarm that one can live with; at least 100. */
  constructor(falseTripBudget: number) {
    this.#tail = new TailThreshold({ budgetCalls: falseTripBudget, natsMin: Math.log(falseTripBudget) })
    this.#adopt()
  }

  get ratio(): number {
    return this.#ratio
  }

  get nats(): number {
    return Math.log(this.#ratio)
  }

  /** A call was judged. */
  count(): void {
    this.#judgedCalls += 1
  }

  /** An excursion ended by itself; `peak` is the highest likelihood ratio in it. */
  learn(peak: number): void {
    if (peak < peakMin) return
    this.#tail.pass(this.#judgedCalls)
    this.#judgedCalls = 0
    // An alarm that faded counts as cut short where it began: else one long incident would blind it for months.
    if (peak >= this.#ratio) this.#tail.cut()
    else {
      this.#tail.rise(Math.log(peak))
      this.#tail.rest()
    }
    this.#adopt()
  }

  toJSON(): AlarmLevelState {
    return { judgedCalls: this.#judgedCalls, tail: this.#tail.toJSON() }
  }

  /** Takes over what another one had learnt. */
  restore({ judgedCalls, tail }: AlarmLevelState): void {
    this.#judgedCalls = judgedCalls
    this.#tail.restore(tail)
    this.#adopt()
  }

  #adopt(): void {
    this.#ratio = Math.min(ratioMax, Math.exp(this.#tail.nats))
  }
}
