import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTestWorld } from '../../src/testing/test-world.js'

describe('createTestWorld()', () => {
  it('wakes sleepers in the order of their times, not of their calls', async () => {
    const { clock } = createTestWorld()
    const woken: string[] = []
    void clock.sleep(20).then(() => woken.push('late'))
    void clock.sleep(10).then(() => woken.push('early'))
    await clock.advance(15)
    expect(woken).toEqual(['early'])
    await clock.advance(15)
    expect(woken).toEqual(['early', 'late'])
    expect(clock.monoMs()).toBe(30)
    expect(clock.sleeping).toBe(0)
  })

  it('rejects a sleep with the reason of its signal, before and while it sleeps', async () => {
    const { clock } = createTestWorld()
    await expect(clock.sleep(5, AbortSignal.abort('gone'))).rejects.toBe('gone')
    const controller = new AbortController()
    const asleep = clock.sleep(5, controller.signal)
    controller.abort('now')
    await expect(asleep).rejects.toBe('now')
    expect(clock.sleeping).toBe(0)
  })

  it('rings an alarm at its latest setting; one that is not held is waited for by nobody', async () => {
    const { clock } = createTestWorld()
    const rings: number[] = []
    const alarm = clock.alarm(() => rings.push(clock.monoMs()))
    alarm.set(50)
    alarm.set(10)
    expect(clock.sleeping).toBe(0)
    alarm.hold(true)
    expect(clock.sleeping).toBe(1)
    await clock.advance(100)
    alarm.set(20)
    alarm.clear()
    await clock.advance(100)
    expect([rings, clock.sleeping]).toEqual([[10], 0])
    alarm.set(5)
    alarm.hold(false)
    expect(await clock.until(clock.sleep(20).then(() => clock.monoMs()))).toBe(220)
  })

  it('until() moves time until the work settles', async () => {
    const { clock } = createTestWorld()
    const work = (async () => {
      await clock.sleep(1_000)
      await clock.sleep(2_000)
      return clock.monoMs()
    })()
    expect(await clock.until(work)).toBe(3_000)
    await expect(clock.until(Promise.reject(new Error('no')))).rejects.toThrow('no')
  })

  it('gives the same random numbers for the same seed, all in [0, 1)', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const [a, b] = [createTestWorld(seed), createTestWorld(seed)]
        for (let count = 0; count < 20; count += 1) {
          const value = a.random()
          expect(value).toBe(b.random())
          expect(value >= 0 && value < 1).toBe(true)
        }
        expect(a.id()).toBe(b.id())
        expect(a.id()).not.toBe('id-1')
      }),
    )
  })
})
