import type { Decision, DecisionKind } from '../../core/decision.js'
import { evidenceOf, type AttemptEvidence } from './attempt-evidence.js'
import { checkedOptions, type GovernorLimits, type GovernorOptions } from './governor-limits.js'
import { checkedAttempt, type HealingAttempt } from './healing-attempt.js'

/**
 * What can follow an attempt, from the most permissive to the strictest: hand it to the gates; ask a person about it; go on from
 * it; go on from the best attempt; go on from the best with another strategy than the last one; keep the best and end.
 */
export const attemptDecisions = [
  'promote',
  'escalate',
  'retry',
  'rollback',
  'switch-strategy',
  'stop',
] as const satisfies readonly DecisionKind[]

/** Why, for machines. */
export type AttemptReason =
  | 'attempts.none'
  | 'attempts.grace'
  | 'attempts.left'
  | 'attempts.exhausted'
  | 'errors.none'
  | 'errors.few'
  | 'errors.improving'
  | 'errors.above-best'
  | 'errors.worsening'
  | 'errors.oscillating'
  | 'progress.stalled'
  | 'progress.stalled-twice'
  | 'confidence.below-floor'
  | 'confidence.below-promote'
  | 'confidence.contradicts-errors'
  | 'quality.below-promote'

/** What to do after the latest attempt, why, and what it rests on. */
export interface AttemptVerdict extends Decision {
  readonly kind: (typeof attemptDecisions)[number]
  readonly reasons: readonly AttemptReason[]
  readonly evidence: AttemptEvidence
}

/**
 * What to do after a number of attempts at healing one thing. Pure. Errors decide; confidence and quality only hold back, so a
 * surer author never makes more errors look better.
 *
 * `promote` means worth the gates (audit, validation, approval), never that they may be left out.
 *
 * @param history - Every attempt so far, the newest last.
 * @throws RangeError when a number is out of range; TypeError when something is of the wrong type.
 * @example
 * ```ts
 * const verdict = judgeAttempts([{ errors: 8, confidence: 0.4 }, { errors: 12, confidence: 0.9 }])
 * expect(verdict).toMatchObject({ kind: 'rollback', evidence: { best: { attempt: 1, errors: 8 } } })
 * ```
 */
export function judgeAttempts(history: readonly HealingAttempt[], options?: GovernorOptions): AttemptVerdict {
  const checked = checkedOptions(options)
  const attempts = history.map(checkedAttempt)
  const evidence = evidenceOf(attempts, checked)
  const latest = attempts.at(-1)
  if (latest === undefined) return { kind: 'retry', reasons: ['attempts.none'], evidence }
  return { ...decide({ latest, evidence, limits: checked.limits }), evidence }
}

interface Case {
  readonly latest: HealingAttempt
  readonly evidence: AttemptEvidence
  readonly limits: GovernorLimits
}

type Outcome = Pick<AttemptVerdict, 'kind' | 'reasons'>

interface Objection {
  readonly kind: AttemptVerdict['kind']
  readonly reason: AttemptReason
  readonly holds: boolean
}

function decide(at: Case): Outcome {
  const doubts = doubtsAboutPromotion(at)
  // Nothing is left to heal: a plateau here is an end, not a stagnation, and a doubt is for a person.
  if (at.latest.errors === 0) return { kind: doubts.length === 0 ? 'promote' : 'escalate', reasons: ['errors.none', ...doubts] }
  if (doubts.length === 0 && isGoodEnough(at)) return { kind: 'promote', reasons: ['errors.few', 'errors.improving'] }

  const objections = objectionsTo(at).filter(({ holds }) => holds)
  const [strictest] = objections
  if (strictest === undefined) return { kind: 'retry', reasons: [...reasonsToGoOn(at)] }
  return { kind: strictest.kind, reasons: [...objections.map(({ reason }) => reason), ...remarks(at)] }
}

function doubtsAboutPromotion({ latest, limits }: Case): readonly AttemptReason[] {
  const isUnsure = latest.confidence !== undefined && latest.confidence < limits.confidencePromoteMin
  const isPoor = latest.quality !== undefined && latest.quality < limits.qualityPromoteMin
  return [...(isUnsure ? (['confidence.below-promote'] as const) : []), ...(isPoor ? (['quality.below-promote'] as const) : [])]
}

/** Few errors are left, fewer than ever, by a proven trend, and a second measure vouches for it. */
function isGoodEnough({ latest, evidence, limits }: Case): boolean {
  const { errors, density, best } = evidence
  const isVouchedFor = density === undefined ? latest.confidence !== undefined : density <= limits.densityPromoteMax
  return (
    latest.errors <= limits.errorsPromoteMax &&
    latest.errors <= (best?.errors ?? 0) &&
    errors?.direction === 'improving' &&
    isVouchedFor
  )
}

/** The strictest first. Each gets no weaker when the latest attempt gets worse, or is followed by one that is worse than all. */
function objectionsTo(at: Case): readonly Objection[] {
  const { latest, evidence, limits } = at
  const { stalledAttempts, errors, best } = evidence
  const isTested = !isInGrace(at)
  const isStalled = isTested && stalledAttempts >= limits.stagnationAttempts
  const isWorsening = isTested && errors?.direction === 'worsening'
  const isUnsure = latest.confidence !== undefined && latest.confidence < limits.confidenceFloor
  const toleratedMax =
    best === undefined ? Infinity : best.errors + Math.max(limits.errorsMargin, limits.changeRatioMin * best.errors)
  return [
    { kind: 'stop', reason: 'attempts.exhausted', holds: isExhausted(at) },
    {
      kind: 'stop',
      reason: 'progress.stalled-twice',
      holds: isTested && stalledAttempts >= 2 * limits.stagnationAttempts,
    },
    { kind: 'stop', reason: 'confidence.below-floor', holds: isUnsure && (isStalled || isWorsening) },
    { kind: 'switch-strategy', reason: 'progress.stalled', holds: isStalled },
    { kind: 'switch-strategy', reason: 'errors.worsening', holds: isWorsening },
    { kind: 'rollback', reason: 'errors.above-best', holds: latest.errors > toleratedMax },
  ]
}

/** The first attempts at a kind: too few to know where it goes. */
function isInGrace({ evidence, limits }: Case): boolean {
  return evidence.attemptsOfKind <= limits.graceAttempts
}

function isExhausted({ evidence }: Case): boolean {
  return evidence.attempts >= evidence.attemptsMax
}

function reasonsToGoOn(at: Case): readonly AttemptReason[] {
  return [
    ...(isInGrace(at) ? (['attempts.grace'] as const) : []),
    ...(at.evidence.errors?.direction === 'improving' ? (['errors.improving'] as const) : []),
    'attempts.left',
  ]
}

/** These words change no decision, so a chance of one in ten to be wrong is good enough for so few attempts. */
const alternationSignificance = 0.1

/** What helps to understand an objection and is none. */
function remarks({ latest, evidence }: Case): readonly AttemptReason[] {
  const { alternation, confidence, errors } = evidence
  const swings = alternation.pValue <= alternationSignificance
  const contradicts = latest.confidence !== undefined && (confidence?.delta ?? 0) > 0 && (errors?.delta ?? 0) < 0
  return [
    ...(swings ? (['errors.oscillating'] as const) : []),
    ...(contradicts ? (['confidence.contradicts-errors'] as const) : []),
  ]
}
