import type { FaultCategory } from './fault.js'

/** Text with gaps: a gap takes the value of the fault's detail of that name, so that the recipe fits other packages and files. */
export type Template = readonly (string | { readonly from: string })[]

/** One block of whole lines of one file, and what took its place. */
export interface BlockEdit {
  /** Relative to the workspace root, with forward slashes. */
  readonly path: string
  readonly before: string
  readonly after: string
}

/**
 * How a repair is done again. `replace`: one run of tokens, with gaps, at the fault's place. `blocks`: exact lines of named files.
 * `install`: packages to add, none for what is declared. `chmod`: permission bits to add.
 */
export type Recipe =
  | { readonly kind: 'replace'; readonly file: Template; readonly find: Template; readonly put: Template }
  | { readonly kind: 'blocks'; readonly edits: readonly BlockEdit[] }
  | { readonly kind: 'install'; readonly packages: readonly { readonly name: Template; readonly dev: boolean }[] }
  | { readonly kind: 'chmod'; readonly path: Template; readonly add: number }

/** What faults have in common that differ only in names, places and numbers. */
export interface FaultClass {
  readonly category: FaultCategory
  readonly code: string
  readonly tool?: string
  /** The message with gaps where names, places and numbers stood; at most 240 characters. */
  readonly shape: string
}

/** What is remembered of one attempt at healing, whether it worked or not. */
export interface Experience {
  /** Of the fault. */
  readonly fingerprint: string
  readonly faultClass: FaultClass
  /** The repairer that proposed it. */
  readonly strategy: string
  /** What filled the gaps: `{ package: 'left-pad' }`. */
  readonly parameters: Readonly<Record<string, string>>
  /** `worked`: the command went on without this fault, and nobody took it back. */
  readonly outcome: 'worked' | 'failed'
  /** How likely the repairer thought it was, 0..1. */
  readonly plausibility?: number
  readonly costMs: number
  /** When it ended, milliseconds since 1970. */
  readonly epochMs: number
  /** Tells attempts of one strategy apart; kept for doing it again only where it worked. */
  readonly recipe?: Recipe
}
