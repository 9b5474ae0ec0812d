import type { Decision } from '../../core/decision.js'
import type { Fault } from '../../core/fault.js'
import { canonicalJson, sha256 } from '../../core/hash.js'
import type { Patch } from '../../core/patch.js'
import type { CommandResult } from '../../core/ports.js'
import type { Proposal } from '../../core/repairer.js'
import { installRefusal } from './install-gate.js'
import { advances, causedByUs, faultsOf, passes, type Faults } from './progress.js'
import type { Attempt, SearchOptions, SearchState } from './search-state.js'
import type { HealingStep } from './trial.js'

/** A step to be tried, and how it is put into the trial and taken out again. */
export interface Try {
  readonly step: HealingStep
  /** All proposals of the trial once it is in. */
  readonly proposals: readonly Proposal[]
  /** The fault that the attempt counts for. */
  readonly target: Fault
  /** Faults that must be gone for it to be an advance. */
  readonly against: readonly Fault[]
  /** How many faults the command shows without it. */
  readonly faultsBefore: number
  place(): Promise<{ readonly taken: true } | { readonly taken: false; readonly reason: string }>
  takeBack(): Promise<void>
}

export interface Surroundings {
  readonly cascade: number
  readonly state: SearchState
  readonly options: SearchOptions
  /** Goes on from a tree that the step has brought forward. */
  goOn(next: Faults, cascade: number): Promise<CommandResult | undefined>
}

/** How a try ended: the run on the solved tree, or what the attempts at this fault show. Neither: it was never made real. */
export interface Tried {
  readonly run?: CommandResult | undefined
  readonly verdict?: Decision
}

/** Tries one step, and if it brings the work forward what follows from there. Leaves the trial as it was unless it is solved. */
export async function attempt(tried: Try, surroundings: Surroundings): Promise<Tried> {
  const { step, proposals } = tried
  const { state, options } = surroundings
  const key = keyOf(proposals)
  if (state.tried.has(key)) return {}
  state.tried.add(key)
  const refusal = await refusalOf(step, key, options)
  if (refusal === undefined) return makeReal(tried, surroundings)
  if (refusal.note !== undefined) state.notes.push(refusal.note)
  if (refusal.blocked !== undefined) state.blocked.push(refusal.blocked)
  tell(options, step, { result: 'blocked', reason: refusal.reason }, options.nowMs())
  return {}
}

/** Whether a step that comes next may be made real: it is new, and neither policy nor audit stand against it. */
export async function isAdmitted(step: HealingStep, state: SearchState, options: SearchOptions): Promise<boolean> {
  const key = keyOf([...options.trial.steps.map(({ proposal }) => proposal), step.proposal])
  return !state.tried.has(key) && (await refusalOf(step, key, options)) === undefined
}

/** What the trees that certain proposals make are known by. */
function keyOf(proposals: readonly Proposal[]): string {
  return sha256(canonicalJson(proposals.map(contentOf)))
}

interface Refusal {
  readonly reason: string
  readonly note?: string
  readonly blocked?: SearchState['blocked'][number]
}

/** Policy and audit come before anything of the proposal is run, in the sandbox too. */
async function refusalOf(
  { repairer, proposal }: HealingStep,
  key: string,
  { installs, original, trial, audit }: SearchOptions,
): Promise<Refusal | undefined> {
  const refusal = installRefusal(proposal, installs, original)
  if (refusal !== undefined) return { reason: refusal, note: `${proposal.title}: ${refusal}` }
  const patch: Patch = { id: key.slice(0, 16), title: proposal.title, strategy: repairer, ...contentOf(proposal) }
  const audited = await audit(patch, (path) => trial.workspace.read(path))
  if (audited.verdict !== 'block') return undefined
  const rules = audited.findings.filter((finding) => finding.verdict === 'block').map((finding) => finding.rule)
  return { reason: rules.join(', '), blocked: { patch, audit: audited } }
}

async function makeReal(
  { step, target, against, faultsBefore, place, takeBack }: Try,
  { cascade, state, options, goOn }: Surroundings,
): Promise<Tried> {
  const { trial, command, signal } = options
  const startedMs = options.nowMs()
  state.attempts += 1
  const judged = (errors: number): Decision => state.governors.record(target, { errors, errorsBefore: faultsBefore })
  const taken = await place()
  signal.throwIfAborted()
  if (!taken.taken) {
    state.streak += 1
    state.notes.push(`${step.proposal.title}: ${taken.reason}`)
    const verdict = judged(faultsBefore)
    tell(options, step, { result: 'not-taken', reason: taken.reason, verdict }, startedMs)
    return { verdict }
  }

  const early = await state.ahead.resultOf(step)
  // What passes in another copy has to pass in that of the patch.
  const run = early === undefined || passes(early) ? await trial.run(command) : early
  if (passes(run)) {
    const objection = await options.objection()
    if (objection === undefined) {
      tell(options, step, { result: 'solved', verdict: judged(0) }, startedMs)
      return { run }
    }
    const verdict = judged(faultsBefore)
    tell(options, step, { result: 'unchanged', reason: `The command passes, and ${objection}`, verdict }, startedMs)
    state.objected ??= { run, steps: [...trial.steps] }
    state.objections += 1
    if (state.objections >= objectionsMax) state.givenUp = true
    await takeBack()
    return { verdict }
  }
  const next = faultsOf(run, command)
  const isAdvance = against.every((fault) => advances(fault, next))
  // The attempts were at this fault: when it is gone, what shows now is another's.
  const verdict = judged(isAdvance ? 0 : next.length)
  tell(options, step, { result: isAdvance ? 'advanced' : 'unchanged', verdict }, startedMs)
  state.streak = isAdvance ? 0 : state.streak + 1
  const found = isAdvance ? await goOn(next, causedByUs(next[0], trial) ? cascade + 1 : 0) : undefined
  if (found === undefined) await takeBack()
  return { run: found, verdict }
}

/** So many repairs that a check objects to show that it objects to something else. */
const objectionsMax = 3

function tell(
  { onAttempt, nowMs }: SearchOptions,
  { fault, repairer, proposal }: HealingStep,
  end: Omit<Attempt, 'fault' | 'repairer' | 'title'>,
  startedMs: number,
): void {
  onAttempt({ fault, repairer, title: proposal.title, ...end, proposal, costMs: nowMs() - startedMs })
}

function contentOf({ edits, actions }: Proposal): Pick<Proposal, 'edits' | 'actions'> {
  return { edits, actions }
}
