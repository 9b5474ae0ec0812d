import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verdicts } from '../../src/core/finding.js'
import { decide, permissiveness, type DecisionPolicy, type PatchEvidence } from '../../src/orchestrator/heal/decide.js'

const policy: DecisionPolicy = { autonomy: 'apply', requireHumanOnRisky: true, confidenceFloor: 0.3, promoteMin: 0.8 }
const good: PatchEvidence = {
  audit: { verdict: 'allow' },
  validation: { passed: true },
  confidence: { probability: 0.95 },
  withinLimits: true,
}

const policies: fc.Arbitrary<DecisionPolicy> = fc.record({
  autonomy: fc.constantFrom('observe', 'propose', 'apply'),
  requireHumanOnRisky: fc.boolean(),
  confidenceFloor: fc.double({ min: 0, max: 0.5, noNaN: true }),
  promoteMin: fc.double({ min: 0.5, max: 1, noNaN: true }),
})
const evidences: fc.Arbitrary<PatchEvidence> = fc.record(
  {
    audit: fc.record({ verdict: fc.constantFrom(...verdicts) }),
    validation: fc.record({ passed: fc.boolean() }),
    confidence: fc.record({ probability: fc.double({ min: 0, max: 1, noNaN: true }) }),
    withinLimits: fc.boolean(),
    approved: fc.boolean(),
  },
  { requiredKeys: ['withinLimits'] },
)

describe('decide()', () => {
  it('promotes a clean, validated, confident patch when the policy lets it apply', () => {
    expect(decide(policy, good)).toEqual({ kind: 'promote', reasons: ['evidence.sufficient'] })
  })

  it('asks a person for everything under the autonomy "propose", and takes yes for an answer', () => {
    const cautious = { ...policy, autonomy: 'propose' } as const
    expect(decide(cautious, good)).toEqual({ kind: 'escalate', reasons: ['autonomy.propose'] })
    expect(decide(cautious, { ...good, approved: true }).kind).toBe('promote')
    expect(decide(cautious, { ...good, approved: false })).toEqual({
      kind: 'escalate',
      reasons: ['approval.denied', 'autonomy.propose'],
    })
  })

  it('asks a person when the audit, the confidence or the size says so, unless the policy waives the audit', () => {
    const risky = { ...good, audit: { verdict: 'review' } } as const
    expect(decide(policy, risky)).toEqual({ kind: 'escalate', reasons: ['audit.review'] })
    expect(decide({ ...policy, requireHumanOnRisky: false }, risky).kind).toBe('promote')
    expect(decide(policy, { ...good, confidence: { probability: 0.79 } }).reasons).toEqual(['confidence.below-promote'])
    expect(decide(policy, { ...good, withinLimits: false })).toEqual({ kind: 'escalate', reasons: ['limits.exceeded'] })
  })

  it('stops where something is missing or speaks against the patch, naming it', () => {
    expect(decide(policy, { withinLimits: true }).reasons).toEqual(['audit.missing'])
    expect(decide(policy, { audit: { verdict: 'allow' }, withinLimits: true }).reasons).toEqual(['validation.missing'])
    expect(decide(policy, { ...good, validation: { passed: false } }).reasons).toEqual(['validation.failed'])
    expect(decide(policy, { audit: { verdict: 'allow' }, validation: { passed: true }, withinLimits: true }).reasons).toEqual([
      'confidence.missing',
    ])
    expect(decide(policy, { ...good, confidence: { probability: 0.29 } }).reasons).toEqual(['confidence.below-floor'])
  })

  it('never promotes while it only observes', () => {
    fc.assert(
      fc.property(policies, evidences, (some, evidence) => {
        expect(decide({ ...some, autonomy: 'observe' }, evidence).kind).not.toBe('promote')
      }),
    )
  })

  it('lets no confidence, validation or approval waive a block', () => {
    fc.assert(
      fc.property(policies, evidences, (some, evidence) => {
        expect(decide(some, { ...evidence, audit: { verdict: 'block' } })).toEqual({ kind: 'stop', reasons: ['audit.block'] })
      }),
    )
  })

  it('never becomes more permissive when the risk grows or the evidence shrinks', () => {
    const worse: readonly ((evidence: PatchEvidence) => PatchEvidence)[] = [
      ({ audit, ...rest }) =>
        audit === undefined ? rest : { ...rest, audit: { verdict: audit.verdict === 'allow' ? 'review' : 'block' } },
      without('audit'),
      without('validation'),
      without('confidence'),
      // Nobody's word is less than a yes, and more than a no.
      (evidence) => (evidence.approved === true ? without('approved')(evidence) : evidence),
      (evidence) => ({ ...evidence, approved: false }),
      (evidence) => ({ ...evidence, validation: { passed: false } }),
      (evidence) => ({ ...evidence, withinLimits: false }),
      (evidence) =>
        evidence.confidence === undefined
          ? evidence
          : { ...evidence, confidence: { probability: evidence.confidence.probability / 2 } },
    ]
    fc.assert(
      fc.property(policies, evidences, fc.constantFrom(...worse), (some, evidence, worsen) => {
        const [before, after] = [decide(some, evidence), decide(some, worsen(evidence))]
        expect(permissiveness[after.kind]).toBeLessThanOrEqual(permissiveness[before.kind])
      }),
    )
  })
})

function without(name: keyof PatchEvidence): (evidence: PatchEvidence) => PatchEvidence {
  return (evidence) => {
    const rest = { ...evidence }
    delete rest[name as 'audit'] // all but withinLimits are optional, and withinLimits is not asked for
    return rest
  }
}
