import type { FaultSeverity, Location } from './fault.js'

export const verdicts = ['allow', 'review', 'block'] as const
/** `allow`: nothing stands against it. `review`: a person must look. `block`: never applied, however confident. */
export type Verdict = (typeof verdicts)[number]

/** What one security rule saw in a patch. */
export interface Finding {
  /** `STR-PATH`, `TEST-SKIP`: a page in `docs/rules/`. */
  readonly rule: string
  /** The number of the Common Weakness Enumeration entry. */
  readonly cwe: number
  readonly severity: FaultSeverity
  /** What this finding asks for; `allow`: worth knowing, and it counts only beside others in the same file. */
  readonly verdict: Verdict
  readonly message: string
  readonly location: Location
  /** The text that was found: printable, at most 200 characters. */
  readonly evidence: string
  /** The policy bears this finding for a while: it asks for nothing now, and would ask for `verdict`. */
  readonly suppressed?: {
    readonly verdict: Verdict
    readonly reason: string
    /** The last day, in UTC: `2030-12-31`. */
    readonly until: string
  }
}

export interface AuditStage {
  /** `skipped` says that the stage had nothing to work on; it never means "clean". */
  readonly state: 'done' | 'skipped'
  /** Why the stage was skipped, or what it could not do, or what it worked with. */
  readonly reason?: string
  readonly findings: readonly Finding[]
  readonly durationMs: number
}

/** All findings of one patch, and the verdict. */
export interface SecurityAudit {
  readonly verdict: Verdict
  readonly findings: readonly Finding[]
  readonly stages: {
    readonly static: AuditStage
    readonly dynamic: AuditStage
    readonly threatIntelligence: AuditStage
    readonly compliance: AuditStage
  }
  /** SHA-256 (hex) of what was audited: edits, actions and rule set. Times are not part of it. */
  readonly digest: string
}
