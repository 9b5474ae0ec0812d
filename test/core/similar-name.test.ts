import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance, similarNames } from '../../src/core/similar-name.js'

describe('editDistance()', () => {
  it('counts insertions, deletions, replacements and swaps of neighbours as one each', () => {
    expect(editDistance('lodash', 'lodahs', 3)).toBe(1)
    expect(editDistance('lodash', 'lodsh', 3)).toBe(1)
    expect(editDistance('lodash', 'lodashh', 3)).toBe(1)
    expect(editDistance('lodash', 'ladash', 3)).toBe(1)
    expect(editDistance('kitten', 'sitting', 3)).toBe(3)
  })

  it('stops counting at the maximum', () => {
    expect(editDistance('abcdef', 'uvwxyz', 2)).toBe(3)
    expect(editDistance('a', 'abcdefgh', 2)).toBe(3)
  })

  it('is symmetric, zero for equals only, and at most the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const distance = editDistance(a, b, 12)
        expect(distance).toBe(editDistance(b, a, 12))
        expect(distance === 0).toBe(a === b)
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length))
      }),
    )
  })
})

describe('similarNames()', () => {
  it('gives the nearest first and nothing that is far', () => {
    expect(similarNames('retires', ['retries', 'retire', 'timeout'])).toEqual(['retire', 'retries'])
    expect(similarNames('xyz', ['abc', 'def'])).toEqual([])
  })

  it('ignores case and respects its limit', () => {
    expect(similarNames('AttemptsMAX', ['attemptsMax', 'attemptsMin'], 1)).toEqual(['attemptsMax'])
  })
})
