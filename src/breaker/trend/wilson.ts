/** Bounds of a share. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * Wilson's score interval (Journal of the American Statistical Association 22, 1927) for a share, `sigmas` standard deviations
 * to each side.
 *
 * @param calls - Above 0.
 */
export function wilsonInterval(failures: number, calls: number, sigmas: number): Interval {
  const weight = (sigmas * sigmas) / calls
  const ratio = failures / calls
  const centre = ratio + weight / 2
  const half = Math.sqrt(weight * (ratio * (1 - ratio) + weight / 4))
  return { low: Math.max(0, (centre - half) / (1 + weight)), high: Math.min(1, (centre + half) / (1 + weight)) }
}
