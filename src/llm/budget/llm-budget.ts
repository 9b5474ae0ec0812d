import { whole, within } from '../../core/checked-number.js'
import { HomeostatError } from '../../core/errors.js'
import type { World } from '../../core/world.js'
import { BoundedKeys } from './bounded-keys.js'
import {
  BudgetScope,
  type Amounts,
  type ScopeHold,
  type ScopeLimits,
  type ScopeRefusal,
  type ScopeSnapshot,
} from './budget-scope.js'
import type { LearntTokens, LlmEstimate } from './estimate.js'
import type { LlmCost } from './llm-usage.js'
import { priceOf, usdOf } from './prices.js'
import type { ModelPrice, PriceTable } from './price-table.js'

export type { ScopeLimits, ScopeSnapshot } from './budget-scope.js'

/** What may be spent: on everything, and on each key. */
export interface LlmBudgetLimits extends ScopeLimits {
  /** The same limits for each key by itself. */
  readonly perKey?: ScopeLimits | undefined
  /**
   * US dollars to count for a call whose price nobody knows. Without it such calls are refused as soon as money is limited: a
   * limit that does not count is none.
   */
  readonly unknownUsd?: number | undefined
}

/** A place in the budget. The first of the two calls counts, later ones do nothing; neither throws. */
export interface Reservation {
  /** The call is over: what it really took replaces what it was expected to take. */
  settle(actual: LlmCost): void
  /** The call took nothing: it failed, or was never sent. It still counts as a request. */
  release(): void
}

/** A budget as it stands; plain JSON. */
export interface LlmBudgetSnapshot extends ScopeSnapshot {
  /** Calls whose price was not known, since the budget was made. */
  readonly unpriced: number
  readonly refused: number
  readonly keys: Readonly<Record<string, ScopeSnapshot>>
}

interface KeyState {
  readonly scope: BudgetScope
  /** Whether the key names a model; lists of models, files and the like do not, and cost nothing. */
  readonly named: boolean
  readonly price: ModelPrice | undefined
  /** Running means; `undefined` until a provider has counted. */
  inputTokens: number | undefined
  outputTokens: number | undefined
}

const keysMax = 1_000
/** Until a provider has counted, a call of which nothing is known is expected to take so much of either. */
const tokensGuess = 1_000
/** Weight of the latest call in the running means. */
const learningWeight = 0.1

/**
 * What calls of language models may cost, in money, tokens, requests and calls at once, over everything and for each key. A call
 * reserves what it is expected to take before it is sent, and settles what it took afterwards, so that calls at the same time
 * cannot together exceed what each of them would have kept: a limit is exceeded at most by what calls under way took beyond what
 * they were expected to take.
 *
 * Money and tokens count from the start of a call, for up to a quarter of an hour more than 24, and for 60 to 61 seconds. A
 * thousand keys are remembered; the limits of a forgotten key begin anew, those over everything do not.
 */
export class LlmBudget {
  readonly #limits: LlmBudgetLimits
  readonly #world: World
  readonly #overall: BudgetScope
  readonly #keys: BoundedKeys<KeyState>
  #unpriced = 0
  #refused = 0

  /**
   * @param prices - Go before the list prices.
   * @throws RangeError when a limit is no number above 0, or no whole one where calls, requests or tokens are counted.
   */
  constructor(limits: LlmBudgetLimits, world: World, prices?: PriceTable) {
    const perKey = limits.perKey ?? {}
    checkLimits(limits, '')
    checkLimits(perKey, 'perKey.')
    if (limits.unknownUsd !== undefined) within('unknownUsd', limits.unknownUsd, 0)
    this.#limits = limits
    this.#world = world
    this.#overall = new BudgetScope(limits)
    this.#keys = new BoundedKeys<KeyState>({
      max: keysMax,
      make: (key) => ({
        scope: new BudgetScope(perKey),
        named: modelOf(key) !== '-',
        price: priceOf(modelOf(key), prices),
        inputTokens: undefined,
        outputTokens: undefined,
      }),
      idle: ({ scope }) => scope.concurrent === 0,
    })
  }

  /**
   * Takes what a call is expected to cost out of the budget, before it is sent.
   *
   * @param key - `provider/model`.
   * @throws HS_LLM_BUDGET with the limit and when there will be room; HS_LLM_UNAFFORDABLE when there never will be. Then nothing
   * has changed.
   */
  reserve(key: string, estimate: LlmEstimate): Reservation {
    const nowMs = this.#world.clock.monoMs()
    const state = this.#keys.obtain(key)
    const expected = this.#expected(key, { state, estimate })
    this.#admit(key, { state, expected, nowMs })
    if (state.named && state.price === undefined) this.#unpriced += 1
    const holds = [this.#overall.enter(expected, nowMs), state.scope.enter(expected, nowMs)]
    return this.#reservation(holds, { state, expected })
  }

  /** What calls of a key used in the mean, for {@link estimateOf}. */
  learntOf(key: string): LearntTokens {
    const state = this.#keys.peek(key)
    return { inputTokens: state?.inputTokens, outputTokens: state?.outputTokens }
  }

  snapshot(): LlmBudgetSnapshot {
    const nowMs = this.#world.clock.monoMs()
    return {
      ...this.#overall.snapshot(nowMs),
      unpriced: this.#unpriced,
      refused: this.#refused,
      keys: Object.fromEntries([...this.#keys.entries()].map(([key, { scope }]) => [key, scope.snapshot(nowMs)])),
    }
  }

  #expected(key: string, { state, estimate }: { readonly state: KeyState; readonly estimate: LlmEstimate }): Amounts {
    const input = count(estimate.inputTokens) ?? state.inputTokens ?? tokensGuess
    const output = count(estimate.outputTokensMax) ?? state.outputTokens ?? tokensGuess
    return { usd: this.#usdOf(key, state, { input, output }), tokens: input + output }
  }

  #usdOf(key: string, { named, price }: KeyState, tokens: { readonly input: number; readonly output: number }): number {
    if (price !== undefined) return usdOf(price, tokens)
    if (!named) return 0
    if (this.#limits.unknownUsd !== undefined) return this.#limits.unknownUsd
    const limited = moneyLimitOf(this.#limits)
    if (limited === undefined) return 0
    this.#refused += 1
    throw new HomeostatError('HS_LLM_UNAFFORDABLE', {
      key,
      ...limited,
      reason: 'the price of its model is not known; name it in "prices"',
    })
  }

  #admit(key: string, { state, expected, nowMs }: { state: KeyState; expected: Amounts; nowMs: number }): void {
    const overall = this.#overall.refusal(expected, nowMs)
    const own = state.scope.refusal(expected, nowMs)
    if (overall === undefined && own === undefined) return
    this.#refused += 1
    throw refused(key, { overall, own, expected })
  }

  #reservation(holds: readonly ScopeHold[], { state, expected }: { state: KeyState; expected: Amounts }): Reservation {
    let open = true
    const leave = (actual: Amounts | undefined): void => {
      if (!open) return
      open = false
      const nowMs = this.#world.clock.monoMs()
      for (const hold of holds) hold.leave(actual, nowMs)
    }
    return {
      settle: (actual) => {
        if (open && !actual.estimated) learn(state, actual)
        leave(actualOf(actual, expected))
      },
      release: () => leave(undefined),
    }
  }
}

/** What a call took; what nobody knows, or nobody can have used, is as expected. */
function actualOf({ usd, inputTokens, outputTokens }: LlmCost, expected: Amounts): Amounts {
  const input = count(inputTokens)
  const output = count(outputTokens)
  return {
    usd: count(usd) ?? expected.usd,
    tokens: input === undefined || output === undefined ? expected.tokens : input + output,
  }
}

function learn(state: KeyState, { inputTokens, outputTokens }: LlmCost): void {
  state.inputTokens = mean(state.inputTokens, count(inputTokens))
  state.outputTokens = mean(state.outputTokens, count(outputTokens))
}

function mean(before: number | undefined, value: number | undefined): number | undefined {
  if (before === undefined || value === undefined) return value ?? before
  return before + (value - before) * learningWeight
}

/** An amount that can be believed: finite and not negative. */
function count(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined
}

function refused(
  key: string,
  { overall, own, expected }: { overall: ScopeRefusal | undefined; own: ScopeRefusal | undefined; expected: Amounts },
): HomeostatError {
  const waitOf = (refusal: ScopeRefusal | undefined): number =>
    refusal === undefined ? -1 : (refusal.retryAfterMs ?? Number.POSITIVE_INFINITY)
  const ofKey = waitOf(own) > waitOf(overall)
  const refusal = ofKey ? own : overall
  const limit = `${ofKey ? 'perKey.' : ''}${refusal?.limit ?? ''}`
  const value = refusal?.value ?? 0
  if (refusal?.retryAfterMs !== undefined)
    return new HomeostatError('HS_LLM_BUDGET', { key, limit, value, retryAfterMs: refusal.retryAfterMs })
  const amount = limit.includes('usd') ? `${expected.usd} US dollars` : `${expected.tokens} tokens`
  return new HomeostatError('HS_LLM_UNAFFORDABLE', { key, limit, value, reason: `this call alone may take ${amount}` })
}

function moneyLimitOf({ usdPerDay, usdPerCallMax, perKey }: LlmBudgetLimits): { limit: string; value: number } | undefined {
  const named: readonly (readonly [string, number | undefined])[] = [
    ['usdPerDay', usdPerDay],
    ['usdPerCallMax', usdPerCallMax],
    ['perKey.usdPerDay', perKey?.usdPerDay],
    ['perKey.usdPerCallMax', perKey?.usdPerCallMax],
  ]
  for (const [limit, value] of named) if (value !== undefined) return { limit, value }
  return undefined
}

/** The model of `provider/model#credential`. */
function modelOf(key: string): string {
  return key.slice(key.indexOf('/') + 1).replace(/#[^#]*$/, '')
}

function checkLimits(limits: ScopeLimits, prefix: string): void {
  for (const name of ['usdPerDay', 'usdPerCallMax'] as const) {
    const value = limits[name]
    if (value !== undefined) within(`${prefix}${name}`, value, Number.MIN_VALUE)
  }
  for (const name of ['tokensPerMinute', 'requestsPerMinute', 'concurrentMax'] as const) {
    const value = limits[name]
    if (value !== undefined) whole(`${prefix}${name}`, value, 1)
  }
}
