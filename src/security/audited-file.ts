import type { Action } from '../core/patch.js'
import type { BehaviourPair } from './behaviour/behaviour-trace.js'
import type { CompliancePolicy } from './compliance-policy.js'
import { isTestPath } from './language.js'
import { sideOf, type Side, type SideLine } from './side.js'
import type { ThreatFindings } from './threats/threat-findings.js'

/** One line that the patch adds or removes. */
export interface ChangedLine {
  /** In the file after (added) or before (removed), counted from 1. */
  readonly line: number
  readonly text: string
}

/** What a patch does to one file, as rules see it. */
export interface AuditedFile {
  /** The name after the patch, or the old one when the file is deleted; not yet known to be safe. */
  readonly path: string
  /** The name before, when it is another. */
  readonly oldPath?: string
  readonly change: 'modify' | 'create' | 'delete' | 'rename' | 'copy'
  /** File type and permission bits, as git writes them, where the patch tells them. */
  readonly modeBefore?: number
  readonly modeAfter?: number
  readonly binary: boolean
  /** A test by its name. */
  readonly test: boolean
  readonly added: readonly ChangedLine[]
  readonly removed: readonly ChangedLine[]
  /** Absent where there is no file on that side, or it is not text. */
  readonly before?: Side
  readonly after?: Side
}

/** A patch as rules see it. */
export interface AuditedPatch {
  readonly files: readonly AuditedFile[]
  readonly actions: readonly Action[]
  /** Why the patch cannot be read; then `files` is empty. */
  readonly malformed?: { readonly reason: string; readonly line?: number }
  /** Globs of what the patch may touch; absent: anything. */
  readonly scope?: readonly string[]
  readonly policy: CompliancePolicy
  /** What is known against what the patch brings from outside; absent: nobody was asked. */
  readonly threats?: ThreatFindings
  /** What the command did before and after the patch; absent: it was not watched. */
  readonly behaviour?: BehaviourPair
  /** Tests that pass with the patch and did not pass without it, where none is lost; absent: nobody counted. */
  readonly testsGained?: number
  /** Whether a path of the project exists, before the patch; absent: nobody knows. */
  readonly exists?: (path: string) => boolean
  /** The text of a file of the project before the patch, if it is at hand; absent: nobody knows. */
  readonly textOf?: (path: string) => string | undefined
}

/** What both ways to make an audited file know of it. */
export type FileFacts = Pick<AuditedFile, 'path' | 'oldPath' | 'change' | 'modeBefore' | 'modeAfter' | 'binary'>

/** An audited file from the lines of both sides. `null`: there is no such side. */
export function auditedFile(
  facts: FileFacts,
  before: readonly SideLine[] | null,
  after: readonly SideLine[] | null,
  whole: boolean,
): AuditedFile {
  return {
    ...facts,
    test: isTestPath(facts.path),
    added: changedLines(after),
    removed: changedLines(before),
    ...(before !== null && { before: sideOf(facts.oldPath ?? facts.path, before, whole) }),
    ...(after !== null && { after: sideOf(facts.path, after, whole) }),
  }
}

function changedLines(lines: readonly SideLine[] | null): readonly ChangedLine[] {
  return (lines ?? []).filter((line) => line.touched).map(({ number, text }) => ({ line: number, text }))
}
