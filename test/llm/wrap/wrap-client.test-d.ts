import type { APIPromise as AnthropicPromise } from '@anthropic-ai/sdk'
import type Anthropic from '@anthropic-ai/sdk'
import type { Stream as AnthropicStream } from '@anthropic-ai/sdk/streaming'
import type OpenAI from 'openai'
import type { APIPromise, AzureOpenAI } from 'openai'
import type { Stream } from 'openai/streaming'
import { expectTypeOf, it } from 'vitest'
import type { ClientGuard } from '../../../src/llm/wrap/client-guard.js'
import { wrapClient } from '../../../src/llm/wrap/wrap-client.js'

declare const guard: ClientGuard
declare const openai: OpenAI
declare const azure: AzureOpenAI
declare const anthropic: Anthropic

const messages = [{ role: 'user', content: 'Hi' }] satisfies OpenAI.ChatCompletionMessageParam[]

it('wrapClient() gives the type back that it was given', () => {
  expectTypeOf(wrapClient(openai, guard)).toEqualTypeOf<OpenAI>()
  expectTypeOf(wrapClient(azure, guard)).toEqualTypeOf<AzureOpenAI>()
  expectTypeOf(wrapClient(anthropic, guard)).toEqualTypeOf<Anthropic>()
  expectTypeOf(wrapClient(openai, guard).withOptions({ timeout: 1 })).toEqualTypeOf<OpenAI>()
})

it('wrapClient() keeps overloads, streams and literals', () => {
  const { chat, responses } = wrapClient(openai, guard)
  expectTypeOf(chat.completions.create({ model: 'gpt-5', messages })).toEqualTypeOf<APIPromise<OpenAI.ChatCompletion>>()
  expectTypeOf(chat.completions.create({ model: 'gpt-5', messages, stream: true })).toEqualTypeOf<
    APIPromise<Stream<OpenAI.ChatCompletionChunk>>
  >()
  expectTypeOf(chat.completions.create({ model: 'gpt-5', messages }).withResponse()).resolves.toHaveProperty('data')
  expectTypeOf(responses.create({ model: 'gpt-5', input: 'Hi' })).resolves.toHaveProperty('output_text')
  const { messages: claude } = wrapClient(anthropic, guard)
  const request = { model: 'claude-sonnet-5', max_tokens: 1, messages: [] }
  expectTypeOf(claude.create(request)).toEqualTypeOf<AnthropicPromise<Anthropic.Message>>()
  expectTypeOf(claude.create({ ...request, stream: true })).toEqualTypeOf<
    AnthropicPromise<AnthropicStream<Anthropic.RawMessageStreamEvent>>
  >()
  // @ts-expect-error there is no such role
  void chat.completions.create({ model: 'gpt-5', messages: [{ role: 'robot', content: 'Hi' }] })
})

it('wrapClient() takes clients as fallbacks, and nothing else', () => {
  wrapClient(openai, guard, { fallback: [{ model: 'a' }, { client: azure, model: 'b' }] })
  // @ts-expect-error a model has a name
  wrapClient(openai, guard, { fallback: [{ client: openai }] })
  // @ts-expect-error it is no client
  wrapClient(openai, guard, { fallback: [{ client: {}, model: 'a' }] })
  // @ts-expect-error it is no client
  wrapClient({ chat: {} }, guard)
})
