import fc from 'fast-check'
import { expect, it } from 'vitest'
import { KeyCache } from '../../src/orchestrator/guard/key-cache.js'

interface Entry {
  readonly name: string
  inUse: boolean
}

function setup(max: number): {
  readonly cache: KeyCache<Entry>
  readonly use: (name: string, inUse?: boolean) => Entry
  readonly names: () => string[]
} {
  const cache = new KeyCache<Entry>({ max, inUse: (entry) => entry.inUse })
  return {
    cache,
    use: (name, inUse = false) => cache.obtain(name, () => ({ name, inUse })),
    names: () => cache.values().map((entry) => entry.name),
  }
}

it('KeyCache forgets the least recently used entry first', () => {
  const { use, names } = setup(2)
  const a = use('a')
  use('b')
  expect(use('a')).toBe(a)
  use('c')
  expect(names()).toEqual(['c', 'a'])
})

it('KeyCache keeps what is in use while there is anything else', () => {
  const { use, names } = setup(3)
  use('open', true)
  use('a')
  use('b')
  use('c')
  use('d')
  expect(names()).toContain('open')
  expect(names()).toHaveLength(3)
})

it('KeyCache stays bounded when everything is in use: the least recently used one goes', () => {
  const { use, names } = setup(2)
  for (const name of ['a', 'b', 'c']) use(name, true)
  expect(names()).toEqual(['c', 'b'])
})

it('KeyCache.resize() keeps the most recently used ones, in their order', () => {
  const { cache, use, names } = setup(4)
  for (const name of ['a', 'b', 'c', 'd']) use(name)
  cache.resize(4)
  cache.resize(2)
  expect(names()).toEqual(['d', 'c'])
  cache.resize(3)
  use('e')
  use('f')
  expect(names()).toEqual(['f', 'e', 'd'])
  expect(cache.size).toBe(3)
})

it('KeyCache takes any key, `__proto__` too', () => {
  const { use } = setup(10)
  expect(use('__proto__')).toBe(use('__proto__'))
  expect(use('constructor').name).toBe('constructor')
})

it('KeyCache never holds more than its maximum, and never drops one in use while another is idle', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.boolean()), { maxLength: 60 }),
      (max, uses) => {
        const { cache, use } = setup(max)
        for (const [name, inUse] of uses) {
          const before = cache.values()
          const entry = use(`k${name}`, inUse)
          entry.inUse = inUse
          const dropped = before.filter((old) => !cache.values().includes(old))
          expect(cache.size).toBeLessThanOrEqual(max)
          expect(dropped.length).toBeLessThanOrEqual(1)
          if (dropped.some((old) => old.inUse)) expect(before.every((old) => old.inUse)).toBe(true)
        }
      },
    ),
  )
})
