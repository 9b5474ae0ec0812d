const tableSize = 4_096
/** n log n for the small whole numbers that nearly all counts are: a failure costs no logarithm. */
const table = new Float64Array(tableSize)
for (let count = 2; count < tableSize; count += 1) table[count] = count * Math.log(count)

/** As far as a ratio may lie from 0 and 1, so that no logarithm is infinite. */
const ratioMin = 1e-9

/** A failure rate that others are held against, with its logarithms, which are asked for far more often than they change. */
export class ReferenceRatio {
  #ratio = 0
  #logFailure = 0
  #logSuccess = 0

  /** @param ratio - 0..1 */
  constructor(ratio: number) {
    this.set(ratio)
  }

  get ratio(): number {
    return this.#ratio
  }

  set(ratio: number): void {
    this.#ratio = Math.min(1 - ratioMin, Math.max(ratioMin, ratio))
    this.#logFailure = Math.log(this.#ratio)
    this.#logSuccess = Math.log(1 - this.#ratio)
  }

  /**
   * How much `failures` of `calls` speak for a higher rate than this one: the log of the generalised likelihood ratio, which is
   * calls × KL(failures / calls ‖ ratio), in nats; 0 when the rate is not higher.
   *
   * @param failures - Whole, 0..calls.
   * @param calls - Whole.
   */
  evidence(failures: number, calls: number): number {
    if (failures <= calls * this.#ratio) return 0
    const successes = calls - failures
    const best = nLogN(failures) + nLogN(successes) - nLogN(calls)
    return best - failures * this.#logFailure - successes * this.#logSuccess
  }
}

function nLogN(count: number): number {
  return count < tableSize ? (table[count] ?? 0) : count * Math.log(count)
}
