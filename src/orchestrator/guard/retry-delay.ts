/** How long to wait between two attempts. */
export interface DelayLimits {
  readonly delayMsBase: number
  readonly delayMsMax: number
}

/**
 * Exponential backoff with full jitter (Marc Brooker, "Exponential Backoff And Jitter", AWS 2015): a random share of a
 * ceiling that doubles with each failure. The jitter is inside the ceiling, so `delayMsMax` is never exceeded.
 *
 * @param failures - Attempts that failed so far, at least 1.
 * @param share - A random number in [0, 1).
 * @returns Whole milliseconds, 0..`delayMsMax`.
 */
export function retryDelayMs(failures: number, { delayMsBase, delayMsMax }: DelayLimits, share: number): number {
  // 2 ** 60 exceeds every limit; going further would end at Infinity, and Infinity times 0 is NaN.
  return Math.floor(share * Math.min(delayMsMax, delayMsBase * 2 ** Math.min(Math.max(0, failures - 1), 60)))
}
