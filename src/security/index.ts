/** The security audit of patches. */
export { verdicts, type AuditStage, type Finding, type SecurityAudit, type Verdict } from '../core/finding.js'
export { defaultCompliancePolicy, parseCompliancePolicy, type CompliancePolicy } from './compliance-policy.js'
export { isPackageName, packageNameDoubts, packageOfSpecifier } from './package-names.js'
export { RiskyEditObserver, type AuditContext, type RiskyEditObserverOptions } from './risky-edit-observer.js'
export type { Rule } from './rule.js'
export { rules, ruleSetVersion } from './rules.js'
