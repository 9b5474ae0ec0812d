import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allotments } from '../../../src/llm/envelope/allotments.js'

const wants = fc.array(fc.record({ bytes: fc.nat(5_000), share: fc.double({ min: 0, max: 1, noNaN: true }) }), { maxLength: 12 })
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

describe('allotments()', () => {
  it('gives a part beyond its share only what others do not want', () => {
    const [first, second, third] = [100, 100, 100].map((bytes) => ({ bytes, share: 0.4 }))
    if (first === undefined || second === undefined || third === undefined) throw new Error('there are three')
    expect(allotments([first, second, third], 100)).toEqual([40, 40, 20])
    expect(allotments([first, { bytes: 10, share: 0.4 }], 100)).toEqual([90, 10])
    expect(allotments([first], -1)).toEqual([0])
  })

  it('never gives more than there is or than is wanted, and all of it when it is enough', () => {
    fc.assert(
      fc.property(wants, fc.nat(20_000), (given, bytesMax) => {
        const result = allotments(given, bytesMax)
        expect(sum(result)).toBeLessThanOrEqual(bytesMax)
        for (const [index, { bytes }] of given.entries()) expect(result[index]).toBeLessThanOrEqual(bytes)
        const wanted = sum(given.map(({ bytes }) => bytes))
        expect(sum(result)).toBe(Math.min(wanted, bytesMax))
      }),
    )
  })

  it('cuts a part below its share only when less valuable ones have nothing', () => {
    fc.assert(
      fc.property(wants, fc.nat(20_000), (given, bytesMax) => {
        const result = allotments(given, bytesMax)
        for (const [index, { bytes, share }] of given.entries())
          if ((result[index] ?? 0) < Math.min(bytes, Math.floor(bytesMax * share))) expect(sum(result.slice(index + 1))).toBe(0)
      }),
    )
  })
})
