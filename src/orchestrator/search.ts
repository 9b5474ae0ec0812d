import type { Fault } from '../core/fault.js'
import type { SecurityAudit } from '../core/finding.js'
import { canonicalJson, sha256 } from '../core/hash.js'
import type { Patch } from '../core/patch.js'
import type { CommandResult } from '../core/ports.js'
import type { Proposal, Repairer } from '../core/repairer.js'
import { classify } from '../faults/classify.js'
import { untilAborted } from './abort.js'
import { stopReason, type Effort, type SearchLimits } from './governor.js'
import type { Step, Trial } from './trial.js'

/** At least one fault, the root first. */
export type Faults = readonly [Fault, ...Fault[]]

/** What became of one proposal. */
export interface Attempt {
  readonly fault: Fault
  readonly repairer: string
  readonly title: string
  /** `solved`: the command passes. `advanced`: this fault is gone, another shows. */
  readonly result: 'solved' | 'advanced' | 'unchanged' | 'blocked' | 'not-taken'
  readonly reason?: string
}

export interface SearchOptions {
  readonly trial: Trial
  readonly command: readonly string[]
  readonly repairers: readonly Repairer[]
  readonly installs: 'never' | 'declared' | 'any'
  readonly limits: SearchLimits
  /** Proposals asked of one repairer for one fault. */
  readonly proposalsMax: number
  readonly signal: AbortSignal
  audit(patch: Patch, before: (path: string) => string | undefined): Promise<SecurityAudit>
  onFault(fault: Fault, others: number): void
  onAttempt(attempt: Attempt): void
}

export interface SearchResult {
  /** How the command ended on the solved tree; absent when it was not solved. */
  readonly run?: CommandResult
  /** Proposals that the audit refused. */
  readonly blocked: readonly { readonly patch: Patch; readonly audit: SecurityAudit }[]
  readonly notes: readonly string[]
  /** Where it got stuck after the most steps: what a person has to look at. */
  readonly stuckAt: Faults
}

/**
 * Looks for steps after which the command passes: depth first, repairers in their order, proposals best first, each judged by
 * really running the command in the trial's copy. On success the steps stand in the trial; otherwise it is as it was.
 */
export async function search(faults: Faults, options: SearchOptions): Promise<SearchResult> {
  const state: State = { attempts: 0, streak: 0, stuckElsewhere: false, tried: new Set(), perFault: new Map(), blocked: [], notes: [], stuckAt: { faults, titles: [] } }
  const run = await solve(faults, 0, state, options)
  const { faults: stuckAt, titles } = state.stuckAt
  const notes = titles.length === 0 ? state.notes : [`These repairs bring the command further, up to the fault below: ${titles.join('; ')}`, ...state.notes]
  return { ...(run && { run }), blocked: state.blocked, notes: run === undefined ? [...new Set(notes)] : [], stuckAt }
}

interface State {
  attempts: number
  streak: number
  /** The work got stuck at a fault that no choice made so far can have caused: going back on one would not help. */
  stuckElsewhere: boolean
  /** Proposals made real before, with the tree they met: the same failed fix is never tried twice. */
  readonly tried: Set<string>
  readonly perFault: Map<string, number>
  readonly blocked: { patch: Patch; audit: SecurityAudit }[]
  readonly notes: string[]
  stuckAt: { readonly faults: Faults; readonly titles: readonly string[] }
}

async function solve(faults: Faults, cascade: number, state: State, options: SearchOptions): Promise<CommandResult | undefined> {
  const [fault, ...others] = faults
  options.onFault(fault, others.length)
  for (const repairer of options.repairers) {
    if (!repairer.categories.includes(fault.category)) continue
    const { proposals, notes } = await propose(repairer, fault, state.notes, options)
    state.notes.push(...notes)
    let refuted = 0
    for (const [index, proposal] of proposals.entries()) {
      const stop = stopReason(effortAt(faults, cascade, state, options.trial), options.limits)
      if (stop !== undefined) {
        state.notes.push(`Stopped: ${stop}, the limit of the policy`)
        return undefined
      }
      const step = { fault, repairer: repairer.id, proposal, rivals: rivalsOf(proposal, proposals.slice(index + 1)), refuted }
      const run = await attempt(step, cascade, state, options)
      if (run !== undefined || state.stuckElsewhere) return run
      refuted += proposal.plausibility
    }
  }
  const { trial } = options
  state.stuckElsewhere = !mayBeOurs(fault, trial)
  if (trial.steps.length > state.stuckAt.titles.length) state.stuckAt = { faults, titles: trial.steps.map(({ proposal }) => proposal.title) }
  return undefined
}

/** Tries one proposal, and if it brings the work forward what follows from there. */
async function attempt(step: Step & { readonly fault: Fault }, cascade: number, state: State, options: SearchOptions): Promise<CommandResult | undefined> {
  const { trial, command, signal } = options
  const key = sha256(canonicalJson([trial.steps.map(({ proposal }) => contentOf(proposal)), contentOf(step.proposal)]))
  if (state.tried.has(key)) return undefined
  state.tried.add(key)

  const tell = (result: Attempt['result'], reason?: string): void =>
    options.onAttempt({ fault: step.fault, repairer: step.repairer, title: step.proposal.title, result, ...(reason !== undefined && { reason }) })

  // The audit comes before anything of the proposal is run, in the sandbox too.
  const patch: Patch = { id: key.slice(0, 16), title: step.proposal.title, strategy: step.repairer, ...contentOf(step.proposal) }
  const audit = await options.audit(patch, (path) => trial.workspace.read(path))
  if (audit.verdict === 'block') {
    state.blocked.push({ patch, audit })
    tell('blocked', audit.findings.filter((finding) => finding.verdict === 'block').map((finding) => finding.rule).join(', '))
    return undefined
  }

  state.attempts += 1
  state.perFault.set(step.fault.fingerprint, (state.perFault.get(step.fault.fingerprint) ?? 0) + 1)
  const taken = await trial.take(step)
  signal.throwIfAborted()
  if (!taken.taken) {
    state.streak += 1
    state.notes.push(`${step.proposal.title}: ${taken.reason}`)
    tell('not-taken', taken.reason)
    return undefined
  }

  const run = await trial.run(command)
  if (passes(run)) {
    tell('solved')
    return run
  }
  const next = faultsOf(run, command)
  if (advances(step.fault, next)) {
    state.streak = 0
    tell('advanced')
    const found = await solve(next, causedByUs(next[0], trial) ? cascade + 1 : 0, state, options)
    if (found !== undefined) return found
  } else {
    state.streak += 1
    tell('unchanged')
  }
  await trial.undo()
  return undefined
}

export function passes(run: CommandResult): boolean {
  return run.ending === 'exited' && run.exitCode === 0
}

/** The faults of a failed run; never empty, for a command that failed has failed at something. */
export function faultsOf(run: CommandResult, command: readonly string[]): Faults {
  const exitCode = run.exitCode ?? 1
  const report = { output: run.output, command: command.join(' ') }
  const [root, ...others] = classify({ ...report, exitCode: exitCode === 0 ? 1 : exitCode })
  if (root === undefined) throw new RangeError(`Cannot classify a failed run of "${report.command}": classify() gave nothing for exit code ${exitCode}`)
  return [root, ...others]
}

/** The fault is gone, and what shows now is not just the same damaged file complaining elsewhere. */
function advances(fault: Fault, next: Faults): boolean {
  if (next.some(({ fingerprint }) => fingerprint === fault.fingerprint)) return false
  const [root] = next
  return !(fault.category === 'syntax' && root.category === 'syntax' && fault.location !== undefined && root.location?.file === fault.location.file)
}

/** What has been spent on the root fault, and how bad the file it is in looks. */
function effortAt([fault, ...others]: Faults, cascade: number, state: State, trial: Trial): Effort {
  const file = fault.location?.file
  const text = file === undefined ? undefined : trial.workspace.read(relativeTo(trial.workspace.root, file))
  return {
    isSyntax: fault.category === 'syntax',
    attempts: state.attempts,
    attemptsAtFault: state.perFault.get(fault.fingerprint) ?? 0,
    streak: state.streak,
    cascade,
    errorsInFile: 1 + others.filter((other) => file !== undefined && other.location?.file === file).length,
    linesInFile: text?.split('\n').length,
  }
}

function relativeTo(root: string, file: string): string {
  return file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file
}

/** What a wrong choice can lead to: code that runs and does something else, or an error in a file that was edited. */
const consequences: readonly Fault['category'][] = ['test', 'runtime', 'build']

function mayBeOurs(fault: Fault, trial: Trial): boolean {
  return consequences.includes(fault.category) || causedByUs(fault, trial)
}

function causedByUs(fault: Fault, trial: Trial): boolean {
  const file = fault.location?.file
  return file !== undefined && trial.steps.some(({ proposal }) => proposal.edits.some(({ path }) => file === path || file.endsWith(`/${path}`)))
}

/** A repairer that breaks must not end the healing: others may know better. */
async function propose(repairer: Repairer, fault: Fault, known: readonly string[], options: SearchOptions): Promise<{ readonly proposals: readonly Proposal[]; readonly notes: readonly string[] }> {
  const { trial, command, installs, proposalsMax, signal } = options
  try {
    const answer = await untilAborted(
      repairer.propose({ fault, workspace: trial.workspace, command, runner: trial.copy, installs, proposalsMax, notes: known, signal }),
      signal,
    )
    return { proposals: answer.proposals.slice(0, proposalsMax), notes: answer.notes }
  } catch (error) {
    signal.throwIfAborted()
    return { proposals: [], notes: [`The repairer "${repairer.id}" failed: ${error instanceof Error ? error.message : String(error)}`] }
  }
}

/** How near in plausibility another proposal must come to be a rival. */
const rivalMargin = 0.15

function rivalsOf(proposal: Proposal, later: readonly Proposal[]): readonly Proposal[] {
  return later.filter((other) => other.actions.length === 0 && proposal.plausibility - other.plausibility <= rivalMargin).slice(0, 2)
}

function contentOf({ edits, actions }: Proposal): Pick<Proposal, 'edits' | 'actions'> {
  return { edits, actions }
}
