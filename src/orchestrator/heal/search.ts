import type { Fault } from '../../core/fault.js'
import type { SecurityAudit } from '../../core/finding.js'
import { canonicalJson, sha256 } from '../../core/hash.js'
import type { Patch } from '../../core/patch.js'
import type { CommandResult, Workspace } from '../../core/ports.js'
import type { Proposal, Rehearse, Repairer } from '../../core/repairer.js'
import { untilAborted } from '../abort.js'
import { stopReason, type Effort, type SearchLimits } from './governor.js'
import { installRefusal } from './install-gate.js'
import { advances, causedByUs, faultsOf, mayBeOurs, passes, relativeTo, type Faults } from './progress.js'
import type { Step, Trial } from './trial.js'

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
  /** The project as it was. */
  readonly original: Workspace
  readonly command: readonly string[]
  readonly repairers: readonly Repairer[]
  readonly installs: 'never' | 'declared' | 'any'
  readonly limits: SearchLimits
  /** Proposals asked of one repairer for one fault. */
  readonly proposalsMax: number
  /** Runs in the copy that repairers may ask for, in all. */
  readonly rehearsalsMax: number
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
  const state: State = {
    attempts: 0,
    rehearsals: 0,
    streak: 0,
    givenUp: false,
    tried: new Set(),
    perFault: new Map(),
    blocked: [],
    notes: [],
    stuckAt: { faults, titles: [] },
  }
  const run = await solve(faults, 0, state, options)
  const { faults: stuckAt, titles } = state.stuckAt
  const notes =
    titles.length === 0
      ? state.notes
      : [`These repairs bring the command further, up to the fault below: ${titles.join('; ')}`, ...state.notes]
  return { ...(run && { run }), blocked: state.blocked, notes: run === undefined ? [...new Set(notes)] : [], stuckAt }
}

interface State {
  attempts: number
  rehearsals: number
  streak: number
  /** Going back on further choices would not help: the fault is none of ours, or the other choices were tried already. */
  givenUp: boolean
  /** Trees that were made before: the same failed repair is never tried twice. */
  readonly tried: Set<string>
  readonly perFault: Map<string, number>
  readonly blocked: { patch: Patch; audit: SecurityAudit }[]
  readonly notes: string[]
  stuckAt: { readonly faults: Faults; readonly titles: readonly string[] }
}

/** A step to be tried, and how it is put into the trial and taken out again. */
interface Try {
  readonly step: HealingStep
  /** All proposals of the trial once it is in. */
  readonly proposals: readonly Proposal[]
  /** Faults that must be gone for it to be an advance. */
  readonly against: readonly Fault[]
  place(): Promise<{ readonly taken: true } | { readonly taken: false; readonly reason: string }>
  takeBack(): Promise<void>
}

async function solve(faults: Faults, cascade: number, state: State, options: SearchOptions): Promise<CommandResult | undefined> {
  const { trial, repairers, onFault } = options
  const [fault, ...others] = faults
  onFault(fault, others.length)
  for (const repairer of repairers) {
    if (!repairer.categories.includes(fault.category)) continue
    const { proposals, notes } = await propose(repairer, fault, state, options)
    state.notes.push(...notes)
    let refuted = 0
    for (const [index, proposal] of proposals.entries()) {
      if (isSpent(faults, fault, cascade, state, options)) return undefined
      const step = { fault, repairer: repairer.id, proposal, alternatives: proposals.slice(index + 1), refuted }
      const run = await attempt(
        {
          step,
          proposals: [...trial.steps.map((taken) => taken.proposal), proposal],
          against: [fault],
          place: () => trial.take(step),
          takeBack: () => trial.undo(),
        },
        { cascade, state, options },
      )
      if (run !== undefined || state.givenUp) return run
      refuted += proposal.plausibility
    }
  }
  return stuck(faults, cascade, state, options)
}

/** No proposal for this fault is left. Where a choice made earlier may be behind it, the other choices are tried in its place. */
async function stuck(faults: Faults, cascade: number, state: State, options: SearchOptions): Promise<CommandResult | undefined> {
  const { trial } = options
  if (trial.steps.length > state.stuckAt.titles.length)
    state.stuckAt = { faults, titles: trial.steps.map(({ proposal }) => proposal.title) }
  if (!mayBeOurs(faults[0], trial)) {
    state.givenUp = true
    return undefined
  }
  const refuted = new Map<Step, number>()
  for (const { step, alternative } of choicesOf(trial)) {
    if (isSpent(faults, step.fault, cascade, state, options)) return undefined
    const gone = step.refuted + step.proposal.plausibility + (refuted.get(step) ?? 0)
    const changed = {
      ...step,
      proposal: alternative,
      alternatives: step.alternatives.filter((other) => other !== alternative),
      refuted: gone,
    }
    const run = await attempt(
      {
        step: changed,
        proposals: trial.steps.map((taken) => (taken === step ? alternative : taken.proposal)),
        against: [step.fault, faults[0]],
        place: () => {
          trial.exchange(step, changed)
          return Promise.resolve({ taken: true })
        },
        takeBack: () => Promise.resolve(trial.exchange(changed, step)),
      },
      { cascade, state, options },
    )
    if (run !== undefined) return run
    refuted.set(step, (refuted.get(step) ?? 0) + alternative.plausibility)
    state.givenUp = true
  }
  return undefined
}

/** What else could have been done in place of the steps taken, the most plausible in proportion first. */
function choicesOf(trial: Trial): readonly { readonly step: HealingStep; readonly alternative: Proposal }[] {
  return trial.steps
    .filter((step) => isHealing(step))
    .flatMap((step) =>
      step.alternatives
        .filter((alternative) => trial.canExchange(step, alternative))
        .map((alternative) => ({ step, alternative })),
    )
    .sort(
      (a, b) =>
        b.alternative.plausibility / b.step.proposal.plausibility - a.alternative.plausibility / a.step.proposal.plausibility,
    )
}

/** A step that was taken against a fault. */
type HealingStep = Step & { readonly fault: Fault }

function isHealing(step: Step): step is HealingStep {
  return step.fault !== undefined
}

interface Surroundings {
  readonly cascade: number
  readonly state: State
  readonly options: SearchOptions
}

/** Tries one step, and if it brings the work forward what follows from there. Leaves the trial as it was unless it is solved. */
async function attempt(
  { step, proposals, against, place, takeBack }: Try,
  { cascade, state, options }: Surroundings,
): Promise<CommandResult | undefined> {
  const { trial, command, signal } = options
  const key = sha256(canonicalJson(proposals.map(contentOf)))
  if (state.tried.has(key)) return undefined
  state.tried.add(key)

  const tell = (result: Attempt['result'], reason?: string): void =>
    options.onAttempt({
      fault: step.fault,
      repairer: step.repairer,
      title: step.proposal.title,
      result,
      ...(reason !== undefined && { reason }),
    })

  // Policy and audit come before anything of the proposal is run, in the sandbox too.
  const refusal = installRefusal(step.proposal.actions, options.installs, options.original)
  if (refusal !== undefined) {
    state.notes.push(`${step.proposal.title}: ${refusal}`)
    tell('blocked', refusal)
    return undefined
  }
  const patch: Patch = { id: key.slice(0, 16), title: step.proposal.title, strategy: step.repairer, ...contentOf(step.proposal) }
  const audit = await options.audit(patch, (path) => trial.workspace.read(path))
  if (audit.verdict === 'block') {
    state.blocked.push({ patch, audit })
    tell(
      'blocked',
      audit.findings
        .filter((finding) => finding.verdict === 'block')
        .map((finding) => finding.rule)
        .join(', '),
    )
    return undefined
  }

  state.attempts += 1
  state.perFault.set(step.fault.fingerprint, (state.perFault.get(step.fault.fingerprint) ?? 0) + 1)
  const taken = await place()
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
  if (against.every((fault) => advances(fault, next))) {
    state.streak = 0
    tell('advanced')
    const found = await solve(next, causedByUs(next[0], trial) ? cascade + 1 : 0, state, options)
    if (found !== undefined) return found
  } else {
    state.streak += 1
    tell('unchanged')
  }
  await takeBack()
  return undefined
}

/** Whether the policy allows no further attempt at healing `target`; then it is noted why. */
function isSpent(faults: Faults, target: Fault, cascade: number, state: State, { trial, limits }: SearchOptions): boolean {
  const stop = stopReason(
    {
      ...effortAt(faults, cascade, state, trial),
      isSyntax: target.category === 'syntax',
      attemptsAtFault: state.perFault.get(target.fingerprint) ?? 0,
    },
    limits,
  )
  if (stop !== undefined) state.notes.push(`Stopped: ${stop}, the limit of the policy`)
  return stop !== undefined
}

/** What has been spent on the root fault, and how bad the file it is in looks. */
function effortAt(
  [fault, ...others]: Faults,
  cascade: number,
  state: State,
  trial: Trial,
): Omit<Effort, 'isSyntax' | 'attemptsAtFault'> {
  const file = fault.location?.file
  const text = file === undefined ? undefined : trial.workspace.read(relativeTo(trial.workspace.root, file))
  return {
    attempts: state.attempts,
    streak: state.streak,
    cascade,
    errorsInFile: 1 + others.filter((other) => file !== undefined && other.location?.file === file).length,
    linesInFile: text?.split('\n').length,
  }
}

/** A repairer that breaks must not end the healing: others may know better. */
async function propose(
  repairer: Repairer,
  fault: Fault,
  state: State,
  options: SearchOptions,
): Promise<{ readonly proposals: readonly Proposal[]; readonly notes: readonly string[] }> {
  const { trial, command, installs, proposalsMax, signal } = options
  try {
    const answer = await untilAborted(
      repairer.propose({
        fault,
        workspace: trial.workspace,
        command,
        rehearse: rehearsing(state, options),
        installs,
        proposalsMax,
        notes: state.notes,
        signal,
      }),
      signal,
    )
    return { proposals: answer.proposals.slice(0, proposalsMax), notes: answer.notes }
  } catch (error) {
    signal.throwIfAborted()
    return {
      proposals: [],
      notes: [`The repairer "${repairer.id}" failed: ${error instanceof Error ? error.message : String(error)}`],
    }
  }
}

/** Lends the copy to a repairer: what it wants to run there goes by the same audit as a proposal, and is counted. */
function rehearsing(state: State, { trial, audit, rehearsalsMax, signal }: SearchOptions): Rehearse {
  return async (command, { edits = [], ...given } = {}) => {
    if (state.rehearsals >= rehearsalsMax)
      return { ran: false, spent: true, reason: `${rehearsalsMax} rehearsals were made in this session` }
    state.rehearsals += 1
    if (edits.length > 0) {
      const patch: Patch = { id: 'rehearsal', title: 'A rehearsal', strategy: 'rehearsal', edits, actions: [] }
      const { verdict } = await audit(patch, (path) => trial.workspace.read(path))
      if (verdict === 'block') return { ran: false, spent: false, reason: 'The audit blocks these edits' }
    }
    const run = await trial.rehearse(command, { edits, ...given })
    signal.throwIfAborted()
    return 'reason' in run ? { ran: false, spent: false, reason: run.reason } : { ran: true, result: run }
  }
}

function contentOf({ edits, actions }: Proposal): Pick<Proposal, 'edits' | 'actions'> {
  return { edits, actions }
}
