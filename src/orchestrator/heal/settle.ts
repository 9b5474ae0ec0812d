import { HomeostatError } from '../../core/errors.js'
import type { Seal } from '../../core/seal.js'
import { approval } from './approval.js'
import { decide, type DecisionPolicy } from './decide.js'
import type { HealingResult } from './healing-result.js'
import { end, runInPlace, type Incident } from './incident.js'
import { withinLimits, type Judged } from './judge.js'
import { passes } from './progress.js'
import { failsInPlace, journalOf, plan, promote, seal, withJournal } from './promote.js'
import type { Trial } from './trial.js'
import { readCounts, watch, type ServiceCounts } from './watch.js'

/** Decides about a judged patch, asks a person where the policy wants one, and promotes or ends. */
export async function settle(trial: Trial, incident: Incident, judged: Judged): Promise<HealingResult> {
  const policy = decisionPolicy(incident)
  const evidence = { ...judged, withinLimits: withinLimits(incident, judged.patch) }
  const first = decide(policy, evidence)
  const approved = first.kind === 'escalate' ? await approval(incident, judged, first.reasons) : undefined
  const decision = approved === undefined ? first : decide(policy, { ...evidence, approved })
  if (approved === false) label(incident, judged, false)
  if (decision.kind === 'promote') return promoted(trial, incident, judged, decision.reasons)
  if (decision.kind === 'escalate') return end(incident, 'proposed', decision)
  return end(incident, judged.audit.verdict === 'block' ? 'refused' : 'escalated', decision)
}

async function promoted(trial: Trial, incident: Incident, judged: Judged, reasons: readonly string[]): Promise<HealingResult> {
  const { patch, audit, validation } = judged
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
  const before = await countsBefore(incident)
  const promotion = await withJournal(journalOf(workspace.root, options, evidence), (journal) =>
    promote(
      journal,
      { patch, changes, seal: proof, reason: `heal ${context.command.join(' ')}` },
      { sessionId: session.id, emit: options.emit },
      () => objection(incident, before),
    ),
  )
  const { held, transactionId } = promotion
  if (transactionId !== undefined) found.transactionId = transactionId
  session.record(held ? 'apply' : 'rollback', { held, transactionId })
  // That a patch holds says little by itself; a person's yes, or a service that fares well under it, says it is right.
  const isConfirmed = reasons.includes('approved') || found.watch?.kind === 'well'
  if (held && isConfirmed) label(incident, judged, true)
  if (!held && transactionId !== undefined) label(incident, judged, false)
  if (held) return end(incident, 'healed', { kind: 'promote', reasons })
  notes.push(promotion.reason)
  const why = transactionId === undefined ? 'apply.failed' : 'watch.failed'
  return end(incident, 'failed', { kind: 'rollback', reasons: [why] })
}

/** What became known of a patch teaches whoever says how likely patches are right. */
function label({ options: { scorer }, session }: Incident, { signals }: Judged, correct: boolean): void {
  scorer.learn({ signals, correct })
  session.record('label', { correct })
}

/** How the service fares before the patch, where somebody can say. */
async function countsBefore({ options: { ports }, signal, notes }: Incident): Promise<ServiceCounts | undefined> {
  if (ports.telemetry === undefined) return undefined
  const counts = await readCounts(ports.telemetry, signal)
  if (typeof counts !== 'string') return counts
  notes.push(`The service was not watched: ${counts}`)
  return undefined
}

/** Why what was applied does not hold: the command fails in place, or the service fares worse than before. */
async function objection(incident: Incident, before: ServiceCounts | undefined): Promise<string | undefined> {
  const { options, session, signal, notes, found } = incident
  const { policy, ports, world } = options
  if (!passes(await runInPlace(incident))) return failsInPlace
  if (ports.telemetry === undefined || before === undefined) return undefined
  const { durationMs, intervalMs } = policy.heal.watch
  const watched = await watch({ telemetry: ports.telemetry, before, durationMs, intervalMs, world, signal })
  session.record('watch', { ...watched })
  found.watch = watched
  if (watched.kind === 'blind') notes.push(`The service was not watched to the end: ${watched.reason}`)
  return watched.kind === 'regression' ? watched.reason : undefined
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

function decisionPolicy({ options: { policy }, found }: Incident): DecisionPolicy {
  const { autonomy, confidence, security } = policy
  const confidenceFloor = found.fault?.category === 'syntax' ? confidence.syntaxFloor : confidence.logicFloor
  return { autonomy, requireHumanOnRisky: security.requireHumanOnRisky, confidenceFloor, promoteMin: confidence.promoteMin }
}
