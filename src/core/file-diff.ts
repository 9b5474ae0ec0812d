/** One line of a hunk. */
export interface DiffLine {
  readonly kind: 'context' | 'add' | 'remove'
  /** Without its line ending. */
  readonly text: string
  /** How the line ends; `''`: the file ends here without a line ending. */
  readonly eol: '\n' | '\r\n' | ''
}

/** One `@@` block. Its lines add up to the counts of its header. */
export interface Hunk {
  /** First old line, counted from 1; when there are no old lines, the line after which the new ones go (0: at the top). */
  readonly oldStart: number
  readonly oldLines: number
  /** As stated; nothing relies on it. */
  readonly newStart: number
  readonly newLines: number
  readonly lines: readonly DiffLine[]
  /** Where its header stands in the diff, counted from 1. */
  readonly line: number
}

/** What a diff does to one file. Paths are decoded and without `a/` and `b/`, but not judged: see `safePath`. */
export interface FileDiff {
  readonly kind: 'modify' | 'create' | 'delete' | 'rename' | 'copy'
  /** `null` exactly when the file is created. */
  readonly oldPath: string | null
  /** `null` exactly when the file is deleted. */
  readonly newPath: string | null
  /** As git writes it, file type included: `0o100644`, `0o120000` for a link; absent when the diff does not say. */
  readonly oldMode?: number
  readonly newMode?: number
  /** What the diff says git calls the old content: the first digits of its object id. Whoever wrote the diff may have made it up. */
  readonly oldBlob?: string
  /** The content is not text; its bytes are not kept. */
  readonly binary: boolean
  /** In the order of the file; they do not overlap. */
  readonly hunks: readonly Hunk[]
  /** Where the section begins in the diff, counted from 1. */
  readonly line: number
}
