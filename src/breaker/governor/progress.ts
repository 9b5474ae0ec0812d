import { median } from './median.js'

/** What a series of error counts has achieved. */
export interface Progress {
  /** Values since the last one that was real progress; 0 when the newest is. */
  readonly stalled: number
  /** The size of a typical relapse: what a step must exceed to be more than to and fro. 0 for any series that never turns. */
  readonly noise: number
}

/** What makes a smaller count real progress. */
export interface ProgressOptions {
  /** The least change that counts, as a share of what was left, 0..1. */
  readonly changeRatioMin: number
  /** The noise is measured on so many values before. */
  readonly window: number
}

/**
 * How long nothing has moved. Progress is a new low that beats the last one by more than the noise and by a share of what was
 * left, so the measure has no scale; reaching 0 always is. Each value is judged by those before it alone: what comes later
 * never makes earlier progress undone, or an earlier stall good.
 */
export function progressOf(values: readonly number[], { changeRatioMin, window }: ProgressOptions): Progress {
  let low = Number.POSITIVE_INFINITY
  let stalled = -1
  for (const [index, value] of values.entries()) {
    const gain = low - value
    const noise = typicalRelapse(values.slice(Math.max(0, index - window), index))
    const isProgress = gain > 0 && (value === 0 || low === Infinity || (gain > noise && gain >= changeRatioMin * low))
    stalled = isProgress ? 0 : stalled + 1
    if (isProgress) low = value
  }
  return { stalled: Math.max(0, stalled), noise: typicalRelapse(values.slice(-window)) }
}

/**
 * The median, over all three values in a row, of what was undone at once: the smaller of the two steps where the series turns,
 * else 0. Unlike a variance it is 0 for steady progress of any curvature, and one wild attempt does not move it.
 */
function typicalRelapse(values: readonly number[]): number {
  const steps = values.slice(1).map((value, index) => value - (values[index] ?? value))
  return median(steps.slice(1).map((step, index) => relapse(steps[index] ?? 0, step)))
}

function relapse(before: number, after: number): number {
  return Math.sign(before) * Math.sign(after) < 0 ? Math.min(Math.abs(before), Math.abs(after)) : 0
}
