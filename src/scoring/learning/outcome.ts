import type { Signals } from '../signals/signal-value.js'

/** One answer whose truth is known. */
export interface Outcome {
  /** What was known about the answer before its truth: the same names that are scored. */
  readonly signals: Signals
  readonly correct: boolean
  /**
   * The task the answer belongs to. Answers to one task are not independent, so guarantees count tasks; without it the outcome
   * is a task of its own.
   */
  readonly group?: string | undefined
  /** What the answer is about: `{ model, taskType, strategy }`. Each member is a scope with a base rate of its own. */
  readonly context?: object | undefined
}

/** The most signals one outcome may have. */
const signalsPerOutcomeMax = 1_000

/**
 * Throws unless `outcome` can be learnt from, before anything changes.
 *
 * @throws TypeError, RangeError
 */
export function checkOutcome(outcome: Outcome): void {
  // The types say so already; data from JSON and callers without types need to hear it.
  const given: unknown = outcome
  if (typeof given !== 'object' || given === null) throw new TypeError(`Cannot learn from ${String(given)}: it is not an outcome`)
  const { signals, correct, group, context }: Partial<Record<keyof Outcome, unknown>> = given
  if (typeof signals !== 'object' || signals === null) throw new TypeError('Cannot learn from an outcome without signals')
  if (typeof correct !== 'boolean')
    throw new TypeError(`Cannot learn from an outcome whose \`correct\` is ${typeof correct}: it must be true or false`)
  if (group !== undefined && typeof group !== 'string')
    throw new TypeError(`Cannot learn from an outcome whose \`group\` is ${typeof group}: it must be text`)
  if (context !== undefined && (typeof context !== 'object' || context === null))
    throw new TypeError('Cannot learn from an outcome whose `context` is not an object')
  const count = Object.keys(signals).length
  if (count > signalsPerOutcomeMax)
    throw new RangeError(`Cannot learn from an outcome with ${count} signals: at most ${signalsPerOutcomeMax}`)
}
