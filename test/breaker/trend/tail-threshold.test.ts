import { describe, expect, it } from 'vitest'
import { TailThreshold } from '../../../src/breaker/trend/tail-threshold.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

const budgetCalls = 100_000
const natsMin = 10

function excursions(tail: TailThreshold, heights: Iterable<number>, callsEach: number): TailThreshold {
  for (const height of heights) {
    tail.pass(callsEach)
    tail.rise(height)
    tail.rest()
  }
  return tail
}

function exponential(mean: number, count: number): number[] {
  const { random } = createTestWorld(7)
  return Array.from({ length: count }, () => -mean * Math.log(1 - random()))
}

const fresh = (): TailThreshold => new TailThreshold({ budgetCalls, natsMin })

describe('TailThreshold', () => {
  it('rise() means something from the threshold on, which begins at the least one', () => {
    expect([fresh().rise(9.99), fresh().rise(10)]).toEqual([false, true])
  })

  it('finds the height that one excursion in the budget exceeds, whatever their scale', () => {
    for (const mean of [2, 6, 15]) {
      const { nats } = excursions(fresh(), exponential(mean, 5_000), 100)
      // 1 000 excursions in the budget: the thousandth part of an exponential lies above mean × log 1000.
      expect(nats).toBeGreaterThan(0.85 * mean * Math.log(1_000))
      expect(nats).toBeLessThan(1.35 * mean * Math.log(1_000))
    }
  })

  it('is raised by excursions that are heavy only at the far end', () => {
    const light = exponential(1, 2_000)
    const heavy = light.map((height, at) => (at % 100 === 0 ? 60 + height : height))
    expect(excursions(fresh(), light, 100).nats).toBeLessThan(14)
    expect(excursions(fresh(), heavy, 100).nats).toBeGreaterThan(60)
  })

  it('cut() raises it more than an excursion of that height does, since that might have gone on', () => {
    const [cut, rested] = [fresh(), excursions(fresh(), [10], 5_000)]
    cut.pass(5_000)
    cut.cut()
    expect(cut.nats).toBeGreaterThan(rested.nats)
  })

  it('interrupt() counts an excursion as one that might have gone on', () => {
    const [interrupted, rested] = [fresh(), excursions(fresh(), [9, 9, 9], 1_000)]
    for (const height of [9, 9, 9]) {
      interrupted.pass(1_000)
      interrupted.rise(height)
      interrupted.interrupt()
    }
    interrupted.interrupt()
    expect(interrupted.nats).toBeGreaterThan(rested.nats)
  })

  it('cut() never lets it run away, however many false alarms follow one another', () => {
    const tail = fresh()
    for (let alarm = 0; alarm < 10_000; alarm += 1) {
      tail.pass(1)
      tail.cut()
    }
    expect(tail.nats).toBe(500)
  })

  it('drop() forgets the excursion under way', () => {
    const tail = fresh()
    tail.rise(90)
    tail.drop()
    tail.rest()
    expect(tail.toJSON().peaks).toBeNull()
  })

  it('falls again when the stream has calmed down', () => {
    const tail = excursions(fresh(), exponential(10, 500), 100)
    const before = tail.nats
    for (let block = 0; block < 10_000; block += 1) tail.pass(1_000)
    expect(before).toBeGreaterThan(50)
    expect(tail.nats).toBeLessThan(before / 2)
  })

  it('expected() is one in the budget at the threshold, and fewer above', () => {
    const tail = excursions(fresh(), exponential(6, 2_000), 100)
    expect(tail.expected(tail.nats, budgetCalls)).toBeCloseTo(1, 6)
    expect(tail.expected(tail.nats + 20, budgetCalls)).toBeLessThan(0.1)
    expect(tail.expected(-20, budgetCalls)).toBe(budgetCalls)
    expect(fresh().expected(10, budgetCalls)).toBeCloseTo(1, 6)
  })

  it('restore() goes on as the other would have', () => {
    const tail = excursions(fresh(), exponential(4, 300), 90)
    tail.rise(7)
    const copy = fresh()
    copy.restore(tail.toJSON())
    excursions(tail, exponential(5, 50), 100)
    excursions(copy, exponential(5, 50), 100)
    expect(copy.toJSON()).toEqual(tail.toJSON())
    const empty = fresh()
    empty.restore(fresh().toJSON())
    expect(empty.toJSON()).toEqual(fresh().toJSON())
  })
})
