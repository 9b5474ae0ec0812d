import { inversionChances } from './inversions.js'
import { median } from './median.js'

/** Where a series goes, how fast, and how sure that is. */
export interface SeriesTrend {
  /** `flat`: no direction is proven, and the slope is too small to matter. `unknown`: it may move, but nothing is proven. */
  readonly direction: 'rising' | 'falling' | 'flat' | 'unknown'
  /** Change from one value to the next; the median of the slopes between all pairs (Theil 1950, Sen 1968). 0 for one value. */
  readonly slope: number
  /** How likely values in random order would rise this clearly, or more so, 0..1. */
  readonly pRising: number
  /** The same for falling. */
  readonly pFalling: number
}

/** When a direction is believed, and when it matters. */
export interface TrendOptions {
  readonly significance: number
  readonly changeRatioMin: number
}

/**
 * The direction of a short series: robust slope, and the exact test of Mann (1945) and Kendall with ties. It takes the values
 * for exchangeable when there is no trend; where each builds on the one before, the chances are those of a best case.
 *
 * @param values - In order, finite; at most some 50, for the work grows with the third power.
 * @param options - `significance`: the chance up to which a direction is believed, for each of the two by itself; above 0, below
 * 0.5. `changeRatioMin`: the change over all values, as a share of a typical one, below which the series is flat.
 * @example
 * ```ts
 * const trend = seriesTrend([34, 22, 12, 6, 3], { significance: 0.05, changeRatioMin: 0.05 })
 * expect(trend.direction).toBe('falling')
 * expect(trend.pFalling).toBeCloseTo(1 / 120)
 * ```
 */
export function seriesTrend(values: readonly number[], options: TrendOptions): SeriesTrend {
  let rising = 0
  let falling = 0
  const slopes: number[] = []
  for (const [later, value] of values.entries()) {
    for (const [earlier, other] of values.slice(0, later).entries()) {
      if (value > other) rising += 1
      if (value < other) falling += 1
      slopes.push((value - other) / (later - earlier))
    }
  }
  const chances = inversionChances(groupSizes(values))
  const pRising = chances[falling] ?? 1
  const pFalling = chances[rising] ?? 1
  const slope = median(slopes)
  return { direction: directionOf({ values, slope, pRising, pFalling }, options), slope, pRising, pFalling }
}

function directionOf(
  { values, slope, pRising, pFalling }: Omit<SeriesTrend, 'direction'> & { readonly values: readonly number[] },
  { significance, changeRatioMin }: TrendOptions,
): SeriesTrend['direction'] {
  if (pRising <= significance) return 'rising'
  if (pFalling <= significance) return 'falling'
  const change = Math.abs(slope) * (values.length - 1)
  const isSmall = change <= changeRatioMin * median(values.map((value) => Math.abs(value)))
  return isSmall && chanceOfOneOrder(values.length) <= significance ? 'flat' : 'unknown'
}

/** Of different values: with fewer than this makes significant, nothing can be said, not even that nothing moves. */
function chanceOfOneOrder(count: number): number {
  let chance = 1
  for (let factor = 2; factor <= count; factor += 1) chance /= factor
  return chance
}

/** In ascending order, so that a series and its mirror image are computed alike, to the last bit. */
function groupSizes(values: readonly number[]): readonly number[] {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts.values()].sort((a, b) => a - b)
}
