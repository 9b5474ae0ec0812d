import type { ConfidenceEstimate } from '../../core/confidence.js'
import type { Decision } from '../../core/decision.js'
import type { Diagnosis } from '../../core/diagnosis.js'
import type { Fault } from '../../core/fault.js'
import type { SecurityAudit } from '../../core/finding.js'
import type { Patch } from '../../core/patch.js'
import type { Seal } from '../../core/seal.js'
import type { ValidationReport } from '../../core/validation.js'
import type { Envelope } from './session.js'
import type { Watched } from './watch.js'

/** What to heal: a command that fails, and what is already known about the failure. */
export interface HealContext {
  /** The command, as an argument array. It passes when it exits with 0. */
  readonly command: readonly string[]
  /** The root of the project; default: the current folder. */
  readonly cwd?: string
  /** What the command printed, if it has already been run; then it is not run a first time. */
  readonly output?: string
  /** How it exited then; default 1 when `output`, `error` or `stackTrace` is given. */
  readonly exitCode?: number
  /** An error caught in the running program; its stack is read like output. */
  readonly error?: unknown
  readonly stackTrace?: string
  /** Stops everything; the tree is then as it was. */
  readonly signal?: AbortSignal
}

export const healingOutcomes = ['healthy', 'recovered', 'healed', 'proposed', 'escalated', 'refused', 'failed'] as const
/**
 * `healthy`: nothing was wrong. `recovered`: a transient fault went away by retry, no file changed. `healed`: a patch was
 * applied and the command passes. `proposed`: a validated patch waits for a person. `escalated`: a person must decide.
 * `refused`: the audit blocked every patch. `failed`: the patch was applied, did not hold, and was rolled back.
 */
export type HealingOutcome = (typeof healingOutcomes)[number]

/** How a healing ended, with everything that led there. Plain JSON. */
export interface HealingResult {
  readonly outcome: HealingOutcome
  readonly sessionId: string
  /** The root fault; absent when nothing was wrong. */
  readonly fault?: Fault
  readonly diagnosis?: Diagnosis
  readonly patch?: Patch
  /** The patch as a unified diff. */
  readonly diff?: string
  readonly audit?: SecurityAudit
  readonly validation?: ValidationReport
  readonly confidence?: ConfidenceEstimate
  /** What vouched for the patch when it was applied. */
  readonly seal?: Seal
  /** The one terminal decision of the session. */
  readonly decision: Decision
  /** The transaction that applied the patch: `homeostat rollback ID` undoes it. */
  readonly transactionId?: string
  /** How the running service fared under the patch; absent where nobody looked. */
  readonly watch?: Watched
  /** What repairers could not do, and why: sentences a person can act on. */
  readonly notes: readonly string[]
  readonly durationMs: number
  readonly envelope: Envelope
}
