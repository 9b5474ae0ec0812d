import { HomeostatError } from '../../core/errors.js'
import type { Finding, SecurityAudit } from '../../core/finding.js'
import type { Patch } from '../../core/patch.js'
import type { Seal } from '../../core/seal.js'
import type { ValidationCheck, ValidationReport } from '../../core/validation.js'
import type { RollbackReport } from '../../patch/journal.js'
import { renderDiff } from '../../patch/render.js'
import type { HealOptions } from './heal-ports.js'
import { installRefusal } from './install-gate.js'
import { observerOf } from './observer.js'
import { projectChecks, runChecks } from './project-checks.js'
import { failsInPlace, journalOf, keepStory, plan, promote, seal, withJournal } from './promote.js'
import { passes } from './progress.js'
import { readGiven } from './read-given.js'
import { Trial, withUntouched } from './trial.js'

export interface ApplyOptions {
  /** Why, in words that the journal keeps. */
  readonly reason: string
  /** The root of the project; default: the current folder. */
  readonly cwd?: string
  /** Must pass with the patch, in the sandbox and in place; default: the project's own checks, in the sandbox. */
  readonly command?: readonly string[]
  /** Rule ids whose `review` findings a person has looked at and accepts. A `block` cannot be accepted. */
  readonly accept?: readonly string[]
  readonly signal?: AbortSignal
}

/** Proof that a patch was applied, and the way back. */
export interface Receipt {
  readonly transactionId: string
  readonly patch: Patch
  readonly audit: SecurityAudit
  readonly validation: ValidationReport
  /** Which key vouched for patch, audit, validation and policy, and when; the journal took nothing else. */
  readonly seal: Seal
  /** Restores the exact bytes and modes; refuses, changing nothing, what someone else has changed since. */
  rollback(): Promise<RollbackReport>
}

/**
 * Applies a patch, given as such or as a text in one of the formats of `homeostat/patch`: audited, validated in a sandbox copy, sealed, journaled. Calling it is the
 * approval that the autonomy `propose` asks for; findings for review must be accepted by rule.
 *
 * @throws HS_PATCH_MALFORMED, HS_PATCH_CONFLICT, HS_PATH_REFUSED, HS_AUDIT_BLOCKED, HS_APPROVAL_MISSING,
 * HS_VALIDATION_FAILED, HS_SANDBOX_FAILED, HS_SEAL_INVALID, HS_JOURNAL_BUSY, HS_WRITE_FAILED; the tree is then as it was.
 */
export async function applyPatch(given: Patch | string, apply: ApplyOptions, options: HealOptions): Promise<Receipt> {
  const { world, policy, ports, emit } = options
  const signal = apply.signal ?? new AbortController().signal
  signal.throwIfAborted()
  const workspace = ports.openWorkspace(apply.cwd ?? '.')
  const read = readGiven(given, workspace, world.id())
  const audited = await observerOf(options).observe(read.audited, { before: (path) => workspace.read(path) })
  refuseBlocked(audited, typeof given === 'string' ? 'the patch text' : given.title)
  const patch = read.patch()
  const sessionId = patch.id
  refuseWithoutApproval(patch, audited, apply, options)
  const refusal = installRefusal(patch.actions, policy.repair.installs, workspace)
  if (refusal !== undefined) throw new HomeostatError('HS_APPROVAL_MISSING', { title: patch.title, reason: refusal })
  emit('patch.audited', { sessionId, patch, audit: audited })

  const trial = await Trial.of(workspace, options, signal)
  try {
    const validation = await validate(trial, patch, apply, options)
    emit('patch.validated', { sessionId, patch, validation })
    signal.throwIfAborted()
    const { command } = apply
    const { timeoutMs, outputBytesMax } = policy.sandbox
    const watch = async (): Promise<string | undefined> => {
      if (command === undefined) return undefined
      const run = await ports.runner.run(command, {
        cwd: workspace.root,
        env: ports.environment,
        timeoutMs,
        outputBytesMax,
        signal,
      })
      return passes(run) ? undefined : failsInPlace
    }
    const changes = plan(patch, trial.installedFolders())
    const evidence = { patch, audit: audited, validation }
    const proof = seal(evidence, changes, options)
    const promotion = await withJournal(journalOf(workspace.root, options, evidence), (journal) =>
      promote(journal, { patch, changes, seal: proof, reason: apply.reason }, { sessionId, emit }, watch),
    )
    if (!promotion.held)
      throw promotion.error ?? new HomeostatError('HS_VALIDATION_FAILED', { title: patch.title, reason: promotion.reason })
    const { transactionId } = promotion
    await keepStory(transactionId, { version: 1, diff: renderDiff(patch.edits) }, journalOf(workspace.root, options))
    const rollback = (): Promise<RollbackReport> =>
      withJournal(journalOf(workspace.root, options), (journal) => {
        const report = journal.rollback(transactionId)
        if (report.outcome === 'rolled-back') emit('patch.rolled-back', { sessionId, transactionId, reason: 'asked for' })
        return report
      })
    return { transactionId, patch, audit: audited, validation, seal: proof, rollback }
  } finally {
    await trial.close()
  }
}

function refuseWithoutApproval(
  patch: Patch,
  { verdict, findings }: SecurityAudit,
  { accept = [] }: ApplyOptions,
  { policy }: HealOptions,
): void {
  if (policy.autonomy === 'observe')
    throw new HomeostatError('HS_APPROVAL_MISSING', { title: patch.title, reason: 'the policy says autonomy "observe"' })
  const open = rulesOf(findings, 'review').filter((rule) => !accept.includes(rule))
  if (verdict === 'review' && policy.security.requireHumanOnRisky && open.length > 0) {
    throw new HomeostatError('HS_APPROVAL_MISSING', {
      title: patch.title,
      reason: `a person must look at ${open.join(', ')} and accept by naming the rules`,
    })
  }
}

function refuseBlocked({ verdict, findings }: SecurityAudit, title: string): void {
  if (verdict === 'block') throw new HomeostatError('HS_AUDIT_BLOCKED', { title, rules: rulesOf(findings, 'block').join(', ') })
}

function rulesOf(findings: readonly Finding[], verdict: Finding['verdict']): readonly string[] {
  return [...new Set(findings.filter((finding) => finding.verdict === verdict).map(({ rule }) => rule))]
}

async function validate(
  trial: Trial,
  patch: Patch,
  { command }: ApplyOptions,
  { world }: HealOptions,
): Promise<ValidationReport> {
  const startedMs = world.clock.monoMs()
  const fail = (reason: string): never => {
    throw new HomeostatError('HS_VALIDATION_FAILED', { title: patch.title, reason })
  }
  const own = projectChecks(trial.workspace, [])
  const wanted = command === undefined ? own.checks : [{ name: 'command', command }]
  if (wanted.length === 0) fail('there is nothing to validate it with; give a command')
  const taken = await trial.take({
    fault: undefined,
    repairer: patch.strategy,
    proposal: { ...patch, plausibility: 1, rationale: patch.title },
    alternatives: [],
    refuted: 0,
  })
  if (!taken.taken) fail(taken.reason)

  const checks = await withUntouched(trial, (untouched) => runChecks(wanted, (check) => trial.run(check), untouched))
  const report = {
    passed: judged(checks, command !== undefined),
    checks,
    absent: command === undefined ? own.absent : [],
    sandbox: trial.tier,
    durationMs: world.clock.monoMs() - startedMs,
  }
  if (!report.passed)
    fail(
      `${checks
        .filter((check) => !check.passed)
        .map((check) => `"${check.command.join(' ')}"`)
        .join(', ')} failed`,
    )
  return report
}

/** A command that was asked for must pass; of the project's own checks at least one must pass, and none may break. */
function judged(checks: readonly ValidationCheck[], strict: boolean): boolean {
  if (strict) return checks.every((check) => check.passed)
  return checks.some((check) => check.passed) && checks.every((check) => check.passed || check.passedBefore === false)
}
