/** One file, before and after. `null` means that the file does not exist on that side. Text is UTF-8. */
export interface FileEdit {
  /** Relative to the workspace root, with forward slashes. */
  readonly path: string
  readonly before: string | null
  readonly after: string | null
  /** SHA-256 (hex) of the bytes before; `null` exactly when `before` is. The edit applies to these bytes only. */
  readonly baseHash: string | null
}

export const packageManagers = ['npm', 'pnpm', 'yarn', 'bun'] as const
export type PackageManager = (typeof packageManagers)[number]

/** A step that is not a text edit. Each can be undone: the journal keeps what it replaced. */
export type Action =
  | {
      readonly kind: 'install'
      readonly manager: PackageManager
      /** Packages to add to the manifest; empty: bring in what the manifest or lockfile already names. */
      readonly packages: readonly PackageRequest[]
      /** The folder of the manifest, relative to the root; `''` for the root itself. */
      readonly folder: string
    }
  | {
      readonly kind: 'chmod'
      readonly path: string
      /** Permission bits, `0o000` to `0o777`. */
      readonly modeBefore: number
      readonly mode: number
    }

export interface PackageRequest {
  readonly name: string
  /** A range or version; absent: what the registry calls latest. */
  readonly range?: string
  readonly dev: boolean
}

/** A reversible set of file edits, with the hashes of what they apply to, and of steps that are not text. */
export interface Patch {
  readonly id: string
  /** What it does, in one line of at most 120 printable characters. */
  readonly title: string
  /** The repairer that proposed it: `json-syntax`, `dependency`, `model`. */
  readonly strategy: string
  readonly edits: readonly FileEdit[]
  readonly actions: readonly Action[]
}
