import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ResultCache } from '../../src/breaker/result-cache.js'

it('ResultCache forgets an entry when its time has come, and keeps those without one', () => {
  let nowMs = 100
  const cache = new ResultCache(10, () => nowMs)
  cache.set('short', 1, 150)
  cache.set('for ever', 2, 0)
  nowMs = 149
  expect(cache.get('short')).toBe(1)
  nowMs = 150
  expect([cache.get('short'), cache.get('for ever')]).toEqual([undefined, 2])
  expect(cache.cache.size).toBe(1)
})

it('ResultCache keeps values that are falsy, and keys that name members of objects', () => {
  const cache = new ResultCache<unknown>(10, () => 0)
  cache.set('__proto__', 0, 0)
  cache.set('constructor', '', 0)
  expect([cache.get('__proto__'), cache.get('constructor'), cache.get('toString')]).toEqual([0, '', undefined])
})

it('ResultCache never holds more than it may, and the oldest gives way', () => {
  const cache = new ResultCache(2, () => 0)
  cache.set('a', 1, 0)
  cache.set('b', 2, 0)
  cache.set('a', 3, 0)
  cache.set('c', 4, 0)
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([undefined, 2, 4])
  cache.delete('b')
  cache.flush()
  expect(cache.cache.size).toBe(0)
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 3 })), { maxLength: 50 })
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: 4 }), (sets, max) => {
      const bounded = new ResultCache(max, () => 1)
      for (const [key, expiresAt] of sets) {
        bounded.set(key, key, expiresAt)
        expect(bounded.cache.size).toBeLessThanOrEqual(max)
      }
    }),
  )
})
