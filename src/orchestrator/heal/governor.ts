import { AttemptGovernor } from '../../breaker/governor/attempt-governor.js'
import type { Decision } from '../../core/decision.js'
import type { Fault } from '../../core/fault.js'

/** How long attempts go on; every number is a field of the policy's section `heal`. */
export interface SearchLimits {
  readonly attemptsMax: number
  readonly graceAttempts: number
  readonly syntaxAttemptsMax: number
  readonly logicAttemptsMax: number
  readonly failureStreakMax: number
  readonly cascadeDepthMax: number
  /** 0..1. */
  readonly syntaxErrorBudget: number
  /** 0..1. */
  readonly logicErrorBudget: number
}

/** What has been spent so far, and on what. */
export interface Effort {
  readonly isSyntax: boolean
  /** Proposals made real in the session, and of them for this fault. */
  readonly attempts: number
  readonly attemptsAtFault: number
  /** Attempts in a row without any advance. */
  readonly streak: number
  /** Repairs in a row that each led to another fault in a file they had changed. */
  readonly cascade: number
  readonly errorsInFile: number
  /** Absent when the fault is in no file of the project. */
  readonly linesInFile: number | undefined
}

/** Why no further attempt is made, in words for people; `undefined` when one may be made. Pure. */
export function stopReason(effort: Effort, limits: SearchLimits): string | undefined {
  const atFaultMax = effort.isSyntax ? limits.syntaxAttemptsMax : limits.logicAttemptsMax
  if (effort.attempts >= limits.attemptsMax) return `${limits.attemptsMax} attempts were made in this session`
  if (effort.attemptsAtFault >= atFaultMax) return `${atFaultMax} attempts were made at this fault`
  if (effort.cascade >= limits.cascadeDepthMax)
    return `${effort.cascade} repairs in a row each led to another fault in a file they had changed`
  // The first attempts at a fault are free: one failure is no rate, and the fault before says nothing about this one.
  if (effort.attemptsAtFault < limits.graceAttempts) return undefined
  if (effort.streak >= limits.failureStreakMax) return `${limits.failureStreakMax} attempts in a row changed nothing`
  const budget = effort.isSyntax ? limits.syntaxErrorBudget : limits.logicErrorBudget
  const overBudget =
    effort.linesInFile !== undefined && effort.errorsInFile > 1 && effort.errorsInFile / effort.linesInFile > budget
  return overBudget
    ? `${effort.errorsInFile} errors in ${effort.linesInFile} lines are more than a search can sort out`
    : undefined
}

/** Watches the attempts at each fault of a session: each fault has a governor of its own. */
export class FaultGovernors {
  readonly #limits: SearchLimits
  readonly #governors = new Map<string, AttemptGovernor>()

  constructor(limits: SearchLimits) {
    this.#limits = limits
  }

  /** Proposals that were made real against it. */
  attemptsAt({ fingerprint }: Fault): number {
    return this.#governors.get(fingerprint)?.attempts.length ?? 0
  }

  /** Counts one more attempt, and says what the attempts at this fault show so far. */
  record(fault: Fault, { errors, errorsBefore }: { readonly errors: number; readonly errorsBefore: number }): Decision {
    const { kind, reasons } = this.#of(fault, errorsBefore).record({ errors })
    return { kind, reasons }
  }

  #of({ fingerprint, category }: Fault, errorsBefore: number): AttemptGovernor {
    const present = this.#governors.get(fingerprint)
    if (present !== undefined) return present
    const { syntaxAttemptsMax, logicAttemptsMax, graceAttempts, failureStreakMax } = this.#limits
    const governor = new AttemptGovernor({
      attemptsMax: category === 'syntax' ? syntaxAttemptsMax : logicAttemptsMax,
      attemptsExtraMax: 0,
      graceAttempts,
      // Another strategy comes before the end of the streak, or it would come too late.
      stagnationAttempts: Math.ceil(failureStreakMax / 2),
      errorsPromoteMax: 0,
      before: { errors: errorsBefore },
    })
    this.#governors.set(fingerprint, governor)
    return governor
  }
}
