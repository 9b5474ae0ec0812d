import type { FaultSeverity } from './fault.js'

/** Ranked hypotheses with evidence, and impact. */
export interface Diagnosis {
  /** One sentence for people. */
  readonly summary: string
  /** Best first; plausibility in 0..1. */
  readonly hypotheses: readonly { readonly cause: string; readonly evidence: readonly string[]; readonly plausibility: number }[]
  /** What a person can do where homeostat cannot; sentences, the most useful first. */
  readonly advice: readonly string[]
  readonly impact: { readonly severity: FaultSeverity; readonly files: readonly string[] }
}
