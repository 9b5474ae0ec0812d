/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import { fitSmall } from '../calibration/small-logistic.js'

/** How answers of one scope differ from the rest: a shift and a stretch of their log odds. */
export interface ScopeEffect {
  readonly shift: number
  readonly slope: number
  /** Labels behind it. */
  readonly samples: number
}

export type ScopeEffects = ReadonlyMap<string, ScopeEffect>

/** Answers to learn scopes from. */
export interface ScopedRows {
  readonly rows: number
  /** From general to special. */
  readonly scopes: (row: number) => readonly string[]
  readonly logOdds: (row: number) => number
  /** 1 for right. */
  readonly correct: (row: number) => number
}

const scopesMax = 1_024
const shiftDeviation = 1
const slopeDeviation = 0.4

/**
 * Partial pooling: each scope may differ from its parents as far as its labels say so, drawn to no difference. A scope with few
 * labels stays near its parents. General scopes come first, and special ones explain what these leave over.
 */
export function fitScopes({ rows, scopes, logOdds, correct }: ScopedRows): ScopeEffects {
  const members = new Map<string, number[]>()
  const depth = new Map<string, number>()
  for (let row = 0; row < rows; row += 1) {
    for (const [index, scope] of scopes(row).entries()) {
      const list = members.get(scope)
      depth.set(scope, Math.max(index, depth.get(scope) ?? 0))
      if (list !== undefined) list.push(row)
      else if (members.size < scopesMax) members.set(scope, [row])
    }
  }
  const effects = new Map<string, ScopeEffect>()
  const now = Float64Array.from({ length: rows }, (_, row) => logOdds(row))
  const order = [...members].sort(([a], [b]) => (depth.get(a) ?? 0) - (depth.get(b) ?? 0) || (a < b ? -1 : 1))
  for (const [scope, list] of order) {
    const at = (index: number): number => now[list[index] as number] as number
    const [shift = 0, stretch = 0] = fitSmall({
      rows: list.length,
      features: (index, into) => {
        into[0] = 1
        into[1] = at(index)
      },
      correct: (index) => correct(list[index] as number),
      offset: at,
      mean: [0, 0],
      deviation: [shiftDeviation, slopeDeviation],
      lowest: [-Infinity, -0.95],
    })
    const effect = { shift, slope: 1 + stretch, samples: list.length }
    effects.set(scope, effect)
    for (const row of list) now[row] = effect.shift + effect.slope * (now[row] as number)
  }
  return effects
}

/** Moves log odds by the effects of the scopes, from general to special. A scope that no label had changes nothing. */
export function applyScopes(effects: ScopeEffects, scopes: readonly string[], logOdds: number): number {
  let now = logOdds
  for (const scope of scopes) {
    const effect = effects.get(scope)
    if (effect !== undefined) now = effect.shift + effect.slope * now
  }
  return now
}
