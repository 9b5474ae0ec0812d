const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Longer waits are not worth waiting for. */
const waitMsMax = 24 * 3_600_000

/**
 * How long a service asks to wait, in milliseconds, 0 to a day: `Retry-After: 30`, `retry after 1.5s`, `try again in 2m`,
 * `retryAfterMs: 250`. A date cannot be used: its clock is not ours.
 */
export function retryAfterMs(text: string): number | undefined {
  const match =
    /retry[-_ ]?after(?<ms>[-_ ]?ms)?['"]?\s?[:=]?\s?['"]?(?<amount>\d{1,9}(?:\.\d{1,6})?)(?:\s?(?<unit>ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b)?/i.exec(
      text,
    ) ??
    /(?:try again|retry|retrying|wait)(?: (?:in|for|after))?\s(?<amount>\d{1,9}(?:\.\d{1,6})?)\s?(?<unit>ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b/i.exec(
      text,
    )
  if (match === null) return undefined
  const { amount = '', unit = 's', ms } = match.groups ?? {}
  const scale =
    ms !== undefined || /^milli/i.test(unit) ? 1 : (unitsMs[unit.toLowerCase()] ?? unitsMs[unit.charAt(0).toLowerCase()] ?? 1_000)
  const waitMs = Math.round(Number(amount) * scale)
  return Number.isFinite(waitMs) && waitMs <= waitMsMax ? waitMs : undefined
}
