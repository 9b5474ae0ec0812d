import type { createAnthropic } from '@ai-sdk/anthropic'
import type { createOpenAI } from '@ai-sdk/openai'
import type {
  LanguageModelV2,
  LanguageModelV3,
  LanguageModelV4,
  LanguageModelV4Middleware,
  LanguageModelV4GenerateResult,
} from '@ai-sdk/provider'
import { generateText, streamText, wrapLanguageModel, type LanguageModel, type LanguageModelMiddleware } from 'ai'
import { expectTypeOf, it } from 'vitest'
import { guardModel, modelMiddleware } from '../../../src/llm/ai-sdk/guard-model.js'
import type { ClientGuard } from '../../../src/llm/wrap/client-guard.js'

declare const guard: ClientGuard
declare const openai: ReturnType<typeof createOpenAI>
declare const anthropic: ReturnType<typeof createAnthropic>
declare const older: LanguageModelV3
declare const oldest: LanguageModelV2

it('guardModel() gives the type of model that it was given, which generateText() and streamText() take', () => {
  const model = guardModel([openai('gpt-5'), anthropic('claude-sonnet-5')], guard)
  expectTypeOf(model).toEqualTypeOf<LanguageModelV4>()
  expectTypeOf(model).toExtend<LanguageModel>()
  expectTypeOf(generateText({ model, prompt: 'Hi' })).resolves.toHaveProperty('text')
  expectTypeOf(streamText({ model, prompt: 'Hi' })).toHaveProperty('textStream')
  expectTypeOf(guardModel([older], guard)).toEqualTypeOf<LanguageModelV3>()
  expectTypeOf(guardModel([oldest], guard)).toEqualTypeOf<LanguageModelV2>()
  // @ts-expect-error a name is no model
  guardModel(['openai/gpt-5'], guard)
})

it('modelMiddleware() is middleware for wrapLanguageModel()', () => {
  const middleware = modelMiddleware(guard, { fallback: [openai('gpt-5-mini')] })
  expectTypeOf(middleware).toExtend<LanguageModelV4Middleware>()
  expectTypeOf(middleware).toExtend<LanguageModelMiddleware>()
  expectTypeOf(wrapLanguageModel({ model: openai('gpt-5'), middleware })).toEqualTypeOf<LanguageModelV4>()
  const doGenerate = (): Promise<LanguageModelV4GenerateResult> => Promise.reject(new Error('unused'))
  expectTypeOf(
    middleware.wrapGenerate({ doGenerate, model: openai('gpt-5'), params: { prompt: [] } }),
  ).resolves.toEqualTypeOf<LanguageModelV4GenerateResult>()
})
