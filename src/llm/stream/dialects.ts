import { parsedJson } from '../parsed-json.js'
import type { Dialect, Reading, TokenUsage } from './dialect.js'

/** The dialect of a request, by its path; unknown ones are watched without being understood. */
export function dialectOf(url: URL): Dialect {
  if (/\/chat\/completions$/.test(url.pathname)) return openaiChat
  if (/\/responses$/.test(url.pathname)) return openaiResponses
  if (/\/messages$/.test(url.pathname)) return anthropicMessages
  return unknownDialect
}

const nothing: Reading = { content: undefined, finish: undefined, error: undefined, usage: undefined, model: undefined }

/** OpenAI's chat completions, and what dozens of providers offer under the same path. */
export const openaiChat: Dialect = {
  name: 'openai-chat',
  readEvent(_, data) {
    // The end of the stream, also where the last choice had no word for why.
    if (data === '[DONE]') return { ...nothing, finish: 'done' }
    const body = parsedJson(data)
    const error = field(body, 'error')
    if (error !== undefined && error !== null) return { ...nothing, error: body }
    // Read once for every word of every stream: most events have one choice, and nothing is made that is not needed.
    let content = ''
    let finish: string | undefined
    for (const choice of listOf(field(body, 'choices'))) {
      content += chatContent(field(choice, 'delta'))
      finish ??= textOf(field(choice, 'finish_reason'))
    }
    return {
      content: content === '' ? undefined : content,
      finish,
      error: undefined,
      usage: openaiUsage(field(body, 'usage')),
      model: textOf(field(body, 'model')),
    }
  },
  readAnswer(body) {
    const choices = field(body, 'choices')
    if (!Array.isArray(choices)) return undefined
    return {
      content: joined(choices.map((choice) => chatContent(field(choice, 'message')) || textOf(field(choice, 'text')))),
      finish: textOf(field(choices[0], 'finish_reason')) ?? 'done',
      error: field(body, 'error') ?? undefined,
      usage: openaiUsage(field(body, 'usage')),
      model: textOf(field(body, 'model')),
    }
  },
}

/** OpenAI's responses. */
const openaiResponses: Dialect = {
  name: 'openai-responses',
  readEvent(_, data) {
    const body = parsedJson(data)
    const type = textOf(field(body, 'type')) ?? ''
    if (type === 'error')
      return { ...nothing, error: field(body, 'error') === undefined ? body : { error: field(body, 'error') } }
    if (type === 'response.failed') return { ...nothing, error: { error: field(field(body, 'response'), 'error') ?? {} } }
    if (type === 'response.completed' || type === 'response.incomplete')
      return { ...responseReading(field(body, 'response')), content: undefined }
    const delta = type.endsWith('.delta') || type === 'response.image_generation_call.partial_image'
    return { ...nothing, content: delta ? (textOf(field(body, 'delta')) ?? textOf(field(body, 'partial_image_b64'))) : undefined }
  },
  readAnswer(body) {
    // A response that runs in the background has a status and no output yet.
    return textOf(field(body, 'object')) === 'response' || Array.isArray(field(body, 'output'))
      ? responseReading(body)
      : undefined
  },
}

/** Anthropic's messages. */
export const anthropicMessages: Dialect = {
  name: 'anthropic-messages',
  readEvent(event, data) {
    const body = parsedJson(data)
    const type = textOf(field(body, 'type')) ?? event
    if (type === 'error') return { ...nothing, error: body }
    if (type === 'message_start') {
      const message = field(body, 'message')
      return { ...nothing, usage: anthropicUsage(field(message, 'usage')), model: textOf(field(message, 'model')) }
    }
    if (type === 'message_delta')
      return {
        ...nothing,
        usage: anthropicUsage(field(body, 'usage')),
        reason: textOf(field(field(body, 'delta'), 'stop_reason')),
      }
    if (type === 'message_stop') return { ...nothing, finish: 'done' }
    if (type === 'content_block_start') return { ...nothing, content: blockText(field(body, 'content_block')) }
    return type === 'content_block_delta' ? { ...nothing, content: blockText(field(body, 'delta')) } : nothing
  },
  readAnswer(body) {
    const content = field(body, 'content')
    if (!Array.isArray(content)) return undefined
    return {
      content: joined(content.map(blockText)),
      finish: textOf(field(body, 'stop_reason')) ?? 'done',
      error: undefined,
      usage: anthropicUsage(field(body, 'usage')),
      model: textOf(field(body, 'model')),
    }
  },
}

/** Whatever else: every event with data is content, the end of the body is its end, and an answer is what it is. */
export const unknownDialect: Dialect = {
  name: 'unknown',
  readEvent: (_, data) => ({ ...nothing, content: data }),
  readAnswer: (body) => (body === undefined ? undefined : { ...nothing, content: '', finish: 'done' }),
}

function responseReading(response: unknown): Reading {
  const output = listOf(field(response, 'output'))
  const texts = output.flatMap((item) => [
    ...listOf(field(item, 'content')).map((part) => textOf(field(part, 'text')) ?? textOf(field(part, 'refusal'))),
    textOf(field(item, 'arguments')),
  ])
  const usage = field(response, 'usage')
  return {
    content: joined(texts),
    finish: textOf(field(field(response, 'incomplete_details'), 'reason')) ?? textOf(field(response, 'status')) ?? 'done',
    error: field(response, 'status') === 'failed' ? { error: field(response, 'error') ?? {} } : undefined,
    usage:
      usage === undefined || usage === null
        ? undefined
        : {
            inputTokens: count(field(usage, 'input_tokens')),
            outputTokens: count(field(usage, 'output_tokens')),
            cachedInputTokens: count(field(field(usage, 'input_tokens_details'), 'cached_tokens')),
          },
    model: textOf(field(response, 'model')),
  }
}

/** Text, reasoning, a refusal or arguments of a tool: whatever a caller waits for. */
function chatContent(message: unknown): string {
  if (typeof message !== 'object' || message === null) return ''
  let text = ''
  // Most deltas have one field: looking at what is there beats asking for all that could be.
  for (const [name, value] of Object.entries(message)) {
    if (typeof value === 'string') text += chatTexts.has(name) ? value : ''
    else if (name === 'tool_calls') for (const call of listOf(value)) text += calledText(field(call, 'function'))
    else if (name === 'function_call') text += textOf(field(value, 'arguments')) ?? ''
    else if (name === 'audio') text += textOf(field(value, 'data')) ?? ''
  }
  return text
}

const chatTexts: ReadonlySet<string> = new Set(['content', 'reasoning_content', 'reasoning', 'refusal'])

function calledText(called: unknown): string {
  return (textOf(field(called, 'name')) ?? '') + (textOf(field(called, 'arguments')) ?? '')
}

function blockText(block: unknown): string | undefined {
  const parts = ['text', 'partial_json', 'thinking', 'data', 'name'].map((name) => textOf(field(block, name)))
  const input = field(block, 'input')
  const given = typeof input === 'object' && input !== null && Object.keys(input).length > 0 ? JSON.stringify(input) : undefined
  return joined([...parts, given])
}

function openaiUsage(usage: unknown): TokenUsage | undefined {
  if (typeof usage !== 'object' || usage === null) return undefined
  return {
    inputTokens: count(field(usage, 'prompt_tokens')),
    outputTokens: count(field(usage, 'completion_tokens')),
    cachedInputTokens: count(field(field(usage, 'prompt_tokens_details'), 'cached_tokens')),
  }
}

/** Anthropic counts cached input apart from the rest; here all of it is input. */
function anthropicUsage(usage: unknown): TokenUsage | undefined {
  if (typeof usage !== 'object' || usage === null) return undefined
  const fresh = count(field(usage, 'input_tokens'))
  const cached = count(field(usage, 'cache_read_input_tokens'))
  const written = count(field(usage, 'cache_creation_input_tokens'))
  const input = fresh === undefined ? undefined : fresh + (cached ?? 0) + (written ?? 0)
  return { inputTokens: input, outputTokens: count(field(usage, 'output_tokens')), cachedInputTokens: cached }
}

/** Only what a parser of JSON made is looked at here, so there are no getters to fear. */
function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (Reflect.get(value, name) as unknown)
    : undefined
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  const text = parts.filter((part) => part !== undefined).join('')
  return text === '' ? undefined : text
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
