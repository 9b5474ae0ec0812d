import * as z from 'zod'

/** By what factor at least the degraded rate is taken to be above the usual one, so that each call says something. */
const contrastMin = 1.05
const ratioMax = 1 - 1e-9

/** {@link ReturnWalk} as plain JSON. */
export const returnStateSchema = z.strictObject({
  evidence: z.number().nonnegative(),
  step: z.number().nonnegative(),
})
export type ReturnState = z.infer<typeof returnStateSchema>

/** Is a degraded stream back to usual? Page's CUSUM (1954) of the usual rate against the degraded one: the way down, mirrored. */
export class ReturnWalk {
  #evidence = 0
  /** What one success adds. */
  #step = 0

  /** Takes in a success, and gives the evidence that things are as usual again, nats. */
  succeed(): number {
    this.#evidence += this.#step
    return this.#evidence
  }

  /** Takes in a failure, and what the rates are known to be now. */
  fail(usualRatio: number, degradedRatio: number): void {
    const usual = Math.min(ratioMax / contrastMin, usualRatio)
    const degraded = Math.min(ratioMax, Math.max(degradedRatio, usual * contrastMin))
    this.#step = Math.log((1 - usual) / (1 - degraded))
    this.#evidence = Math.max(0, this.#evidence + Math.log(usual / degraded))
  }

  toJSON(): ReturnState {
    return { evidence: this.#evidence, step: this.#step }
  }

  /** Goes on where another one stood. */
  static from({ evidence, step }: ReturnState): ReturnWalk {
    const walk = new ReturnWalk()
    walk.#evidence = evidence
    walk.#step = step
    return walk
  }
}
