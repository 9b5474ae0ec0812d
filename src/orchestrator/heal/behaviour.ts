import { isHomeostatError } from '../../core/errors.js'
import type { SecurityAudit } from '../../core/finding.js'
import type { Patch } from '../../core/patch.js'
import type { CommandResult } from '../../core/ports.js'
import { oneLine } from '../../core/text.js'
import type { BehaviourPair, BehaviourRecording, BehaviourTrace } from '../../security/behaviour/behaviour-trace.js'
import { languageOf } from '../../security/language.js'
import type { HealOptions } from './heal-ports.js'
import { passes } from './progress.js'
import { phrasesOf, reachedNow, withoutPorts } from './reached-code.js'
import type { Trial } from './trial.js'

/** One run of a command, and what it did. */
export interface WatchedRun {
  readonly run: CommandResult
  readonly trace: BehaviourTrace
}

/** What the dynamic stage of an audit works with. */
export interface Behaviour {
  readonly pair?: BehaviourPair
  /** Without a pair: why there is none. With one: what was seen besides. */
  readonly reason?: string
}

type WatchOptions = Pick<HealOptions, 'policy' | 'ports'>

/** Runs the command in the copy of a trial, with these variables besides. */
type RunIn = (trial: Trial, env: Readonly<Record<string, string>>) => Promise<CommandResult>

/** Does one run in the copy of a trial under watch; answers in words why nobody can watch it, and then does not do it. */
export async function watched(trial: Trial, { policy, ports }: WatchOptions, run: RunIn): Promise<WatchedRun | string> {
  if (policy.security.dynamic === 'off') return 'The policy says security.dynamic "off"'
  if (ports.behaviour === undefined) return 'There is nobody who could watch a command'
  const { root } = trial.copy
  const options = ports.environment['NODE_OPTIONS']
  let recording: BehaviourRecording
  try {
    // Beside the copy: within its walls, and out of the way of tools that read the whole project.
    const folder = `${root}-watched`
    recording = await ports.behaviour.begin({ folder, root, env: options === undefined ? {} : { NODE_OPTIONS: options } })
  } catch (error) {
    return oneLine(`The command could not be watched: ${error instanceof Error ? error.message : String(error)}`, 300)
  }
  try {
    const result = await run(trial, recording.env)
    return { run: result, trace: await finish(recording, result.durationMs) }
  } catch (error) {
    await finish(recording)
    throw error
  }
}

/** A patch that stands in a trial, and how to run its command. */
export interface BehaviourQuestion {
  readonly patch: Patch
  readonly trial: Trial
  /** The project as it was, opened at the first use. */
  readonly untouched: () => Promise<Trial>
  readonly run: RunIn
  /** The run on the project as it was, where it has been watched already. */
  readonly before?: WatchedRun | undefined
  readonly signal: AbortSignal
}

/** What the command does with a patch and without it. A patch without code, and a project that nobody can watch, cost no run. */
export async function behaviourOf(question: BehaviourQuestion, options: WatchOptions): Promise<Behaviour> {
  const { patch, trial, untouched, run, signal } = question
  if (!bringsCode(patch)) return { reason: 'The patch changes no code: there is nothing that could behave otherwise' }
  const after = await watched(trial, options, run)
  if (typeof after === 'string') return { reason: after }
  try {
    const before = question.before ?? (await watched(await untouched(), options, run))
    return typeof before === 'string' ? { reason: before } : compared(before, after, patch)
  } catch (error) {
    // The session's time may be up with an error of ours, too.
    signal.throwIfAborted()
    if (!isHomeostatError(error)) throw error
    return { reason: oneLine(`The project as it was could not be watched: ${error.message}`, 300) }
  }
}

/** An audit that says of its dynamic stage what is known of it here. */
export function explained(audit: SecurityAudit, { pair, reason }: Behaviour): SecurityAudit {
  if (reason === undefined) return audit
  const { dynamic } = audit.stages
  const reasons = pair === undefined || dynamic.reason === undefined ? [reason] : [dynamic.reason, reason]
  return { ...audit, stages: { ...audit.stages, dynamic: { ...dynamic, reason: reasons.join('; ') } } }
}

function compared(before: WatchedRun, after: WatchedRun, patch: Patch): Behaviour {
  // What fails early is quick, and small: only two runs that went to the end say what a patch costs.
  const trim =
    passes(before.run) && passes(after.run) ? withoutPorts : (trace: BehaviourTrace) => withoutCost(withoutPorts(trace))
  const pair = { before: trim(before.trace), after: trim(after.trace) }
  const reached = before.trace.processes === 0 ? [] : reachedNow(pair, patch)
  const reasons = [
    ...(passes(after.run) ? [] : ['The command did not pass with the patch when it was watched']),
    ...(reached.length === 0 ? [] : [`Code that was there before is reached now: ${oneLine(phrasesOf(reached), 300)}`]),
  ]
  return {
    pair: { ...pair, before: { ...pair.before, events: [...pair.before.events, ...reached] } },
    ...(reasons.length > 0 && { reason: reasons.join('; ') }),
  }
}

function withoutCost({ events, processes, complete }: BehaviourTrace): BehaviourTrace {
  return { events, processes, complete }
}

/** Whether what runs is another program with the patch: text and modes do not run, packages do. */
function bringsCode({ edits, actions }: Patch): boolean {
  return (
    actions.some(({ kind }) => kind === 'install') ||
    edits.some(({ path }) => !['json', 'data', 'prose'].includes(languageOf(path)))
  )
}

/** An observer that fails has seen nothing. */
async function finish(recording: BehaviourRecording, durationMs?: number): Promise<BehaviourTrace> {
  try {
    return await recording.finish(durationMs === undefined ? {} : { durationMs })
  } catch {
    return { events: [], processes: 0, complete: false }
  }
}
