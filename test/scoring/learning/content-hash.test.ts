import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addPair, hashText, joined } from '../../../src/scoring/learning/content-hash.js'

const hashOf = (pairs: readonly (readonly [string, number])[]): number => {
  const sum = { high: 0, low: 0 }
  for (const [name, value] of pairs) addPair(sum, hashText(name), value)
  return joined(sum.high, sum.low)
}

describe('hashText()', () => {
  it('gives equal texts equal numbers of 0..2^53-1', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const hash = hashText(text)
        expect(Number.isSafeInteger(hash) && hash >= 0).toBe(true)
        expect(hashText(text)).toBe(hash)
      }),
    )
  })

  it('keeps a hundred thousand similar names apart, and spreads them evenly', () => {
    const hashes = Array.from({ length: 100_000 }, (_, at) => hashText(`task ${at}`))
    expect(new Set(hashes).size).toBe(100_000)
    expect(hashes.reduce((sum, hash) => sum + hash, 0) / 100_000 / 2 ** 53).toBeCloseTo(0.5, 2)
  })
})

describe('addPair()', () => {
  it('does not depend on the order of pairs', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.double({ noNaN: true }))), (pairs) => {
        expect(hashOf([...pairs].reverse())).toBe(hashOf(pairs))
      }),
    )
  })

  it('sees which value belongs to which name', () => {
    expect(
      hashOf([
        ['a', 1],
        ['b', 2],
      ]),
    ).not.toBe(
      hashOf([
        ['a', 2],
        ['b', 1],
      ]),
    )
    expect(hashOf([['a', 0]])).toBe(hashOf([['a', -0]]))
  })
})
