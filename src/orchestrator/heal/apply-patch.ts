import { HomeostatError } from '../../core/errors.js'
import type { Finding, SecurityAudit } from '../../core/finding.js'
import type { Patch } from '../../core/patch.js'
import type { Seal } from '../../core/seal.js'
import type { ValidationCheck, ValidationReport } from '../../core/validation.js'
import type { RollbackReport } from '../../patch/journal.js'
import { renderDiff } from '../../patch/render.js'
import { behaviourOf, explained, type Behaviour } from './behaviour.js'
import type { HealOptions } from './heal-ports.js'
import { installRefusal } from './install-gate.js'
import { observerOf, surroundingsIn } from './observer.js'
import { isBroken, projectChecks, runChecks, type ProjectChecks } from './project-checks.js'
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
  const observer = observerOf(options)
  const surroundings = surroundingsIn(workspace, signal)
  const first = await observer.observe(read.audited, surroundings)
  refuseBlocked(first, typeof given === 'string' ? 'the patch text' : given.title)
  const patch = read.patch()
  const sessionId = patch.id
  refuseWithoutApproval(patch, first, apply, options)
  const refusal = installRefusal(patch, policy.repair.installs, workspace)
  if (refusal !== undefined) throw new HomeostatError('HS_APPROVAL_MISSING', { title: patch.title, reason: refusal })

  const trial = await Trial.of(workspace, options, signal)
  try {
    const wanted = checksFor(patch, trial, apply)
    await make(patch, trial)
    const behaviour = await watchedBehaviour(patch, trial, { command: wanted.command, signal }, options)
    const { pair } = behaviour
    const audited = explained(
      pair === undefined ? first : await observer.observe(read.audited, { ...surroundings, behaviour: pair }),
      behaviour,
    )
    refuseBlocked(audited, patch.title)
    refuseWithoutApproval(patch, audited, apply, options)
    emit('patch.audited', { sessionId, patch, audit: audited })
    const validation = await validate(trial, patch, wanted, options)
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

/** What a given patch must pass. */
interface Wanted extends ProjectChecks {
  /** The first of them: the one that is watched. */
  readonly command: readonly string[]
  /** It was asked for, and must pass whatever it did before. */
  readonly strict: boolean
}

function checksFor(patch: Patch, trial: Trial, { command }: ApplyOptions): Wanted {
  const strict = command !== undefined
  const { checks, absent } = strict ? { checks: [{ name: 'command', command }], absent: [] } : projectChecks(trial.workspace, [])
  const [first] = checks
  if (first === undefined) throw invalid(patch, 'there is nothing to validate it with; give a command')
  return { checks, absent, command: first.command, strict }
}

/** Makes the patch real in the copy. */
async function make(patch: Patch, trial: Trial): Promise<void> {
  const proposal = { ...patch, plausibility: 1, rationale: patch.title }
  const taken = await trial.take({ fault: undefined, repairer: patch.strategy, proposal, alternatives: [], refuted: 0 })
  if (!taken.taken) throw invalid(patch, taken.reason)
}

function watchedBehaviour(
  patch: Patch,
  trial: Trial,
  { command, signal }: { readonly command: readonly string[]; readonly signal: AbortSignal },
  options: HealOptions,
): Promise<Behaviour> {
  return withUntouched(trial, (untouched) =>
    behaviourOf({ patch, trial, untouched, run: (where, env) => where.run(command, { env }), signal }, options),
  )
}

async function validate(
  trial: Trial,
  patch: Patch,
  { checks: wanted, absent, strict }: Wanted,
  { world }: HealOptions,
): Promise<ValidationReport> {
  const startedMs = world.clock.monoMs()
  const checks = await withUntouched(trial, (untouched) =>
    runChecks(
      wanted,
      patch.edits,
      (check) => trial.run(check),
      async (check) => (await untouched()).run(check),
    ),
  )
  const durationMs = world.clock.monoMs() - startedMs
  const report = { passed: judged(checks, strict), checks, absent, sandbox: trial.tier, durationMs }
  if (report.passed) return report
  const failed = checks.filter((check) => !check.passed).map((check) => `"${check.command.join(' ')}"`)
  throw invalid(patch, `${failed.join(', ')} failed`)
}

function invalid({ title }: Patch, reason: string): HomeostatError {
  return new HomeostatError('HS_VALIDATION_FAILED', { title, reason })
}

/** A command that was asked for must pass; of the project's own checks at least one must pass, and none may break. */
function judged(checks: readonly ValidationCheck[], strict: boolean): boolean {
  if (strict) return checks.every((check) => check.passed)
  return checks.some((check) => check.passed) && !checks.some((check) => isBroken(check))
}
