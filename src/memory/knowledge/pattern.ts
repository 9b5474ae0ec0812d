import type { Experience, Recipe } from '../../core/experience.js'
import type { FaultCategory } from '../../core/fault.js'
import { canonicalJson, sha256 } from '../../core/hash.js'
import { classIdOf } from './fault-class.js'

/** What tells one pattern from another. */
export interface PatternKey {
  /** 16 hex digits of the fault's class; `*` and a category for what older patterns were summed up into. */
  readonly classId: string
  readonly strategy: string
  /** Of the recipe, or of the names of the parameters where there is none; `*` for a sum. */
  readonly form: string
}

/** Which attempts went how, for one class of faults, one strategy and one form of parameters. Counts only ever grow. */
export interface Pattern extends PatternKey {
  readonly category: FaultCategory
  readonly code: string
  readonly worked: number
  readonly failed: number
  /** Sum of what the repairer gave as plausibility; 0.5 where it gave none. */
  readonly plausibilitySum: number
  /** Of all attempts together. */
  readonly costMs: number
  /** Milliseconds since 1970. */
  readonly firstEpochMs: number
  readonly lastEpochMs: number
  /** What is needed to predict and to do it again; pruning takes it away and leaves the counts. */
  readonly detail?: PatternDetail
}

export interface PatternDetail {
  readonly tool?: string
  /** Message of the class. */
  readonly shape: string
  /** Of the attempt seen last. */
  readonly parameters: Readonly<Record<string, string>>
  /** Of an attempt that worked. */
  readonly recipe?: Recipe
  /** Of faults it worked for, the latest first; at most {@link fingerprintsMax}. */
  readonly fingerprints: readonly string[]
}

/** One line of the log of attempts. */
export interface LoggedExperience {
  readonly classId: string
  readonly fingerprint: string
  readonly strategy: string
  readonly worked: boolean
  readonly costMs: number
  readonly epochMs: number
}

export const fingerprintsMax = 16

/** The pattern of a single experience. */
export function patternOf(experience: Experience): Pattern {
  const { faultClass, fingerprint, strategy, parameters, outcome, plausibility = 0.5, costMs, epochMs, recipe } = experience
  const worked = outcome === 'worked'
  return {
    classId: classIdOf(faultClass),
    strategy,
    form: formOf(recipe, parameters),
    category: faultClass.category,
    code: faultClass.code,
    worked: worked ? 1 : 0,
    failed: worked ? 0 : 1,
    plausibilitySum: plausibility,
    costMs,
    firstEpochMs: epochMs,
    lastEpochMs: epochMs,
    detail: {
      ...(faultClass.tool !== undefined && { tool: faultClass.tool }),
      shape: faultClass.shape,
      parameters,
      ...(worked && recipe !== undefined && { recipe }),
      fingerprints: worked ? [fingerprint] : [],
    },
  }
}

/** The line that the log keeps of an experience. */
export function logged({ faultClass, fingerprint, strategy, outcome, costMs, epochMs }: Experience): LoggedExperience {
  return { classId: classIdOf(faultClass), fingerprint, strategy, worked: outcome === 'worked', costMs, epochMs }
}

/** Two patterns of one key as one: counts are added, details are those of the newer one where it has any. */
export function merged(a: Pattern, b: Pattern): Pattern {
  const [older, newer] = a.lastEpochMs <= b.lastEpochMs ? [a, b] : [b, a]
  const { detail: _, ...counts } = newer
  const detail = mergedDetail(older.detail, newer.detail)
  return {
    ...counts,
    worked: capped(a.worked + b.worked),
    failed: capped(a.failed + b.failed),
    plausibilitySum: capped(a.plausibilitySum + b.plausibilitySum),
    costMs: capped(a.costMs + b.costMs),
    firstEpochMs: Math.min(a.firstEpochMs, b.firstEpochMs),
    ...(detail !== undefined && { detail }),
  }
}

/** One text for a key, and an order of keys that every store shares. */
export function keyText({ classId, strategy, form }: PatternKey): string {
  return `${classId}\u0000${strategy}\u0000${form}`
}

/** The pattern without what pruning takes away. */
export function bare(pattern: Pattern): Pattern {
  const { detail: _, ...counts } = pattern
  return counts
}

/** Tells the attempts of one strategy apart: 16 hex digits of the recipe, else of the names of the parameters. */
export function formOf(recipe: Recipe | undefined, parameters: Readonly<Record<string, string>>): string {
  return sha256(canonicalJson(recipe ?? Object.keys(parameters).sort())).slice(0, 16)
}

function mergedDetail(older: PatternDetail | undefined, newer: PatternDetail | undefined): PatternDetail | undefined {
  if (older === undefined || newer === undefined) return newer ?? older
  const recipe = newer.recipe ?? older.recipe
  const { recipe: _, ...rest } = newer
  return {
    ...rest,
    ...(recipe !== undefined && { recipe }),
    fingerprints: [...new Set([...newer.fingerprints, ...older.fingerprints])].slice(0, fingerprintsMax),
  }
}

/** Sums stay numbers that every store can hold exactly. */
function capped(sum: number): number {
  return Math.min(sum, Number.MAX_SAFE_INTEGER)
}
