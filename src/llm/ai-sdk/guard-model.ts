import { classifyThrown } from '../failure/classify-thrown.js'
import { newTrace } from '../fetch/llm-trace.js'
import { fieldOf } from '../../orchestrator/guard/error-shape.js'
import type { ClientGuard } from '../wrap/client-guard.js'
import { firstThatAnswers } from '../fetch/first-that-answers.js'
import { askModel } from './ask-model.js'
import { checkedModels, keyOfModel, type LanguageModelLike, type ModelParams, type StreamResult } from './language-model.js'
import { finalError } from './model-error.js'

/** A guard as middleware of the AI SDK: a `LanguageModelV4Middleware`. */
export interface ModelMiddleware {
  readonly specificationVersion: 'v4'
  wrapGenerate<R extends object>(call: MiddlewareCall & { readonly doGenerate: () => PromiseLike<R> }): Promise<R>
  wrapStream<R extends StreamResult>(call: MiddlewareCall & { readonly doStream: () => PromiseLike<R> }): Promise<R>
}

/** A call that a middleware is handed. */
export interface MiddlewareCall {
  readonly model: LanguageModelLike
  readonly params: ModelParams
}

/** What a middleware can be told. */
export interface MiddlewareOptions {
  /** Models that are asked, in this order, when the wrapped one fails in a way that another may not. */
  readonly fallback?: readonly LanguageModelLike[] | undefined
}

/**
 * One model of the AI SDK out of several in order of preference: the first, with the others in its place when it fails in a way
 * that another may not, before the first content has reached the caller. The same type as the first.
 *
 * @throws TypeError when there is none, one is no model, or they follow different versions of the specification.
 */
export function guardModel<M extends LanguageModelLike>(models: readonly M[], guard: ClientGuard): M {
  const first = checkedModels(models)
  const loop = new SecondLoopWarning()
  const own: Readonly<Record<string | symbol, unknown>> = {
    doGenerate: (params: ModelParams) => ask(models, { kind: 'generate', params, guard, loop }),
    doStream: (params: ModelParams) => ask(models, { kind: 'stream', params, guard, loop }),
  }
  return new Proxy(first, {
    get: (target, name) => {
      if (Object.hasOwn(own, name)) return own[name]
      if (name === 'supportedUrls') return sharedUrls(models)
      const value: unknown = Reflect.get(target, name, target)
      // Its methods run on the model itself, for the sake of its private fields.
      return typeof value === 'function' && name !== 'constructor' ? value.bind(target) : value
    },
  })
}

/**
 * The guard as middleware, for `wrapLanguageModel()`.
 *
 * @throws TypeError when a fallback is no model; when it is called, if a fallback follows another version of the specification.
 */
export function modelMiddleware(guard: ClientGuard, { fallback = [] }: MiddlewareOptions = {}): ModelMiddleware {
  if (fallback.length > 0) checkedModels(fallback)
  const loop = new SecondLoopWarning()
  const askAll = async (kind: 'generate' | 'stream', { model, params }: MiddlewareCall): Promise<object> => {
    const models = [model, ...fallback]
    checkedModels(models)
    return ask(models, { kind, params, guard, loop })
  }
  return {
    specificationVersion: 'v4',
    // Models of one version of the specification give the same type of result.
    wrapGenerate: async <R extends object>(call: MiddlewareCall) => (await askAll('generate', call)) as R,
    wrapStream: async <R extends StreamResult>(call: MiddlewareCall) => (await askAll('stream', call)) as R,
  }
}

/** A call, for whichever model answers it. */
interface Question {
  readonly kind: 'generate' | 'stream'
  readonly params: ModelParams
  readonly guard: ClientGuard
  readonly loop: SecondLoopWarning
}

async function ask(models: readonly LanguageModelLike[], { kind, params, guard, loop }: Question): Promise<object> {
  const { healer, meta } = guard
  const trace = newTrace('-')
  loop.look(params)
  try {
    const answer = await firstThatAnswers(models, {
      ask: (model, after) => {
        if (after !== undefined) healer.emit('llm.fell-back', { key: keyOfModel(model), from: trace.target, reason: after.kind })
        return askModel(model, { kind, params, trace, guard })
      },
      failureOf: (error) => classifyThrown(error, { signal: params.abortSignal, epochMs: healer.world.clock.epochMs() }),
    })
    // What the AI SDK keeps of an answer in the results that it gives out.
    for (const part of [answer, fieldOf(fieldOf(answer, 'response'), 'headers'), fieldOf(answer, 'providerMetadata')])
      meta.remember(part, trace)
    return answer
  } catch (error) {
    const final = finalError(error)
    meta.remember(final, trace)
    // Who was refused here may well come again.
    if (trace.attempts > 0) loop.failed(params)
    throw final
  }
}

/** Whoever tries a call again that has failed for good hands in the very same prompt. It is said once for each model. */
class SecondLoopWarning {
  readonly #failed = new WeakSet<object>()
  #said = false

  failed({ prompt }: ModelParams): void {
    this.#failed.add(prompt)
  }

  look({ prompt }: ModelParams): void {
    if (this.#said || !this.#failed.has(prompt)) return
    this.#said = true
    process.emitWarning(
      'A call of a model is tried again after homeostat has tried it as often as it is worth; whoever does so needs no retries of its own',
      { code: 'HS_DOUBLE_RETRY' },
    )
  }
}

/** Addresses that every one of the models reads by itself: any of them may be asked. */
async function sharedUrls(models: readonly LanguageModelLike[]): Promise<Record<string, RegExp[]>> {
  const [first = {}, ...others] = await Promise.all(models.map(async ({ supportedUrls }) => supportedUrls))
  const isShared = (type: string, pattern: RegExp): boolean =>
    others.every((other) => (Object.hasOwn(other, type) ? other[type] : [])?.some((one) => String(one) === String(pattern)))
  return Object.fromEntries(
    Object.entries(first).map(([type, patterns]) => [type, patterns.filter((one) => isShared(type, one))]),
  )
}
