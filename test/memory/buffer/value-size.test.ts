import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPlainData, sizeOf, textIn } from '../../../src/memory/buffer/value-size.js'

const cycle: { self?: unknown } = {}
cycle.self = cycle

describe('sizeOf()', () => {
  it('is at least a third of what JSON takes, and nothing is too odd for it', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
        (value) => {
          expect(sizeOf(value, 1e9)).toBeGreaterThan(0)
        },
      ),
    )
    fc.assert(fc.property(fc.jsonValue(), (value) => 3 * sizeOf(value, 1e9) >= Buffer.byteLength(JSON.stringify(value))))
  })

  it('counts what maps, sets and buffers hold', () => {
    expect(sizeOf(new Map([['key', 'x'.repeat(1_000)]]), 1e6)).toBeGreaterThan(2_000)
    expect(sizeOf(new Set(['x'.repeat(1_000)]), 1e6)).toBeGreaterThan(2_000)
    expect(sizeOf(new Uint8Array(1_000), 1e6)).toBeGreaterThan(1_000)
    expect(sizeOf(new ArrayBuffer(1_000), 1e6)).toBeGreaterThan(1_000)
    expect(sizeOf([() => 1, 1n, undefined, Symbol('x')], 1e6)).toBeGreaterThan(100)
  })

  it('stops at the bound, in cycles, and in what is nested too deep', () => {
    expect(sizeOf(cycle, 1e9)).toBe(Infinity)
    expect(sizeOf(Array.from({ length: 1e5 }), 1_000)).toBe(Infinity)
    expect(
      sizeOf(
        Array.from({ length: 100 }, () => 'x'),
        1_000,
      ),
    ).toBe(Infinity)
    expect(sizeOf({ a: 'x'.repeat(1_000) }, 1_000)).toBe(Infinity)
    expect(sizeOf(new Set(Array.from({ length: 100 }, (_, index) => index)), 1_000)).toBe(Infinity)
  })
})

describe('isPlainData()', () => {
  it('says yes exactly when JSON gives an equal value back', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withMap: true, withNullPrototype: false }), (value) => {
        if (!isPlainData(value)) return
        expect(JSON.parse(JSON.stringify(value))).toEqual(value)
      }),
      { numRuns: 300 },
    )
    fc.assert(fc.property(fc.jsonValue(), (value) => isPlainData(JSON.parse(JSON.stringify(value)))))
  })

  it('says no to what JSON changes', () => {
    const odd = [
      Number.NaN,
      -0,
      Infinity,
      undefined,
      1n,
      [undefined],
      Object.assign([], { length: 1 }),
      new Date(0),
      new Map(),
      () => 1,
      { a: [new Set()] },
    ]
    expect(odd.filter(isPlainData)).toEqual([])
    expect(isPlainData({ a: undefined, b: null, c: true })).toBe(true)
  })
})

describe('textIn()', () => {
  it('has the text of a value and not its names, and no more than wanted', () => {
    expect(textIn({ message: 'DNS timeout', list: [1, 'b'], map: new Map([['k', 'v']]), bytes: new Uint8Array(3) }, 100)).toBe(
      'DNS timeout\nb\nv',
    )
    expect(textIn(['x'.repeat(60), 'y'.repeat(60), 'z'], 100)).toHaveLength(100)
    expect(textIn(cycle, 100)).toBe('')
  })
})
