import { HomeostatError } from '../../core/errors.js'
import { callListener, warnOfListener } from '../../core/listeners.js'
import type { World } from '../../core/world.js'
import { untilAborted } from '../../orchestrator/abort.js'
import { classifyThrown, plain } from '../failure/classify-thrown.js'
import type { LlmFailure, LlmFailureKind } from '../failure/llm-failure.js'
import type { LastGood } from './last-good.js'

/** For which failure a step takes over: kinds, or a function of the failure and the error behind it. */
export type StepCondition = readonly LlmFailureKind[] | ((failure: LlmFailure, error: unknown) => boolean)

/** A step that asks, a model mostly. Takes over, by default, from failures that another target may not have. */
export interface AskStep<T> {
  readonly kind: 'ask'
  readonly name: string
  readonly when?: StepCondition | undefined
  /** `failure`: of the step before; `undefined` for the first. */
  readonly ask: (rung: { readonly signal: AbortSignal; readonly failure: LlmFailure | undefined }) => T | PromiseLike<T>
}

/** A step that gives what was good last. Takes over, by default, from every failure that says nothing about the request itself. */
export interface LastGoodStep<T> {
  readonly kind: 'last-good'
  readonly name: string
  readonly when?: StepCondition | undefined
  readonly store: LastGood<T>
  /** In the store. Default: the key of the call. */
  readonly key?: string | undefined
}

/** A step that gives an answer that was written beforehand. Takes over when {@link LastGoodStep} does. */
export interface CannedStep<T> {
  readonly kind: 'canned'
  readonly name: string
  readonly when?: StepCondition | undefined
  readonly make: (failure: LlmFailure) => T
}

/** One step of a ladder. */
export type LadderStep<T> = AskStep<T> | LastGoodStep<T> | CannedStep<T>

/**
 * How a step ended. `nothing`: there was nothing kept; `skipped`: it does not take over from such a failure; `refused`: the end
 * of a ladder on which no step answered.
 */
export type StepResult = 'answered' | 'failed' | 'nothing' | 'skipped' | 'refused'

/** What is told of one step, as soon as it has ended. */
export interface StepReport {
  readonly key: string
  readonly step: string
  readonly kind: LadderStep<unknown>['kind'] | 'refuse'
  readonly result: StepResult
  /** What failed: in this step when it failed, else what it took over from; `undefined` when nothing has. */
  readonly failure: LlmFailureKind | undefined
}

/** What is to be answered, and how. */
export interface LadderOptions<T> {
  /** Names the call, in reports and in stores. */
  readonly key: string
  /** From the best answer down; the first is tried without a condition. 1 to 20. */
  readonly steps: readonly LadderStep<T>[]
  readonly world: World
  readonly signal?: AbortSignal | undefined
  /** Where answers of `ask` steps are kept, for later. Default: nowhere. */
  readonly keepIn?: LastGood<T> | undefined
  /** Hears of each step. What it throws becomes a process warning. */
  readonly onStep?: ((report: StepReport) => void) | undefined
}

/** An answer, and what it is worth. */
export interface LadderAnswer<T> {
  readonly value: T
  /** Name of the step that gave it. */
  readonly step: string
  /** Whether it is not the best one. */
  readonly degraded: boolean
  /** Of a value that was kept; milliseconds. */
  readonly ageMs: number | undefined
  readonly reports: readonly StepReport[]
}

/**
 * Answers as well as can be: step by step from the best answer down, each only for failures that it is meant for. The caller's
 * abort ends it at once, whatever a step does.
 *
 * @throws The signal's reason; an error that no step takes over from, untouched; HS_LLM_REFUSED when steps took over and none
 * had an answer. RangeError for steps that cannot be.
 * @example
 * ```ts
 * const world = createWorld()
 * const { value, degraded } = await degrade({
 *   key: 'greeting',
 *   world,
 *   steps: [
 *     { kind: 'ask', name: 'full', ask: () => Promise.reject(new Error('fetch failed')) },
 *     { kind: 'canned', name: 'sorry', make: () => 'Please try again later' },
 *   ],
 * })
 * expect({ value, degraded }).toEqual({ value: 'Please try again later', degraded: true })
 * ```
 */
export async function degrade<T>(options: LadderOptions<T>): Promise<LadderAnswer<T>> {
  const { steps, signal = new AbortController().signal } = options
  checkSteps(steps)
  const descent = new Descent(options, signal)
  for (const step of steps) {
    signal.throwIfAborted()
    const answer = await descent.take(step)
    if (answer !== undefined) return answer
  }
  throw descent.refusal()
}

const stepsMax = 20

function checkSteps(steps: readonly { readonly kind: string }[]): void {
  if (!Array.isArray(steps) || steps.length < 1 || steps.length > stepsMax)
    throw new RangeError(`Cannot build a ladder: "steps" must be a list of 1 to ${stepsMax}`)
  if (steps[0]?.kind === 'canned')
    throw new RangeError('Cannot build a ladder: its first step is "canned", so there is nothing to try')
}

/** One way down a ladder. */
class Descent<T> {
  readonly #options: LadderOptions<T>
  readonly #signal: AbortSignal
  readonly #reports: StepReport[] = []
  #failed: { readonly error: unknown; readonly failure: LlmFailure } | undefined

  constructor(options: LadderOptions<T>, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
  }

  /** Tries a step; `undefined` when it has no answer. @throws the signal's reason */
  async take(step: LadderStep<T>): Promise<LadderAnswer<T> | undefined> {
    if (!this.#takesOver(step)) return this.#report(step, 'skipped')
    try {
      const found = await this.#valueOf(step)
      if (found === undefined) return this.#report(step, 'nothing')
      this.#report(step, 'answered')
      const degraded = step !== this.#options.steps[0]
      return { value: found.value, step: step.name, degraded, ageMs: found.ageMs, reports: this.#reports }
    } catch (error) {
      if (this.#signal.aborted) throw this.#signal.reason
      this.#failed = { error, failure: classifyThrown(error, { epochMs: this.#options.world.clock.epochMs() }) }
      return this.#report(step, 'failed')
    }
  }

  /** The end: what is thrown when no step has an answer. */
  refusal(): unknown {
    const { key } = this.#options
    const tookOver = this.#reports.slice(1).some(({ result }) => result !== 'skipped')
    if (this.#failed !== undefined && !tookOver) return this.#failed.error
    const steps = this.#reports
      .map(({ step, result, failure }) => `${step}: ${result === 'failed' ? failure : result}`)
      .join('; ')
    this.#tell({ key, step: 'refuse', kind: 'refuse', result: 'refused', failure: this.#failed?.failure.kind })
    return new HomeostatError('HS_LLM_REFUSED', { key, steps }, { cause: this.#failed?.error })
  }

  #takesOver(step: LadderStep<T>): boolean {
    // The first step has nothing to take over from; neither has one after a store that held nothing.
    if (this.#failed === undefined) return true
    const { failure, error } = this.#failed
    const { when = step.kind === 'ask' ? forAnotherTarget : forAnOldAnswer } = step
    return typeof when === 'function' ? when(failure, error) : when.includes(failure.kind)
  }

  async #valueOf(step: LadderStep<T>): Promise<{ readonly value: T; readonly ageMs: number | undefined } | undefined> {
    const { key, keepIn } = this.#options
    switch (step.kind) {
      case 'ask': {
        const rung = { signal: this.#signal, failure: this.#failed?.failure }
        const value = await untilAborted(Promise.resolve(step.ask(rung)), this.#signal)
        keepIn?.keep(key, value)
        return { value, ageMs: undefined }
      }
      case 'last-good':
        return step.store.get(step.key ?? key)
      case 'canned':
        return { value: step.make(this.#failed?.failure ?? unasked), ageMs: undefined }
    }
  }

  #report(step: LadderStep<T>, result: StepResult): undefined {
    this.#tell({ key: this.#options.key, step: step.name, kind: step.kind, result, failure: this.#failed?.failure.kind })
  }

  #tell(report: StepReport): void {
    this.#reports.push(report)
    const { onStep } = this.#options
    if (onStep !== undefined) callListener(() => onStep(report), warnOfListener)
  }
}

/** For a canned answer after a store that held nothing: nothing was asked. */
const unasked = plain('refused-here')

function forAnotherTarget({ fallback }: LlmFailure): boolean {
  return fallback === 'yes'
}

/**
 * The request is in order, and there is no answer to it for now. A wrong request stays wrong, and the answer to one that was
 * filtered or did not fit is the user's to decide.
 */
function forAnOldAnswer({ fallback, kind }: LlmFailure): boolean {
  return fallback === 'yes' || kind === 'deadline' || kind === 'conflict'
}
