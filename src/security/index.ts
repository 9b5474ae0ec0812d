/** The security audit of patches. */
export { verdicts, type AuditStage, type Finding, type SecurityAudit, type Verdict } from '../core/finding.js'
export { defaultCompliancePolicy, parseCompliancePolicy, type CompliancePolicy } from './compliance-policy.js'
export {
  behaviourKinds,
  readBehaviourTrace,
  type BehaviourEvent,
  type BehaviourKind,
  type BehaviourObserver,
  type BehaviourPair,
  type BehaviourRecording,
  type BehaviourTrace,
} from './behaviour/behaviour-trace.js'
export { compareBehaviour } from './behaviour/compare-behaviour.js'
export {
  judgeHang,
  noHang,
  type HangLimits,
  type HangObservation,
  type HangState,
  type HangVerdict,
  type Suspicion,
} from './hang-ladder.js'
export { existsIn, observePaths } from './observe-paths.js'
export { isPackageName, packageNameDoubts, packageOfSpecifier } from './package-names.js'
export { RiskyEditObserver, type AuditContext, type RiskyEditObserverOptions } from './risky-edit-observer.js'
export type { Rule } from './rule.js'
export { rules, ruleSetVersion } from './rules.js'
export type { Suppression } from './suppressions.js'
export { builtInThreatList } from './threats/built-in-threat-list.js'
export { createOfflineThreats, type OfflineThreats, type OfflineThreatsOptions } from './threats/offline-threats.js'
export {
  threatKinds,
  type NamedPackage,
  type Threat,
  type ThreatAnswer,
  type ThreatIntelligence,
  type ThreatKind,
  type ThreatQuery,
} from './threats/threat-intelligence.js'
export { loadThreatList, sealThreatList, type ThreatList } from './threats/threat-list.js'
export type { Seal } from '../core/seal.js'
export { sealPatch, type SealDocument } from './signing/seal-patch.js'
export { createEphemeralKeys, createSigningKeys, keyIdOf, processKeys } from './signing/signing-keys.js'
export type { KeptKeys, Signer, SigningKeys } from './signing/signing-keys.js'
export { verifySeal } from './signing/verify-seal.js'
