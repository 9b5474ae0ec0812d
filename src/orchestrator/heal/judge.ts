import type { ConfidenceEstimate } from '../../core/confidence.js'
import type { SecurityAudit } from '../../core/finding.js'
import type { Patch } from '../../core/patch.js'
import type { CommandResult } from '../../core/ports.js'
import type { Proposal } from '../../core/repairer.js'
import type { ValidationReport } from '../../core/validation.js'
import { lineCount } from '../../patch/plan.js'
import { renderDiff } from '../../patch/render.js'
import { behaviourOf, explained, type WatchedRun } from './behaviour.js'
import { observed, type Incident } from './incident.js'
import { surroundingsIn } from './observer.js'
import { measuredChecks, testsGainedBetween } from './measured-checks.js'
import { checkOf, isBroken } from './project-checks.js'
import { passes } from './progress.js'
import type { TreeChecks } from './tree-checks.js'
import { withUntouched, type Step, type Trial } from './trial.js'

/** A patch with everything that speaks for and against it. */
export interface Judged {
  readonly patch: Patch
  readonly diff: string
  readonly audit: SecurityAudit
  readonly validation: ValidationReport
  readonly confidence: ConfidenceEstimate
  /** What the confidence was made of. */
  readonly signals: PatchSignals
}

type PatchSignals = Readonly<Record<string, number | undefined>>

/**
 * Judges what the steps of a solved trial add up to: audit of the whole, the project's checks, a probability.
 *
 * @param known - `run`: how the command ended on the solved tree. `failing`: how it ended on the project as it was. `before`: the same
 * under watch, where it has been watched already; else it runs once more.
 */
export function judge(incident: Incident, trial: Trial, known: Omit<Surroundings, 'untouched'>): Promise<Judged> {
  return withUntouched(trial, (untouched) => judgeBeside(incident, trial, { ...known, untouched }))
}

interface Surroundings {
  readonly run: CommandResult
  readonly failing: CommandResult
  readonly treeChecks: TreeChecks
  readonly before: WatchedRun | undefined
  readonly untouched: () => Promise<Trial>
}

async function judgeBeside(incident: Incident, trial: Trial, surroundings: Surroundings): Promise<Judged> {
  const {
    options: { emit, world },
    session,
    found,
  } = incident
  const sessionId = session.id
  const patch = trial.patch(world.id())
  const diff = renderDiff(patch.edits)
  Object.assign(found, { patch, diff })
  emit('patch.proposed', { sessionId, patch, diff })

  const audit = await auditWhole(incident, trial, { ...surroundings, patch })
  found.audit = audit
  session.record('audit', { verdict: audit.verdict, digest: audit.digest, rules: audit.findings.map(({ rule }) => rule) })
  emit('patch.audited', { sessionId, patch, audit })

  const validation = await validate(incident, trial, surroundings)
  found.validation = validation
  session.record('validation', {
    passed: validation.passed,
    checks: validation.checks.map(({ name, passed }) => ({ name, passed })),
  })
  emit('patch.validated', { sessionId, patch, validation })

  const signals = await signalsOf(incident, trial, { audit, validation, treeChecks: surroundings.treeChecks })
  const confidence = incident.options.scorer.score(signals)
  found.confidence = confidence
  session.record('confidence', { ...confidence })
  emit('patch.scored', { sessionId, patch, confidence })
  return { patch, diff, audit, validation, confidence, signals }
}

/** Whether a patch is small enough for the policy. Lockfiles do not count: a tool writes them. */
export function withinLimits({ options, notes }: Incident, patch: Patch): boolean {
  const { linesChangedMax, filesChangedMax } = options.policy.repair
  const edits = handWritten(patch)
  const within = lineCount(edits) <= linesChangedMax && edits.length <= filesChangedMax
  if (!within)
    notes.push(
      `The patch changes ${lineCount(edits)} lines in ${edits.length} files; the policy allows ${linesChangedMax} lines in ${filesChangedMax} files`,
    )
  return within
}

/** The audit of all steps together, with what the command does in both trees. */
async function auditWhole(
  incident: Incident,
  trial: Trial,
  { patch, run: passing, failing, before, untouched }: Surroundings & { readonly patch: Patch },
): Promise<SecurityAudit> {
  const { context, options, observer, workspace, signal } = incident
  const run = (where: Trial, env: Readonly<Record<string, string>>): Promise<CommandResult> =>
    observed(incident, 'sandbox', context.command, (hear) => where.run(context.command, { ...hear, env }))
  const behaviour = await behaviourOf({ patch, trial, untouched, run, before, signal }, options)
  const testsGained = testsGainedBetween(failing, passing)
  const known = {
    ...surroundingsIn(workspace, signal),
    ...(behaviour.pair !== undefined && { behaviour: behaviour.pair }),
    ...(testsGained !== undefined && { testsGained }),
  }
  return explained(await observer.observe(patch, known), behaviour)
}

/** The command has just passed in the copy; the project's other checks follow. */
async function validate(
  { context: { command }, options: { world } }: Incident,
  { tier }: Trial,
  { run, failing, treeChecks }: Surroundings,
): Promise<ValidationReport> {
  const startedMs = world.clock.monoMs()
  const others = await treeChecks.run()
  const measured = measuredChecks(command, { before: failing, after: run })
  const checks = [checkOf('command', command, run), ...measured.checks, ...others.checks]
  const passed = !checks.some((check) => isBroken(check))
  const absent = [...measured.absent, ...others.absent]
  return { passed, checks, absent, sandbox: tier, durationMs: world.clock.monoMs() - startedMs }
}

async function signalsOf(
  incident: Incident,
  trial: Trial,
  { audit, validation, treeChecks }: Pick<Judged, 'audit' | 'validation'> & Pick<Surroundings, 'treeChecks'>,
): Promise<PatchSignals> {
  const counted = validation.checks.filter((check) => check.passedBefore !== false)
  const rivals = await runRivals(incident, trial, treeChecks)
  // Repairs of different faults are judged by their own evidence: the largest and the least plausible of them count, not the sum.
  const edits = trial.steps.map(({ proposal }) => proposal.edits)
  return {
    commandPasses: validation.checks[0]?.passed === true ? 1 : 0,
    checksPassedRatio: counted.length === 0 ? undefined : counted.filter((check) => check.passed).length / counted.length,
    candidatePlausibility: Math.min(...trial.steps.map((step) => plausibilityOf(step, rivals.refuted.get(step) ?? 0))),
    rivalsPassing: rivals.passing,
    linesChanged: Math.max(...edits.map((one) => lineCount(one))),
    filesChanged: Math.max(...edits.map((one) => one.length)),
    auditFindings: audit.findings.filter(({ verdict }) => verdict !== 'allow').length,
    auditReview: audit.verdict === 'allow' ? 0 : 1,
    strategyTrust: Math.min(...trial.steps.map(({ repairer }) => (repairer === 'model' ? modelTrust : ruleTrust))),
    faultGone: 1,
    newFaults: 0,
  }
}

/** How far a kind of repairer is trusted before anything has been learnt: deterministic rules beat free text. */
const ruleTrust = 0.9
const modelTrust = 0.6

/** How near in plausibility another proposal must come to be a rival. */
const rivalMargin = 0.15

/** A step this plausible is compared with near rivals only. */
const sureEnough = 0.85

/** The proposals that looked about as good as the one of a step, or else, where it is not sure, the next best; two say enough. */
function rivalsOf(step: Step): readonly Proposal[] {
  const near = step.alternatives.filter((rival) => isNear(step, rival)).slice(0, 2)
  return near.length > 0 || plausibilityOf(step, 0) >= sureEnough ? near : step.alternatives.slice(0, 2)
}

function isNear({ proposal }: Step, rival: Proposal): boolean {
  return proposal.plausibility - rival.plausibility <= rivalMargin
}

/** Each rival costs a run of the command. */
const rivalRunsMax = 3

/** What is left of the plausibility when the proposals that were run and failed are out (Bayes' rule over the proposals of one fault). */
function plausibilityOf({ proposal, refuted }: Step, refutedRivals: number): number {
  return Math.min(1, proposal.plausibility / Math.max(proposal.plausibility, 1 - refuted - refutedRivals))
}

/**
 * Runs other proposals for the same places. One that passes too and says something else shows that the command does not tell
 * which is right; one that fails speaks for the one that was chosen.
 */
async function runRivals(
  incident: Incident,
  trial: Trial,
  treeChecks: TreeChecks,
): Promise<{ readonly passing: number; readonly refuted: ReadonlyMap<Step, number> }> {
  const { command } = incident.context
  const pairs = trial.steps.flatMap((step) => rivalsOf(step).map((rival) => ({ step, rival }))).slice(0, rivalRunsMax)
  const refuted = new Map<Step, number>()
  let passing = 0
  for (const { step, rival } of pairs) {
    if (await isBlocked(incident, trial, step, rival)) continue
    const isGood = await trial.instead(step, rival, async () => {
      const run = await observed(incident, 'sandbox', command, (hear) => trial.run(command, hear))
      return passes(run) && (await treeChecks.objection()) === undefined
    })
    // What is much less likely speaks by failing only.
    if (isGood === true && isNear(step, rival)) passing += 1
    if (isGood === false) refuted.set(step, (refuted.get(step) ?? 0) + rival.plausibility)
  }
  return { passing, refuted }
}

/** Whether the audit forbids a rival: then it is not run, not even to be compared. */
async function isBlocked(
  { options, observer, signal }: Incident,
  { workspace }: Trial,
  { repairer }: Step,
  { title, edits, actions }: Proposal,
): Promise<boolean> {
  const patch: Patch = { id: options.world.id(), title, strategy: repairer, edits, actions }
  const before = (path: string): string | undefined => {
    const edit = edits.find((one) => one.path === path)
    return edit === undefined ? workspace.read(path) : (edit.before ?? undefined)
  }
  return (await observer.observe(patch, { ...surroundingsIn(workspace, signal), before })).verdict === 'block'
}

const lockfiles = /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?)$/

function handWritten(patch: Patch): Patch['edits'] {
  return patch.edits.filter(({ path }) => !lockfiles.test(path))
}
