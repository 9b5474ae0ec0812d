/** What a model of the AI SDK is called with, as far as it is looked at here. */
export interface ModelParams {
  readonly prompt: readonly unknown[]
  readonly abortSignal?: AbortSignal | undefined
}

/** A part of a stream. */
export interface StreamPart {
  readonly type: string
}

/** What a model's stream comes in. */
export interface StreamResult {
  readonly stream: ReadableStream<StreamPart>
}

/** A language model of the AI SDK: `LanguageModelV4`, and its forerunners, which look the same from here. */
export interface LanguageModelLike {
  readonly specificationVersion: string
  readonly provider: string
  readonly modelId: string
  readonly supportedUrls: PromiseLike<Record<string, RegExp[]>> | Record<string, RegExp[]>
  doGenerate(params: ModelParams): PromiseLike<object>
  doStream(params: ModelParams): PromiseLike<StreamResult>
}

/**
 * Makes sure that models can stand in for each other, and gives the first.
 *
 * @throws TypeError when there is none, one is no model, or one follows another version of the specification than the first.
 */
export function checkedModels<M extends LanguageModelLike>(models: readonly M[]): M {
  const [first] = models
  if (first === undefined) throw new TypeError('Cannot guard models: there is none')
  for (const [index, model] of models.entries()) {
    if (!isModel(model)) throw new TypeError(`Cannot guard model ${index}: it is no language model of the AI SDK`)
    if (model.specificationVersion === first.specificationVersion) continue
    throw new TypeError(
      `Cannot fall back from ${first.specificationVersion} to ${model.specificationVersion}: the models follow different versions of the AI SDK's specification; wrapLanguageModel() of "ai" makes v4 of any`,
    )
  }
  return first
}

/** The key that a model is guarded under: `openai.responses/gpt-5`. */
export function keyOfModel({ provider, modelId }: LanguageModelLike): string {
  // The guard's own fetch has keys such as `openai/gpt-5`. A model whose fetch is under guard unseen must not wait for itself.
  const named = provider.includes('.') ? provider : `${provider}.model`
  return `${named}/${modelId}`.slice(0, keyLengthMax)
}

const keyLengthMax = 500

function isModel(model: unknown): boolean {
  if (typeof model !== 'object' || model === null) return false
  const texts = ['specificationVersion', 'provider', 'modelId'].every((name) => typeof Reflect.get(model, name) === 'string')
  return texts && ['doGenerate', 'doStream'].every((name) => typeof Reflect.get(model, name) === 'function')
}
