import { describe, expect, it } from 'vitest'
import { BoundedKeys } from '../../../src/llm/budget/bounded-keys.js'

interface Entry {
  readonly key: string
  busy: boolean
}

function setUp(max: number) {
  return new BoundedKeys<Entry>({ max, make: (key) => ({ key, busy: false }), idle: ({ busy }) => !busy })
}

describe('BoundedKeys', () => {
  it('drops the least recently used key that is idle', () => {
    const keys = setUp(2)
    const first = keys.obtain('a')
    keys.obtain('b')
    expect(keys.obtain('a')).toBe(first)
    keys.obtain('c')
    expect([...keys.entries()].map(([key]) => key)).toEqual(['a', 'c'])
  })

  it('looks at a key without making or moving it', () => {
    const keys = setUp(2)
    keys.obtain('a')
    keys.obtain('b')
    expect(keys.peek('a')?.key).toBe('a')
    expect(keys.peek('z')).toBeUndefined()
    keys.obtain('c')
    expect(keys.peek('a')).toBeUndefined()
  })

  it('never drops one that is busy: rather there are more, until they are idle again', () => {
    const keys = setUp(2)
    const busy = ['a', 'b', 'c'].map((key) => keys.obtain(key))
    for (const entry of [keys.obtain('a'), keys.obtain('b'), keys.obtain('c')]) entry.busy = true
    keys.obtain('d').busy = true
    expect(keys.size).toBe(3)
    for (const entry of busy) entry.busy = false
    for (const entry of keys.entries()) entry[1].busy = false
    keys.obtain('e')
    expect(keys.size).toBe(2)
  })
})
