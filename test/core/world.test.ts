import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createWorld, turn } from '../../src/core/world.js'

describe('createWorld()', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('sleeps as long as told, never synchronously', async () => {
    const { clock } = createWorld()
    let awake = false
    const asleep = clock.sleep(1_000).then(() => {
      awake = true
    })
    await vi.advanceTimersByTimeAsync(999)
    expect(awake).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await asleep
    expect(awake).toBe(true)
  })

  it('sleeps longer than one timer can hold', async () => {
    let awake = false
    const asleep = createWorld()
      .clock.sleep(3_000_000_000)
      .then(() => {
        awake = true
      })
    await vi.advanceTimersByTimeAsync(2_999_999_999)
    expect(awake).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await asleep
    expect(vi.getTimerCount()).toBe(0)
  })

  it('rejects with the reason as soon as the signal aborts, and leaves no timer and no listener behind', async () => {
    const { clock } = createWorld()
    const controller = new AbortController()
    const removed = vi.spyOn(controller.signal, 'removeEventListener')
    const slept = clock.sleep(10, controller.signal)
    await vi.advanceTimersByTimeAsync(10)
    await slept
    expect(removed).toHaveBeenCalledOnce()
    const asleep = clock.sleep(1_000, controller.signal)
    controller.abort('gone')
    await expect(asleep).rejects.toBe('gone')
    await expect(clock.sleep(5, controller.signal)).rejects.toBe('gone')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('rings an alarm once at its latest setting, also far ahead, until it is cleared', async () => {
    const rings: number[] = []
    const alarm = createWorld().clock.alarm(() => rings.push(Date.now()))
    const startMs = Date.now()
    expect(vi.getTimerCount()).toBe(0)
    alarm.set(1_000)
    alarm.set(50)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(rings.map((ms) => ms - startMs)).toEqual([50])
    alarm.set(3_000_000_000)
    await vi.advanceTimersByTimeAsync(3_000_000_000)
    expect(rings.map((ms) => ms - startMs)).toEqual([50, 3_000_005_000])
    alarm.set(-1)
    alarm.clear()
    await vi.advanceTimersByTimeAsync(10)
    expect([rings.length, vi.getTimerCount()]).toEqual([2, 0])
  })

  it('lets an alarm keep the process alive only while it is held', () => {
    vi.useRealTimers()
    const holds = (): boolean => process.getActiveResourcesInfo().includes('Timeout')
    const before = holds()
    const alarm = createWorld().clock.alarm(() => undefined)
    alarm.set(1_000_000)
    expect(holds()).toBe(before)
    alarm.hold(true)
    alarm.hold(true)
    expect(holds()).toBe(true)
    alarm.set(2_000_000)
    expect(holds()).toBe(true)
    alarm.hold(false)
    expect(holds()).toBe(before)
    alarm.clear()
  })

  it('tells both times, gives chance within [0, 1) and ids that differ', () => {
    const { clock, random, id } = createWorld()
    expect(clock.epochMs()).toBe(Date.now())
    expect(clock.monoMs()).toBeGreaterThanOrEqual(0)
    const value = random()
    expect(value >= 0 && value < 1).toBe(true)
    expect(id()).not.toBe(id())
  })
})

describe('turn()', () => {
  it('lets others work before it goes on', async () => {
    const order: string[] = []
    setImmediate(() => order.push('other'))
    await turn(new AbortController().signal)
    expect(order).toEqual(['other'])
  })

  it('rejects with the reason of an abort before or during the turn', async () => {
    await expect(turn(AbortSignal.abort('gone'))).rejects.toBe('gone')
    const controller = new AbortController()
    const turned = turn(controller.signal)
    controller.abort('gone')
    await expect(turned).rejects.toBe('gone')
  })
})
