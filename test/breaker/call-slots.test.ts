import { describe, expect, it } from 'vitest'
import { CallSlots } from '../../src/breaker/call-slots.js'
import { createTestWorld } from '../../src/testing/test-world.js'

describe('CallSlots', () => {
  it('gives as many places as there are', () => {
    const slots = new CallSlots(2, createTestWorld().clock)
    expect([slots.test(), slots.test(), slots.test(), slots.count]).toEqual([true, true, false, 0])
    slots.release()
    expect([slots.count, slots.test()]).toEqual([1, true])
    expect(new CallSlots(0, createTestWorld().clock).test()).toBe(false)
  })

  it('take() hands a place to whoever has waited longest', async () => {
    const slots = new CallSlots(1, createTestWorld().clock)
    const order: string[] = []
    const release = await slots.take()
    const waiting = ['first', 'second'].map(async (name) => {
      const giveBack = await slots.take()
      order.push(name)
      giveBack()
    })
    release()
    await Promise.all(waiting)
    expect(order).toEqual(['first', 'second'])
    expect(slots.count).toBe(1)
  })

  it('take() gives up when its time is up or its signal aborts, and then takes no place', async () => {
    const { clock } = createTestWorld()
    const slots = new CallSlots(1, clock)
    slots.test()
    await expect(clock.until(slots.take(100))).rejects.toMatchObject({ code: 'ETIMEDOUT', message: 'Timed out after 100ms' })
    const controller = new AbortController()
    const waiting = slots.take(0, controller.signal)
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await expect(slots.take(0, controller.signal)).rejects.toThrow('enough')
    slots.release()
    expect([slots.count, clock.sleeping]).toEqual([1, 0])
  })
})
