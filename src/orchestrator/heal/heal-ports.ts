import type { ConfidenceEstimate } from '../../core/confidence.js'
import type { Fault } from '../../core/fault.js'
import type { SecurityAudit } from '../../core/finding.js'
import type { Patch } from '../../core/patch.js'
import type { CommandRunner, FileSystem, Sandbox, SandboxLimits, Workspace } from '../../core/ports.js'
import type { Repairer } from '../../core/repairer.js'
import type { ValidationReport } from '../../core/validation.js'
import type { World } from '../../core/world.js'
import type { Knowledge } from '../../memory/knowledge/knowledge.js'
import type { LearntRepairer } from '../../repair/learnt/learnt.js'
import type { UnifiedConfidenceScorer } from '../../scoring/unified-confidence-scorer.js'
import type { BehaviourObserver } from '../../security/behaviour/behaviour-trace.js'
import type { ThreatIntelligence } from '../../security/threats/threat-intelligence.js'
import type { SigningKeys } from '../../security/signing/signing-keys.js'
import type { Emit } from '../event-stream.js'
import type { Policy } from '../policy/policy-schema.js'
import type { Telemetry } from './watch.js'

/** Everything a person needs to say yes or no to one patch. */
export interface ApprovalRequest {
  readonly sessionId: string
  readonly fault?: Fault
  readonly patch: Patch
  /** Unified diff of all edits. */
  readonly diff: string
  readonly audit: SecurityAudit
  readonly validation: ValidationReport
  readonly confidence: ConfidenceEstimate
  /** Why it is not applied without asking: `autonomy.propose`, `audit.review`. */
  readonly reasons: readonly string[]
}

/** Asks a person. Anything but `true`, a rejection and silence included, means no. */
export type Approve = (request: ApprovalRequest, options: { readonly signal: AbortSignal }) => Promise<boolean>

/** Asks a language model: a prompt in, its reply out. Called under guard as `homeostat/model`. */
export type AskModel = (prompt: string, options: { readonly signal: AbortSignal }) => Promise<string>

/** What healing needs from outside. `homeostat` gives the ones of Node; `./testing` and users can give others. */
export interface HealPorts {
  readonly runner: CommandRunner
  readonly sandbox: (limits: SandboxLimits) => Sandbox
  readonly openWorkspace: (root: string) => Workspace
  readonly files: FileSystem
  /** What the user's own command sees when it runs in place. In a sandbox it sees a minimal environment. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The user's own repairers; they come before the built-in ones. */
  readonly repairers?: readonly Repairer[]
  readonly ask?: AskModel
  readonly approve?: Approve
  /**
   * Says how likely a patch is right; one with labels is calibrated. It learns from a person's yes or no, and from how a patch holds.
   * Default: one without labels, whose estimates are priors, and which lives as long as the orchestrator.
   */
  readonly scorer?: UnifiedConfidenceScorer
  /** What attempts at healing taught. Default: what this orchestrator sees, until it is closed. */
  readonly knowledge?: Knowledge
  /** Watches what a command does beyond computing; with it, the audit of a patch compares runs before and after. */
  readonly behaviour?: BehaviourObserver
  /** What is known of packages and addresses that a patch brings. Default: the list that ships, without any network. */
  readonly threatIntelligence?: ThreatIntelligence
  /** How the running service fares; with it, an applied patch is watched for a while, and taken back when the service fares worse. */
  readonly telemetry?: Telemetry
  /** The keys that seal what is applied. Default: one made for this process, of which its seals say that it is ephemeral. */
  readonly signingKeys?: SigningKeys
}

/** What is remembered, and who repeats it. */
export interface Learning {
  readonly knowledge: Knowledge
  readonly learnt: LearntRepairer
}

/** What healing works with, fixed when it starts: a policy that changes meanwhile applies to the next one. */
export interface HealOptions {
  readonly policy: Policy
  readonly world: World
  readonly ports: HealPorts
  readonly emit: Emit
  /** In the order in which they are asked: cheapest first. */
  readonly repairers: readonly Repairer[]
  /** Says how likely a patch is right, and learns from what becomes known of it. */
  readonly scorer: UnifiedConfidenceScorer
  /** Absent: nothing is remembered. */
  readonly learning?: Learning
}
