/** A probability that an answer is right, and how well it is known. */
export interface ConfidenceEstimate {
  /** 0..1. */
  readonly probability: number
  /** Lower and upper bound, 0..1, around the probability. */
  readonly interval: readonly [number, number]
  /** What each signal added, in log odds; a missing signal adds nothing and is not listed. */
  readonly contributions: Readonly<Record<string, number>>
  /** `prior`: no label has been seen yet, so the number is an informed guess and no gate is certified. */
  readonly state: 'prior' | 'learning' | 'calibrated' | 'drift'
  /** Labels behind the estimate. */
  readonly samples: number
}
