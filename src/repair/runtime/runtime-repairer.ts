import type { CommandResult } from '../../core/ports.js'
import type { Proposal, RepairAnswer, Repairer, RepairRequest } from '../../core/repairer.js'
import { turn } from '../../core/world.js'
import { nothing } from '../dependencies/dependency-proposal.js'
import { parserFor } from '../code/code-parse.js'
import { type Candidate, proposalOf, textAfter } from './runtime-candidate.js'
import { candidatesFor } from './runtime-candidates.js'
import { runtimeErrorOf } from './runtime-error.js'
import { framesOf } from './runtime-frames.js'
import { isEditable, sceneOf } from './runtime-scene.js'
import { rehearsed, type Rehearsed } from './rehearsal-sort.js'

/**
 * Repairs code that throws a TypeError, ReferenceError or RangeError, by itself or under a test: names that were renamed on one
 * side only, values that never arrive, declarations in the wrong place, recursion without an end. It starts at the innermost
 * place of the project on the stack, and runs the failing command with its candidates where it can, to sort them.
 */
export const runtimeRepairer: Repairer = {
  id: 'runtime',
  categories: ['runtime', 'test', 'build'],
  propose: answer,
}

/** The share of belief that is kept for a cause that no candidate names. */
const beliefElsewhere = 0.12
/** Without a run there is only the look of it. */
const untriedMax = 0.75
const advancingMax = 2

async function answer(request: RepairRequest): Promise<RepairAnswer> {
  const { fault, workspace, proposalsMax, signal } = request
  const said = runtimeErrorOf(fault)
  if (said === undefined) return { proposals: [], notes: [] }
  await turn(signal)
  const shown = framesOf(workspace, fault, { message: said.message })
  const baseline = shown.some(isEditable) && said.error.kind !== 'endless-recursion' ? undefined : await firstRun(request)
  const frames = baseline === undefined ? shown : framesOf(workspace, fault, { message: said.message, output: baseline.output })
  const scene = sceneOf(request, said.error, frames)
  const candidates = candidatesFor(scene).filter(parses)
  if (candidates.length === 0) return nothing(`Nothing near the places on the stack explains "${said.message}"`)
  const results = await rehearsed(request, candidates, baseline)
  const proposals = proposalsOf(results).slice(0, proposalsMax)
  return proposals.length > 0
    ? { proposals, notes: [] }
    : nothing(
        `${results.length} small changes near the places on the stack were tried against "${said.message}", and none made it go away`,
      )
}

/** The whole output, where the few lines of it that the fault holds name no place to start from. */
async function firstRun({ rehearse, command }: RepairRequest): Promise<CommandResult | undefined> {
  const run = await rehearse?.(command)
  return run?.ran === true ? run.result : undefined
}

function parses(candidate: Candidate): boolean {
  const { path, text } = candidate.source
  const after = textAfter(candidate)
  const parser = parserFor(path, text)
  return parser.problem(after) === undefined || parser.problem(text) !== undefined
}

/**
 * What passes, then what brings the command further, or what could not be tried. The plausibility is the share of the weight of
 * all candidates that were not refuted, with a little left for what none of them says.
 */
function proposalsOf(results: readonly Rehearsed[]): readonly Proposal[] {
  const left = results.filter(({ result }) => result !== 'unchanged')
  const passing = left.filter(({ result }) => result === 'passes')
  const advancing = left.filter(({ result }) => result === 'advances')
  const untried = left.filter(({ result }) => result === 'untried')
  if (passing.length > 0) {
    // What was not run counts by the chance that it would pass too, which the others tell; a quarter stands for what few runs cannot.
    const chance = (passing.length - 0.75) / Math.max(1, results.length - untried.length)
    const total = weightOf(passing) + weightOf(untried) * chance + beliefElsewhere
    return passing.map(({ candidate }) => proposalOf(candidate, candidate.weight / total))
  }
  const total = weightOf(left) + beliefElsewhere
  const share = ({ candidate }: Rehearsed): Proposal => proposalOf(candidate, Math.min(untriedMax, candidate.weight / total))
  return [...advancing.slice(0, advancingMax), ...untried].map(share)
}

function weightOf(results: readonly Rehearsed[]): number {
  return results.reduce((sum, { candidate }) => sum + candidate.weight, 0)
}
