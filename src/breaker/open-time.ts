/** Openings after the first are shortened by up to this share, so that many processes do not probe in step. */
const jitterRatio = 0.25

/** How long a circuit may stay open. */
export interface OpenTimeLimits {
  readonly openMs: number
  readonly openMsMax: number
}

/**
 * How long an opening lasts, in milliseconds, before anyone asked for more: `openMs` the first time, exactly, because users
 * count on it; then twice as long each time, with jitter, at least `openMs` and at most `openMsMax`.
 *
 * @param openings - Openings before this one since the last recovery; whole, at least 0.
 * @param random - A number in [0, 1); asked only when there is jitter.
 */
export function openTimeMs(openings: number, { openMs, openMsMax }: OpenTimeLimits, random: () => number): number {
  if (openings === 0) return openMs
  const grownMs = Math.min(openMsMax, openMs * 2 ** Math.min(openings, 60))
  return Math.max(openMs, grownMs * (1 - jitterRatio * random()))
}

/** How much of a Retry-After is heard, and what to say about it. */
export interface AskedTime {
  /** At least 0, at most `openMsMax`. */
  readonly ms: number
  /** A sentence when less is heard than was asked for; otherwise empty. */
  readonly note: string
}

/** Hears how long the target asks to be left alone. It may come from a header, so it may be any number, or none. */
export function askedTime(retryAfterMs: number | undefined, { openMsMax }: OpenTimeLimits): AskedTime {
  // The comparison also drops NaN.
  if (retryAfterMs === undefined || !(retryAfterMs > 0)) return { ms: 0, note: '' }
  if (retryAfterMs <= openMsMax) return { ms: retryAfterMs, note: '' }
  return { ms: openMsMax, note: `; it asked to be left alone for ${retryAfterMs} ms, of which ${openMsMax} ms are granted` }
}
