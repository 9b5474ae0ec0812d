import { AsyncLocalStorage } from 'node:async_hooks'
import type { Orchestrator } from '../../orchestrator/orchestrator.js'
import { AnswerSharing } from '../cache/answer-sharing.js'
import { TargetLoads } from '../balance/target-loads.js'
import { BoundedKeys } from '../budget/bounded-keys.js'
import { LlmBudget } from '../budget/llm-budget.js'
import { RateLimiter } from '../limit/rate-limiter.js'
import { HedgeTimer } from '../hedge/hedge-timer.js'
import type { LlmOptions } from '../llm-options.js'
import type { LlmTrace } from './llm-trace.js'

/** Makes what all requests of one guard share. */
export function createSurroundings(healer: Orchestrator, options: LlmOptions, send: typeof fetch): FetchSurroundings {
  const { hedge } = options
  return {
    healer,
    options,
    send,
    budget: new LlmBudget(options.budget, healer.world, options.prices),
    limiter: new RateLimiter(healer.world),
    loads: new TargetLoads(healer.world.clock),
    hedges: hedge.enabled
      ? new BoundedKeys({ max: hedgedKeysMax, make: () => new HedgeTimer(hedge), idle: () => true })
      : undefined,
    sharing: new AnswerSharing(options.cache, healer.world.clock),
    traces: new AsyncLocalStorage<LlmTrace>(),
  }
}

const hedgedKeysMax = 1_000

/** What all requests of one guard share. */
export interface FetchSurroundings {
  readonly healer: Orchestrator
  readonly options: LlmOptions
  readonly budget: LlmBudget
  readonly limiter: RateLimiter
  readonly loads: TargetLoads
  /** One for each key; `undefined`: there are no second requests. */
  readonly hedges: BoundedKeys<HedgeTimer> | undefined
  readonly sharing: AnswerSharing
  /** The fetch that really sends. */
  readonly send: typeof fetch
  /** Whoever wraps a client follows its requests here. */
  readonly traces: AsyncLocalStorage<LlmTrace>
}
