import { describe, expect, it } from 'vitest'
import { checkedKey } from '../../../src/breaker/levels/circuit-key.js'

describe('checkedKey()', () => {
  it('lets names through as they are', () => {
    for (const key of ['a', 'gpt-5', 'openai/gpt 5', 'clé', '鍵', 'constructor', 'toString', 'k'.repeat(256)])
      expect(checkedKey('provider', key)).toBe(key)
  })

  it.each(['', 'k'.repeat(257), 'x'.repeat(1_000_000), '__proto__', 'a\u0000b', 'a\nb', 'a\u007f'])(
    'refuses a key that is empty, long, or hostile (%#)',
    (key) => {
      expect(() => checkedKey('provider', key)).toThrow(RangeError)
      expect(() => checkedKey('provider', key)).toThrow(/"provider"/)
    },
  )

  it('says what is wrong without repeating a long key', () => {
    expect(() => checkedKey('provider', 'x'.repeat(1_000_000))).toThrow(/^.{1,100}$/)
  })

  it.each([undefined, null, 7, {}, ['a'], Symbol('a')])('refuses what is no string (%#)', (key) => {
    expect(() => checkedKey('provider', key)).toThrow(TypeError)
  })
})
