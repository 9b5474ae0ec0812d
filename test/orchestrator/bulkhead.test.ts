import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Bulkhead, type BulkheadLimits } from '../../src/orchestrator/guard/bulkhead.js'
import { createTestWorld } from '../../src/testing/test-world.js'

const limits: BulkheadLimits = { concurrentMax: 1, queueMax: 2, queueWaitMsMax: 1_000 }
const guest = (controller = new AbortController()): { key: string; signal: AbortSignal } => ({
  key: 'k',
  signal: controller.signal,
})

it('Bulkhead.enter() admits in the order of arrival', async () => {
  const bulkhead = new Bulkhead(createTestWorld())
  const order: string[] = []
  await bulkhead.enter(limits, guest())
  const first = bulkhead.enter(limits, guest()).then(() => order.push('first'))
  const second = bulkhead.enter(limits, guest()).then(() => order.push('second'))
  expect([bulkhead.running, bulkhead.queued]).toEqual([1, 2])
  bulkhead.leave()
  await first
  bulkhead.leave()
  await second
  expect(order).toEqual(['first', 'second'])
  expect([bulkhead.running, bulkhead.queued]).toEqual([1, 0])
})

it('Bulkhead.enter() refuses when the queue is full', async () => {
  const world = createTestWorld()
  const bulkhead = new Bulkhead(world)
  for (let call = 0; call < 3; call += 1) void bulkhead.enter(limits, guest()).catch(() => undefined)
  await expect(bulkhead.enter(limits, guest())).rejects.toMatchObject({
    code: 'HS_BULKHEAD_FULL',
    details: { key: 'k', concurrentMax: 1, queueMax: 2 },
  })
  await expect(new Bulkhead(world).enter({ ...limits, concurrentMax: 0, queueMax: 0 }, guest())).rejects.toMatchObject({
    code: 'HS_BULKHEAD_FULL',
  })
})

it('Bulkhead.enter() refuses after the longest wait, and takes the waiter out of the queue', async () => {
  const world = createTestWorld()
  const bulkhead = new Bulkhead(world)
  await bulkhead.enter(limits, guest())
  await expect(world.clock.until(bulkhead.enter(limits, guest()))).rejects.toMatchObject({ code: 'HS_BULKHEAD_FULL' })
  expect(world.clock.monoMs()).toBe(1_000)
  expect(bulkhead.queued).toBe(0)
})

it('Bulkhead.enter() leaves the queue at once when its signal aborts, and nothing stays behind', async () => {
  const world = createTestWorld()
  const bulkhead = new Bulkhead(world)
  const controller = new AbortController()
  await bulkhead.enter(limits, guest())
  const waiting = bulkhead.enter(limits, guest(controller))
  const behind = bulkhead.enter(limits, guest())
  controller.abort('gone')
  bulkhead.leave()
  await expect(waiting).rejects.toBe('gone')
  await behind
  expect([bulkhead.running, bulkhead.queued, world.clock.sleeping]).toEqual([1, 0, 0])
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  await expect(bulkhead.enter(limits, guest(controller))).rejects.toBe('gone')
})

it('Bulkhead.enter() keeps the limit of each waiter: the first one is not overtaken', async () => {
  const bulkhead = new Bulkhead(createTestWorld())
  const wide = { ...limits, concurrentMax: 3 }
  await bulkhead.enter(wide, guest())
  await bulkhead.enter(wide, guest())
  const strict = bulkhead.enter(limits, guest())
  const other = bulkhead.enter(wide, guest())
  bulkhead.leave()
  expect(bulkhead.queued).toBe(2)
  bulkhead.leave()
  await Promise.all([strict, other])
  expect(bulkhead.running).toBe(2)
})

it('Bulkhead keeps law 4: never more running or waiting than allowed, and no place is lost', async () => {
  const step = fc.oneof(
    fc.constant('enter' as const),
    fc.constant('leave' as const),
    fc.constant('abort' as const),
    fc.constant('wait' as const),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 50 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 3 }),
      async (steps, concurrentMax, queueMax) => {
        const world = createTestWorld()
        const bulkhead = new Bulkhead(world)
        const waiting: AbortController[] = []
        let inside = 0
        for (const now of steps) {
          if (now === 'enter') {
            const controller = new AbortController()
            waiting.push(controller)
            bulkhead.enter({ concurrentMax, queueMax, queueWaitMsMax: 50 }, guest(controller)).then(
              () => (inside += 1),
              () => undefined,
            )
          } else if (now === 'leave' && inside > 0) {
            inside -= 1
            bulkhead.leave()
          } else if (now === 'abort') waiting.shift()?.abort('gone')
          else if (now === 'wait') await world.clock.advance(20)
          expect(bulkhead.running).toBeLessThanOrEqual(concurrentMax)
          expect(bulkhead.queued).toBeLessThanOrEqual(queueMax)
        }
        await world.clock.advance(1_000)
        expect([bulkhead.running, bulkhead.queued, world.clock.sleeping]).toEqual([inside, 0, 0])
      },
    ),
    { numRuns: 100 },
  )
})
