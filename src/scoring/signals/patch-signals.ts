import type { SecurityAudit } from '../../core/finding.js'
import { parseDiff } from '../../core/parse-diff.js'
import type { ValidationReport } from '../../core/validation.js'
import type { Signals } from './signal-value.js'

const lockfiles = /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?)$/

/**
 * Signals from the shape of a patch. Lockfiles do not count: a tool writes them.
 *
 * @param diff - A unified diff.
 * @returns `linesChanged`, `filesChanged`, `hunksChanged`, and `addedLinesRatio` when any line changes.
 * @throws HomeostatError HS_PATCH_MALFORMED
 */
export function patchSignals(diff: string): Signals {
  const files = parseDiff(diff).filter(({ oldPath, newPath }) => !lockfiles.test(newPath ?? oldPath ?? ''))
  const hunks = files.flatMap((file) => file.hunks)
  const lines = hunks.flatMap((hunk) => hunk.lines)
  const added = lines.filter(({ kind }) => kind === 'add').length
  const linesChanged = added + lines.filter(({ kind }) => kind === 'remove').length
  return {
    linesChanged,
    filesChanged: files.length,
    hunksChanged: hunks.length,
    ...(linesChanged === 0 ? {} : { addedLinesRatio: added / linesChanged }),
  }
}

/**
 * Signals from the executed checks of a patch. A check that failed before the patch does not count against it.
 *
 * @returns `commandPasses` when the failing command was run, and `checksPassedRatio` when any check counts.
 */
export function validationSignals({ checks }: Pick<ValidationReport, 'checks'>): Signals {
  const command = checks.find(({ name }) => name === 'command')
  const counted = checks.filter(({ passedBefore }) => passedBefore !== false)
  // The failing command failed before by definition: it always counts.
  const judged = command === undefined || counted.includes(command) ? counted : [command, ...counted]
  return {
    ...(command === undefined ? {} : { commandPasses: Number(command.passed) }),
    ...(judged.length === 0 ? {} : { checksPassedRatio: judged.filter(({ passed }) => passed).length / judged.length }),
  }
}

/**
 * Signals from a security audit.
 *
 * @returns `auditFindings`, those that ask for more than knowing, and `auditReview`.
 */
export function auditSignals({ findings, verdict }: Pick<SecurityAudit, 'findings' | 'verdict'>): Signals {
  return {
    auditFindings: findings.filter((finding) => finding.verdict !== 'allow').length,
    auditReview: verdict === 'allow' ? 0 : 1,
  }
}
