import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { createSurroundings } from '../../../src/llm/fetch/surroundings.js'
import { parseLlmOptions, type LlmOptionsInput } from '../../../src/llm/llm-options.js'
import { clientGuard, type ClientGuard } from '../../../src/llm/wrap/client-guard.js'
import type { Provider } from '../provider/provider.js'
import { setStage, type Stage } from '../provider/stage.js'

/** A {@link Stage} with what clients and models are wrapped by. */
export interface ClientStage extends Stage {
  readonly guard: ClientGuard
}

/** Sets a stage in front of providers, which are called `provider`, `second` and `third` in keys. */
export function setClientStage(
  providers: readonly [Provider, ...Provider[]],
  options: LlmOptionsInput = {},
  send: typeof fetch = globalThis.fetch,
): ClientStage {
  const stage = setStage(providers[0])
  const names = Object.fromEntries(providers.map(({ host }, index) => [host, ['provider', 'second', 'third'][index] ?? host]))
  const known = parseLlmOptions({ ...options, providers: names })
  const guard = clientGuard(createSurroundings(stage.healer, known, send))
  return { ...stage, guard }
}

/** A client of OpenAI's SDK as people make it: with retries of its own. */
export function openaiAt({ origin }: Provider, options: ConstructorParameters<typeof OpenAI>[0] = {}): OpenAI {
  return new OpenAI({ apiKey: 'sk-first-0123456789abcdef', baseURL: `${origin}/v1`, ...options })
}

/** A client of Anthropic's SDK. */
export function anthropicAt({ origin }: Provider, options: ConstructorParameters<typeof Anthropic>[0] = {}): Anthropic {
  return new Anthropic({ apiKey: 'sk-ant-first-0123456789abcdef', baseURL: origin, ...options })
}

/** What is asked of OpenAI's models. */
export const chat = { model: 'gpt-5', messages: [{ role: 'user' as const, content: 'Say hello.' }] }

/** What is asked of Anthropic's. */
export const message = { model: 'claude-sonnet-5', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Say hello.' }] }
