import { describe, expect, it } from 'vitest'
import { SharedAbort } from '../../src/breaker/shared-abort.js'
import { createTestWorld } from '../../src/testing/test-world.js'

const late = new Error('late')

const report = (error: unknown): never => {
  throw error
}

describe('SharedAbort', () => {
  it('aborts when a call timed out and nobody waits for another one', () => {
    const controller = new AbortController()
    const shared = new SharedAbort(controller, { autoRenew: false, clock: createTestWorld().clock, report })
    shared.begin()
    shared.begin()
    shared.end(late)
    expect(controller.signal.aborted).toBe(false)
    shared.end()
    expect(controller.signal.reason).toBe(late)
    expect(shared.controller).toBe(controller)
  })

  it('leaves the controller alone when all calls end well', () => {
    const controller = new AbortController()
    const shared = new SharedAbort(controller, { autoRenew: true, clock: createTestWorld().clock, report })
    shared.begin()
    shared.end()
    shared.renew()
    expect([controller.signal.aborted, shared.controller === controller]).toEqual([false, true])
  })

  it('with autoRenew is new a turn after it aborted, and for the next call at once', async () => {
    const { clock } = createTestWorld()
    const first = new AbortController()
    const shared = new SharedAbort(first, { autoRenew: true, clock, report })
    shared.begin()
    shared.end(late)
    expect(shared.controller.signal?.aborted).toBe(true)
    await clock.advance(0)
    const second = shared.controller
    expect([second === first, second.signal?.aborted]).toEqual([false, false])
    shared.begin()
    shared.end(late)
    shared.begin()
    expect(shared.controller.signal?.aborted).toBe(false)
  })

  it('takes anything that can abort, and never renews what has no signal', () => {
    let aborts = 0
    const spy = { abort: () => (aborts += 1) }
    const shared = new SharedAbort(spy, { autoRenew: true, clock: createTestWorld().clock, report })
    shared.begin()
    shared.end(late)
    shared.begin()
    expect([aborts, shared.controller]).toEqual([1, spy])
  })

  it('reports what abort() throws, and goes on', () => {
    const reported: unknown[] = []
    const fault = new Error('bad controller')
    const broken = {
      abort: (): never => {
        throw fault
      },
    }
    const options = { autoRenew: false, clock: createTestWorld().clock, report: (error: unknown) => void reported.push(error) }
    const shared = new SharedAbort(broken, options)
    shared.begin()
    shared.end(late)
    expect(reported).toEqual([fault])
  })
})
