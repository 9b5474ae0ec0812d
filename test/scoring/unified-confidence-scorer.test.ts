import { describe, expect, expectTypeOf, it } from 'vitest'
import type { ConfidenceEstimate } from '../../src/core/confidence.js'
import { priorConfidence } from '../../src/scoring/prior-confidence.js'
import { UnifiedConfidenceScorer } from '../../src/scoring/unified-confidence-scorer.js'

describe('UnifiedConfidenceScorer', () => {
  it('says that it has seen no label, and scores as the prior does', () => {
    const scorer = new UnifiedConfidenceScorer()
    const estimate = scorer.score({ commandPasses: true, linesChanged: 2 }, { model: 'a' })
    expect(estimate).toEqual(priorConfidence({ commandPasses: 1, linesChanged: 2 }))
    expect(estimate).toMatchObject({ state: 'prior', samples: 0 })
    expectTypeOf(estimate).toEqualTypeOf<ConfidenceEstimate>()
  })

  it('refuses signals that are text', () => {
    // @ts-expect-error -- a signal is a number or a boolean
    expect(new UnifiedConfidenceScorer().score({ commandPasses: 'yes' })).toEqual(priorConfidence({}))
  })
})
