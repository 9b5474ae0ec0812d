/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import { logLossOf } from '../logistic.js'

/** What the monitor bets on: that the truth differs from the stated log odds by a shift, or that these are too far from zero. */
const bets: readonly { readonly shift: number; readonly slope: number }[] = [
  { shift: -0.8, slope: 1 },
  { shift: 0.8, slope: 1 },
  { shift: -1.8, slope: 1 },
  { shift: 1.8, slope: 1 },
  { shift: 0, slope: 0.3 },
]

/** No model is exactly right: a shift of so many log odds is no drift. */
const tolerance = 0.15

/** From here on recent labels are listened to. */
const suspectedAt = 3
/** From here on it is drift: with right probabilities each bet raises it less than once in e^11 = 60 000 labels (Lorden 1971). */
const driftedAt = 11
/** How far back a task is remembered, in labels, so that many answers to one task count once. */
const tasksRemembered = 64

/** Plain state, for saving. */
export interface MonitorState {
  /** For each bet, the log of what it has won since it last had nothing. */
  readonly gains: readonly number[]
  /** For each bet, the label with which it began to win. */
  readonly since: readonly number[]
  readonly labels: number
  /** The hashes of the last tasks. */
  readonly tasks: readonly number[]
}

/**
 * Watches probabilities that were stated before their labels came, and bets against them: a bet multiplies its stake by how much
 * better it foretold each label, and starts afresh when it has lost all (a CUSUM of likelihood ratios; Page 1954). A slight
 * miscalibration wins nothing.
 */
export class DriftMonitor {
  readonly #gains: number[]
  readonly #since: number[]
  readonly #tasks: number[]
  #labels: number

  constructor(state?: MonitorState) {
    this.#gains = bets.map((_, bet) => state?.gains[bet] ?? 0)
    this.#since = bets.map((_, bet) => state?.since[bet] ?? 0)
    this.#tasks = [...(state?.tasks ?? [])].slice(-tasksRemembered)
    this.#labels = state?.labels ?? 0
  }

  /**
   * @param logOdds - As stated before the label was known.
   * @param correct - 1 for right.
   * @param task - The hash of its task.
   */
  observe(logOdds: number, correct: number, task: number): void {
    const share = 1 / (1 + this.#tasks.filter((known) => known === task).length)
    bets.forEach(({ shift, slope }, bet) => {
      const gain =
        (this.#gains[bet] as number) + share * (tolerated(shift, logOdds, correct) - logLossOf(shift + slope * logOdds, correct))
      this.#gains[bet] = Math.max(0, gain)
      if (gain <= 0) this.#since[bet] = this.#labels + 1
    })
    this.#tasks.push(task)
    if (this.#tasks.length > tasksRemembered) this.#tasks.shift()
    this.#labels += 1
  }

  get verdict(): 'steady' | 'suspected' | 'drifted' {
    const most = Math.max(...this.#gains)
    return most >= driftedAt ? 'drifted' : most >= suspectedAt ? 'suspected' : 'steady'
  }

  /** How many of the latest labels the winning bet has been winning for. */
  get labelsSince(): number {
    const winner = this.#gains.indexOf(Math.max(...this.#gains))
    return this.#labels - (this.#since[winner] as number)
  }

  /** How strong the evidence against the stated probabilities is, as the natural logarithm of a betting score; 0 for none. */
  get evidence(): number {
    return Math.max(...this.#gains)
  }

  toJSON(): MonitorState {
    return { gains: [...this.#gains], since: [...this.#since], labels: this.#labels, tasks: [...this.#tasks] }
  }
}

/** The log loss of probabilities that are off by as much as is tolerated, in the direction of a bet. */
function tolerated(shift: number, logOdds: number, correct: number): number {
  return logLossOf(logOdds + Math.sign(shift) * tolerance, correct)
}
