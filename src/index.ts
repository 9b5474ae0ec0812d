/** homeostat: guard calls, score answers, heal faults. */
export type { ConfidenceEstimate } from './core/confidence.js'
export type { Decision, DecisionKind } from './core/decision.js'
export type { Diagnosis } from './core/diagnosis.js'
export { HomeostatError, isHomeostatError, type ErrorCode, type ErrorDetails } from './core/errors.js'
export type { CallOutcome, CircuitState, EventName, EventPayloads, HomeostatEvent } from './core/events.js'
export type { Fault, FaultCategory, FaultSeverity, Location } from './core/fault.js'
export type { AuditStage, Finding, SecurityAudit, Verdict } from './core/finding.js'
export type { Action, FileEdit, PackageManager, PackageRequest, Patch } from './core/patch.js'
export type {
  CommandEnding,
  CommandOptions,
  CommandResult,
  CommandRunner,
  FileStat,
  FileSystem,
  Sandbox,
  SandboxCopy,
  SandboxLimits,
  SandboxOptions,
  Workspace,
} from './core/ports.js'
export type { Proposal, Rehearsal, RehearsalOptions, Rehearse, RepairAnswer, Repairer, RepairRequest } from './core/repairer.js'
export type { SandboxTier } from './core/sandbox-tier.js'
export type { Seal } from './core/seal.js'
export type { AbsentCheck, ValidationCheck, ValidationReport } from './core/validation.js'
export { createWorld, type Clock, type World } from './core/world.js'
export type { ApplyOptions, Receipt } from './orchestrator/heal/apply-patch.js'
export type { Call, Work } from './orchestrator/guard/call.js'
export { decide, type DecisionPolicy, type PatchEvidence } from './orchestrator/heal/decide.js'
export type { CallOptions } from './orchestrator/guard/guard-options.js'
export type { ApprovalRequest, Approve, AskModel, HealPorts } from './orchestrator/heal/heal-ports.js'
export type { ServiceCounts, Telemetry } from './orchestrator/heal/watch.js'
export type { HealContext, HealingOutcome, HealingResult } from './orchestrator/heal/healing-result.js'
export { mergePolicy, parsePolicy } from './orchestrator/policy/policy.js'
export { definePolicy, type Policy, type PolicyInput } from './orchestrator/policy/policy-schema.js'
export { verifyEnvelope, type Envelope, type EnvelopeEntry } from './orchestrator/heal/session.js'
export { SelfHealingOrchestrator, type Ports, type Snapshot } from './self-healing-orchestrator.js'
