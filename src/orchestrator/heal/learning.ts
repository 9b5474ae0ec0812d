import type { Proposal, Repairer } from '../../core/repairer.js'
import type { Experience } from '../../core/experience.js'
import type { Fault } from '../../core/fault.js'
import { learntId } from '../../repair/learnt/learnt.js'
import { strategyOrder } from '../../repair/learnt/strategy-order.js'
import type { Learning } from './heal-ports.js'
import type { HealingResult } from './healing-result.js'
import type { Incident } from './incident.js'

/** The repairers in the order in which they should be asked at a fault: what worked before comes first. */
export async function inOrder(
  fault: Fault,
  repairers: readonly Repairer[],
  learning: Learning | undefined,
): Promise<readonly Repairer[]> {
  return learning === undefined ? repairers : strategyOrder(fault, [learning.learnt, ...repairers], learning.knowledge)
}

/** What the end of a session says of a patch that made the command pass in the sandbox. */
function verdictOf({
  outcome,
  decision: { reasons },
}: Pick<HealingResult, 'outcome' | 'decision'>): 'worked' | 'failed' | 'unknown' {
  if (outcome === 'failed' || reasons.includes('approval.denied') || reasons.includes('validation.failed')) return 'failed'
  // What is proposed has passed the project's checks, and nobody has said no.
  return outcome === 'healed' || outcome === 'proposed' ? 'worked' : 'unknown'
}

/**
 * Remembers every attempt of a session, whether it worked or not. What was blocked or could not be made says nothing about the
 * repair; what only brought the command further counts by how the session ended. Never fails. Answers
 * what was remembered.
 *
 * @param kept - Proposals that stand in the patch.
 */
export async function remember(
  { attempts, options: { learning, world }, workspace }: Incident,
  kept: ReadonlySet<Proposal>,
  ended: Pick<HealingResult, 'outcome' | 'decision'>,
): Promise<readonly Experience[]> {
  if (learning === undefined) return []
  const experiences: Experience[] = []
  for (const { fault, repairer, proposal, result, costMs } of attempts) {
    if (result === 'blocked' || result === 'not-taken') continue
    // What brought the command further and was taken back led nowhere, if another way did, or if it was only repeated.
    const isRefuted = result === 'unchanged' || kept.size > 0 || repairer === learntId
    const verdict = kept.has(proposal) ? verdictOf(ended) : isRefuted ? 'failed' : 'unknown'
    if (verdict === 'unknown') continue
    const made = { fault, repairer, proposal, workspace, worked: verdict === 'worked', costMs, epochMs: world.clock.epochMs() }
    const experience = learning.learnt.experienceOf(made)
    if (await learning.knowledge.record(experience)) experiences.push(experience)
  }
  return experiences
}
