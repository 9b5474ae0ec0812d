export const decisionKinds = ['promote', 'retry', 'backoff', 'switch-strategy', 'rollback', 'escalate', 'stop'] as const
export type DecisionKind = (typeof decisionKinds)[number]

/** What to do next, and why. */
export interface Decision {
  readonly kind: DecisionKind
  /** Machine-readable, most important first: `audit.block`, `validation.failed`, `autonomy.propose`. */
  readonly reasons: readonly string[]
}
