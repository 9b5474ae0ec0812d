import { LoadGauge } from '../../breaker/load/load-gauge.js'
import type { LoadSource } from '../../breaker/load/load-readings.js'

/** How busy this process is, as far as its guarded calls go by it; without a source it is never busy. */
export class ProcessLoad {
  readonly #gauge = new LoadGauge()
  readonly #source: LoadSource | undefined

  constructor(source: LoadSource | undefined) {
    this.#source = source
  }

  /** Looks at the source, unless that was done a moment ago. */
  look(nowMonoMs: number): void {
    if (this.#source !== undefined) this.#gauge.look(this.#source, nowMonoMs)
  }

  /** What a retry costs: 1, and more while the process is overloaded. */
  get retryCost(): number {
    return 1 / this.#gauge.view.factor
  }

  /** Whether a call may have missed its deadline because this process could not hear the answer in time. */
  excuses(timeoutMs: number): boolean {
    return this.#gauge.excuses(timeoutMs)
  }
}
