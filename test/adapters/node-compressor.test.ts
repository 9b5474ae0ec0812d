import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeCompressor } from '../../src/adapters/node-compressor.js'

describe('nodeCompressor()', () => {
  const compressors = [nodeCompressor(), nodeCompressor({ method: 'br' })]

  it.each(compressors)('gives back exactly the same bytes ($name)', (compressor) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        expect(compressor.decompress(compressor.compress(bytes), bytes.length)).toEqual(bytes)
      }),
      { numRuns: 50 },
    )
  })

  it.each(compressors)('stops at the bound, and refuses what is something else ($name)', (compressor) => {
    const bomb = compressor.compress(new Uint8Array(1_000_000))
    expect(bomb.length).toBeLessThan(1_000)
    expect(() => compressor.decompress(bomb, 999_999)).toThrow()
    expect(() => compressor.decompress(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]), 1_000)).toThrow()
  })

  it.each(compressors)('keeps no more memory than the bytes need ($name)', (compressor) => {
    const bytes = compressor.compress(new Uint8Array(5_000))
    expect(bytes.buffer.byteLength).toBe(bytes.length)
    expect(compressor.decompress(bytes, 5_000).buffer.byteLength).toBe(5_000)
  })
})
