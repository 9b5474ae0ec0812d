import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dataBytes } from '../../../src/llm/ladder/data-bytes.js'

const bytesMax = 1e9

describe('dataBytes()', () => {
  it('is never less than the characters and bytes in a value', () => {
    fc.assert(
      fc.property(fc.object({ withDate: true, withBigInt: true }), fc.uint8Array(), (value, bytes) => {
        const text = JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}` : one))
        expect(dataBytes(value, bytesMax) * 2).toBeGreaterThan(text.length)
        expect(dataBytes({ value, bytes }, bytesMax)).toBeGreaterThan(dataBytes(value, bytesMax) + bytes.length)
      }),
    )
  })

  it.each<[string, unknown]>([
    ['a text', 'x'.repeat(1_000)],
    ['a map', new Map([['x'.repeat(1_000), 1]])],
    ['a set', new Set(['x'.repeat(1_000)])],
    ['an error', new Error('x'.repeat(1_000))],
    ['the name of a member', { ['x'.repeat(1_000)]: 1 }],
    ['bytes', new ArrayBuffer(2_000)],
    ['a small view of a large buffer', new Uint8Array(new ArrayBuffer(2_000), 0, 1)],
  ])('counts %s', (_, value) => {
    expect(dataBytes([value], bytesMax)).toBeGreaterThanOrEqual(2_000)
  })

  it('ends for a value that holds itself, and stops where it is too large anyway', () => {
    const cyclic: unknown[] = []
    cyclic.push(cyclic, cyclic)
    expect(dataBytes(cyclic, bytesMax)).toBeLessThan(100)
    expect(dataBytes(Array(100_000).fill('x'), 1_000)).toBeLessThan(2_000)
  })
})
