import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LastGood } from '../../../src/llm/ladder/last-good.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

describe('LastGood', () => {
  it('gives the last value with its age, until it is too old', async () => {
    const { clock } = createTestWorld()
    const store = new LastGood<string>({ ageMsMax: 100 }, clock)
    expect(store.get('a')).toBeUndefined()
    store.keep('a', 'first')
    await clock.advance(50)
    store.keep('a', 'second')
    await clock.advance(100)
    expect(store.get('a')).toEqual({ value: 'second', ageMs: 100 })
    await clock.advance(1)
    expect(store.get('a')).toBeUndefined()
    expect(store.size).toBe(0)
  })

  it('gives a copy that nobody else has', () => {
    const store = new LastGood<{ list: number[] }>({ ageMsMax: 100 }, createTestWorld().clock)
    const value = { list: [1] }
    store.keep('a', value)
    value.list.push(2)
    store.get('a')?.value.list.push(3)
    expect(store.get('a')?.value).toEqual({ list: [1] })
  })

  it('does not keep what cannot be copied or is too large, and keeps the earlier one', () => {
    const store = new LastGood<unknown>({ ageMsMax: 100, bytesMax: 150 }, createTestWorld().clock)
    expect(store.keep('a', 'good')).toBe(true)
    expect(store.keep('a', () => 'no data')).toBe(false)
    expect(store.keep('a', 'x'.repeat(100))).toBe(false)
    expect(store.get('a')?.value).toBe('good')
    store.delete('a')
    expect(store.get('a')).toBeUndefined()
  })

  it('is bounded in entries and bytes, whatever is kept', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string({ maxLength: 60 }))), (pairs) => {
        const store = new LastGood<string>({ ageMsMax: 100, entriesMax: 3, bytesMax: 120 }, createTestWorld().clock)
        for (const [key, value] of pairs) {
          store.keep(key, value)
          expect(store.size).toBeLessThanOrEqual(3)
        }
      }),
    )
  })

  it.each([{ ageMsMax: 0 }, { ageMsMax: Number.NaN }, { ageMsMax: 1, entriesMax: 0 }, { ageMsMax: 1, bytesMax: 1.5 }])(
    'refuses %o',
    (limits) => {
      expect(() => new LastGood(limits, createTestWorld().clock)).toThrow(RangeError)
    },
  )
})
