import { describe, expect, it } from 'vitest'
import { vennAbers } from '../../../src/scoring/calibration/venn-abers.js'
import { chanceOf } from '../worlds.js'

describe('vennAbers()', () => {
  it('gives a pair around the true share, narrower with more labels', () => {
    const widths = [100, 5_000].map((count) => {
      const random = chanceOf(3)
      const scores = Float64Array.from({ length: count }, () => random())
      const pairOf = vennAbers(
        scores,
        Uint8Array.from(scores, (score) => Number(random() < score)),
      )
      const pairs = [0.1, 0.3, 0.5, 0.7, 0.9].map((score) => ({ score, pair: pairOf(score) }))
      for (const { score, pair } of pairs) {
        expect(pair[0]).toBeLessThanOrEqual(pair[1])
        expect((pair[0] + pair[1]) / 2 - score).toBeLessThan(0.25)
      }
      return pairs.reduce((sum, { pair }) => sum + pair[1] - pair[0], 0)
    })
    expect(widths[1]).toBeLessThan((widths[0] ?? 0) / 2)
  })

  it('is not in between only: answers without any label like them may be anything', () => {
    expect(vennAbers(Float64Array.of(), Uint8Array.of())(0.5)).toEqual([0, 1])
    expect(vennAbers(Float64Array.of(1, 1), Uint8Array.of(1, 1))(1)).toEqual([2 / 3, 1])
  })

  it('puts equal scores in one place, and scores outside in the outermost', () => {
    const pairOf = vennAbers(Float64Array.of(0, 0, 0, 1, 1, 1), Uint8Array.of(0, 0, 1, 1, 1, 1))
    expect(pairOf(0)).toEqual([0.25, 0.5])
    expect(pairOf(-9)).toEqual(pairOf(0))
    expect(pairOf(9)).toEqual(pairOf(1))
  })
})
