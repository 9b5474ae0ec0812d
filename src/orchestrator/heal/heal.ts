import { HomeostatError } from '../../core/errors.js'
import type { Seal } from '../../core/seal.js'
import { printable } from '../../core/text.js'
import { renderDiff } from '../../patch/render.js'
import { followAbort, untilAborted } from '../abort.js'
import { decide, type DecisionPolicy } from './decide.js'
import { detect, retryTransient } from './detect.js'
import type { HealOptions } from './heal-ports.js'
import type { HealContext, HealingResult } from './healing-result.js'
import { diagnosed, end, escalate, observed, runInPlace, type Incident } from './incident.js'
import { judge, withinLimits, type Judged } from './judge.js'
import { observerOf } from './observer.js'
import { journalOf, keepStory, plan, promote, recover, seal, withJournal } from './promote.js'
import { faultsOf, passes, timedOutCode, type Faults } from './progress.js'
import { search } from './search.js'
import type { SearchResult } from './search-state.js'
import { Session } from './session.js'
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
  }
  try {
    return await healed(incident)
  } catch (error) {
    if (error !== time.isUp) throw error
    return end(incident, 'escalated', { kind: 'escalate', reasons: ['session.timeout'] })
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
  const result = await searched(trial, incident, reproduced)
  incident.notes.push(...result.notes)
  if (result.run !== undefined) return settle(trial, incident, await judge(incident, trial, result.run))
  const [refused] = result.blocked
  if (refused === undefined) return escalate(incident, 'no-repair', result.stuckAt)
  Object.assign(incident.found, { ...refused, diff: renderDiff(refused.patch.edits) })
  diagnosed(incident, faults)
  return end(incident, 'refused', { kind: 'stop', reasons: ['audit.block'] })
}

/** The same command must fail in the same way in the untouched copy; otherwise passing there later would prove nothing. */
async function reproduce(trial: Trial, incident: Incident, [fault]: Faults): Promise<Faults | string> {
  const { command } = incident.context
  const run = await observed(incident, 'sandbox', command, () => trial.run(command))
  if (passes(run))
    return 'The command passes in an untouched copy of the project: the fault comes and goes, or depends on something outside the project'
  const faults = faultsOf(run, command)
  if (faults.some(({ fingerprint }) => fingerprint === fault.fingerprint)) return faults
  return `The command fails differently in a copy of the project (${faults[0].code}: ${faults[0].message}), so a repair could not be validated there. If it needs variables of the environment, name them in "sandbox.environment" of the policy`
}

async function searched(
  trial: Trial,
  { context, options, workspace, session, signal, observer, found }: Incident,
  faults: Faults,
): Promise<SearchResult> {
  const { policy, repairers, emit } = options
  const sessionId = session.id
  let shown = found.fault?.fingerprint
  return search(faults, {
    trial,
    original: workspace,
    command: context.command,
    repairers,
    installs: policy.repair.installs,
    limits: policy.heal,
    proposalsMax: policy.heal.proposalsMax,
    rehearsalsMax: policy.heal.rehearsalsMax,
    signal,
    audit: (patch, before) => observer.observe(patch, { before }),
    onFault: (fault, others) => {
      // The first fault was told when it was detected.
      if (shown !== fault.fingerprint) emit('fault.detected', { sessionId, fault, others })
      shown = fault.fingerprint
    },
    onAttempt: ({ fault, ...attempt }) => {
      session.record('attempt', { ...attempt, fingerprint: fault.fingerprint })
      emit('candidate.tried', { sessionId, ...attempt })
    },
  })
}

/** Decides about a judged patch, asks a person where the policy wants one, and promotes or ends. */
async function settle(trial: Trial, incident: Incident, judged: Judged): Promise<HealingResult> {
  const policy = decisionPolicy(incident)
  const evidence = { ...judged, withinLimits: withinLimits(incident, judged.patch) }
  const first = decide(policy, evidence)
  const approved = first.kind === 'escalate' ? await approval(incident, judged, first.reasons) : undefined
  const decision = approved === undefined ? first : decide(policy, { ...evidence, approved })
  if (decision.kind === 'promote') return promoted(trial, incident, judged, decision.reasons)
  if (decision.kind === 'escalate') return end(incident, 'proposed', decision)
  return end(incident, judged.audit.verdict === 'block' ? 'refused' : 'escalated', decision)
}

async function promoted(
  trial: Trial,
  incident: Incident,
  { patch, audit, validation }: Judged,
  reasons: readonly string[],
): Promise<HealingResult> {
  const { context, options, workspace, session, signal, found, notes } = incident
  signal.throwIfAborted()
  const changes = plan(patch, trial.installedFolders())
  const evidence = { patch, audit, validation }
  const proof = sealOf(evidence, changes, options)
  if (proof instanceof HomeostatError) {
    notes.push(proof.message)
    return end(incident, 'escalated', { kind: 'escalate', reasons: ['seal.failed'] })
  }
  found.seal = proof
  session.record('seal', { ...proof })
  const promotion = await withJournal(journalOf(workspace.root, options, evidence), (journal) =>
    promote(
      journal,
      { patch, changes, seal: proof, reason: `heal ${context.command.join(' ')}` },
      { sessionId: session.id, emit: options.emit },
      async () => passes(await runInPlace(incident)),
    ),
  )
  const { held, transactionId } = promotion
  if (transactionId !== undefined) found.transactionId = transactionId
  session.record(held ? 'apply' : 'rollback', { held, transactionId })
  if (held) return told(incident, end(incident, 'healed', { kind: 'promote', reasons }))
  notes.push(promotion.reason)
  const why = transactionId === undefined ? 'apply.failed' : 'watch.failed'
  return told(incident, end(incident, 'failed', { kind: 'rollback', reasons: [why] }))
}

/** Keeps how it came about beside the transaction, where there is one. */
async function told({ options, workspace }: Incident, result: HealingResult): Promise<HealingResult> {
  const { transactionId, diff = '', envelope } = result
  if (transactionId === undefined) return result
  const note = await keepStory(transactionId, { version: 1, diff, envelope }, journalOf(workspace.root, options))
  return note === undefined ? result : { ...result, notes: [...result.notes, note] }
}

/** Keys are a port: that they fail is no reason to lose what was found out. */
function sealOf(...given: Parameters<typeof seal>): Seal | HomeostatError {
  try {
    return seal(...given)
  } catch (error) {
    if (error instanceof HomeostatError) return error
    throw error
  }
}

/** Silence and a rejection mean no; an abort of the session ends it. */
async function approval(
  { options, session, signal, found, notes }: Incident,
  judged: Judged,
  reasons: readonly string[],
): Promise<boolean | undefined> {
  const {
    policy,
    ports: { approve },
    world,
  } = options
  if (approve === undefined) return undefined
  const { approvalTimeoutMs } = policy.heal
  const { controller, release } = followAbort(signal)
  const { signal: asking } = controller
  world.clock.sleep(approvalTimeoutMs, asking).then(
    () => controller.abort(new HomeostatError('HS_DEADLINE', { key: 'approval', timeoutMs: approvalTimeoutMs })),
    () => undefined,
  )
  try {
    const request = { sessionId: session.id, ...(found.fault && { fault: found.fault }), ...judged, reasons }
    const answer = await untilAborted(approve(request, { signal: asking }), asking)
    signal.throwIfAborted()
    return answer === true
  } catch (error) {
    signal.throwIfAborted()
    notes.push(
      asking.aborted
        ? `The patch was not approved: nobody answered within ${approvalTimeoutMs} ms`
        : `The patch was not approved: the question failed (${error instanceof Error ? error.message : String(error)})`,
    )
    return asking.aborted ? undefined : false
  } finally {
    release()
    controller.abort()
  }
}

function decisionPolicy({ options: { policy }, found }: Incident): DecisionPolicy {
  const { autonomy, confidence, security } = policy
  const confidenceFloor = found.fault?.category === 'syntax' ? confidence.syntaxFloor : confidence.logicFloor
  return { autonomy, requireHumanOnRisky: security.requireHumanOnRisky, confidenceFloor, promoteMin: confidence.promoteMin }
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
