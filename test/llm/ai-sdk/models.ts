import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'

/** How a hand-made model behaves in one call. */
export type Behaviour = (
  params: LanguageModelV4CallOptions,
) => Promise<readonly LanguageModelV4StreamPart[] | ReadableStream<LanguageModelV4StreamPart>>

/** A model that is made by hand: it is not under guard below. */
export interface HandModel extends LanguageModelV4 {
  readonly calls: LanguageModelV4CallOptions[]
}

export const usage: LanguageModelV4Usage = {
  inputTokens: { total: 12, noCache: 8, cacheRead: 4, cacheWrite: 0 },
  outputTokens: { total: 5, text: 5, reasoning: 0 },
}

/** A model that behaves like this, call by call; after that like the last. */
export function handModel(modelId: string, ...behaviours: readonly [Behaviour, ...Behaviour[]]): HandModel {
  const calls: LanguageModelV4CallOptions[] = []
  const behave = (params: LanguageModelV4CallOptions) => {
    calls.push(params)
    return (behaviours[calls.length - 1] ?? behaviours.at(-1) ?? says())(params)
  }
  return {
    specificationVersion: 'v4',
    provider: 'hand.chat',
    modelId,
    supportedUrls: { 'image/*': [/^https:/], 'audio/*': [/^https:/] },
    calls,
    doGenerate: async (params) => resultOf(await behave(params)),
    doStream: async (params) => {
      const parts = await behave(params)
      return { stream: parts instanceof ReadableStream ? parts : streamOf(parts), response: { headers: { 'x-id': modelId } } }
    },
  }
}

/** A good answer. */
export function says(text = 'Hello', unified: 'stop' | 'error' | 'interrupted' = 'stop'): Behaviour {
  return async () => [
    ...begins(text),
    { type: 'text-end', id: '1' },
    { type: 'finish', usage, finishReason: { unified, raw: unified } },
  ]
}

/** The beginning of one. */
export function begins(text: string): readonly LanguageModelV4StreamPart[] {
  const start: readonly LanguageModelV4StreamPart[] = [
    { type: 'stream-start', warnings: [] },
    { type: 'text-start', id: '1' },
  ]
  return text === '' ? start : [...start, { type: 'text-delta', id: '1', delta: text }]
}

export function fails(error: unknown): Behaviour {
  return () => Promise.reject(error)
}

/** A stream of parts, and then of what `more` does. */
export function streamOf(
  parts: readonly LanguageModelV4StreamPart[],
  more: (controller: ReadableStreamDefaultController<LanguageModelV4StreamPart>) => void = (controller) => controller.close(),
  cancel: (reason: unknown) => void = () => undefined,
): ReadableStream<LanguageModelV4StreamPart> {
  const left = [...parts]
  return new ReadableStream<LanguageModelV4StreamPart>(
    {
      pull: (controller) => {
        const part = left.shift()
        if (part === undefined) more(controller)
        else controller.enqueue(part)
      },
      cancel,
    },
    { highWaterMark: 0 },
  )
}

function resultOf(
  parts: readonly LanguageModelV4StreamPart[] | ReadableStream<LanguageModelV4StreamPart>,
): LanguageModelV4GenerateResult {
  if (parts instanceof ReadableStream) throw new TypeError('a stream is no result')
  const text = parts.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('')
  const finish = parts.find((part) => part.type === 'finish')
  return {
    content: [{ type: 'text', text }],
    finishReason: finish?.finishReason ?? { unified: 'other', raw: undefined },
    usage: finish?.usage ?? usage,
    warnings: [],
    response: { headers: { 'x-id': 'hand' } },
  }
}
