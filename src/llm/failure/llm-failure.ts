/** What went wrong with a call of a language model. One word each; the table of {@link treatments} says what is done about it. */
export type LlmFailureKind =
  | 'rate-limit'
  | 'ramp-limit'
  | 'quota'
  | 'overloaded'
  | 'server-error'
  | 'conflict'
  | 'network'
  | 'unreachable'
  | 'first-token-late'
  | 'stream-stalled'
  | 'stream-cut'
  | 'garbage'
  | 'truncated'
  | 'filtered'
  | 'bad-structure'
  | 'empty-answer'
  | 'context-too-long'
  | 'request-invalid'
  | 'not-found'
  | 'auth'
  | 'deadline'
  | 'aborted'
  | 'refused-here'
  | 'unknown'

/** What is done about a kind of failure. */
export interface Treatment {
  /** Whether the same target is asked again: after a growing random delay, once, by asking again with what was wrong, or never. */
  readonly retry: 'backoff' | 'once' | 're-ask' | 'never'
  /** Whether another target is asked: at once when the same one is not asked again; `policy`: only when the user wants it. */
  readonly fallback: 'yes' | 'policy' | 'never'
  /**
   * What the circuit of the target makes of it: a failure; nothing; a pause until a time, which is no failure; or the circuit
   * of the credential opens at once.
   */
  readonly circuit: 'failure' | 'neutral' | 'throttle' | 'open-credential'
}

/** One failure, classified. */
export interface LlmFailure extends Treatment {
  readonly kind: LlmFailureKind
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined
  /** The provider's own code or type for it: `insufficient_quota`, `overloaded_error`, `ECONNRESET`. At most 100 characters. */
  readonly code: string | undefined
  /** How long the target asks to be left alone, milliseconds; `undefined` when it does not say. */
  readonly retryAfterMs: number | undefined
}

/**
 * The taxonomy: what is done about each kind. It is the whole of it; code asks this table and decides nothing by itself.
 */
export const treatments: Readonly<Record<LlmFailureKind, Treatment>> = {
  'rate-limit': { retry: 'backoff', fallback: 'yes', circuit: 'throttle' },
  'ramp-limit': { retry: 'backoff', fallback: 'yes', circuit: 'throttle' },
  quota: { retry: 'never', fallback: 'yes', circuit: 'open-credential' },
  overloaded: { retry: 'backoff', fallback: 'yes', circuit: 'failure' },
  'server-error': { retry: 'backoff', fallback: 'yes', circuit: 'failure' },
  conflict: { retry: 'once', fallback: 'never', circuit: 'neutral' },
  network: { retry: 'backoff', fallback: 'yes', circuit: 'failure' },
  // No such host, a certificate that does not fit: most likely a mistake in the configuration, which waiting does not mend.
  unreachable: { retry: 'once', fallback: 'yes', circuit: 'failure' },
  'first-token-late': { retry: 'backoff', fallback: 'yes', circuit: 'failure' },
  'stream-stalled': { retry: 'backoff', fallback: 'yes', circuit: 'failure' },
  'stream-cut': { retry: 'backoff', fallback: 'yes', circuit: 'failure' },
  garbage: { retry: 'backoff', fallback: 'yes', circuit: 'failure' },
  truncated: { retry: 'never', fallback: 'policy', circuit: 'neutral' },
  filtered: { retry: 'never', fallback: 'policy', circuit: 'neutral' },
  'bad-structure': { retry: 're-ask', fallback: 'yes', circuit: 'neutral' },
  'empty-answer': { retry: 're-ask', fallback: 'yes', circuit: 'neutral' },
  'context-too-long': { retry: 'never', fallback: 'policy', circuit: 'neutral' },
  'request-invalid': { retry: 'never', fallback: 'never', circuit: 'neutral' },
  'not-found': { retry: 'never', fallback: 'yes', circuit: 'neutral' },
  auth: { retry: 'never', fallback: 'yes', circuit: 'open-credential' },
  deadline: { retry: 'never', fallback: 'never', circuit: 'failure' },
  aborted: { retry: 'never', fallback: 'never', circuit: 'neutral' },
  'refused-here': { retry: 'never', fallback: 'yes', circuit: 'neutral' },
  unknown: { retry: 'never', fallback: 'yes', circuit: 'failure' },
}
