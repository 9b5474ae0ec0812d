import type { Decision } from '../../core/decision.js'
import type { CommandOptions, CommandResult, Workspace } from '../../core/ports.js'
import type { RiskyEditObserver } from '../../security/risky-edit-observer.js'
import { diagnose } from '../../sequences/diagnose.js'
import type { HealOptions } from './heal-ports.js'
import type { HealContext, HealingOutcome, HealingResult } from './healing-result.js'
import type { Faults } from './progress.js'
import type { MadeAttempt } from './search-state.js'
import type { Session } from './session.js'

/** What has been found out so far; becomes part of the result. */
type Findings = {
  -readonly [
    K in 'fault' | 'diagnosis' | 'patch' | 'diff' | 'audit' | 'validation' | 'confidence' | 'seal' | 'transactionId' | 'watch'
  ]?: HealingResult[K]
}

/** One thing to heal, and everything that belongs to its session. */
export interface Incident {
  readonly context: HealContext
  readonly options: HealOptions
  readonly workspace: Workspace
  readonly session: Session
  readonly observer: RiskyEditObserver
  /** The caller's abort, or the end of the session's time. */
  readonly signal: AbortSignal
  readonly found: Findings
  readonly notes: string[]
  /** Every attempt, in the order in which they were made. */
  readonly attempts: MadeAttempt[]
}

/** Ends the session with its one terminal decision. */
export function end(
  { options: { emit }, session, found, notes }: Incident,
  outcome: HealingOutcome,
  decision: Decision,
): HealingResult {
  const envelope = session.end(decision)
  emit('decision.made', { sessionId: session.id, decision })
  emit('session.closed', { sessionId: session.id, outcome, durationMs: session.durationMs })
  return {
    outcome,
    sessionId: session.id,
    ...found,
    decision,
    notes: [...new Set(notes)],
    durationMs: session.durationMs,
    envelope,
  }
}

/** Ends the session for a person to go on, with everything that is known as advice. */
export function escalate(incident: Incident, reason: string, faults: Faults, note?: string): HealingResult {
  if (note !== undefined) incident.notes.push(note)
  diagnosed(incident, faults)
  return end(incident, 'escalated', { kind: 'escalate', reasons: [reason] })
}

/** Diagnoses with what is known now; told once, at the first time. */
export function diagnosed({ options: { emit }, session, found, notes }: Incident, faults: Faults): void {
  const isFirst = found.diagnosis === undefined
  found.diagnosis = diagnose(faults, notes)
  if (isFirst) emit('diagnosis.made', { sessionId: session.id, diagnosis: found.diagnosis })
}

/** Runs the incident's command in the project itself, as the user would. */
export async function runInPlace(incident: Incident): Promise<CommandResult> {
  const { context, options, workspace, session, signal } = incident
  const { timeoutMs, outputBytesMax } = options.policy.sandbox
  const run = await observed(incident, 'workspace', context.command, (hear) =>
    options.ports.runner.run(context.command, {
      ...hear,
      cwd: workspace.root,
      env: options.ports.environment,
      timeoutMs,
      outputBytesMax,
      signal,
    }),
  )
  session.record('run', { where: 'workspace', ending: run.ending, exitCode: run.exitCode })
  return run
}

/** Tells that a command starts, that it seems to hang, and how it ended. */
export async function observed(
  { options: { emit }, session, notes, signal }: Incident,
  where: 'workspace' | 'sandbox',
  command: readonly string[],
  work: (hear: Required<Pick<CommandOptions, 'onStall'>>) => Promise<CommandResult>,
): Promise<CommandResult> {
  signal.throwIfAborted()
  emit('command.started', { sessionId: session.id, command, where })
  const run = await work({
    onStall: (stall) => {
      emit('command.stalled', { sessionId: session.id, command, where, ...stall })
      if (stall.suspicion === 'extreme') notes.push(stalledNote)
    },
  })
  emit('command.finished', { sessionId: session.id, command, where, exitCode: run.exitCode, durationMs: run.durationMs })
  signal.throwIfAborted()
  return run
}

const stalledNote =
  'For a long time the command wrote nothing and computed nothing: it waits for something that does not come, such as a connection, a lock, an open handle, or an answer from a person'
