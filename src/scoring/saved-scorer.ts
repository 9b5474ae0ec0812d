import * as z from 'zod'
import { HomeostatError } from '../core/errors.js'
import type { Learner } from './learning/learner.js'
import { signalNamesMax } from './learning/outcome-store.js'

/** A saved scorer: the labelled outcomes and where learning stood. The model is fitted anew from them, so none can be forged. */
export interface SavedScorer {
  readonly format: typeof format
  readonly version: typeof version
  readonly learner: ReturnType<Learner['toJSON']>
  /** The signals, in the order of the values of each outcome; with the text of a category. */
  readonly signals: readonly { readonly name: string; readonly text?: string | undefined }[]
  /** Lists of scopes, from general to special. */
  readonly scopes: readonly (readonly string[])[]
  /** Oldest first: 1 for right, the hash of the task or `null`, which list of scopes, then a value or `null` for each signal. */
  readonly outcomes: readonly (readonly (number | null)[])[]
}

const format = 'homeostat-confidence'
const version = 1

/** What `learner` would need to go on elsewhere. */
export function writeScorer(learner: Learner): SavedScorer {
  const { store } = learner
  const signals = store.signals()
  const lists = new Map<string, { readonly list: readonly string[]; readonly index: number }>()
  const outcomes = Array.from({ length: store.length }, (_, row) => {
    const list = store.scopesAt(row)
    const key = JSON.stringify(list)
    const known = lists.get(key) ?? { list, index: lists.size }
    lists.set(key, known)
    const group = store.group[row] ?? -1
    const values = signals.map(({ values: of }) => finiteOrNull(of[row]))
    return [store.correct[row] ?? 0, group < 0 ? null : group, known.index, ...values]
  })
  return {
    format,
    version,
    learner: learner.toJSON(),
    signals: signals.map(({ name, text }) => (text === undefined ? { name } : { name, text })),
    scopes: [...lists.values()].map(({ list }) => list),
    outcomes,
  }
}

/**
 * Fills an empty learner.
 *
 * @throws HomeostatError HS_SCORER_UNREADABLE
 */
export function readScorer(json: unknown, learner: Learner): void {
  const { signals, scopes, outcomes, learner: state } = parse(json)
  for (const [correct, group, list, ...values] of outcomes) {
    const given: Record<string, number> = {}
    signals.forEach(({ name, text }, at) => {
      const value = values[at]
      // A category is text, which the types of signals do not allow; reading knows it.
      if (typeof value === 'number') given[name] = text === undefined ? value : (text as unknown as number)
    })
    learner.store.add(given, { correct: correct === 1, group: group ?? undefined, scopes: scopes[list ?? 0] ?? [] })
  }
  learner.restore(state)
}

function parse(json: unknown): SavedScorer {
  const head = z.object({ format: z.literal(format), version: z.int() }).safeParse(json)
  if (!head.success) throw unreadable('it is something else')
  if (head.data.version !== version)
    throw unreadable(`it has version ${head.data.version}, and this one understands version ${version} only`)
  const parsed = schema.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw unreadable(issue === undefined ? 'it is malformed' : `${issue.path.join('.') || 'it'}: ${issue.message}`)
  }
  const saved = parsed.data
  const count = saved.outcomes.length
  const { fitted, swept, changedAt } = saved.learner
  if (fitted > swept || swept > count || changedAt > count) throw unreadable('it speaks of more outcomes than it has')
  if (new Set(saved.signals.map(({ name, text }) => JSON.stringify([name, text]))).size < saved.signals.length)
    throw unreadable('it names a signal twice')
  for (const [row, outcome] of saved.outcomes.entries()) {
    const problem = problemOf(outcome, saved)
    if (problem !== undefined) throw unreadable(`outcome ${row} ${problem}`)
  }
  return saved
}

/** Rows are many: they are checked by hand, the rest by the schema. */
function problemOf(
  outcome: readonly unknown[],
  { signals, scopes }: Pick<SavedScorer, 'signals' | 'scopes'>,
): string | undefined {
  const [correct, group, list, ...values] = outcome
  if (correct !== 0 && correct !== 1) return 'is neither right nor wrong'
  if (group !== null && !(Number.isSafeInteger(group) && Number(group) >= 0)) return 'has a task that is no hash'
  if (!Number.isInteger(list) || Number(list) < 0 || Number(list) >= scopes.length) return 'has scopes that are not listed'
  if (values.length !== signals.length) return `has ${values.length} values for ${signals.length} signals`
  return values.every((value) => value === null || (typeof value === 'number' && Number.isFinite(value)))
    ? undefined
    : 'has a value that is no number'
}

const count = z.int().nonnegative()
const name = z.string().max(200)
const finite = z.number()
const schema: z.ZodType<SavedScorer> = z.object({
  format: z.literal(format),
  version: z.literal(version),
  learner: z.object({
    fitted: count,
    swept: count,
    changedAt: count,
    drifts: count,
    settled: z.object({ shift: finite, slope: finite.positive(), samples: count }).nullable(),
    monitor: z.object({
      gains: z.array(finite.nonnegative()).max(16),
      since: z.array(count).max(16),
      labels: count,
      tasks: z.array(finite).max(64),
    }),
  }),
  signals: z.array(z.object({ name, text: name.optional() })).max(signalNamesMax),
  scopes: z.array(z.array(z.string().max(500)).max(5)).max(1_100),
  // Checked row by row, after this.
  outcomes: z.custom<SavedScorer['outcomes']>(
    (value) => Array.isArray(value) && value.length <= 1_250_000 && value.every(Array.isArray),
  ),
})

function unreadable(reason: string): HomeostatError {
  return new HomeostatError('HS_SCORER_UNREADABLE', { reason })
}

function finiteOrNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}
