import type { ConfidenceEstimate } from '../../core/confidence.js'

export const gateKinds = ['joint', 'among-accepted', 'per-wrong'] as const
/** Which share of wrong accepts is kept down; the three are different promises. */
export type GateKind = (typeof gateKinds)[number]

export interface GateOptions {
  /** The most that is allowed, in (0, 1): 0.05 for one in twenty. */
  readonly risk: number
  /**
   * `joint`: P(accepted and wrong). `among-accepted`: P(wrong | accepted). `per-wrong`: P(accepted | wrong).
   */
  readonly kind: GateKind
  /** `among-accepted` only: how often the promise may fail, over draws of labels; in (0, 1), 0.1 by default. */
  readonly delta?: number
}

/** Accepts estimates above a threshold that keeps a promise, or nothing when the promise cannot be made. */
export interface Gate {
  readonly kind: GateKind
  /** The lowest probability that is accepted; `null` when nothing is. */
  readonly threshold: number | null
  /** Whether the labels are enough to make the promise. */
  readonly certified: boolean
  /** The labels and the tasks the promise rests on. */
  readonly samples: number
  readonly tasks: number
  /** About how many more labelled tasks could certify it; 0 when it is certified, `null` when no number would at this risk. */
  readonly tasksMissing: number | null
  readonly reason: string
  /** Whether an estimate of this scorer passes. Drift after the gate was made closes it. */
  readonly accepts: (estimate: ConfidenceEstimate) => boolean
}

/** Cross-fitted probabilities with their truth. */
export interface GateEvidence {
  /** 0..1, from what had not seen the task. */
  readonly probability: Float64Array
  /** 1 for right. */
  readonly correct: Uint8Array
  /** The task of each, counted from 0. */
  readonly task: Int32Array
  readonly tasks: number
}

/** A threshold that keeps the promise, or why there is none. */
export type Certificate =
  | { readonly threshold: number; readonly tasksMissing: 0 }
  | { readonly threshold: null; readonly tasksMissing: number | null; readonly because: string }

/**
 * The options, complete.
 *
 * @throws RangeError when a share is not in (0, 1) or the kind is unknown.
 */
export function checkGateOptions({ risk, kind, delta = 0.1 }: GateOptions): Required<GateOptions> {
  if (!(risk > 0 && risk < 1)) throw new RangeError(`Cannot make a gate with risk ${risk}: it must lie between 0 and 1`)
  if (!(delta > 0 && delta < 1)) throw new RangeError(`Cannot make a gate with delta ${delta}: it must lie between 0 and 1`)
  if (!gateKinds.includes(kind))
    throw new RangeError(`Cannot make a gate of kind "${String(kind)}": known are ${gateKinds.join(', ')}`)
  return { risk, kind, delta }
}
