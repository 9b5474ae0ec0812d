import type { Decision } from '../../core/decision.js'
import type { Fault } from '../../core/fault.js'
import type { SecurityAudit } from '../../core/finding.js'
import type { Patch } from '../../core/patch.js'
import type { CommandResult, Workspace } from '../../core/ports.js'
import type { Proposal, Repairer } from '../../core/repairer.js'
import { Lookahead } from './lookahead.js'
import { FaultGovernors, stopReason, type Effort, type SearchLimits } from './governor.js'
import { relativeTo, type Faults } from './progress.js'
import type { Step, Trial } from './trial.js'

/** What became of one proposal. */
export interface Attempt {
  readonly fault: Fault
  readonly repairer: string
  readonly title: string
  /** `solved`: the command passes. `advanced`: this fault is gone, another shows. */
  readonly result: 'solved' | 'advanced' | 'unchanged' | 'blocked' | 'not-taken'
  readonly reason?: string
  /** What the attempts at this fault show so far; absent for a proposal that was never made real. */
  readonly verdict?: Decision
}

/** An attempt as it was made: what the session tells of it, what was proposed, what it cost. */
export interface MadeAttempt extends Attempt {
  readonly proposal: Proposal
  readonly costMs: number
}

export interface SearchOptions {
  readonly trial: Trial
  /** The project as it was. */
  readonly original: Workspace
  readonly command: readonly string[]
  /** Those to be asked at a fault, in this order. */
  repairersFor(fault: Fault): Promise<readonly Repairer[]>
  readonly installs: 'never' | 'declared' | 'any'
  readonly limits: SearchLimits
  /** Proposals asked of one repairer for one fault. */
  readonly proposalsMax: number
  /** Runs in the copy that repairers may ask for, in all. */
  readonly rehearsalsMax: number
  /** Candidates that run at the same time. */
  readonly parallelMax: number
  readonly signal: AbortSignal
  /** Why the tree of the trial should not be taken although the command passes on it; `undefined` where nothing speaks against it. */
  objection(): Promise<string | undefined>
  audit(patch: Patch, before: (path: string) => string | undefined): Promise<SecurityAudit>
  onFault(fault: Fault, others: number): void
  onAttempt(attempt: MadeAttempt): void
  /** Milliseconds that only grow. */
  nowMs(): number
}

export interface SearchResult {
  /** How the command ended on the solved tree; absent when it was not solved. */
  readonly run?: CommandResult
  /** Proposals that the audit refused. */
  readonly blocked: readonly { readonly patch: Patch; readonly audit: SecurityAudit }[]
  readonly notes: readonly string[]
  /** Where it got stuck after the most steps: what a person has to look at. */
  readonly stuckAt: Faults
}

/** What a search knows and has spent so far. */
export interface SearchState {
  attempts: number
  rehearsals: number
  streak: number
  /** Going back on further choices would not help: the fault is none of ours, or the other choices were tried already. */
  givenUp: boolean
  /** Trees that were made before: the same failed repair is never tried twice. */
  readonly tried: Set<string>
  readonly governors: FaultGovernors
  readonly ahead: Lookahead
  /** The first tree on which the command passes and a check does not: better than none. */
  objected: { readonly run: CommandResult; readonly steps: readonly Step[] } | undefined
  objections: number
  readonly blocked: { patch: Patch; audit: SecurityAudit }[]
  readonly notes: string[]
  stuckAt: { readonly faults: Faults; readonly titles: readonly string[] }
}

export function newState(faults: Faults, { limits, trial, command, parallelMax }: SearchOptions): SearchState {
  return {
    attempts: 0,
    rehearsals: 0,
    streak: 0,
    givenUp: false,
    tried: new Set(),
    governors: new FaultGovernors(limits),
    ahead: new Lookahead({ trial, command, parallelMax }),
    objected: undefined,
    objections: 0,
    blocked: [],
    notes: [],
    stuckAt: { faults, titles: [] },
  }
}

/** Whether the policy allows no further attempt at healing `target`; then it is noted why. */
export function isSpent(
  faults: Faults,
  target: Fault,
  cascade: number,
  state: SearchState,
  { trial, limits }: SearchOptions,
): boolean {
  const stop = stopReason(
    {
      ...effortAt(faults, cascade, state, trial),
      isSyntax: target.category === 'syntax',
      attemptsAtFault: state.governors.attemptsAt(target),
    },
    limits,
  )
  if (stop !== undefined) state.notes.push(`Stopped: ${stop}, the limit of the policy`)
  return stop !== undefined
}

/** What has been spent on the root fault, and how bad the file it is in looks. */
function effortAt(
  [fault, ...others]: Faults,
  cascade: number,
  state: SearchState,
  trial: Trial,
): Omit<Effort, 'isSyntax' | 'attemptsAtFault'> {
  const file = fault.location?.file
  const text = file === undefined ? undefined : trial.workspace.read(relativeTo(trial.workspace.root, file))
  return {
    attempts: state.attempts,
    streak: state.streak,
    cascade,
    errorsInFile: 1 + others.filter((other) => file !== undefined && other.location?.file === file).length,
    linesInFile: text?.split('\n').length,
  }
}
