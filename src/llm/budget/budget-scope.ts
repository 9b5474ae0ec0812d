import { RollingSum } from './rolling-sum.js'

/** Limits of one scope: of everything, or of each key. What is `undefined` is not limited. */
export interface ScopeLimits {
  /** US dollars in any 24 hours. */
  readonly usdPerDay?: number | undefined
  /** US dollars that one call may be expected to cost. */
  readonly usdPerCallMax?: number | undefined
  /** Tokens, sent and received, of the calls that started in any 60 seconds. */
  readonly tokensPerMinute?: number | undefined
  /** Calls that started in any 60 seconds. */
  readonly requestsPerMinute?: number | undefined
  /** Calls under way at once. */
  readonly concurrentMax?: number | undefined
}

/** What a call is expected to take, or took. */
export interface Amounts {
  readonly usd: number
  readonly tokens: number
}

/** Why a call does not fit. */
export interface ScopeRefusal {
  readonly limit: keyof ScopeLimits
  readonly value: number
  /** Until there is room, milliseconds; `undefined` when there never will be, because the call alone is larger than the limit. */
  readonly retryAfterMs: number | undefined
}

/** A scope as it stands; plain JSON. */
export interface ScopeSnapshot {
  /** In the last 24 hours, calls under way at what they are expected to cost. */
  readonly usd: number
  /** In the last minute, calls under way at what they are expected to use. */
  readonly tokens: number
  readonly requests: number
  readonly concurrent: number
}

/** A call that was let in. */
export interface ScopeHold {
  /** It is over and took this; nothing when it took nothing. Called once. */
  readonly leave: (actual: Amounts | undefined, nowMs: number) => void
}

const minuteMs = 60_000
const dayMs = 86_400_000
const quartersOfAnHour = 96

/** Until a call has ended there is nothing better to say of how long one takes, milliseconds. */
const durationMsGuess = 1_000
/** Weight of the latest duration in their running mean. */
const durationWeight = 0.1
/** Sums of binary fractions may be above a limit by less than this share of it and still be at it. */
const rounding = 1e-9

/** Counts what one scope has used, and says whether one more call fits. Changes nothing when it does not. */
export class BudgetScope {
  readonly #limits: ScopeLimits
  readonly #usd = new RollingSum({ windowMs: dayMs, buckets: quartersOfAnHour })
  readonly #tokens = new RollingSum({ windowMs: minuteMs, buckets: 60 })
  readonly #requests = new RollingSum({ windowMs: minuteMs, buckets: 60 })
  #concurrent = 0
  #durationMs = durationMsGuess

  constructor(limits: ScopeLimits) {
    this.#limits = limits
  }

  get concurrent(): number {
    return this.#concurrent
  }

  /** The limit that keeps a call out for longest; `undefined` when it fits. */
  refusal({ usd, tokens }: Amounts, nowMs: number): ScopeRefusal | undefined {
    const { usdPerDay, usdPerCallMax, tokensPerMinute, requestsPerMinute, concurrentMax } = this.#limits
    const refusals: ScopeRefusal[] = []
    const refuse = (limit: keyof ScopeLimits, value: number, retryAfterMs: number | undefined): void => {
      refusals.push({ limit, value, retryAfterMs })
    }
    const inWindow = (limit: keyof ScopeLimits, value: number | undefined, window: RollingSum, amount: number): void => {
      if (value === undefined) return
      const max = value * (1 + rounding)
      if (amount > max) return refuse(limit, value, undefined)
      const waitMs = window.fallsToMs(max - amount, nowMs)
      if (waitMs > 0) refuse(limit, value, waitMs)
    }
    if (usdPerCallMax !== undefined && usd > usdPerCallMax * (1 + rounding)) refuse('usdPerCallMax', usdPerCallMax, undefined)
    inWindow('usdPerDay', usdPerDay, this.#usd, usd)
    inWindow('tokensPerMinute', tokensPerMinute, this.#tokens, tokens)
    inWindow('requestsPerMinute', requestsPerMinute, this.#requests, 1)
    // Nobody knows when the next one ends; spread evenly, one of so many ends in this time.
    if (concurrentMax !== undefined && this.#concurrent >= concurrentMax)
      refuse('concurrentMax', concurrentMax, Math.max(1, Math.ceil(this.#durationMs / concurrentMax)))
    return longest(refusals)
  }

  /** Lets a call in; ask {@link BudgetScope.refusal} before. */
  enter({ usd, tokens }: Amounts, startedMs: number): ScopeHold {
    const usdAt = this.#usd.add(usd, startedMs)
    const tokensAt = this.#tokens.add(tokens, startedMs)
    this.#requests.add(1, startedMs)
    this.#concurrent += 1
    return {
      leave: (actual, nowMs) => {
        this.#concurrent -= 1
        this.#usd.correct(usdAt, (actual?.usd ?? 0) - usd, nowMs)
        this.#tokens.correct(tokensAt, (actual?.tokens ?? 0) - tokens, nowMs)
        const tookMs = nowMs - startedMs
        if (actual !== undefined && tookMs >= 0) this.#durationMs += (tookMs - this.#durationMs) * durationWeight
      },
    }
  }

  snapshot(nowMs: number): ScopeSnapshot {
    return {
      usd: this.#usd.total(nowMs),
      tokens: this.#tokens.total(nowMs),
      requests: this.#requests.total(nowMs),
      concurrent: this.#concurrent,
    }
  }
}

function longest(refusals: readonly ScopeRefusal[]): ScopeRefusal | undefined {
  const waitOf = ({ retryAfterMs }: ScopeRefusal): number => retryAfterMs ?? Number.POSITIVE_INFINITY
  return refusals.reduce<ScopeRefusal | undefined>(
    (worst, refusal) => (worst === undefined || waitOf(refusal) > waitOf(worst) ? refusal : worst),
    undefined,
  )
}
