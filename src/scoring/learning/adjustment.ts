/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import { fitSmall } from '../calibration/small-logistic.js'
import { applyScopes, fitScopes, type ScopeEffects } from './scope-effects.js'

/** A shift and a stretch of log odds since a change. */
export interface Recent {
  readonly shift: number
  readonly slope: number
  readonly samples: number
}

/** What comes on top of the model: what is special about each scope, and what has changed lately. */
export interface Adjustment {
  readonly effects: ScopeEffects
  readonly recent: Recent | undefined
}

/** Outcomes with the log odds that the model gave them before it knew their truth. */
export interface AdjustmentRows {
  readonly rows: number
  readonly logOdds: (row: number) => number
  /** 1 for right. */
  readonly correct: (row: number) => number
  readonly scopes: (row: number) => readonly string[]
  /** Whether the outcome came after the change; `undefined` when nothing has changed. */
  readonly isRecent: ((row: number) => boolean) | undefined
  /** Whether any outcome has a scope. */
  readonly scoped: boolean
}

/** Fits scopes first, then what has changed on top of them. */
export function fitAdjustment({ rows, logOdds, correct, scopes, isRecent, scoped }: AdjustmentRows): Adjustment {
  const effects = scoped ? fitScopes({ rows, scopes, logOdds, correct }) : new Map()
  if (isRecent === undefined) return { effects, recent: undefined }
  const recent = Array.from({ length: rows }, (_, row) => row).filter(isRecent)
  const scopedLogOdds = Float64Array.from(recent, (row) => applyScopes(effects, scopes(row), logOdds(row)))
  const [shift = 0, slope = 1] = fitSmall({
    rows: recent.length,
    features: (at, into) => {
      into[0] = 1
      into[1] = scopedLogOdds[at] as number
    },
    correct: (at) => correct(recent[at] as number),
    mean: [0, 1],
    deviation: [1.5, 0.5],
    lowest: [-Infinity, 0.05],
  })
  return { effects, recent: { shift, slope, samples: recent.length } }
}

/** Moves the model's log odds by what is known of the scopes and of the change. */
export function adjust({ effects, recent }: Adjustment, scopes: readonly string[], logOdds: number): number {
  const scoped = applyScopes(effects, scopes, logOdds)
  return recent === undefined ? scoped : recent.shift + recent.slope * scoped
}
