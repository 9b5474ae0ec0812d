/** The nine kinds of fault. */
export const faultCategories = [
  'dependency',
  'syntax',
  'test',
  'build',
  'runtime',
  'network',
  'permission',
  'configuration',
  'deployment',
] as const
export type FaultCategory = (typeof faultCategories)[number]

/** From worst to mildest. */
export const faultSeverities = ['critical', 'high', 'medium', 'low', 'info'] as const
export type FaultSeverity = (typeof faultSeverities)[number]

/** A place in a file. Lines and columns count from 1. */
export interface Location {
  /** As the tool printed it, without terminal escapes; not yet checked to be inside the workspace. */
  readonly file: string
  readonly line?: number
  readonly column?: number
}

/** One classified failure, read from what a tool printed. Every text in it is printable and bounded. */
export interface Fault {
  readonly category: FaultCategory
  readonly severity: FaultSeverity
  /** What exactly, in the field's own words where there are any: `MODULE_NOT_FOUND`, `JSON_SYNTAX`, `ECONNREFUSED`. */
  readonly code: string
  /** Whether the same command may pass later although nothing is changed. */
  readonly transient: boolean
  /** The same for the same fault on another day, machine and line: 16 hex digits. */
  readonly fingerprint: string
  /** One line, at most 500 characters. */
  readonly message: string
  readonly location?: Location
  /** The tool that spoke, if it can be told: `node`, `npm`, `tsc`, `jest`. */
  readonly tool?: string
  /** The command line that was run, as the caller named it; at most 300 characters. */
  readonly command?: string
  /** How the command ended, where that is known. */
  readonly exitCode?: number
  /** The fingerprint of the fault in the same list that this one follows from; absent from root faults. */
  readonly causedBy?: string
  /**
   * What a repairer needs, by name. Known names: `specifier` (what was imported), `importer` (the file that imports),
   * `package`, `program` (a command that was not found), `path`, `syscall`, `status` (HTTP), `retryAfterMs`, `host`,
   * `port`, `token`, `expected`, `actual`, `name`, `suggestion` (did you mean), `subpath`, `rule`; `property` and `receiver` (of an
   * error of the running program: `total` and `cart`, or `undefined`); `test` (title of a failing test below those of its suites,
   * `cart > adds up`), `file` and `line` (the innermost place of the project that is not in the test, whose own place is the
   * location). Untrusted text: it comes from the output.
   */
  readonly details: Readonly<Record<string, string | number>>
  /** The lines of output this was read from, newest knowledge first; at most 12 lines of at most 300 characters. */
  readonly evidence: readonly string[]
}
