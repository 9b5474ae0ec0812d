import { fieldOf } from '../../orchestrator/guard/error-shape.js'

/** What a provider's error body says, whoever the provider is. Texts are bounded. */
export interface ErrorBody {
  /** `error.code`, also when it is a number. */
  readonly code: string | undefined
  /** `error.type`, or Google's `error.status`. */
  readonly type: string | undefined
  /** Anthropic's `error.details.error_code`. */
  readonly detailCode: string | undefined
  readonly message: string
  /** Google's `retryDelay` in its details, milliseconds. */
  readonly retryDelayMs: number | undefined
  /** Google's name of a quota that was used up: it says whether that is one of a day. */
  readonly quotaId: string | undefined
}

const codeLengthMax = 100
const messageLengthMax = 2_000
const detailsMax = 20

/** Reads an error body: OpenAI's `{ error }`, Anthropic's `{ type: 'error', error }`, Google's `[{ error }]`, or the inner part alone. */
export function errorBodyOf(body: unknown): ErrorBody {
  const outer = Array.isArray(body) ? (body[0] as unknown) : body
  const inner = recordOf(fieldOf(outer, 'error')) ?? recordOf(outer)
  const details = fieldOf(inner, 'details')
  const listed = Array.isArray(details) ? (details as readonly unknown[]).slice(0, detailsMax) : []
  return {
    code: code(fieldOf(inner, 'code')),
    type: code(fieldOf(inner, 'type')) ?? code(fieldOf(inner, 'status')),
    detailCode: code(fieldOf(details, 'error_code')),
    message: message(fieldOf(inner, 'message') ?? fieldOf(outer, 'message')),
    retryDelayMs: firstOf(listed, (detail) => secondsText(fieldOf(detail, 'retryDelay'))),
    quotaId: firstOf(listed, (detail) =>
      firstOf(listOf(fieldOf(detail, 'violations')), (violation) => code(fieldOf(violation, 'quotaId'))),
    ),
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]).slice(0, detailsMax) : []
}

function firstOf<V>(list: readonly unknown[], read: (one: unknown) => V | undefined): V | undefined {
  for (const one of list) {
    const value = read(one)
    if (value !== undefined) return value
  }
  return undefined
}

function recordOf(value: unknown): object | undefined {
  return typeof value === 'object' && value !== null ? value : undefined
}

function code(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  return typeof value === 'string' && value !== '' ? value.slice(0, codeLengthMax) : undefined
}

function message(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, messageLengthMax) : ''
}

/** Google writes durations as `12s` or `1.5s`. */
function secondsText(value: unknown): number | undefined {
  const match = typeof value === 'string' ? /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(value) : null
  return match === null ? undefined : Number(match[1]) * 1_000
}
