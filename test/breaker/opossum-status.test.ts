import { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import { describe, expect, it } from 'vitest'
import { BreakerStatistics } from '../../src/breaker/breaker-statistics.js'
import { opossumStatus, type OpossumStatus, type OpossumStatusOptions } from '../../src/breaker/opossum-status.js'
import { createTestWorld, type TestWorld } from '../../src/testing/test-world.js'

interface Setup {
  readonly status: OpossumStatus
  readonly world: TestWorld
  readonly reported: unknown[]
}

function setup(options: Partial<OpossumStatusOptions> = {}): Setup {
  const world = createTestWorld()
  const reported: unknown[] = []
  const status = opossumStatus(new BreakerStatistics({ windowMs: 1_000, buckets: 10, nowMs: 0 }), {
    clock: world.clock,
    percentiles: true,
    snapshots: true,
    rotator: undefined,
    report: (error) => reported.push(error),
    isOpen: () => true,
    ...options,
  })
  return { status, world, reported }
}

describe('opossumStatus()', () => {
  it('has the shape of that of opossum', () => {
    const theirs = CircuitBreaker.newStatus({ enableSnapshots: false, rotateBucketController: new EventEmitter() })
    const { status } = setup()
    expect(status).toBeInstanceOf(theirs.constructor)
    expect(Object.keys(status.stats).toSorted()).toEqual(Object.keys(theirs.stats).toSorted())
    const { isCircuitBreakerOpen: _, ...newest } = status.window[0] as object & { isCircuitBreakerOpen?: boolean }
    expect(newest).toEqual(theirs.window[0])
    expect(status.window).toHaveLength(theirs.window.length)
    expect([status.enableSnapshots, status.rollingPercentilesEnabled]).toEqual([true, true])
  })

  it('stays true for those who keep it', async () => {
    const { status, world } = setup()
    status.increment('successes', 5)
    status.increment('rejects')
    expect(status.stats).toMatchObject({ successes: 1, rejects: 1, latencyMean: 5 })
    await world.clock.advance(1_000)
    expect(status.stats).toMatchObject({ successes: 0, rejects: 0, latencyMean: 0 })
  })

  it('says whether the circuit is open, whatever it is told', () => {
    const { status } = setup()
    status.close()
    status.open()
    expect(status.window[0]).toMatchObject({ isCircuitBreakerOpen: true })
    expect(setup({ isOpen: () => false }).status.window[0]).toMatchObject({ isCircuitBreakerOpen: false })
  })

  it('listens to the emitter of the user until it is shut down', () => {
    const rotator = new EventEmitter()
    const { status } = setup({ rotator })
    status.increment('fires')
    for (let turn = 0; turn < 10; turn += 1) rotator.emit('rotate')
    expect(status.stats.fires).toBe(0)
    expect(rotator.listenerCount('rotate')).toBe(1)
    status.shutdown()
    expect(rotator.listenerCount('rotate')).toBe(0)
  })

  it('notices a snapshot listener that comes after all were removed, and survives one that throws', async () => {
    const { status, world, reported } = setup()
    status.removeAllListeners()
    const fault = new Error('bad listener')
    let heard = 0
    status.once('snapshot', () => {
      heard += 1
      throw fault
    })
    await world.clock.advance(500)
    expect([heard, reported]).toEqual([1, [fault]])
  })
})
