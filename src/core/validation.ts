/** One command that was really run to judge a patch. */
export interface ValidationCheck {
  /** `command` is the one that failed; the others are the project's own: `test`, `typecheck`, `lint`. */
  readonly name: string
  readonly command: readonly string[]
  readonly passed: boolean
  readonly exitCode: number | null
  readonly durationMs: number
  /** Whether it passed on the tree as it was. A check that failed before does not count against the patch. */
  readonly passedBefore?: boolean
}

/** The executed checks of a patch. */
export interface ValidationReport {
  /** The failing command passes, and no check that passed before fails now. */
  readonly passed: boolean
  readonly checks: readonly ValidationCheck[]
  /** Where it ran: the tier of the sandbox. */
  readonly sandbox: string
  readonly durationMs: number
}
