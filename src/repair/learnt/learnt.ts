import type { Experience } from '../../core/experience.js'
import type { Fault } from '../../core/fault.js'
import { faultCategories } from '../../core/fault.js'
import { canonicalJson, sha256 } from '../../core/hash.js'
import type { Workspace } from '../../core/ports.js'
import type { Proposal, Repairer, RepairRequest } from '../../core/repairer.js'
import { faultClassOf } from '../../memory/knowledge/fault-class.js'
import type { Knowledge } from '../../memory/knowledge/knowledge.js'
import type { Prediction } from '../../memory/knowledge/prediction.js'
import { remembered } from '../dependencies/dependency-view.js'
import { recipeOf } from './recipe-of.js'
import { proposalOf } from './recipe-proposal.js'

/** The id of the repairer that repeats what worked. */
export const learntId = 'learnt'

/** What one attempt was, for remembering it. */
export interface HealingAttempt {
  readonly fault: Fault
  /** Id of the repairer that proposed. */
  readonly repairer: string
  readonly proposal: Proposal
  /** The tree before the attempt; only its root is looked at. */
  readonly workspace: Workspace
  /** The command went on without this fault, and nobody took it back. */
  readonly worked: boolean
  readonly costMs: number
  /** Milliseconds since 1970. */
  readonly epochMs: number
}

export interface LearntRepairer extends Repairer {
  /**
   * An attempt as an experience for {@link Knowledge.record}. What this repairer repeated counts for the strategy that first
   * made it, so that all attempts at one repair are counted together.
   */
  experienceOf(attempt: HealingAttempt): Experience
}

/** So few, and so likely ones only: each attempt that is spent on memory is taken from those who look at the fault itself. */
const proposalsMax = 2
const probabilityMin = 0.5
/** Proposals whose origin is known: more than wait for their outcome at any time. */
const originsMax = 200
/** Predictions that are looked at for recipes that fit. */
const predictionsMax = 20

/**
 * Does again what worked for the same class of faults: the same change with the names of this fault, the same lines exchanged,
 * the same install or right. Proposes only what fits exactly; all of it goes the way of every proposal, through the policy, the
 * audit and the sandbox.
 */
export function learntRepairer(knowledge: Pick<Knowledge, 'predict'>): LearntRepairer {
  /** What the latest proposals were learnt from, by their content: whoever carries them may copy them. */
  const origins = new Map<string, Prediction>()
  return {
    id: learntId,
    categories: faultCategories,
    async propose(request) {
      request.signal.throwIfAborted()
      const predictions = await knowledge.predict(request.fault, { limit: predictionsMax })
      const view: RepairRequest = { ...request, workspace: remembered(request.workspace) }
      const proposals: Proposal[] = []
      const seen = new Set<string>()
      for (const prediction of predictions) {
        if (proposals.length >= Math.min(proposalsMax, request.proposalsMax)) break
        if (prediction.probability < probabilityMin && !hasHealed(prediction, request.fault)) continue
        const made = proposalOf(prediction, view)
        if (made === undefined) continue
        const content = contentOf(made)
        if (seen.has(content)) continue
        seen.add(content)
        remember(origins, content, prediction)
        proposals.push(made)
      }
      return { proposals, notes: [] }
    },
    experienceOf(attempt) {
      const origin = attempt.repairer === learntId ? origins.get(contentOf(attempt.proposal)) : undefined
      return origin === undefined ? experienceOf(attempt) : repeated(attempt, origin)
    },
  }
}

/** An attempt of any other repairer as an experience. */
export function experienceOf(attempt: HealingAttempt): Experience {
  const { fault, repairer, proposal, workspace } = attempt
  return { ...common(attempt), strategy: repairer, plausibility: proposal.plausibility, ...recipeOf(proposal, fault, workspace) }
}

/** Where the very same fault was healed, more often than not, it matters little how plausible that looked at first. */
function hasHealed({ fingerprints, worked, failed }: Prediction, { fingerprint }: Fault): boolean {
  return worked > failed && fingerprints.includes(fingerprint)
}

/** Its own word is kept apart from what came of it: otherwise every repetition would make the next one likelier by itself. */
function repeated(attempt: HealingAttempt, { strategy, plausibility, recipe, parameters }: Prediction): Experience {
  const { fault, proposal, workspace } = attempt
  const now = recipeOf(proposal, fault, workspace)
  return {
    ...common(attempt),
    strategy,
    plausibility,
    parameters: Object.keys(now.parameters).length > 0 ? now.parameters : parameters,
    ...(recipe !== undefined && { recipe }),
  }
}

function common({ fault, worked, costMs, epochMs }: HealingAttempt): Omit<Experience, 'strategy' | 'parameters'> {
  return {
    fingerprint: fault.fingerprint,
    faultClass: faultClassOf(fault),
    outcome: worked ? 'worked' : 'failed',
    costMs,
    epochMs,
  }
}

function contentOf({ edits, actions }: Proposal): string {
  return sha256(canonicalJson([edits, actions]))
}

/** The oldest goes when there are too many. */
function remember(origins: Map<string, Prediction>, content: string, prediction: Prediction): void {
  origins.delete(content)
  origins.set(content, prediction)
  const [oldest] = origins.keys()
  if (origins.size > originsMax && oldest !== undefined) origins.delete(oldest)
}
