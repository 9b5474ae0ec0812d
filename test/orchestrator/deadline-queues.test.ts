import { expect, it } from 'vitest'
import { DeadlineQueues } from '../../src/orchestrator/guard/deadline-queues.js'
import { createTestWorld } from '../../src/testing/test-world.js'

const nothing = { dueMonoMs: 0, previous: undefined, next: undefined, expire: () => undefined }

it('DeadlineQueues gives calls with the same deadline the same queue', () => {
  const queues = new DeadlineQueues(createTestWorld().clock)
  expect(queues.of(100)).toBe(queues.of(100))
  expect(queues.of(100)).not.toBe(queues.of(200))
})

it('DeadlineQueues keeps queues in use, and lets idle ones go when there are many', () => {
  const { clock } = createTestWorld()
  const queues = new DeadlineQueues(clock)
  const busy = queues.of(1)
  busy.add({ ...nothing }, 0)
  const idle = queues.of(2)
  for (let timeoutMs = 3; timeoutMs < 200; timeoutMs += 1) queues.of(timeoutMs)
  expect(queues.of(1)).toBe(busy)
  expect(queues.of(2)).not.toBe(idle)
  queues.close()
  expect([queues.of(1) === busy, clock.sleeping]).toEqual([false, 0])
})
