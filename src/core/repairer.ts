import type { Fault, FaultCategory } from './fault.js'
import type { Action, FileEdit } from './patch.js'
import type { CommandRunner, Workspace } from './ports.js'

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
  /** Runs a tool on a copy, never on the project itself. */
  readonly runner?: CommandRunner
  readonly installs: 'never' | 'declared' | 'any'
  /** What was tried or found out before in this incident, oldest first: sentences. Untrusted text. */
  readonly notes?: readonly string[]
  /** At most this many proposals are wanted. */
  readonly proposalsMax: number
  readonly signal: AbortSignal
}

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
