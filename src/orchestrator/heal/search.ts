import type { Fault } from '../../core/fault.js'
import type { CommandResult } from '../../core/ports.js'
import type { Proposal } from '../../core/repairer.js'
import { ask } from './ask-repairer.js'
import { attempt, isAdmitted } from './attempt.js'
import { isSpent, newState, type SearchOptions, type SearchResult, type SearchState } from './search-state.js'
import { mayBeOurs, mayFollowFrom, type Faults } from './progress.js'
import type { HealingStep, Step, Trial } from './trial.js'

/**
 * Looks for steps after which the command passes: depth first, repairers in their order, proposals best first, each judged by
 * really running the command in the trial's copy. A repairer whose proposals lead nowhere makes way for the others, and has the
 * rest of its proposals tried after theirs. On success the steps stand in the trial; otherwise it is as it was.
 */
export async function search(faults: Faults, options: SearchOptions): Promise<SearchResult> {
  const state = newState(faults, options)
  const run = await solved(faults, state, options)
  const { faults: stuckAt, titles } = state.stuckAt
  const notes =
    titles.length === 0
      ? state.notes
      : [`These repairs bring the command further, up to the fault below: ${titles.join('; ')}`, ...state.notes]
  return { ...(run && { run }), blocked: state.blocked, notes: run === undefined ? [...new Set(notes)] : [], stuckAt }
}

async function solved(faults: Faults, state: SearchState, options: SearchOptions): Promise<CommandResult | undefined> {
  try {
    return (await solve(faults, 0, state, options)) ?? (await objected(state, options))
  } finally {
    await state.ahead.close()
  }
}

/** Where no repair is better, the first with which the command passes stands again, for the judgement of all its checks. */
async function objected({ objected: first }: SearchState, { trial }: SearchOptions): Promise<CommandResult | undefined> {
  if (first === undefined) return undefined
  if (await trial.follow(first.steps)) return first.run
  await trial.follow([])
  return undefined
}

async function solve(
  faults: Faults,
  cascade: number,
  state: SearchState,
  options: SearchOptions,
): Promise<CommandResult | undefined> {
  const [fault, ...others] = faults
  options.onFault(fault, others.length)
  // A wrong choice shows as a failing test or run. Its near rivals cost one run each; a repairer may take a hundred.
  const early = choicesOf(options.trial)
    .filter(({ step, odds }) => odds >= nearOdds && mayFollowFrom(fault, step))
    .slice(0, nearMax)
  const other = await exchange(early, { faults, cascade, state, options })
  if (other !== undefined || state.givenUp) return other

  const putOff: HealingStep[] = []
  for (const repairer of await options.repairersFor(fault)) {
    if (!repairer.categories.includes(fault.category)) continue
    const { proposals, notes } = await ask(repairer, fault, state, options)
    state.notes.push(...notes)
    const { run, left } = await tryInTurn(stepsOf(fault, repairer.id, proposals), { faults, cascade, state, options })
    if (run !== undefined || state.givenUp) return run
    if (left === 'spent') return undefined
    putOff.push(...left)
  }
  const { run, left } = await tryInTurn(putOff, { faults, cascade, state, options, isLastResort: true })
  if (run !== undefined || state.givenUp || left === 'spent') return run
  return stuck({ faults, cascade, state, options })
}

function stepsOf(fault: Fault, repairer: string, proposals: readonly Proposal[]): readonly HealingStep[] {
  let refuted = 0
  return proposals.map((proposal, index) => {
    const step = { fault, repairer, proposal, alternatives: proposals.slice(index + 1), refuted }
    refuted += proposal.plausibility
    return step
  })
}

interface Turn {
  readonly faults: Faults
  readonly cascade: number
  readonly state: SearchState
  readonly options: SearchOptions
  /** Nobody else is left to make way for. */
  readonly isLastResort?: boolean
}

/** How trying steps ended. `left`: those for which another strategy should come first. */
interface TurnEnd {
  readonly run?: CommandResult | undefined
  readonly left: readonly HealingStep[] | 'spent'
}

/** Tries steps against one fault, each in place of the one before; what was run ahead ends with it. */
async function tryInTurn(steps: readonly HealingStep[], turn: Turn): Promise<TurnEnd> {
  try {
    return await tryEach(steps, turn)
  } finally {
    await turn.state.ahead.drop()
  }
}

async function tryEach(
  steps: readonly HealingStep[],
  { faults, cascade, state, options, isLastResort = false }: Turn,
): Promise<TurnEnd> {
  const { trial } = options
  for (const [index, step] of steps.entries()) {
    if (isSpent(faults, step.fault, cascade, state, options)) return { left: 'spent' }
    // The first, where it is likely, has the machine for itself.
    if (index > 0 || step.proposal.plausibility < likely) await startAhead(steps.slice(index + 1), state, options)
    const { run, verdict } = await attempt(
      {
        step,
        proposals: [...trial.steps.map((taken) => taken.proposal), step.proposal],
        target: step.fault,
        against: [step.fault],
        faultsBefore: faults.length,
        place: () => trial.take(step),
        takeBack: () => trial.undo(),
      },
      { cascade, state, options, goOn: (next, depth) => solve(next, depth, state, options) },
    )
    if (run !== undefined || state.givenUp) return { run, left: [] }
    if (verdict?.kind === 'switch-strategy' && !isLastResort) return { left: steps.slice(index + 1) }
  }
  return { left: [] }
}

/** Lets the next steps run already, beside the one whose turn it is. */
async function startAhead(next: readonly HealingStep[], state: SearchState, options: SearchOptions): Promise<void> {
  if (state.ahead.isBusy) return
  const admitted: HealingStep[] = []
  for (const step of next) {
    if (admitted.length >= Math.min(state.ahead.room, options.limits.attemptsMax - state.attempts - 1)) break
    if (await isAdmitted(step, state, options)) admitted.push(step)
  }
  state.ahead.start(admitted)
}

/** No proposal for this fault is left. Where a choice made earlier may be behind it, the other choices are tried in its place. */
async function stuck(turn: Turn): Promise<CommandResult | undefined> {
  const { faults, state, options } = turn
  const { trial } = options
  if (trial.steps.length > state.stuckAt.titles.length)
    state.stuckAt = { faults, titles: trial.steps.map(({ proposal }) => proposal.title) }
  const choices = mayBeOurs(faults[0], trial) ? choicesOf(trial) : []
  const run = await exchange(choices, turn)
  // The other choices were tried, or do not matter: going back on further ones would not help.
  if (run === undefined && (choices.length > 0 || !mayBeOurs(faults[0], trial))) state.givenUp = true
  return run
}

/** Tries other choices, each in the place of the one that was made, as far as the policy allows. */
async function exchange(
  choices: readonly Choice[],
  { faults, cascade, state, options }: Turn,
): Promise<CommandResult | undefined> {
  const { trial } = options
  const refuted = new Map<Step, number>()
  for (const { step, alternative } of choices) {
    if (isSpent(faults, faults[0], cascade, state, options)) return undefined
    const gone = step.refuted + step.proposal.plausibility + (refuted.get(step) ?? 0)
    const changed = {
      ...step,
      proposal: alternative,
      alternatives: step.alternatives.filter((other) => other !== alternative),
      refuted: gone,
    }
    const { run } = await attempt(
      {
        step: changed,
        proposals: trial.steps.map((taken) => (taken === step ? alternative : taken.proposal)),
        // It is the fault of now that it is to heal, whatever the step was taken against.
        target: faults[0],
        against: [step.fault, faults[0]],
        faultsBefore: faults.length,
        place: () => {
          trial.exchange(step, changed)
          return Promise.resolve({ taken: true })
        },
        takeBack: () => Promise.resolve(trial.exchange(changed, step)),
      },
      { cascade, state, options, goOn: (next, depth) => solve(next, depth, state, options) },
    )
    if (run !== undefined) return run
    refuted.set(step, (refuted.get(step) ?? 0) + alternative.plausibility)
  }
  return undefined
}

/** A proposal this plausible is tried alone. */
const likely = 0.5

/** So many near rivals of earlier choices come before the repairers of what may be their consequence. */
const nearMax = 3
/** What counts as near: so plausible in proportion to what was chosen. */
const nearOdds = 0.2

interface Choice {
  readonly step: HealingStep
  readonly alternative: Proposal
  /** How plausible it is in proportion to what was chosen. */
  readonly odds: number
}

/** What else could have been done in place of the steps taken, the most plausible in proportion first. */
function choicesOf(trial: Trial): readonly Choice[] {
  return trial.steps
    .filter((step) => isHealing(step))
    .flatMap((step) =>
      step.alternatives
        .filter((alternative) => trial.canExchange(step, alternative))
        .map((alternative) => ({ step, alternative, odds: alternative.plausibility / step.proposal.plausibility })),
    )
    .sort((a, b) => b.odds - a.odds)
}

function isHealing(step: Step): step is HealingStep {
  return step.fault !== undefined
}
