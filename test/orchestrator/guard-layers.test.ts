import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import type { LayerCall } from '../../src/orchestrator/guard/call.js'
import { deadline } from '../../src/orchestrator/guard/guard-deadline.js'
import { stack, type Layer } from '../../src/orchestrator/guard/guard-stack.js'
import { createTestWorld } from '../../src/testing/test-world.js'

function callWith(signal: AbortSignal): LayerCall {
  return { id: 'id', key: 'k', attempt: 1, signal, tally: { attempts: 0, fellBack: false }, started: () => undefined }
}

const { signal } = new AbortController()

it('stack() puts the first layer outermost, and leaves out what is switched off', async () => {
  const order: string[] = []
  const named =
    (name: string): Layer<string> =>
    (next) =>
    async (call) => {
      order.push(`${name} in`)
      const answer = await next(call)
      order.push(`${name} out`)
      return answer
    }
  const guarded = stack(named('outer'), undefined, named('inner'))(async () => 'work')
  expect(await guarded(callWith(signal))).toBe('work')
  expect(order).toEqual(['outer in', 'inner in', 'inner out', 'outer out'])
  expect(await stack<string>()(async () => 'bare')(callWith(signal))).toBe('bare')
})

it('deadline() leaves no listener on the signal of the call, however the attempt ends', async () => {
  const world = createTestWorld()
  const layer = deadline<string>(100, world)
  const { signal: calls } = new AbortController()
  await layer(async () => 'fine')(callWith(calls))
  await layer(() => Promise.reject(new Error('no')))(callWith(calls)).catch(() => undefined)
  await world.clock.until(layer(() => new Promise(() => undefined))(callWith(calls)).catch(() => undefined))
  expect(getEventListeners(calls, 'abort')).toHaveLength(0)
  expect(world.clock.sleeping).toBe(0)
})

it('deadline() does not start what was aborted before', async () => {
  let started = false
  const layer = deadline<string>(undefined, createTestWorld())
  const work = async (): Promise<string> => {
    started = true
    return 'x'
  }
  await expect(layer(work)(callWith(AbortSignal.abort('gone')))).rejects.toBe('gone')
  expect(started).toBe(false)
})
