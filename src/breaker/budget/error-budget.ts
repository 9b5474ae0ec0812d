import type { Clock } from '../../core/world.js'
import { FailureRateWindow, type FailureRate } from '../failure-rate-window.js'
import { checkedKey } from '../levels/circuit-key.js'
import { whole, within } from '../../core/checked-number.js'
import { lowestFailureRatio } from './failure-bound.js'

/** Which share of what is done may fail. */
export interface ErrorBudgetOptions {
  /** The share that may fail, by category, above 0 and below 1: `{ syntax: 0.03, logic: 0.1 }`. */
  readonly ratios: Readonly<Record<string, number>>
  /** The share for every other category. Default 0.1. */
  readonly ratioOther?: number
  /** What is remembered: the last so many calls of a category, or its calls in the last so many milliseconds. Default 200 calls. */
  readonly window?: { readonly calls: number } | { readonly ms: number }
  /** Calls below which a budget is never exhausted; whole, at least 1. Default 3: two attempts are free. */
  readonly callsMin?: number
  /** How sure one must be that the rate is above the budget, above 0 and below 1. Default 0.95. */
  readonly confidence?: number
  /** Burn rate above which it counts as `burning`; at least 1. Out of reach for a budget of more than `1 / burnMax`. Default 6. */
  readonly burnMax?: number
}

/** The budget of one category as it stands; plain JSON. */
export interface ErrorBudgetView {
  readonly category: string
  /** The share that may fail. */
  readonly ratioMax: number
  readonly calls: number
  readonly failures: number
  /** Share that failed; 0 when there are no calls. */
  readonly ratio: number
  /** The lowest failure rate that is still credible. */
  readonly ratioLow: number
  /** Whether `ratioLow` is above `ratioMax`. */
  readonly exhausted: boolean
  /** How many times faster than allowed it is spent: over the whole window, and over its last twelfth. */
  readonly burnRate: { readonly long: number; readonly short: number }
  /** Whether both burn rates exceed `burnMax`: much was spent, and it still is. */
  readonly burning: boolean
}

/** Categories of one budget at most, so that a category made of user input cannot fill the memory. */
const categoriesMax = 256

/** Parts of a window; the short one is a single part, the twelfth that Google's SRE workbook advises. */
const parts = 12

const nothing: FailureRate = { calls: 0, failures: 0, ratio: 0, exceeded: false }

interface Ledger {
  readonly long: FailureRateWindow
  readonly short: FailureRateWindow
  /** Calls since it was opened: the time of a window that is measured in calls. */
  calls: number
}

/**
 * An error budget for each category. It is exhausted when even the lowest credible failure rate is above what may fail, and not
 * because the first of one call failed; it recovers as failures leave the window. Burn rates follow the alerts on two
 * windows of "The Site Reliability Workbook" (Google 2018, chapter 5): the long one says that it matters, the short one that
 * it is not over.
 *
 * @example
 * ```ts
 * const budget = new ErrorBudget({ ratios: { syntax: 0.03, logic: 0.1 } }, createTestWorld().clock)
 * for (const ok of [false, true, false, false]) budget.record('syntax', ok)
 * expect(budget.view('syntax')).toMatchObject({ calls: 4, failures: 3, ratio: 0.75, exhausted: true })
 * expect(budget.exhausted('logic')).toBe(false)
 * ```
 */
export class ErrorBudget {
  readonly #ratios: ReadonlyMap<string, number>
  readonly #ratioOther: number
  readonly #windowSize: number
  readonly #countsCalls: boolean
  readonly #callsMin: number
  readonly #confidence: number
  readonly #burnMax: number
  readonly #clock: Clock
  readonly #ledgers = new Map<string, Ledger>()

  /** @throws RangeError when a number or a category is out of range; TypeError when a category is no string. */
  constructor(options: ErrorBudgetOptions, clock: Clock) {
    const { ratios, ratioOther = 0.1, window = { calls: 200 }, callsMin = 3, confidence = 0.95, burnMax = 6 } = options
    const entries = Object.entries(ratios)
    whole('categories', entries.length, 0, categoriesMax)
    this.#ratios = new Map(entries.map(([category, ratio]) => [checkedKey('category', category), between0And1(category, ratio)]))
    this.#ratioOther = between0And1('ratioOther', ratioOther)
    this.#countsCalls = 'calls' in window
    this.#windowSize =
      'calls' in window ? whole('window.calls', window.calls, parts, 1_000_000) : within('window.ms', window.ms, parts)
    this.#callsMin = whole('callsMin', callsMin, 1)
    this.#confidence = between0And1('confidence', confidence)
    this.#burnMax = within('burnMax', burnMax, 1)
    this.#clock = clock
  }

  /**
   * Takes in how one call ended.
   *
   * @throws RangeError or TypeError when the category is no key, or one more than the 256 it can hold.
   */
  record(category: string, ok: boolean): void {
    const ledger = this.#ledgers.get(category) ?? this.#open(category)
    ledger.calls += 1
    const at = this.#at(ledger)
    ledger.long.record(ok, at)
    ledger.short.record(ok, at)
  }

  /** Whether more of a category fails than may, as far as one can be sure. */
  exhausted(category: string): boolean {
    return this.view(category).exhausted
  }

  /** The budget of one category as it stands. */
  view(category: string): ErrorBudgetView {
    const ledger = this.#ledgers.get(category)
    const ratioMax = this.#ratioMax(category)
    const { calls, failures, ratio } = this.#rate(ledger, 'long')
    const ratioLow = lowestFailureRatio(failures, calls, this.#confidence)
    const burnRate = { long: ratio / ratioMax, short: this.#rate(ledger, 'short').ratio / ratioMax }
    const enough = calls >= this.#callsMin
    return {
      category,
      ratioMax,
      calls,
      failures,
      ratio,
      ratioLow,
      exhausted: enough && ratioLow > ratioMax,
      burnRate,
      burning: enough && burnRate.long > this.#burnMax && burnRate.short > this.#burnMax,
    }
  }

  /** Every category that was recorded. */
  snapshot(): readonly ErrorBudgetView[] {
    return [...this.#ledgers.keys()].map((category) => this.view(category))
  }

  #open(category: string): Ledger {
    checkedKey('category', category)
    if (this.#ledgers.size >= categoriesMax)
      throw new RangeError(`Cannot record "${category}": there are ${categoriesMax} categories already`)
    const size = this.#windowSize
    const ledger: Ledger = {
      long: new FailureRateWindow({ windowMs: size, buckets: parts }),
      short: new FailureRateWindow({ windowMs: size / parts, buckets: parts }),
      calls: 0,
    }
    this.#ledgers.set(category, ledger)
    return ledger
  }

  #ratioMax(category: string): number {
    return this.#ratios.get(category) ?? this.#ratioOther
  }

  #rate(ledger: Ledger | undefined, which: 'long' | 'short'): FailureRate {
    if (ledger === undefined) return nothing
    const limits = { failureRatioMax: 1, callsMin: this.#callsMin, windowMs: this.#windowSize }
    return ledger[which].judge(this.#at(ledger), limits)
  }

  #at(ledger: Ledger): number {
    return this.#countsCalls ? ledger.calls : this.#clock.monoMs()
  }
}

function between0And1(name: string, value: number): number {
  if (value > 0 && value < 1) return value
  throw new RangeError(`Cannot use ${String(value)} as "${name}": it must be a number above 0 and below 1`)
}
