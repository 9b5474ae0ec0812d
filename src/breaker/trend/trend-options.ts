/** How a {@link TrendDetector} judges. */
export interface TrendOptions {
  /** Calls per false alarm that one can live with; 1 000 to 10^9. Default 100 000. */
  readonly falseTripBudget?: number | undefined
  /** Share of failures, above 0 and below 1, past which one should stop calling. Default 0.2. */
  readonly openAt?: number | undefined
  /** Calls after which something learnt has faded; 10 000 to 10^9, so that slow ramps are not taken for usual. Default 10 000. */
  readonly memoryCalls?: number | undefined
  /** What is believed before the first call: a share of failures above 0 and below 1, and how many calls (1 to 10 000) that belief is worth. Default 0.05 and 20. */
  readonly prior?: { readonly ratio: number; readonly calls: number } | undefined
}

/** {@link TrendOptions}, checked, with defaults. */
export interface TrendSettings {
  readonly falseTripBudget: number
  readonly openAt: number
  readonly memoryCalls: number
  readonly prior: { readonly ratio: number; readonly calls: number }
}

const defaults: TrendSettings = Object.freeze({
  falseTripBudget: 100_000,
  openAt: 0.2,
  memoryCalls: 10_000,
  prior: Object.freeze({ ratio: 0.05, calls: 20 }),
})

/** What was checked already, so that thousands of detectors can share one. */
const checked = new WeakSet<TrendOptions>([defaults])

/**
 * Checks options and fills in what is missing. What it gave it gives back as it is: check once and share it where there are many.
 *
 * @param missing - What is taken for options that are not there; checked too.
 * @throws RangeError when a number is out of its range; TypeError when it is no number.
 */
export function trendSettings(options: TrendOptions = defaults, missing: TrendSettings = defaults): TrendSettings {
  // Only what was made below, or is made of constants, is in the set.
  if (checked.has(options)) return options as TrendSettings
  const { falseTripBudget, openAt, memoryCalls, prior } = { ...missing, ...defined(options) }
  inRange('falseTripBudget', falseTripBudget, 1_000, 1e9)
  between('openAt', openAt)
  inRange('memoryCalls', memoryCalls, 10_000, 1e9)
  between('prior.ratio', prior.ratio)
  inRange('prior.calls', prior.calls, 1, 10_000)
  const settings = Object.freeze({
    falseTripBudget,
    openAt,
    memoryCalls,
    prior: Object.freeze({ ratio: prior.ratio, calls: prior.calls }),
  })
  checked.add(settings)
  return settings
}

/** An option that is there and `undefined` means the default, as one that is not there does. */
function defined(options: TrendOptions): Partial<TrendSettings> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function inRange(name: string, value: unknown, min: number, max: number): void {
  const number = numberOf(name, value)
  if (!(number >= min && number <= max))
    throw new RangeError(`Cannot watch a trend: ${name} is ${number}, and must be ${min} to ${max}`)
}

function between(name: string, value: unknown): void {
  const number = numberOf(name, value)
  if (!(number > 0 && number < 1))
    throw new RangeError(`Cannot watch a trend: ${name} is ${number}, and must be above 0 and below 1`)
}

function numberOf(name: string, value: unknown): number {
  if (typeof value === 'number') return value
  throw new TypeError(`Cannot watch a trend: ${name} is ${value === null ? 'null' : typeof value}, and must be a number`)
}
