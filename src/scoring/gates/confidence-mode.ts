import type { ConfidenceEstimate } from '../../core/confidence.js'
import type { Gate } from './gate.js'

/** What may be done on the strength of a confidence: look only, try in a sandbox, or apply. */
export type ConfidenceMode = 'analyse-only' | 'sandbox-only' | 'full-execution'

export interface ModeRules {
  /** Opens full execution. It must be certified. */
  readonly execute: Gate
  /** Opens the sandbox. Without it, nothing but the floors stands before the sandbox. */
  readonly sandbox?: Gate
  /**
   * The least probability, 0..1, that an answer of each category must have for full execution, on the calibrated scale:
   * `{ security: 0.99 }`. Other categories have no floor.
   */
  readonly floors?: Readonly<Record<string, number>>
}

/**
 * The most that an estimate permits. A gate that is not certified accepts nothing, so without labels the answer is at best
 * `sandbox-only`. Risk is judged elsewhere: no mode waives an audit.
 *
 * @param category - Of the fault or the answer; its floor applies.
 * @throws RangeError when a floor is not in 0..1.
 */
export function confidenceMode(
  estimate: ConfidenceEstimate,
  { execute, sandbox, floors = {} }: ModeRules,
  category?: string,
): ConfidenceMode {
  for (const [name, floor] of Object.entries(floors))
    if (!(floor >= 0 && floor <= 1)) throw new RangeError(`Cannot use ${floor} as the floor of "${name}": it must lie in 0..1`)
  const floor = category !== undefined && Object.hasOwn(floors, category) ? (floors[category] ?? 0) : 0
  if (execute.certified && execute.accepts(estimate) && estimate.probability >= floor) return 'full-execution'
  return sandbox === undefined || sandbox.accepts(estimate) ? 'sandbox-only' : 'analyse-only'
}
