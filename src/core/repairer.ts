import type { Fault, FaultCategory } from './fault.js'
import type { Action, FileEdit } from './patch.js'
import type { CommandResult, Workspace } from './ports.js'

/** One way to heal a fault, before anyone has judged it. Becomes a patch once it is chosen. */
export interface Proposal {
  /** In one line of at most 120 printable characters: `Add the missing comma in package.json, line 7`. */
  readonly title: string
  readonly edits: readonly FileEdit[]
  readonly actions: readonly Action[]
  /** How likely the repairer thinks it is, 0..1; orders proposals of one repairer, best first. */
  readonly plausibility: number
  /** What it stands on, in sentences for people. */
  readonly rationale: string
}

export interface RepairRequest {
  readonly fault: Fault
  /** The tree as it stands, earlier accepted steps included. */
  readonly workspace: Workspace
  /** The command that fails. */
  readonly command: readonly string[]
  /** Runs a command on a copy, never on the project itself; absent where there is no copy. */
  readonly rehearse?: Rehearse
  readonly installs: 'never' | 'declared' | 'any'
  /** What was tried or found out before in this incident, oldest first: sentences. Untrusted text. */
  readonly notes?: readonly string[]
  /** At most this many proposals are wanted. */
  readonly proposalsMax: number
  readonly signal: AbortSignal
}

export interface RehearsalOptions {
  /** Made in the copy before the command runs, and taken back after it. The audit sees them first. */
  readonly edits?: readonly FileEdit[]
  /** Where the command runs, relative to the root; default: the root. */
  readonly folder?: string
  /** Added to the environment that the policy gives to commands in a copy. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** At most this long; the policy's own limit holds all the same. */
  readonly timeoutMs?: number
}

/**
 * How a rehearsal went. `ran: false`: the audit blocked an edit, a file was not what the edit was made for, or the session has
 * spent its rehearsals (`spent`), after which every further one answers the same.
 */
export type Rehearsal =
  | { readonly ran: true; readonly result: CommandResult }
  | { readonly ran: false; readonly spent: boolean; readonly reason: string }

/**
 * Runs a command in the sandbox copy, with some edits made for the time of the run: how a repairer measures, and sorts its
 * candidates. Paths of the copy read as those of the project in the output. One at a time.
 */
export type Rehearse = (command: readonly string[], options?: RehearsalOptions) => Promise<Rehearsal>

/** What a repairer found out. */
export interface RepairAnswer {
  readonly proposals: readonly Proposal[]
  /** Why there is nothing, or nothing more: sentences a person can act on. */
  readonly notes: readonly string[]
}

/** Proposes patches for faults of some categories. Reads, never writes; never throws for a fault it cannot heal. */
export interface Repairer {
  readonly id: string
  readonly categories: readonly FaultCategory[]
  propose(request: RepairRequest): Promise<RepairAnswer>
}
