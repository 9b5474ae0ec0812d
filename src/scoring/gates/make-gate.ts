import type { ConfidenceEstimate } from '../../core/confidence.js'
import { certifyAmongAccepted } from './among-accepted.js'
import { certifyJoint, certifyPerWrong } from './expected-risk.js'
import { checkGateOptions, type Certificate, type Gate, type GateEvidence, type GateOptions } from './gate.js'

/**
 * A gate that keeps a promise about wrong accepts, or accepts nothing.
 *
 * @param drifting - Whether the scorer is in drift now; a gate made before a drift does not accept estimates made in it.
 * @throws RangeError
 */
export function makeGate(evidence: GateEvidence, options: GateOptions, drifting: boolean): Gate {
  const complete = checkGateOptions(options)
  const certificate = certify(evidence, complete)
  const { threshold } = certificate
  return {
    kind: complete.kind,
    threshold,
    certified: threshold !== null,
    samples: evidence.probability.length,
    tasks: evidence.tasks,
    tasksMissing: certificate.tasksMissing,
    reason: reasonOf(certificate, complete, evidence),
    accepts: (estimate) => threshold !== null && isJudged(estimate, drifting) && estimate.probability >= threshold,
  }
}

function certify(evidence: GateEvidence, { kind, risk, delta }: Required<GateOptions>): Certificate {
  if (kind === 'joint') return certifyJoint(evidence, risk)
  return kind === 'per-wrong' ? certifyPerWrong(evidence, risk) : certifyAmongAccepted(evidence, { risk, delta })
}

/** Whether an estimate is of the kind the gate was made from. A guess without labels never is. */
function isJudged({ state }: ConfidenceEstimate, drifting: boolean): boolean {
  return state !== 'prior' && (state !== 'drift' || drifting)
}

const promises: Record<GateOptions['kind'], string> = {
  joint: 'accepted and wrong',
  'among-accepted': 'wrong among the accepted',
  'per-wrong': 'accepted among the wrong',
}

function reasonOf(
  certificate: Certificate,
  { kind, risk, delta }: Required<GateOptions>,
  { probability, tasks }: GateEvidence,
): string {
  const known = `${probability.length} labels of ${tasks} tasks`
  if (certificate.threshold !== null) {
    const often = kind === 'among-accepted' ? `, with confidence ${1 - delta}` : ' on average'
    return `${promises[kind]}: at most ${risk}${often}, from ${known}`
  }
  const more = certificate.tasksMissing === null ? '' : `; about ${certificate.tasksMissing} more tasks could certify it`
  return `Cannot certify from ${known}: ${certificate.because}${more}`
}
