import type { ConfidenceEstimate } from '../../core/confidence.js'
import type { Decision, DecisionKind } from '../../core/decision.js'
import type { SecurityAudit } from '../../core/finding.js'
import type { ValidationReport } from '../../core/validation.js'

/** The part of the policy that a decision about a patch depends on. */
export interface DecisionPolicy {
  readonly autonomy: 'observe' | 'propose' | 'apply'
  /** Whether a person must look at what the audit calls `review`. */
  readonly requireHumanOnRisky: boolean
  /** Below it a patch is not even proposed, 0..1. */
  readonly confidenceFloor: number
  /** Below it a person must approve, 0..1. */
  readonly promoteMin: number
}

/** What is known about a patch. What is missing counts against it. */
export interface PatchEvidence {
  readonly audit?: Pick<SecurityAudit, 'verdict'>
  readonly validation?: Pick<ValidationReport, 'passed'>
  readonly confidence?: Pick<ConfidenceEstimate, 'probability'>
  /** Changed lines and files are within the policy's limits. */
  readonly withinLimits: boolean
  /** Whether a person has said yes to exactly this patch; absent: nobody has been asked, or nobody answered. */
  readonly approved?: boolean
}

/**
 * Whether a patch may be applied. Pure, and monotone: more risk, less validation, less confidence or less approval never
 * makes it more permissive, and no confidence or approval waives a `block`.
 */
export function decide(policy: DecisionPolicy, evidence: PatchEvidence): Decision {
  if (evidence.audit === undefined) return stop('audit.missing')
  if (evidence.audit.verdict === 'block') return stop('audit.block')
  if (evidence.validation === undefined) return stop('validation.missing')
  if (!evidence.validation.passed) return stop('validation.failed')
  if (evidence.confidence === undefined) return stop('confidence.missing')
  if (evidence.confidence.probability < policy.confidenceFloor) return stop('confidence.below-floor')
  if (policy.autonomy === 'observe') return { kind: 'escalate', reasons: ['autonomy.observe'] }
  if (evidence.approved === true) return { kind: 'promote', reasons: ['approved'] }

  const objections = [
    ...(evidence.approved === false ? ['approval.denied'] : []),
    ...(evidence.audit.verdict === 'review' && policy.requireHumanOnRisky ? ['audit.review'] : []),
    ...(evidence.withinLimits ? [] : ['limits.exceeded']),
    ...(evidence.confidence.probability < policy.promoteMin ? ['confidence.below-promote'] : []),
    ...(policy.autonomy === 'propose' ? ['autonomy.propose'] : []),
  ]
  return objections.length === 0
    ? { kind: 'promote', reasons: ['evidence.sufficient'] }
    : { kind: 'escalate', reasons: objections }
}

/** From what applies a patch to what ends without one: the order in which law 1 compares decisions. */
export const permissiveness: Readonly<Record<DecisionKind, number>> = {
  promote: 3,
  escalate: 2,
  backoff: 1,
  retry: 1,
  'switch-strategy': 1,
  rollback: 0,
  stop: 0,
}

function stop(reason: string): Decision {
  return { kind: 'stop', reasons: [reason] }
}
