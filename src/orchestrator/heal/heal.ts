import type { CommandResult } from '../../core/ports.js'
import { HomeostatError } from '../../core/errors.js'
import type { Experience } from '../../core/experience.js'
import { printable } from '../../core/text.js'
import { renderDiff } from '../../patch/render.js'
import { watched, type WatchedRun } from './behaviour.js'
import { detect, retryTransient } from './detect.js'
import type { HealOptions } from './heal-ports.js'
import type { HealContext, HealingResult } from './healing-result.js'
import { diagnosed, end, escalate, observed, type Incident } from './incident.js'
import { judge } from './judge.js'
import { inOrder, remember } from './learning.js'
import { observerOf, surroundingsIn } from './observer.js'
import { journalOf, keepStory, recover, withJournal } from './promote.js'
import { faultsOf, passes, timedOutCode, type Faults } from './progress.js'
import { search } from './search.js'
import type { SearchResult } from './search-state.js'
import { Session } from './session.js'
import { settle } from './settle.js'
import { TreeChecks } from './tree-checks.js'
import { Trial } from './trial.js'

/**
 * Heals one incident: run, classify, retry what is transient, diagnose, search for a patch in a sandbox copy, audit, validate,
 * score, decide, and promote or propose. Whatever is wrong with the project is a result; an error means that homeostat itself
 * could not work.
 *
 * @throws HS_INPUT_INVALID, HS_FOLDER_MISSING before anything is run; HS_JOURNAL_BUSY, HS_JOURNAL_CORRUPT;
 * the reason of `context.signal` when it aborts. The tree is then as it was.
 */
export async function heal(context: HealContext, options: HealOptions): Promise<HealingResult> {
  const { policy, world, ports } = options
  const command = checkedCommand(context.command)
  const workspace = ports.openWorkspace(context.cwd ?? '.')
  const session = new Session({ world, policy, command })
  const time = sessionTime(options)
  const incident: Incident = {
    context: { ...context, command },
    options,
    workspace,
    session,
    observer: observerOf(options),
    signal: context.signal === undefined ? time.signal : AbortSignal.any([context.signal, time.signal]),
    found: {},
    notes: [],
    attempts: [],
  }
  try {
    return await healed(incident)
  } catch (error) {
    if (error !== time.isUp) throw error
    const ended = end(incident, 'escalated', { kind: 'escalate', reasons: ['session.timeout'] })
    await remember(incident, new Set(), ended)
    return ended
  } finally {
    time.stop()
  }
}

async function healed(incident: Incident): Promise<HealingResult> {
  const { options, workspace } = incident
  await withJournal(journalOf(workspace.root, options), (journal) => recover(journal, options.emit))
  const faults = await detect(incident)
  if (faults === undefined) return end(incident, 'healthy', { kind: 'stop', reasons: ['command.passes'] })
  const lasting = faults[0].transient ? await retryTransient(incident, faults) : faults
  if (lasting === undefined) return end(incident, 'recovered', { kind: 'stop', reasons: ['transient.passed'] })
  if (lasting[0].transient) return escalate(incident, 'transient.persists', lasting)
  if (lasting[0].code === timedOutCode) return escalate(incident, 'command.timed-out', lasting)
  diagnosed(incident, lasting)
  if (options.policy.autonomy === 'observe') return escalate(incident, 'autonomy.observe', lasting)
  return repair(incident, lasting)
}

async function repair(incident: Incident, faults: Faults): Promise<HealingResult> {
  const { options, workspace, signal } = incident
  const opened = await Trial.of(workspace, options, signal).catch((error: unknown) => {
    signal.throwIfAborted()
    if (error instanceof HomeostatError) return error
    throw error
  })
  if (opened instanceof HomeostatError) return escalate(incident, 'sandbox.failed', faults, opened.message)
  try {
    return await repairIn(opened, incident, faults)
  } finally {
    await opened.close()
  }
}

async function repairIn(trial: Trial, incident: Incident, faults: Faults): Promise<HealingResult> {
  const reproduced = await reproduce(trial, incident, faults)
  if (typeof reproduced === 'string') return escalate(incident, 'sandbox.differs', faults, reproduced)
  const treeChecks = new TreeChecks(incident, trial)
  const result = await searched(trial, incident, { faults: reproduced.faults, treeChecks })
  const kept = new Set(trial.steps.map(({ proposal }) => proposal))
  const ended = await concluded(trial, incident, result, { ...reproduced, faults, treeChecks })
  return told(incident, ended, await remember(incident, kept, ended))
}

/** Judges what was found, and promotes, proposes or ends. */
async function concluded(
  trial: Trial,
  incident: Incident,
  result: SearchResult,
  { faults, failing, before, treeChecks }: Reproduced & { readonly treeChecks: TreeChecks },
): Promise<HealingResult> {
  incident.notes.push(...result.notes)
  if (result.run !== undefined)
    return settle(trial, incident, await judge(incident, trial, { run: result.run, failing, before, treeChecks }))
  const [refused] = result.blocked
  if (refused === undefined) return escalate(incident, 'no-repair', result.stuckAt)
  Object.assign(incident.found, { ...refused, diff: renderDiff(refused.patch.edits) })
  diagnosed(incident, faults)
  return end(incident, 'refused', { kind: 'stop', reasons: ['audit.block'] })
}

/** Keeps beside the transaction, where there is one, how it came about. */
async function told(
  { options, workspace }: Incident,
  result: HealingResult,
  experiences: readonly Experience[],
): Promise<HealingResult> {
  const { transactionId, diff = '', envelope } = result
  if (transactionId === undefined) return result
  const story = { version: 1, diff, envelope, experiences } as const
  const note = await keepStory(transactionId, story, journalOf(workspace.root, options))
  return note === undefined ? result : { ...result, notes: [...result.notes, note] }
}

interface Reproduced {
  readonly faults: Faults
  /** How the command ended in the untouched copy. */
  readonly failing: CommandResult
  /** What the project did as it was, where it was watched. */
  readonly before: WatchedRun | undefined
}

/** The same command must fail in the same way in the untouched copy; otherwise passing there later would prove nothing. */
async function reproduce(trial: Trial, incident: Incident, [fault]: Faults): Promise<Reproduced | string> {
  const { command } = incident.context
  const runIn = (where: Trial, env: Readonly<Record<string, string>> = {}): Promise<CommandResult> =>
    observed(incident, 'sandbox', command, (hear) => where.run(command, { ...hear, env }))
  const isShownBy = (faults: Faults): boolean => faults.some(({ fingerprint }) => fingerprint === fault.fingerprint)
  const before = await watched(trial, incident.options, runIn)
  if (typeof before !== 'string' && !passes(before.run)) {
    const faults = faultsOf(before.run, command)
    if (isShownBy(faults)) return { faults, failing: before.run, before }
  }
  // Nobody could watch, or being watched made a difference.
  const run = await runIn(trial)
  if (passes(run))
    return 'The command passes in an untouched copy of the project: the fault comes and goes, or depends on something outside the project'
  const faults = faultsOf(run, command)
  if (isShownBy(faults)) return { faults, failing: run, before: undefined }
  return `The command fails differently in a copy of the project (${faults[0].code}: ${faults[0].message}), so a repair could not be validated there. If it needs variables of the environment, name them in "sandbox.environment" of the policy`
}

async function searched(
  trial: Trial,
  { context, options, workspace, session, signal, observer, found, attempts }: Incident,
  { faults, treeChecks }: { readonly faults: Faults; readonly treeChecks: TreeChecks },
): Promise<SearchResult> {
  const { policy, repairers, learning, world, emit } = options
  const sessionId = session.id
  let shown = found.fault?.fingerprint
  return search(faults, {
    trial,
    original: workspace,
    command: context.command,
    repairersFor: (fault) => inOrder(fault, repairers, learning),
    objection: () => treeChecks.objection(),
    nowMs: () => world.clock.monoMs(),
    installs: policy.repair.installs,
    limits: policy.heal,
    proposalsMax: policy.heal.proposalsMax,
    rehearsalsMax: policy.heal.rehearsalsMax,
    parallelMax: policy.heal.parallelMax,
    signal,
    audit: (patch, before) => observer.observe(patch, { ...surroundingsIn(trial.workspace, signal), before }),
    onFault: (fault, others) => {
      // The first fault was told when it was detected.
      if (shown !== fault.fingerprint) emit('fault.detected', { sessionId, fault, others })
      shown = fault.fingerprint
    },
    onAttempt: (made) => {
      attempts.push(made)
      const { fault, proposal: _, costMs: __, ...attempt } = made
      session.record('attempt', { ...attempt, fingerprint: fault.fingerprint })
      emit('candidate.tried', { sessionId, ...attempt })
    },
  })
}

/** A signal that aborts with `isUp` when the policy's time for a session is used up. */
function sessionTime({ policy, world }: HealOptions): {
  readonly signal: AbortSignal
  readonly isUp: HomeostatError
  stop(): void
} {
  const { sessionTimeoutMs } = policy.heal
  const isUp = new HomeostatError('HS_DEADLINE', { key: 'heal', timeoutMs: sessionTimeoutMs })
  const time = new AbortController()
  const timer = new AbortController()
  world.clock.sleep(sessionTimeoutMs, timer.signal).then(
    () => time.abort(isUp),
    () => undefined,
  )
  return { signal: time.signal, isUp, stop: () => timer.abort() }
}

function checkedCommand(command: readonly string[]): readonly string[] {
  const valid =
    Array.isArray(command) &&
    command.length > 0 &&
    command.every((part) => typeof part === 'string' && !part.includes('\0')) &&
    command[0] !== ''
  if (!valid) {
    const got = printable(JSON.stringify(command) ?? String(command), 100)
    throw new HomeostatError('HS_INPUT_INVALID', {
      what: 'the command',
      reason: `it must be a non-empty array of strings without NUL, such as ["npm", "test"], and is ${got}`,
    })
  }
  return [...command]
}
