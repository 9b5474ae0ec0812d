import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entryOf, type Entry } from '../../../src/memory/buffer/entry.js'
import { EvictionQueue } from '../../../src/memory/buffer/eviction-queue.js'

function item(name: string, density = 1): Entry<number> {
  return Object.assign(entryOf<number>(name, 1, undefined), { density })
}

describe('EvictionQueue', () => {
  it('lets the least recently used of equals go first', () => {
    const queue = new EvictionQueue<Entry<number>>()
    const [a, b, c] = [item('a', 0), item('b', 0), item('c', 0)]
    for (const one of [a, b, c]) queue.add(one)
    queue.use(a)
    expect([queue.evict(), queue.evict(), queue.evict(), queue.evict()]).toEqual([b, c, a, undefined])
  })

  it('keeps what is dear, and lets it go when it has not been used for long', () => {
    const queue = new EvictionQueue<Entry<number>>()
    const dear = item('dear', 5)
    queue.add(dear)
    let rounds = 0
    for (queue.add(item('first')); !dear.gone && rounds < 100; rounds += 1) {
      queue.add(item(String(rounds)))
      queue.evict()
    }
    expect(rounds).toBeGreaterThan(4)
    expect(rounds).toBeLessThan(20)
  })

  it('forgets those that were removed, and the memory they took', () => {
    const queue = new EvictionQueue<Entry<number>>()
    const items = Array.from({ length: 500 }, (_, index) => item(String(index), index))
    for (const one of items) queue.add(one)
    for (const one of items.slice(0, 499)) queue.remove(one)
    queue.remove(items[0] ?? item('none'))
    expect(queue.size).toBe(1)
    expect(queue.evict()?.key).toBe('499')
    expect(queue.size).toBe(0)
  })

  it('evicts the same one as a search through all of them, whatever was done before', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), density: fc.integer({ min: 0, max: 5 }) }),
      fc.record({ do: fc.constantFrom('use' as const, 'remove' as const), at: fc.nat(50) }),
      fc.record({ do: fc.constant('evict' as const) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new EvictionQueue<Entry<number>>()
        const present: Entry<number>[] = []
        for (const [index, one] of steps.entries()) {
          if (one.do === 'add') {
            const added = item(String(index), one.density)
            queue.add(added)
            present.push(added)
          } else if (one.do === 'evict') {
            const [worst] = present.toSorted((a, b) => a.priority - b.priority || a.usedAt - b.usedAt)
            expect(queue.evict()).toBe(worst)
            if (worst !== undefined) present.splice(present.indexOf(worst), 1)
          } else {
            const chosen = present[one.at % present.length]
            if (chosen === undefined) continue
            if (one.do === 'use') queue.use(chosen)
            else {
              queue.remove(chosen)
              present.splice(present.indexOf(chosen), 1)
            }
          }
          expect(queue.size).toBe(present.length)
        }
      }),
    )
  })
})
