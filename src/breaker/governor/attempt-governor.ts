import * as z from 'zod'
import { HomeostatError } from '../../core/errors.js'
import { checkedOptions, type GovernorLimits, type GovernorOptions } from './governor-limits.js'
import { checkedAttempt, type HealingAttempt } from './healing-attempt.js'
import { judgeAttempts, type AttemptVerdict } from './judge-attempts.js'

/** A governor as plain JSON. */
export interface GovernorState {
  readonly version: 1
  readonly limits: GovernorLimits
  readonly before?: HealingAttempt
  readonly attempts: readonly HealingAttempt[]
}

/**
 * Watches the attempts at healing one thing, and says after each whether to go on, turn back, change the strategy, ask or end.
 * One for each session: nothing is shared. It remembers every attempt, of which there can be no more than
 * `attemptsMax + attemptsExtraMax`; a later one changes nothing.
 *
 * @example
 * ```ts
 * const governor = new AttemptGovernor({ attemptsMax: 6, before: { errors: 3 } })
 * expect(governor.record({ errors: 3 }).kind).toBe('retry')
 * expect(governor.record({ errors: 0 }).kind).toBe('promote')
 * ```
 */
export class AttemptGovernor {
  readonly #options: GovernorOptions
  readonly #limits: GovernorLimits
  readonly #attempts: HealingAttempt[] = []
  #verdict: AttemptVerdict

  /** @throws RangeError when a number is out of range or a name unknown; TypeError when something is of the wrong type. */
  constructor(options: GovernorOptions = {}) {
    const { limits, before } = checkedOptions(options)
    this.#limits = limits
    this.#options = { ...limits, ...(before && { before }) }
    this.#verdict = judgeAttempts([], this.#options)
  }

  /** What is to be done now. */
  get verdict(): AttemptVerdict {
    return this.#verdict
  }

  /** Every attempt that counted, the oldest first. */
  get attempts(): readonly HealingAttempt[] {
    return [...this.#attempts]
  }

  /**
   * Takes in one attempt and says what to do now. An attempt beyond the limit is too late: it is neither judged nor kept, and the
   * answer is `stop`.
   *
   * @throws RangeError or TypeError when the attempt is none; nothing has changed then.
   */
  record(attempt: HealingAttempt): AttemptVerdict {
    if (!this.#keep(checkedAttempt(attempt))) {
      return { kind: 'stop', reasons: ['attempts.exhausted'], evidence: this.#verdict.evidence }
    }
    this.#verdict = judgeAttempts(this.#attempts, this.#options)
    return this.#verdict
  }

  /** Everything it knows: {@link AttemptGovernor.from} makes one that decides the same. */
  toJSON(): GovernorState {
    const { before } = this.#options
    return { version: 1, limits: this.#limits, ...(before && { before }), attempts: this.attempts }
  }

  /**
   * The governor that `json` was made of, from parsed JSON that nobody has checked.
   *
   * @throws HS_INPUT_INVALID when it is not the state of a governor.
   */
  static from(json: unknown): AttemptGovernor {
    const parsed = stateSchema.safeParse(json)
    if (!parsed.success) throw invalid(z.prettifyError(parsed.error), parsed.error)
    const { limits, before, attempts } = parsed.data
    try {
      const governor = new AttemptGovernor({ ...limits, ...(before && { before }) })
      for (const attempt of attempts) governor.#keep(checkedAttempt(attempt))
      if (governor.#attempts.length < attempts.length)
        throw new RangeError(`it has ${attempts.length} attempts, more than its limits allow`)
      governor.#verdict = judgeAttempts(governor.#attempts, governor.#options)
      return governor
    } catch (error) {
      throw invalid(error instanceof Error ? error.message : String(error), error)
    }
  }

  /** Whether there was room for it. */
  #keep(attempt: HealingAttempt): boolean {
    const { attemptsMax, attemptsExtraMax } = this.#limits
    if (this.#attempts.length >= attemptsMax + attemptsExtraMax) return false
    this.#attempts.push(attempt)
    return true
  }
}

const attemptSchema = z.strictObject({
  errors: z.number(),
  confidence: z.number().optional(),
  quality: z.number().optional(),
  lines: z.number().optional(),
  kind: z.string().optional(),
  atMs: z.number().optional(),
})

/** Shape only; names and ranges are checked where they always are. */
const stateSchema = z.strictObject({
  version: z.literal(1),
  limits: z.record(z.string(), z.number()),
  before: attemptSchema.optional(),
  attempts: z.array(attemptSchema),
})

function invalid(reason: string, cause: unknown): HomeostatError {
  return new HomeostatError('HS_INPUT_INVALID', { what: 'the state of an attempt governor', reason }, { cause })
}
