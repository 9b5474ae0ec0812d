/** One command that was really run to judge a patch. */
export interface ValidationCheck {
  /**
   * `command` is the one that failed; `test`, `typecheck`, `lint`, `docs` are the project's own; `tests` (those that passed before
   * still run) and `speed` compare two runs of the command.
   */
  readonly name: string
  readonly command: readonly string[]
  readonly passed: boolean
  readonly exitCode: number | null
  readonly durationMs: number
  /** Whether it passed on the tree as it was. A check that failed before counts against the patch only for its new faults. */
  readonly passedBefore?: boolean
  /** Faults that it shows with the patch and did not show before; absent when it passed before. */
  readonly newFaults?: number
  /** Faults that it shows in edited files, new or not; absent when it passed before. */
  readonly faultsInEdited?: number
  /** What was measured, in words for people; absent where the end of the command says all. */
  readonly detail?: string
}

/** A check that was not made. */
export interface AbsentCheck {
  readonly name: string
  /** Why, in words for people. */
  readonly reason: string
}

/** The executed checks of a patch. */
export interface ValidationReport {
  /** The failing command passes, no check that passed before fails now, and none shows a new fault. */
  readonly passed: boolean
  readonly checks: readonly ValidationCheck[]
  /** What the project does not have, or nobody measured: it speaks neither for the patch nor against it. */
  readonly absent: readonly AbsentCheck[]
  /** Where it ran: the tier of the sandbox. */
  readonly sandbox: string
  readonly durationMs: number
}
