/** The APIs that the provider speaks. */
export type Api = 'openai-chat' | 'openai-responses' | 'anthropic-messages'

/** What a provider says of an error; each API puts it into a shape of its own. */
export interface ProviderError {
  readonly type?: string
  readonly code?: string | null
  readonly message?: string
  /** Anthropic's and Google's. */
  readonly details?: unknown
}

/** How one API writes its answers, its streams and its errors. */
export interface Speech {
  /** A whole answer. */
  answer(text: string, finish?: string): object
  /** The events before the first content, as they go over the wire. */
  opening(): string
  /** A piece of content. */
  content(text: string): string
  /** An event that is no content, and no comment either. */
  ping(): string
  /** The events after the last content. */
  closing(text: string, finish?: string): string
  /** An error inside a stream. */
  inBand(error: ProviderError): string
  /** The body of an error answer. */
  refusal(error: ProviderError): object
}

/** What all answers are billed. */
export const usage = { inputTokens: 12, outputTokens: 5 }

const model = 'model-of-the-provider'

const openaiChat: Speech = {
  answer: (text, finish = 'stop') => ({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_700_000_000,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: text, refusal: null }, logprobs: null, finish_reason: finish }],
    usage: chatUsage,
  }),
  opening: () => chatChunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]),
  content: (text) => chatChunk([{ index: 0, delta: { content: text }, finish_reason: null }]),
  ping: () => chatChunk([{ index: 0, delta: {}, finish_reason: null }]),
  closing: (_, finish = 'stop') =>
    chatChunk([{ index: 0, delta: {}, finish_reason: finish }]) + chatChunk([], chatUsage) + 'data: [DONE]\n\n',
  inBand: (error) => `data: ${JSON.stringify(openaiError(error))}\n\n`,
  refusal: openaiError,
}

const openaiResponses: Speech = {
  answer: (text) => response(text, 'completed'),
  opening: () =>
    named({ type: 'response.created', sequence_number: 0, response: response(undefined, 'in_progress') }) +
    named({ type: 'response.in_progress', sequence_number: 1, response: response(undefined, 'in_progress') }) +
    named({
      type: 'response.output_item.added',
      sequence_number: 2,
      output_index: 0,
      item: { ...outputItem(''), status: 'in_progress', content: [] },
    }) +
    named({
      type: 'response.content_part.added',
      sequence_number: 3,
      item_id: 'msg_1',
      output_index: 0,
      content_index: 0,
      part: outputText(''),
    }),
  content: (text) => named({ type: 'response.output_text.delta', ...part, sequence_number: 4, delta: text, logprobs: [] }),
  ping: () => named({ type: 'response.in_progress', sequence_number: 5, response: response(undefined, 'in_progress') }),
  closing: (text) =>
    named({ type: 'response.output_text.done', ...part, sequence_number: 6, text, logprobs: [] }) +
    named({ type: 'response.content_part.done', ...part, sequence_number: 7, part: outputText(text) }) +
    named({ type: 'response.output_item.done', sequence_number: 8, output_index: 0, item: outputItem(text) }) +
    named({ type: 'response.completed', sequence_number: 9, response: response(text, 'completed') }),
  inBand: ({ code = null, message = 'it failed', type }) =>
    named({ type: 'error', sequence_number: 10, code: code ?? type ?? null, message, param: null }),
  refusal: openaiError,
}

const anthropicMessages: Speech = {
  answer: (text, finish = 'end_turn') => ({
    ...message,
    content: [{ type: 'text', text }],
    stop_reason: finish,
    usage: { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens },
  }),
  opening: () =>
    named({ type: 'message_start', message: { ...message, usage: { input_tokens: usage.inputTokens, output_tokens: 1 } } }) +
    named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  content: (text) => named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
  ping: () => named({ type: 'ping' }),
  closing: (_, finish = 'end_turn') =>
    named({ type: 'content_block_stop', index: 0 }) +
    named({
      type: 'message_delta',
      delta: { stop_reason: finish, stop_sequence: null },
      usage: { output_tokens: usage.outputTokens },
    }) +
    named({ type: 'message_stop' }),
  inBand: (error) => named(anthropicError(error)),
  refusal: anthropicError,
}

export const speeches: Readonly<Record<Api, Speech>> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
}

const chatUsage = {
  prompt_tokens: usage.inputTokens,
  completion_tokens: usage.outputTokens,
  total_tokens: usage.inputTokens + usage.outputTokens,
}

const part = { item_id: 'msg_1', output_index: 0, content_index: 0 }

const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model,
  content: [],
  stop_reason: null,
  stop_sequence: null,
}

function chatChunk(choices: readonly object[], used: object | null = null): string {
  const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model, choices, usage: used }
  return `data: ${JSON.stringify(chunk)}\n\n`
}

function named(event: { readonly type: string; readonly [field: string]: unknown }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}

function outputText(text: string): object {
  return { type: 'output_text', text, annotations: [], logprobs: [] }
}

function outputItem(text: string): object {
  return { id: 'msg_1', type: 'message', status: 'completed', role: 'assistant', content: [outputText(text)] }
}

function response(text: string | undefined, status: string): object {
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_700_000_000,
    status,
    model,
    error: null,
    incomplete_details: null,
    output: text === undefined ? [] : [outputItem(text)],
    usage:
      text === undefined
        ? null
        : {
            input_tokens: usage.inputTokens,
            input_tokens_details: { cached_tokens: 0 },
            output_tokens: usage.outputTokens,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: usage.inputTokens + usage.outputTokens,
          },
  }
}

function openaiError({
  type = 'invalid_request_error',
  code = null,
  message: text = 'it failed',
  details,
}: ProviderError): object {
  return { error: { message: text, type, param: null, code, ...(details === undefined ? {} : { details }) } }
}

function anthropicError({ type, code, message: text = 'it failed', details }: ProviderError) {
  const error = { type: type ?? code ?? 'api_error', message: text, ...(details === undefined ? {} : { details }) }
  return { type: 'error', error, request_id: 'req_1' }
}
