import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultCategories, faultSeverities } from '../../src/core/fault.js'
import { analyseCascade, judgeCascade, type CascadeLink } from '../../src/faults/cascade.js'

const link = (changes: Partial<CascadeLink> = {}): CascadeLink => ({
  category: 'build',
  severity: 'high',
  code: 'TS2322',
  message: 'not assignable',
  confidence: 0.5,
  ...changes,
})
const differing = (count: number): CascadeLink[] => Array.from({ length: count }, (_, at) => link({ message: `message ${at}` }))

const anyLink = fc.record({
  category: fc.constantFrom(...faultCategories),
  severity: fc.constantFrom(...faultSeverities),
  code: fc.constantFrom('A', 'B', '__proto__'),
  message: fc.constantFrom('x', 'y'),
  confidence: fc.double({ min: 0, max: 1, noNaN: true }),
})

describe('judgeCascade()', () => {
  it('lets a chain of fewer than three links go on, whatever is in it', () => {
    expect(judgeCascade([])).toEqual({ stop: false })
    expect(judgeCascade([link(), link({ confidence: 0.1 })])).toEqual({ stop: false })
  })

  it('stops at the depth', () => {
    expect(judgeCascade(differing(4))).toEqual({ stop: false })
    expect(judgeCascade(differing(5))).toEqual({ stop: true, reason: 'depth' })
    expect(judgeCascade(differing(2), { depthMax: 2 })).toEqual({ stop: true, reason: 'depth' })
  })

  it('stops when the last three are the same fault, and not when one of them differs', () => {
    expect(judgeCascade([link(), link(), link()])).toEqual({ stop: true, reason: 'repeating' })
    expect(judgeCascade([link(), link(), link({ message: 'other' })])).toEqual({ stop: false })
    expect(judgeCascade([link(), link(), link({ category: 'test' })])).toEqual({ stop: false })
  })

  it('stops when the confidence falls each time', () => {
    const chain = [0.9, 0.7, 0.6].map((confidence, at) => link({ confidence, message: `${at}` }))
    expect(judgeCascade(chain)).toEqual({ stop: true, reason: 'losing-confidence' })
    expect(judgeCascade([...chain, link({ confidence: 0.6 })])).toEqual({ stop: false })
  })

  it('stops when each fault is worse than the one before', () => {
    const chain = (['low', 'medium', 'high'] as const).map((severity, at) => link({ severity, message: `${at}` }))
    expect(judgeCascade(chain)).toEqual({ stop: true, reason: 'worsening' })
    expect(judgeCascade(chain.toReversed())).toEqual({ stop: false })
  })

  it('keeps nothing between two sessions', () => {
    judgeCascade(differing(4))
    expect(judgeCascade(differing(4))).toEqual({ stop: false })
  })

  it('refuses numbers and words that mean nothing', () => {
    for (const confidence of [Number.NaN, -0.1, 1.1, Number.POSITIVE_INFINITY])
      expect(() => judgeCascade([link({ confidence })])).toThrow(RangeError)
    for (const depthMax of [0, 51, 2.5, Number.NaN]) expect(() => judgeCascade([], { depthMax })).toThrow(RangeError)
    // @ts-expect-error: not a category
    expect(() => judgeCascade([link({ category: 'weather' })])).toThrow(TypeError)
    // @ts-expect-error: not a severity
    expect(() => judgeCascade([link({ severity: 'grave' })])).toThrow(TypeError)
  })

  it('always stops at the depth or before, and once it stops there it does not go on', () => {
    fc.assert(
      fc.property(fc.array(anyLink, { maxLength: 12 }), fc.integer({ min: 1, max: 8 }), (chain, depthMax) => {
        const { stop } = judgeCascade(chain, { depthMax })
        if (chain.length >= depthMax) expect(stop).toBe(true)
        if (chain.length < 3 && chain.length < depthMax) expect(stop).toBe(false)
      }),
    )
  })
})

describe('analyseCascade()', () => {
  it('describes an empty chain', () => {
    const analysis = analyseCascade([])
    expect(analysis).toMatchObject({ depth: 0, confidenceTrend: 'unknown', recommendation: 'continue' })
    expect(analysis).not.toHaveProperty('mostCommon')
  })

  it('counts, finds the commonest and the trend, and recommends', () => {
    const rising = [0.2, 0.4, 0.8].map((confidence, at) =>
      link({ confidence, message: `${at}`, ...(at === 0 && { category: 'test' }) }),
    )
    expect(analyseCascade(rising)).toMatchObject({
      depth: 3,
      distribution: { build: 2, test: 1, network: 0 },
      confidenceTrend: 'rising',
      mostCommon: { category: 'build', code: 'TS2322', count: 2 },
      recommendation: 'continue',
    })
    expect(analyseCascade([link(), link(), link()])).toMatchObject({
      confidenceTrend: 'steady',
      recommendation: 'switch-strategy',
    })
    expect(analyseCascade(differing(5)).recommendation).toBe('escalate')
    const falling = [0.9, 0.5, 0.1].map((confidence, at) => link({ confidence, message: `${at}` }))
    expect(analyseCascade(falling)).toMatchObject({ confidenceTrend: 'falling', recommendation: 'escalate' })
    const worse = (['info', 'low', 'critical'] as const).map((severity, at) => link({ severity, message: `${at}` }))
    expect(analyseCascade(worse).recommendation).toBe('rollback')
  })

  it('loses no link, and mirrors the trend when the chain is read backwards', () => {
    const mirror = { rising: 'falling', falling: 'rising', steady: 'steady', unknown: 'unknown' }
    fc.assert(
      fc.property(fc.array(anyLink, { maxLength: 12 }), (chain) => {
        const analysis = analyseCascade(chain)
        expect(Object.values(analysis.distribution).reduce((sum, count) => sum + count, 0)).toBe(chain.length)
        expect(analyseCascade(chain.toReversed()).confidenceTrend).toBe(mirror[analysis.confidenceTrend])
      }),
    )
  })
})
