import type { Orchestrator } from '../orchestrator/orchestrator.js'
import type { LanguageModelLike } from './ai-sdk/language-model.js'
import { guardModel, modelMiddleware, type MiddlewareOptions, type ModelMiddleware } from './ai-sdk/guard-model.js'
import type { AnswerSharingSnapshot } from './cache/answer-sharing.js'
import type { LlmBudgetSnapshot } from './budget/llm-budget.js'
import { createSurroundings } from './fetch/surroundings.js'
import { degrade, type LadderAnswer, type LadderOptions, type StepReport } from './ladder/degrade.js'
import type { RateLimiterSnapshot } from './limit/rate-limiter.js'
import { parseLlmOptions, type LlmOptions, type LlmOptionsInput } from './llm-options.js'
import type { LlmMeta } from './meta.js'
import { askStructured, type StructuredOptions, type StructuredResult } from './structured/ask-structured.js'
import { QualityCircuits } from './structured/quality-circuits.js'
import { clientGuard } from './wrap/client-guard.js'
import type { SdkClient, WrapOptions } from './wrap/sdk-client.js'
import { wrapClient } from './wrap/wrap-client.js'

/** Where a guard sends its requests, if not through Node's own fetch. */
export interface LlmPorts {
  readonly fetch?: typeof fetch | undefined
}

/** What a guard limits and shares, as it stands; plain JSON. Circuits are in the snapshot of the orchestrator. */
export interface LlmSnapshot {
  readonly budget: LlmBudgetSnapshot
  readonly limits: RateLimiterSnapshot
  readonly sharing: AnswerSharingSnapshot
}

/** The guard of all calls of language models in one service. */
export interface LlmGuard {
  /** The options with all defaults. */
  readonly options: LlmOptions
  /** A `fetch` under guard: give it to any SDK, with `maxRetries: 0`. */
  readonly fetch: typeof fetch
  /** The same client under guard: type, overloads, `withResponse()` and streams stay as they are. For OpenAI's and Anthropic's. */
  wrap<C extends SdkClient>(client: C, options?: WrapOptions): C
  /** One model of the AI SDK that asks these in order of preference; the type is that of the first. */
  model<M extends LanguageModelLike>(...models: readonly M[]): M
  /** The same for `wrapLanguageModel`. */
  middleware(options?: MiddlewareOptions): ModelMiddleware
  /** What is known of the call that a result, a stream or an error came from; `undefined` for what is not from here. */
  meta(result: unknown): LlmMeta | undefined
  /**
   * A value that fits a schema, asked for again with what was wrong.
   *
   * @throws HS_LLM_STRUCTURE, and what asking throws.
   */
  askStructured<T>(options: Omit<StructuredOptions<T>, 'quality'>): Promise<StructuredResult<T>>
  /**
   * The best answer that can be had: a model, another one, what was good last, something written beforehand.
   *
   * @throws HS_LLM_REFUSED, and what no step takes over from.
   */
  degrade<T>(options: Omit<LadderOptions<T>, 'world'>): Promise<LadderAnswer<T>>
  snapshot(): LlmSnapshot
}

/**
 * Guards calls of language models. What it learns and limits belongs to this guard; circuits belong to `healer`, under keys like
 * `openai/gpt-5`. It starts nothing and needs no closing: close the healer.
 *
 * @throws HS_INPUT_INVALID when an option cannot be.
 * @example
 * ```ts
 * const healer = new SelfHealingOrchestrator()
 * const llm = createLlmGuard(healer, { timeouts: { firstTokenMs: 20_000, idleMs: 15_000 } })
 * expect(llm.options.timeouts.totalMs).toBe(600_000)
 * await healer.close()
 * ```
 */
export function createLlmGuard(healer: Orchestrator, options?: LlmOptionsInput, ports: LlmPorts = {}): LlmGuard {
  const known = parseLlmOptions(options)
  const around = createSurroundings(healer, known, ports.fetch ?? globalThis.fetch)
  const guard = clientGuard(around)
  const quality = new QualityCircuits(healer.world, { changed: (key, view) => tellCircuit(healer, key, view) })
  return {
    options: known,
    fetch: guard.fetch,
    wrap: (client, wrapOptions) => wrapClient(client, guard, wrapOptions),
    model: (...models) => guardModel(models, guard),
    middleware: (middlewareOptions) => modelMiddleware(guard, middlewareOptions),
    meta: (result) => guard.meta.of(result),
    askStructured: (question) => askStructured({ ...question, quality }),
    degrade: (ladder) => degrade({ ...ladder, world: healer.world, onStep: (step) => tellStep(healer, step, ladder.onStep) }),
    snapshot: () => ({
      budget: around.budget.snapshot(),
      limits: around.limiter.snapshot(),
      sharing: around.sharing.snapshot(),
    }),
  }
}

function tellCircuit(
  { emit }: Orchestrator,
  key: string,
  { state, reason, retryAfterMs }: { readonly state: string; readonly reason: string | null; readonly retryAfterMs: number },
): void {
  if (state === 'open') emit('circuit.opened', { key, reason: reason ?? '', retryAfterMs })
  else if (state === 'half-open') emit('circuit.half-opened', { key, probesMax: 1 })
  else emit('circuit.closed', { key })
}

/** The best answer, given at once, is nothing to tell. */
function tellStep({ emit }: Orchestrator, step: StepReport, onStep: ((report: StepReport) => void) | undefined): void {
  if (step.result !== 'answered' || step.failure !== undefined) emit('llm.degraded', { ...step })
  onStep?.(step)
}
