/** What a provider says is left of one limit. */
export interface RateReading {
  readonly resource: 'requests' | 'tokens' | 'input-tokens' | 'output-tokens'
  readonly limit: number | undefined
  readonly remaining: number | undefined
  /** Until it is full again, milliseconds, at least 0. */
  readonly resetMs: number | undefined
}

const resources = ['requests', 'tokens', 'input-tokens', 'output-tokens'] as const

/** No reset is believed beyond a day: a unit is wrong then. */
const resetMsMax = 86_400_000

/** Reads `x-ratelimit-*` (OpenAI, Azure, Groq and others) and `anthropic-ratelimit-*`; nothing of what makes no sense. */
export function rateLimitsOf(headers: Headers, epochMs: number): readonly RateReading[] {
  const told = new Map<string, string>()
  // Most answers have none: to go through the names once costs less than to ask for each of two dozen.
  for (const [name, value] of headers) if (name.includes('-ratelimit-')) told.set(name, value)
  if (told.size === 0) return []
  return resources.flatMap((resource) => {
    const read = (what: string): string | undefined =>
      told.get(`x-ratelimit-${what}-${resource}`) ?? told.get(`anthropic-ratelimit-${resource}-${what}`)
    const reading = {
      resource,
      limit: count(read('limit')),
      remaining: count(read('remaining')),
      resetMs: reset(read('reset'), epochMs),
    }
    return reading.limit === undefined && reading.remaining === undefined ? [] : [reading]
  })
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined
}

/** `1s`, `6m0s`, `20ms`, `1.5`, or a date as RFC 3339. */
function reset(text: string | undefined, epochMs: number): number | undefined {
  if (text === undefined || text.length > 40) return undefined
  const ms = durationOf(text.trim()) ?? untilOf(text, epochMs)
  return ms === undefined ? undefined : Math.min(Math.max(0, ms), resetMsMax)
}

function durationOf(text: string): number | undefined {
  if (/^\d{1,9}(?:\.\d{1,9})?$/.test(text)) return Number(text) * 1_000
  const match = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9}(?:\.\d{1,9})?)s)?(?:(\d{1,9}(?:\.\d{1,9})?)ms)?$/.exec(
    text,
  )
  if (match === null || text === '') return undefined
  const [days, hours, minutes, seconds, ms] = match.slice(1).map((part) => Number(part ?? 0))
  return ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1_000 + (ms ?? 0)
}

function untilOf(text: string, epochMs: number): number | undefined {
  const atMs = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(atMs) ? undefined : atMs - epochMs
}
