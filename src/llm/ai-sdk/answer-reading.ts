import { fieldOf } from '../../orchestrator/guard/error-shape.js'
import type { TokenUsage } from '../stream/dialect.js'
import type { StreamPart } from './language-model.js'

/** The model's word for why it ended: of a result, or of the last part of a stream; `undefined` when it has none. */
export function finishOf(answer: unknown): string | undefined {
  const reason = fieldOf(answer, 'finishReason')
  const word = fieldOf(reason, 'unified') ?? reason
  return typeof word === 'string' ? word : undefined
}

/** The tokens that a result, or the last part of a stream, says were used. */
export function usageOf(answer: unknown): TokenUsage | undefined {
  const usage = fieldOf(answer, 'usage')
  if (usage === undefined || usage === null) return undefined
  const input = fieldOf(usage, 'inputTokens')
  const output = fieldOf(usage, 'outputTokens')
  return {
    inputTokens: count(fieldOf(input, 'total') ?? input),
    outputTokens: count(fieldOf(output, 'total') ?? output),
    cachedInputTokens: count(fieldOf(input, 'cacheRead') ?? fieldOf(usage, 'cachedInputTokens')),
  }
}

/** What a part carries for the caller: its text, or the empty text for content that is none; `undefined` for no content. */
export function contentOf(part: StreamPart): string | undefined {
  if (envelopes.has(part.type)) return undefined
  if (!part.type.endsWith('-delta')) return ''
  // The forerunners of the specification called it by other names.
  const text = fieldOf(part, 'delta') ?? fieldOf(part, 'textDelta')
  return typeof text === 'string' && text !== '' ? text : undefined
}

/** Parts that only frame others. What is not known here is content, for someone may wait for it. */
const envelopes: ReadonlySet<string> = new Set([
  'stream-start',
  'response-metadata',
  'text-start',
  'text-end',
  'reasoning-start',
  'reasoning-end',
  'tool-input-end',
  'ping',
  'raw',
  'error',
  'finish',
])

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
