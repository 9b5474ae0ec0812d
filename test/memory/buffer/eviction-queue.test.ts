import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EvictionQueue, frequencyMax, notRanked, type Ranked } from '../../../src/memory/buffer/eviction-queue.js'

interface Item extends Ranked {
  readonly name: string
}

function item(name: string): Item {
  return { name, rank: notRanked }
}

describe('EvictionQueue', () => {
  it('lets the least recently used of equals go first', () => {
    const queue = new EvictionQueue<Item>()
    const [a, b, c] = [item('a'), item('b'), item('c')]
    for (const one of [a, b, c]) queue.add(one, 0, 1)
    queue.use(a)
    expect([queue.evict(), queue.evict(), queue.evict(), queue.evict()]).toEqual([b, c, a, undefined])
  })

  it('keeps what is dear, and lets it go when it has not been used for long', () => {
    const queue = new EvictionQueue<Item>()
    const dear = item('dear')
    queue.add(dear, 5, 1)
    let rounds = 0
    for (queue.add(item('first'), 1, 1); dear.rank !== notRanked && rounds < 100; rounds += 1) {
      queue.add(item(String(rounds)), 1, 1)
      queue.evict()
    }
    expect(rounds).toBeGreaterThan(4)
    expect(rounds).toBeLessThan(20)
  })

  it('forgets those that were removed, and gives their rank to others', () => {
    const queue = new EvictionQueue<Item>()
    const items = Array.from({ length: 500 }, (_, index) => item(String(index)))
    for (const [density, one] of items.entries()) queue.add(one, density, 1)
    for (const one of items.slice(0, 499)) queue.remove(one)
    queue.remove(items[0] ?? item('none'))
    expect(queue.size).toBe(1)
    const late = item('late')
    queue.add(late, 1_000, 1)
    expect(late.rank).toBeLessThan(500)
    expect([queue.evict()?.name, queue.evict()?.name, queue.size]).toEqual(['499', 'late', 0])
  })

  it('stops counting uses somewhere, and can be emptied and used again', () => {
    const queue = new EvictionQueue<Item>()
    const [often, other] = [item('often'), item('other')]
    queue.add(often, 1, frequencyMax - 1)
    for (let uses = 0; uses < 3; uses += 1) queue.use(often)
    expect(queue.frequencyOf(often)).toBe(frequencyMax)
    queue.clear()
    expect([often.rank, queue.size, queue.evict()]).toEqual([notRanked, 0, undefined])
    queue.add(other, 1, 1)
    expect([queue.evict(), queue.evict()]).toEqual([other, undefined])
  })

  it('evicts the same one as a search through all of them, whatever was done before', () => {
    const density = fc.oneof(
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 10, max: 60 }),
      fc.double({ min: 1e-6, max: 1e12, noNaN: true }),
      fc.constantFrom(Number.MIN_VALUE, 1e15),
    )
    const frequency = fc.constantFrom(1, 1, 3, frequencyMax)
    // More come than go, so that groups grow long.
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), density, frequency }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('use' as const), at: fc.nat(50) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), at: fc.nat(50) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('change' as const), at: fc.nat(50), density }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('evict' as const) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        const queue = new EvictionQueue<Item>()
        const model = new Model()
        for (const [index, one] of steps.entries()) {
          if (one.do === 'add') {
            const added = item(String(index))
            queue.add(added, one.density, one.frequency)
            model.add(added, one.density, one.frequency)
          } else if (one.do === 'evict') expect(queue.evict()).toBe(model.evict())
          else {
            const chosen = model.at(one.at)
            if (chosen === undefined) continue
            if (one.do === 'remove') {
              queue.remove(chosen.item)
              model.remove(chosen)
            } else if (one.do === 'change') {
              queue.change(chosen.item, one.density)
              model.use(chosen, one.density)
            } else {
              queue.use(chosen.item)
              model.use(chosen, chosen.density)
            }
          }
          expect(queue.size).toBe(model.present.length)
          expect(queue.newestFirst()).toEqual(model.present.toSorted((a, b) => b.usedAt - a.usedAt).map((known) => known.item))
        }
        while (model.present.length > 0) expect(queue.evict()).toBe(model.evict())
        expect(queue.evict()).toBeUndefined()
      }),
    )
  })
})

interface Known {
  readonly item: Item
  density: number
  frequency: number
  priority: number
  usedAt: number
}

/** What the queue should do, said plainly. */
class Model {
  present: Known[] = []
  #clock = 0
  #uses = 0

  add(added: Item, density: number, frequency: number): void {
    const known = { item: added, density, frequency: frequency - 1, priority: 0, usedAt: 0 }
    this.present.push(known)
    this.use(known, density)
  }

  use(known: Known, density: number): void {
    known.density = density
    known.frequency = Math.min(known.frequency + 1, frequencyMax)
    known.priority = this.#clock + rounded(Math.fround(density * known.frequency))
    known.usedAt = this.#uses += 1
  }

  remove(known: Known): void {
    this.present = this.present.filter((other) => other !== known)
  }

  evict(): Item | undefined {
    const [worst] = this.present.toSorted((a, b) => a.priority - b.priority || a.usedAt - b.usedAt)
    if (worst === undefined) return undefined
    this.#clock = worst.priority
    this.remove(worst)
    return worst.item
  }

  at(index: number): Known | undefined {
    return this.present[index % this.present.length]
  }
}

/** Down to four significant bits. */
function rounded(gain: number): number {
  if (gain < 1e-38) return 0
  let unit = 1
  while (unit * 16 <= gain) unit *= 2
  while (unit * 8 > gain) unit /= 2
  return Math.floor(gain / unit) * unit
}
