import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noRow } from '../../../src/memory/buffer/entry.js'
import { EvictionQueue, frequencyMax } from '../../../src/memory/buffer/eviction-queue.js'

describe('EvictionQueue', () => {
  it('lets the least recently used of equals go first', () => {
    const queue = new EvictionQueue()
    const [a = 0, b, c] = Array.from({ length: 3 }, () => queue.add(0, 1))
    queue.use(a)
    expect([queue.evict(), queue.evict(), queue.evict(), queue.evict()]).toEqual([b, c, a, noRow])
  })

  it('keeps what is dear, and lets it go when it has not been used for long', () => {
    for (const fewMax of [0, 1_000]) {
      const queue = new EvictionQueue(fewMax)
      const dear = queue.add(5, 1)
      let rounds = 0
      queue.add(1, 1)
      do {
        queue.add(1, 1)
        rounds += 1
      } while (queue.evict() !== dear && rounds < 100)
      expect(rounds).toBeGreaterThan(4)
      expect(rounds).toBeLessThan(20)
    }
  })

  it('forgets those that were removed, and gives their row to others', () => {
    const queue = new EvictionQueue()
    const rows = Array.from({ length: 500 }, (_, density) => queue.add(density, 1))
    for (const row of rows.slice(0, 499)) queue.remove(row)
    expect(queue.size).toBe(1)
    const late = queue.add(1_000, 1)
    expect(late).toBeLessThan(499)
    expect([queue.evict(), queue.evict(), queue.size]).toEqual([499, late, 0])
  })

  it('stops counting uses somewhere, and can be emptied and used again', () => {
    for (const fewMax of [0, 1_000]) {
      const queue = new EvictionQueue(fewMax)
      const often = queue.add(1, frequencyMax - 1)
      for (let uses = 0; uses < 3; uses += 1) queue.use(often)
      expect(queue.frequencyOf(often)).toBe(frequencyMax)
      queue.clear()
      expect([queue.size, queue.evict(), queue.newestFirst()]).toEqual([0, noRow, []])
      const other = queue.add(1, 1)
      expect([queue.evict(), queue.evict()]).toEqual([other, noRow])
    }
  })

  it('evicts the same one as a search through all of few, whatever was done before', () => {
    fc.assert(fc.property(steps, (done) => agree(done, new EvictionQueue(), new Model())))
  })

  it('evicts the same one of many as a search that ranks those that were used when their turn comes', () => {
    fc.assert(fc.property(steps, (done) => agree(done, new EvictionQueue(0), new LateModel())))
  })

  it('lets one of many go even when all were used, and after few looks', () => {
    const queue = new EvictionQueue(0)
    const rows = Array.from({ length: 2_000 }, () => queue.add(1, 1))
    for (const row of rows) queue.use(row)
    // The first 256 have had their second chance; the next one pays for them all.
    expect(queue.evict()).toBe(rows[256])
    for (let left = 1_999; left > 0; left -= 1) expect(queue.evict()).not.toBe(noRow)
    expect(queue.evict()).toBe(noRow)
  })

  it('keeps in its large form what is used again and again, of equals, and not what was used once', () => {
    const queue = new EvictionQueue(100)
    const [used, idle] = [new Set<number>(), new Set<number>()]
    for (let count = 0; count < 2_000; count += 1) (count % 2 === 0 ? used : idle).add(queue.add(1, 1))
    for (const row of used) queue.use(row)
    for (let count = 0; count < 1_000; count += 1) idle.delete(queue.evict())
    expect(idle.size).toBe(0)
  })
})

const density = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.integer({ min: 10, max: 60 }),
  fc.double({ min: 1e-6, max: 1e12, noNaN: true }),
  fc.constantFrom(Number.MIN_VALUE, 1e15),
)
const frequency = fc.constantFrom(1, 1, 3, frequencyMax)
// More come than go, so that groups grow long.
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), density, frequency }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('use' as const), at: fc.nat(50) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), at: fc.nat(50) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('change' as const), at: fc.nat(50), density }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('evict' as const) }) },
  ),
  { maxLength: 200, size: 'max' },
)

type Step = typeof steps extends fc.Arbitrary<(infer One)[]> ? One : never

function agree(done: readonly Step[], queue: EvictionQueue, model: Model): void {
  for (const one of done) {
    if (one.do === 'add') model.add(queue.add(one.density, one.frequency), one.density, one.frequency)
    else if (one.do === 'evict') expect(queue.evict()).toBe(model.evict())
    else {
      const chosen = model.at(one.at)
      if (chosen === undefined) continue
      if (one.do === 'remove') {
        queue.remove(chosen.row)
        model.remove(chosen)
      } else if (one.do === 'change') {
        queue.change(chosen.row, one.density)
        model.use(chosen, one.density)
      } else {
        queue.use(chosen.row)
        model.use(chosen, chosen.density)
      }
    }
    expect(queue.size).toBe(model.present.length)
    expect(queue.newestFirst()).toEqual(model.present.toSorted((a, b) => b.usedAt - a.usedAt).map(({ row }) => row))
  }
  while (model.present.length > 0) expect(queue.evict()).toBe(model.evict())
  expect(queue.evict()).toBe(noRow)
}

interface Known {
  readonly row: number
  density: number
  frequency: number
  gain: number
  priority: number
  usedAt: number
  /** When it was put in order. */
  rankedAt: number
  usedSince: boolean
}

/** What the queue should do, said plainly. */
class Model {
  present: Known[] = []
  #clock = 0
  #uses = 0
  #ranks = 0

  add(row: number, density: number, frequency: number): void {
    const known = { row, density, frequency, gain: -1, priority: 0, usedAt: this.tick(), rankedAt: 0, usedSince: false }
    this.present.push(known)
    this.rank(known)
  }

  use(known: Known, density: number): void {
    known.density = density
    known.frequency = Math.min(known.frequency + 1, frequencyMax)
    known.usedAt = this.tick()
    this.rank(known)
  }

  tick(): number {
    return (this.#uses += 1)
  }

  rank(known: Known): void {
    known.gain = rounded(Math.fround(Math.fround(known.density) * known.frequency))
    known.priority = this.#clock + known.gain
    known.rankedAt = this.#ranks += 1
    known.usedSince = false
  }

  remove(known: Known): void {
    this.present = this.present.filter((other) => other !== known)
  }

  first(): Known | undefined {
    return this.present.toSorted((a, b) => a.priority - b.priority || a.usedAt - b.usedAt)[0]
  }

  evict(): number {
    const worst = this.first()
    if (worst === undefined) return noRow
    this.#clock = worst.priority
    this.remove(worst)
    return worst.row
  }

  at(index: number): Known | undefined {
    return this.present[index % this.present.length]
  }
}

/** A use is only written down; who was used is ranked anew when its turn comes. */
class LateModel extends Model {
  /** Of the first of each gain: when it had been used when it became that. Equals of different gains go by this. */
  #leads = new Map<Known, number>()

  override rank(known: Known): void {
    this.#leads.delete(known)
    this.#lead()
    super.rank(known)
    this.#lead()
  }

  override use(known: Known, density: number): void {
    known.density = density
    known.frequency = Math.min(known.frequency + 1, frequencyMax)
    known.usedAt = this.tick()
    known.usedSince = true
  }

  override remove(known: Known): void {
    super.remove(known)
    this.#lead()
  }

  override first(): Known | undefined {
    for (;;) {
      const usedAt = (known: Known): number => this.#leads.get(known) ?? 0
      const first = this.#firsts().toSorted((a, b) => a.priority - b.priority || usedAt(a) - usedAt(b))[0]
      if (!first?.usedSince) return first
      this.rank(first)
    }
  }

  #lead(): void {
    this.#leads = new Map(this.#firsts().map((known) => [known, this.#leads.get(known) ?? known.usedAt]))
  }

  /** Of each gain, who was ranked first. */
  #firsts(): readonly Known[] {
    const byGain = Map.groupBy(
      this.present.toSorted((a, b) => a.rankedAt - b.rankedAt),
      ({ gain }) => gain,
    )
    return [...byGain.values()].flatMap((known) => known.slice(0, 1))
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
