import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import Anthropic from '@anthropic-ai/sdk'
import { generateText, streamText, type LanguageModel } from 'ai'
import OpenAI from 'openai'

/** What is asked, and through which fetch. */
export interface Question {
  readonly fetch: typeof fetch
  readonly origin: string
  readonly stream: boolean
  readonly signal?: AbortSignal
  readonly apiKey?: string
  readonly model?: string
  /** Left to the SDK when it is not given. */
  readonly maxRetries?: number | undefined
  /** Hears each piece of a stream. */
  readonly onText?: (text: string) => void | Promise<void>
}

/** What came of it: the text, whole or as far as it came, and the error, if there was one. */
export interface Reply {
  readonly text: string
  readonly error: unknown
}

/** One way in which people call models. */
export interface Client {
  readonly name: string
  ask(question: Question): Promise<Reply>
}

const prompt = 'Say hello.'
/** As long as a real one, so that nothing takes it for a placeholder. */
const defaultKey = 'sk-proj-0123456789abcdefghijklmnopqrstuvwxyz'

type Say = (text: string) => Promise<void>

const openaiChat: Client = {
  name: 'openai, chat completions',
  ask: (question) =>
    heard(question, async (say) => {
      const { completions } = openaiOf(question).chat
      const request = { model: modelOf(question), messages: [{ role: 'user' as const, content: prompt }] }
      const options = { signal: question.signal }
      if (!question.stream) return say((await completions.create(request, options)).choices[0]?.message.content ?? '')
      for await (const chunk of await completions.create({ ...request, stream: true }, options))
        await say(chunk.choices[0]?.delta.content ?? '')
    }),
}

const openaiResponses: Client = {
  name: 'openai, responses',
  ask: (question) =>
    heard(question, async (say) => {
      const { responses } = openaiOf(question)
      const request = { model: modelOf(question), input: prompt }
      const options = { signal: question.signal }
      if (!question.stream) return say((await responses.create(request, options)).output_text)
      for await (const event of await responses.create({ ...request, stream: true }, options))
        if (event.type === 'response.output_text.delta') await say(event.delta)
    }),
}

const anthropicMessages: Client = {
  name: '@anthropic-ai/sdk, messages',
  ask: (question) =>
    heard(question, async (say) => {
      const { origin, fetch, apiKey = defaultKey, maxRetries = 0, signal } = question
      const { messages } = new Anthropic({ apiKey, baseURL: origin, fetch, maxRetries })
      const request = {
        model: modelOf(question, 'claude-sonnet-5'),
        max_tokens: 100,
        messages: [{ role: 'user' as const, content: prompt }],
      }
      if (!question.stream) {
        const [block] = (await messages.create(request, { signal })).content
        return say(block?.type === 'text' ? block.text : '')
      }
      for await (const event of await messages.create({ ...request, stream: true }, { signal }))
        if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') await say(event.delta.text)
    }),
}

/** Through a model of the AI SDK. */
function ai(name: string, modelFor: (question: Question) => LanguageModel): Client {
  return {
    name,
    ask: (question) =>
      heard(question, async (say) => {
        const { maxRetries = 0, signal } = question
        const settings = { model: modelFor(question), prompt, maxRetries, ...(signal && { abortSignal: signal }) }
        if (!question.stream) return say((await generateText(settings)).text)
        for await (const part of streamText({ ...settings, onError: () => undefined }).fullStream) {
          if (part.type === 'text-delta') await say(part.text)
          else if (part.type === 'error') throw part.error
        }
      }),
  }
}

const aiOpenaiChat = ai('ai, @ai-sdk/openai chat', (question) =>
  createOpenAI({
    apiKey: question.apiKey ?? defaultKey,
    baseURL: `${question.origin}/v1`,
    fetch: question.fetch,
  }).chat(modelOf(question)),
)

const aiOpenaiResponses = ai('ai, @ai-sdk/openai responses', (question) =>
  createOpenAI({
    apiKey: question.apiKey ?? defaultKey,
    baseURL: `${question.origin}/v1`,
    fetch: question.fetch,
  }).responses(modelOf(question)),
)

const aiAnthropic = ai('ai, @ai-sdk/anthropic', (question) =>
  createAnthropic({
    apiKey: question.apiKey ?? defaultKey,
    baseURL: `${question.origin}/v1`,
    fetch: question.fetch,
  })(modelOf(question, 'claude-sonnet-5')),
)

/** All of them. */
export const clients = [
  openaiChat,
  openaiResponses,
  anthropicMessages,
  aiOpenaiChat,
  aiOpenaiResponses,
  aiAnthropic,
] as const satisfies readonly Client[]

/** The ones that do, for what does not depend on them. */
export const someClients = [openaiChat, anthropicMessages, aiOpenaiChat] as const satisfies readonly Client[]

async function heard({ onText }: Question, ask: (say: Say) => Promise<void>): Promise<Reply> {
  let text = ''
  try {
    await ask(async (piece) => {
      text += piece
      if (piece !== '') await onText?.(piece)
    })
    return { text, error: undefined }
  } catch (error) {
    return { text, error }
  }
}

function openaiOf({ origin, fetch, apiKey = defaultKey, maxRetries = 0 }: Question): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${origin}/v1`, fetch, maxRetries })
}

function modelOf({ model }: Question, fallback = 'gpt-5'): string {
  return model ?? fallback
}
