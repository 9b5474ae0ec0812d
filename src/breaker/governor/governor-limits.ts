import { checkedAttempt, type HealingAttempt } from './healing-attempt.js'

/** When a healing goes on, turns back or ends. */
export interface GovernorLimits {
  /** Attempts of all kinds together after which it stops; 1..200. */
  readonly attemptsMax: number
  /** Further attempts that are allowed while there is progress; 0..100. */
  readonly attemptsExtraMax: number
  /** The first attempts of a kind: after them only `attemptsMax` makes it stop, and nothing makes it change the strategy; 0..20. */
  readonly graceAttempts: number
  /** Progress within so many attempts counts as going on; 1..50. */
  readonly improvementWindow: number
  /** Attempts without progress after which the strategy is changed, and after twice as many given up; 1..100. */
  readonly stagnationAttempts: number
  /** A stall or a worsening whose author is less sure than this is final, 0..1. */
  readonly confidenceFloor: number
  /** An attempt whose author is less sure is not promoted, 0..1. */
  readonly confidencePromoteMin: number
  /** Worse code is not promoted, 0..1. */
  readonly qualityPromoteMin: number
  /** Errors that may be left in an attempt that is promoted; 0 where every error counts. */
  readonly errorsPromoteMax: number
  /** The same in each line, where lines are counted, 0..1. */
  readonly densityPromoteMax: number
  /** So many errors more than in the best attempt are still as good; 0 or more. */
  readonly errorsMargin: number
  /** A change of less than this share is none, 0..1. */
  readonly changeRatioMin: number
  /** Chance below which a trend is believed; above 0, below 0.5. */
  readonly significance: number
}

const shared = {
  attemptsExtraMax: 2,
  graceAttempts: 2,
  confidencePromoteMin: 0.85,
  qualityPromoteMin: 0.8,
  errorsPromoteMax: 3,
  densityPromoteMax: 0.003,
  errorsMargin: 1,
  changeRatioMin: 0.05,
  significance: 0.05,
} as const

/** Limits by the model that proposes: a strong one needs fewer attempts and owes more confidence. `mid-tier` is the default. */
export const governorPresets = {
  sota: { ...shared, attemptsMax: 5, improvementWindow: 2, stagnationAttempts: 3, confidenceFloor: 0.7 },
  'mid-tier': { ...shared, attemptsMax: 8, improvementWindow: 3, stagnationAttempts: 4, confidenceFloor: 0.5 },
  'local-small': { ...shared, attemptsMax: 12, improvementWindow: 4, stagnationAttempts: 6, confidenceFloor: 0.3 },
} as const satisfies Readonly<Record<string, GovernorLimits>>

/** Limits, each with its default, and where the healing began. */
export interface GovernorOptions extends Partial<GovernorLimits> {
  /** The state before any attempt: attempt 0, which is not counted, and is turned back to like any other when it is the best. */
  readonly before?: HealingAttempt
}

/** Options as they are used: complete, checked, frozen. */
export interface CheckedOptions {
  readonly limits: GovernorLimits
  readonly before: HealingAttempt | undefined
}

const ranges: Readonly<Record<keyof GovernorLimits, { readonly min: number; readonly max: number; readonly whole: boolean }>> = {
  attemptsMax: { min: 1, max: 200, whole: true },
  attemptsExtraMax: { min: 0, max: 100, whole: true },
  graceAttempts: { min: 0, max: 20, whole: true },
  improvementWindow: { min: 1, max: 50, whole: true },
  stagnationAttempts: { min: 1, max: 100, whole: true },
  confidenceFloor: { min: 0, max: 1, whole: false },
  confidencePromoteMin: { min: 0, max: 1, whole: false },
  qualityPromoteMin: { min: 0, max: 1, whole: false },
  errorsPromoteMax: { min: 0, max: Number.MAX_SAFE_INTEGER, whole: false },
  densityPromoteMax: { min: 0, max: 1, whole: false },
  errorsMargin: { min: 0, max: Number.MAX_SAFE_INTEGER, whole: false },
  changeRatioMin: { min: 0, max: 1, whole: false },
  significance: { min: Number.MIN_VALUE, max: 0.5 - Number.EPSILON, whole: false },
}

/**
 * Options with every default filled in.
 *
 * @throws RangeError when a number is out of range or a name is unknown; TypeError when something is of the wrong type.
 */
export function checkedOptions(options: GovernorOptions = {}): CheckedOptions {
  if (typeof options !== 'object' || options === null)
    throw new TypeError('Cannot use the options of a governor: they must be an object')
  const { before, ...given } = options
  const limits: Record<keyof GovernorLimits, number> = { ...governorPresets['mid-tier'] }
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) limits[limitName(name)] = checkedLimit(limitName(name), value)
  }
  return Object.freeze({ limits: Object.freeze(limits), before: before === undefined ? undefined : checkedAttempt(before) })
}

function limitName(name: string): keyof GovernorLimits {
  // What is an own key of the table is a key of its type.
  if (Object.hasOwn(ranges, name)) return name as keyof GovernorLimits
  throw new RangeError(`Cannot use "${name.slice(0, 50)}": a governor has no limit of that name`)
}

function checkedLimit(name: keyof GovernorLimits, value: number): number {
  const { min, max, whole } = ranges[name]
  if (typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value))) return value
  throw new RangeError(
    `Cannot use ${String(value)} as "${name}": it must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}`,
  )
}
