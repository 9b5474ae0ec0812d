import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { DeadlineQueue, type DeadlineEntry } from '../../src/core/deadline-queue.js'
import { createTestWorld } from '../../src/testing/test-world.js'

function entry(expire: () => void = () => undefined): DeadlineEntry {
  return { dueMonoMs: 0, previous: undefined, next: undefined, expire }
}

it('DeadlineQueue expires each entry exactly when its time is up, and none that was removed', async () => {
  const step = fc.record({ waitMs: fc.nat(60), remove: fc.option(fc.nat(10), { nil: undefined }) })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      const { clock } = createTestWorld()
      const queue = new DeadlineQueue(clock, 100)
      const expired: string[] = []
      const due: string[] = []
      const waiting: { readonly added: DeadlineEntry; readonly atMs: number; readonly name: number }[] = []
      for (const [name, { waitMs, remove }] of steps.entries()) {
        const added = entry(() => expired.push(`${name} at ${clock.monoMs()}`))
        queue.add(added, clock.monoMs())
        waiting.push({ added, atMs: clock.monoMs() + 100, name })
        const victim = remove === undefined ? undefined : waiting[remove]
        if (victim !== undefined && victim.atMs > clock.monoMs()) {
          queue.remove(victim.added)
          waiting.splice(waiting.indexOf(victim), 1)
        }
        await clock.advance(waitMs)
      }
      await clock.advance(200)
      for (const { name, atMs } of waiting) due.push(`${name} at ${atMs}`)
      expect(expired).toEqual(due)
      expect([queue.empty, clock.sleeping]).toEqual([true, 0])
    }),
    { numRuns: 60 },
  )
})

it('DeadlineQueue sets one alarm for many entries, and holds the process only while something waits', async () => {
  const { clock } = createTestWorld()
  let sets = 0
  const counting = {
    ...clock,
    alarm: (ring: () => void) => {
      const alarm = clock.alarm(ring)
      return { ...alarm, set: (delayMs: number) => ((sets += 1), alarm.set(delayMs)) }
    },
  }
  const queue = new DeadlineQueue(counting, 1_000)
  for (let call = 0; call < 100; call += 1) {
    const one = entry()
    queue.add(one, call)
    queue.remove(one)
  }
  expect([sets, clock.sleeping]).toEqual([1, 0])
  const last = entry()
  queue.add(last, 100)
  expect(clock.sleeping).toBe(1)
  queue.close()
  expect(clock.sleeping).toBe(0)
})

it('DeadlineQueue survives an entry that adds others as it expires, and a clock that was read too early', async () => {
  const { clock } = createTestWorld()
  const queue = new DeadlineQueue(clock, 10)
  const order: string[] = []
  const later = entry(() => order.push(`later at ${clock.monoMs()}`))
  queue.add(
    entry(() => {
      order.push('first')
      queue.add(later, clock.monoMs())
    }),
    5,
  )
  const early = entry(() => order.push('early'))
  queue.add(early, 0)
  expect(early.dueMonoMs).toBe(15)
  await clock.advance(50)
  expect(order).toEqual(['first', 'early', 'later at 25'])
})

it('DeadlineQueue can be used again after it was closed', async () => {
  const { clock } = createTestWorld()
  const queue = new DeadlineQueue(clock, 10)
  const expired: string[] = []
  queue.add(
    entry(() => expired.push('closed over')),
    0,
  )
  queue.close()
  queue.add(
    entry(() => expired.push('again')),
    0,
  )
  await clock.advance(10)
  expect(expired).toEqual(['again'])
})
