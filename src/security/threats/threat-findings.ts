import type { Threat, ThreatAnswer } from './threat-intelligence.js'

/** Where a patch names something. */
export interface NamedPlace {
  readonly path: string
  readonly line?: number
}

/** Why a lookup says less than it should. */
export interface ThreatGap {
  /** `HS_THREAT_TIMEOUT`: no answer in time. `HS_THREAT_FAILED`: an error or no proper answer. `HS_THREAT_PARTIAL`: too much to ask for. */
  readonly code: 'HS_THREAT_TIMEOUT' | 'HS_THREAT_FAILED' | 'HS_THREAT_PARTIAL'
  readonly reason: string
}

/** What was asked about a patch, and what came back, as rules see it. */
export interface ThreatFindings {
  readonly threats: readonly (Threat & { readonly place: NamedPlace })[]
  readonly gaps: readonly ThreatGap[]
  /** Absent: nobody answered, or there was nothing to ask. */
  readonly source?: Pick<ThreatAnswer, 'source' | 'date' | 'stale'>
}
