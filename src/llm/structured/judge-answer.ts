import { untilAborted } from '../../orchestrator/abort.js'
import { plain } from '../failure/classify-thrown.js'
import type { LlmFailure } from '../failure/llm-failure.js'
import type { TokenUsage } from '../stream/dialect.js'
import { issueTexts } from './issue-texts.js'
import { readJson } from './read-json.js'
import type { SchemaIssue, StandardSchema } from './standard-schema.js'

/** What a model answered: its text, or its text and what else is known. */
export type StructuredAnswer =
  | string
  | {
      readonly text: string
      /** The provider's word for why it ended. */
      readonly finish?: string | undefined
      readonly usage?: TokenUsage | undefined
    }

/** An answer that holds a value of the schema. */
export interface Fit<T> {
  readonly fits: true
  readonly value: T
}

/** An answer that holds none. */
export interface Misfit {
  readonly fits: false
  readonly kind: 'bad-structure' | 'empty-answer' | 'truncated' | 'filtered'
  readonly failure: LlmFailure
  /** What is wrong, at least one; safe to show. */
  readonly issues: readonly string[]
  readonly text: string
}

/**
 * Looks for a value of the schema in an answer. One that was cut off by its limit is used when it fits all the same.
 *
 * @throws TypeError when the answer is none; the signal's reason; what the schema throws.
 */
export async function judgeAnswer<T>(
  answer: StructuredAnswer,
  schema: StandardSchema<T>,
  signal: AbortSignal,
): Promise<Fit<T> | Misfit> {
  const { text, finish } = typeof answer === 'string' ? { text: answer, finish: undefined } : answer
  if (typeof text !== 'string') throw new TypeError('Cannot read the answer of a model: "ask" must give a text, or { text }')
  const { values, problem } = readJson(text)
  let issues: readonly SchemaIssue[] | undefined
  for (const value of values) {
    const result = await untilAborted(Promise.resolve(schema['~standard'].validate(value)), signal)
    if (result.issues === undefined) return { fits: true, value: result.value }
    // What is said of the likeliest value is what helps the model.
    issues ??= result.issues
  }
  const kind = kindOf(text, finish)
  const said = issueTexts(issues ?? [{ message: problem }])
  return { fits: false, kind, failure: plain(kind), issues: said.length > 0 ? said : ['it does not fit'], text }
}

function kindOf(text: string, finish: string | undefined): Misfit['kind'] {
  const word = finish?.toLowerCase().replaceAll('-', '_')
  if (word !== undefined && cutWords.has(word)) return 'truncated'
  if (word !== undefined && filterWords.has(word)) return 'filtered'
  return text.trim() === '' ? 'empty-answer' : 'bad-structure'
}

/** The words of OpenAI, Anthropic, Google and the AI SDK, in small letters with underscores. */
const cutWords: ReadonlySet<string> = new Set(['length', 'max_tokens', 'max_output_tokens', 'model_context_window_exceeded'])
const filterWords: ReadonlySet<string> = new Set(['content_filter', 'refusal', 'safety', 'prohibited_content', 'blocklist'])
