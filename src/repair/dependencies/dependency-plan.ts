import type { Fault } from '../../core/fault.js'
import type { Action } from '../../core/patch.js'
import type { Workspace } from '../../core/ports.js'
import type { Proposal, RepairAnswer, RepairRequest } from '../../core/repairer.js'
import { classify } from '../../faults/classify.js'
import { installCommand } from '../package-manager.js'
import { detailOf } from './dependency-detail.js'
import { objectOf, parseObject } from './dependency-manifest.js'
import { followedBy, withEdits } from './dependency-overlay.js'
import { sceneOf } from './dependency-project.js'
import { joined, proposal } from './dependency-proposal.js'
import { satisfies } from './version-range.js'

export interface PlanQuestion extends Pick<RepairRequest, 'workspace' | 'rehearse' | 'installs' | 'signal'> {
  /** What can be done about a fault of the package manager, in a project as it would be. */
  repair(fault: Fault, workspace: Workspace): Promise<RepairAnswer>
}

/** How often the package manager is asked for one proposal, and how many ways out are kept. */
const asksMax = 8
const waysMax = 3
/** Proposals that are looked at; the others stay as they are. */
const plannedMax = 3

/**
 * The answer with its installs tried by the package manager without installing anything (`npm install --dry-run`): an install
 * that it would refuse is completed by what heals the refusal, a version that exists or that agrees with its peers, or left out.
 */
export async function planned(answer: RepairAnswer, question: PlanQuestion): Promise<RepairAnswer> {
  if (question.rehearse === undefined || question.installs === 'never') return answer
  const answers: RepairAnswer[] = [{ proposals: [], notes: answer.notes }]
  for (const [index, candidate] of answer.proposals.entries()) {
    const needs = index < plannedMax && needsPlan(candidate, question.workspace)
    answers.push(needs ? await settled(candidate, question) : { proposals: [candidate], notes: [] })
  }
  return joined(...answers)
}

/** npm only: the others have no run without effect. What the lockfile names to the last package, as it is asked for, needs none. */
function needsPlan({ edits, actions }: Proposal, workspace: Workspace): boolean {
  const [action] = actions
  if (action?.kind !== 'install' || action.manager !== 'npm') return false
  if (edits.length > 0 || action.packages.length > 0) return true
  const { lockfile, declared } = sceneOf(workspace, action.folder)
  return [...declared].some(([name, { range }]) => {
    const locked = lockfile.versions.get(name)
    return locked === undefined || satisfies(locked, range) === false
  })
}

/** Looks for edits with which the package manager agrees, the most plausible first. */
async function settled(first: Proposal, question: PlanQuestion): Promise<RepairAnswer> {
  const open = [first]
  const ways: Proposal[] = []
  const notes: string[] = []
  for (let asks = 0; asks < asksMax && ways.length < waysMax; asks += 1) {
    const candidate = open.shift()
    if (candidate === undefined) break
    question.signal.throwIfAborted()
    const refusal = await refusalOf(candidate, question)
    if (refusal === undefined) {
      ways.push(candidate)
      continue
    }
    const answer = await question.repair(refusal, withEdits(question.workspace, candidate.edits))
    notes.push(...answer.notes)
    open.push(...answer.proposals.flatMap((next) => both(candidate, next) ?? []))
    open.sort((a, b) => b.plausibility - a.plausibility)
  }
  return { proposals: ways, notes: ways.length > 0 ? [] : notes }
}

/** Why the package manager would refuse the install; `undefined` when it would not, or nobody can tell. */
async function refusalOf({ edits, actions }: Proposal, { rehearse }: PlanQuestion): Promise<Fault | undefined> {
  const action = actions.find((one) => one.kind === 'install')
  if (action === undefined || rehearse === undefined) return undefined
  const { command, env } = installCommand(action)
  const [tool = 'npm', verb = 'install', ...rest] = command
  const trial = [tool, verb, '--dry-run', ...rest]
  const rehearsal = await rehearse(trial, { edits, folder: action.folder, env, timeoutMs: 60_000 })
  if (!rehearsal.ran || rehearsal.result.ending !== 'exited') return undefined
  const { output, exitCode } = rehearsal.result
  const told = exitCode === 0 ? overriddenIn(output) : output
  const [fault] = told === undefined ? [] : classify({ output: told, exitCode: 1, command: trial.join(' ') })
  if (fault === undefined || !refusals.has(fault.code)) return undefined
  const parties = [detailOf(fault, 'package'), detailOf(fault, 'name')]
  return exitCode === 0 && !changedNames(edits).some((name) => parties.includes(name)) ? undefined : fault
}

/**
 * A peer conflict that npm only warns of because an older tree is there: where nothing is installed it would refuse. As it
 * would then say it.
 */
function overriddenIn(output: string): string | undefined {
  const start = output.indexOf('npm warn ERESOLVE overriding peer dependency')
  return start === -1 ? undefined : `npm error code ERESOLVE\n${output.slice(start).replaceAll('npm warn', 'npm error')}`
}

/** Packages that some edits declare in another range than before. */
function changedNames(edits: Proposal['edits']): readonly string[] {
  return edits.flatMap(({ before, after }) => {
    const [old, now] = [before, after].map((text) => declaredIn(text))
    return [...(now ?? [])].filter(([name, range]) => old?.get(name) !== range).map(([name]) => name)
  })
}

function declaredIn(manifest: string | null | undefined): ReadonlyMap<string, unknown> {
  const json = parseObject(manifest ?? '') ?? {}
  const fields = ['dependencies', 'devDependencies', 'optionalDependencies'].map((field) => objectOf(json[field]) ?? {})
  return new Map(fields.flatMap((field) => Object.entries(field)))
}

/** What a choice of versions or names can heal; a registry that is down is none of that. */
const refusals: ReadonlySet<string> = new Set(['VERSION_NOT_FOUND', 'PACKAGE_NOT_FOUND', 'PEER_CONFLICT', 'ENGINE_MISMATCH'])

/** One proposal that does what both do, if the second one only edits and installs. */
function both(first: Proposal, next: Proposal): Proposal | undefined {
  const installs = (actions: readonly Action[]): boolean =>
    actions.every((action) => action.kind === 'install' && action.packages.length === 0)
  const edits = followedBy(first.edits, next.edits)
  // Edits that take each other back lead to where it began.
  if (edits.length === 0 || !installs(next.actions)) return undefined
  const [edit] = first.edits
  return proposal({
    title:
      edit === undefined && first.actions.every((action) => action.kind !== 'install' || action.packages.length === 0)
        ? next.title
        : `${first.title}; ${next.title}`,
    edits,
    actions: first.actions,
    // What leaves more of the manifest as it is, is likelier.
    plausibility: Math.min(first.plausibility, next.plausibility) * 0.85,
    rationale: `${first.rationale} ${next.rationale}`,
  })
}
