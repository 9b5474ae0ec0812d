import * as z from 'zod'
import { ReferenceRatio } from './reference-ratio.js'

/** Standard deviations of what is not known that a change is given the benefit of. */
const marginSigmas = 2

/** {@link FailureBaseline} as plain JSON; whole numbers until something has faded. */
export const baselineStateSchema = z
  .strictObject({ calls: z.number().nonnegative(), failures: z.number().nonnegative() })
  // Fading rounds.
  .refine(({ calls, failures }) => failures <= calls * (1 + 1e-9), 'more failures than calls')
export type BaselineState = z.infer<typeof baselineStateSchema>

/** The usual failure rate, learnt from calls that nothing is suspected of: a Beta posterior that forgets exponentially. */
export class FailureBaseline {
  readonly #prior: { readonly ratio: number; readonly calls: number }
  readonly #memoryCalls: number
  #calls = 0
  #failures = 0
  /** What a change is measured against: the posterior mean and two standard deviations. */
  readonly reference: ReferenceRatio

  constructor(options: { readonly prior: { readonly ratio: number; readonly calls: number }; readonly memoryCalls: number }) {
    this.#prior = options.prior
    this.#memoryCalls = options.memoryCalls
    this.reference = new ReferenceRatio(0)
    this.#adjust()
  }

  /** Calls that were learnt from and have not faded. */
  get calls(): number {
    return this.#calls
  }

  /** What is known, in calls: those and the prior. */
  get weight(): number {
    return this.#calls + this.#prior.calls
  }

  /** The usual share of failures. */
  get ratio(): number {
    return (this.#failures + this.#prior.ratio * this.#prior.calls) / this.weight
  }

  /** @param weightMax - So many calls these count as at most. */
  learn(calls: number, failures: number, weightMax = this.#memoryCalls): void {
    if (calls <= 0) return
    const weight = Math.min(calls, weightMax, this.#memoryCalls)
    const kept = Math.min(1, (this.#memoryCalls - weight) / this.#calls)
    // An empty baseline has nothing to keep, and 0 / 0 is no share.
    this.#failures = (this.#calls > 0 ? this.#failures * kept : 0) + failures * (weight / calls)
    this.#calls = (this.#calls > 0 ? this.#calls * kept : 0) + weight
    this.#adjust()
  }

  toJSON(): BaselineState {
    return { calls: this.#calls, failures: this.#failures }
  }

  restore({ calls, failures }: BaselineState): void {
    this.#calls = calls
    this.#failures = failures
    this.#adjust()
  }

  #adjust(): void {
    const { ratio } = this
    this.reference.set(ratio + marginSigmas * Math.sqrt((ratio * (1 - ratio)) / (this.weight + 1)))
  }
}
