import { whole } from '../../core/checked-number.js'
import { HomeostatError } from '../../core/errors.js'
import { untilAborted } from '../../orchestrator/abort.js'
import { classifyThrown } from '../failure/classify-thrown.js'
import type { TokenUsage } from '../stream/dialect.js'
import { correctionOf, excerptOf } from './issue-texts.js'
import { judgeAnswer, type Fit, type Misfit, type StructuredAnswer } from './judge-answer.js'
import type { QualityCircuits } from './quality-circuits.js'
import type { StandardSchema } from './standard-schema.js'
import { UsageSum } from './usage-sum.js'

export type { StructuredAnswer } from './judge-answer.js'

/** What to add to the conversation when a model is asked again: its own answer, and what is wrong with it. */
export interface Correction {
  readonly answer: string
  readonly message: string
}

/** One question to one model. */
export interface StructuredQuestion {
  /** The model's. */
  readonly key: string
  /** Counts the questions to this model, from 1. */
  readonly attempt: number
  /** `undefined` the first time. */
  readonly correction: Correction | undefined
  readonly signal: AbortSignal
}

/** A model that can be asked. */
export interface StructuredModel {
  /** `provider/model`. */
  readonly key: string
  readonly ask: (question: StructuredQuestion) => StructuredAnswer | PromiseLike<StructuredAnswer>
}

/** A place in a budget for one question. */
export interface QuestionHold {
  /** It was answered. */
  settle(usage: TokenUsage | undefined): void
  /** It was not. */
  release(): void
}

/** What is asked, and of whom. */
export interface StructuredOptions<T> {
  /** In order: the next one is asked when the one before cannot give a value that fits. 1 to 10. */
  readonly models: readonly StructuredModel[]
  readonly schema: StandardSchema<T>
  /** Names the schema in keys and messages. Default `value`. */
  readonly schemaName?: string | undefined
  /** Leaves a model at once that has shown that it cannot do the schema. Default: every model is asked. */
  readonly quality?: QualityCircuits | undefined
  readonly signal?: AbortSignal | undefined
  /** Further questions to the same model, with what was wrong. 0, 1 or 2; default 2. */
  readonly reAsksMax?: number | undefined
  /** Takes each question out of a budget before it is asked; what it throws refuses the question. Default: none. */
  readonly reserve?: ((question: StructuredQuestion) => QuestionHold) | undefined
}

/** A value that fits its schema. */
export interface StructuredResult<T> {
  readonly value: T
  /** The model that gave it. */
  readonly key: string
  /** Questions in all, to all models. */
  readonly attempts: number
  /** Of all questions together, as far as it is known. */
  readonly usage: TokenUsage | undefined
}

/**
 * Asks for a value of a schema: finds the JSON in the answer, validates it, and asks again at most twice with what was wrong. A
 * model that cannot do it gives way to the next one, as does one that fails in a way that another may not.
 *
 * @throws HS_LLM_STRUCTURE when no answer fits; HS_CIRCUIT_OPEN when all models are known not to do this schema; the signal's
 * reason; what `ask`, `reserve` or the schema throws, untouched. RangeError or TypeError for options that cannot be.
 * @example
 * ```ts
 * const { value } = await askStructured({
 *   models: [{ key: 'openai/gpt-5-mini', ask: async () => 'Here it is: {"city":"Rome"}' }],
 *   schema: z.object({ city: z.string() }),
 * })
 * expect(value.city).toBe('Rome')
 * ```
 */
export async function askStructured<T>(options: StructuredOptions<T>): Promise<StructuredResult<T>> {
  const asking = checked(options)
  let last: unknown
  for (const model of asking.models) {
    asking.signal.throwIfAborted()
    try {
      const value = await askModel(model, asking)
      return { value, key: model.key, attempts: asking.usage.count, usage: asking.usage.sum }
    } catch (error) {
      last = error
      // How long to wait is not asked here, so the time does not matter.
      const { kind, fallback } = classifyThrown(error, { signal: asking.signal, epochMs: 0 })
      // The user who names further models wants them for an answer that did not fit into this one's limit.
      if (fallback !== 'yes' && kind !== 'truncated') break
    }
  }
  throw last
}

interface Asking<T> extends StructuredOptions<T> {
  readonly schemaName: string
  readonly signal: AbortSignal
  readonly reAsksMax: number
  readonly usage: UsageSum
}

const modelsMax = 10
const reAsksLimit = 2
const nameLengthMax = 200

function checked<T>(options: StructuredOptions<T>): Asking<T> {
  const { models, schema, schemaName = 'value', reAsksMax = reAsksLimit, signal = new AbortController().signal } = options
  if (!Array.isArray(models) || models.length < 1 || models.length > modelsMax)
    throw new RangeError(`Cannot ask for a value: "models" must be a list of 1 to ${modelsMax}`)
  whole('reAsksMax', reAsksMax, 0, reAsksLimit)
  if (typeof schemaName !== 'string' || schemaName === '' || schemaName.length > nameLengthMax)
    throw new RangeError(`Cannot ask for a value: "schemaName" must be a text of 1 to ${nameLengthMax} characters`)
  if (typeof schema?.['~standard']?.validate !== 'function')
    throw new TypeError('Cannot ask for a value: "schema" does not follow Standard Schema')
  return { ...options, schemaName, reAsksMax, signal, usage: new UsageSum() }
}

/** One model with its re-asks counts once for its quality. */
async function askModel<T>(model: StructuredModel, asking: Asking<T>): Promise<T> {
  const leave = asking.quality?.enter(model.key, asking.schemaName)
  try {
    const judged = await askUntilItFits(model, asking)
    if (judged.fits) {
      leave?.success()
      return judged.value
    }
    const error = errorOf(model.key, judged)
    if (worthAsking.has(judged.kind)) leave?.failure(error)
    throw error
  } finally {
    // The first of them counts: this is for all that says nothing about what the model can do.
    leave?.ignore()
  }
}

async function askUntilItFits<T>(
  model: StructuredModel,
  asking: Asking<T>,
): Promise<Fit<T> | (Misfit & { readonly attempts: number })> {
  let correction: Correction | undefined
  let empties = 0
  for (let attempt = 1; ; attempt += 1) {
    const answer = await askOnce(model, { key: model.key, attempt, correction, signal: asking.signal }, asking)
    const judged = await judgeAnswer(answer, asking.schema, asking.signal)
    if (judged.fits) return judged
    if (judged.kind === 'empty-answer') empties += 1
    if (attempt > asking.reAsksMax || empties > emptiesMax || !worthAsking.has(judged.kind))
      return { ...judged, attempts: attempt }
    correction = { answer: judged.text.slice(0, answerLengthMax), message: correctionOf(judged.issues) }
  }
}

/** A model that says nothing is asked once more, not twice. */
const emptiesMax = 1

/** Kinds of misfit that the same model may mend; the limit and the filter would be the same again. */
const worthAsking: ReadonlySet<Misfit['kind']> = new Set(['bad-structure', 'empty-answer'])

/** More of its own answer is not shown to a model again. */
const answerLengthMax = 32_000

async function askOnce<T>(
  model: StructuredModel,
  question: StructuredQuestion,
  { reserve, signal, usage }: Asking<T>,
): Promise<StructuredAnswer> {
  signal.throwIfAborted()
  const hold = reserve?.(question)
  usage.asked()
  try {
    const answer = await untilAborted(Promise.resolve(model.ask(question)), signal)
    const used = typeof answer === 'string' ? undefined : answer.usage
    usage.add(used)
    hold?.settle(used)
    return answer
  } catch (error) {
    hold?.release()
    throw error
  }
}

/** The taxonomy reads `failure` first: an answer that was cut or filtered is not treated as a wrong structure. */
function errorOf(key: string, { attempts, issues, text, failure }: Misfit & { readonly attempts: number }): HomeostatError {
  const details = { key, attempts, issues: issues.join('; '), excerpt: excerptOf(text) }
  return Object.assign(new HomeostatError('HS_LLM_STRUCTURE', details), { failure })
}
