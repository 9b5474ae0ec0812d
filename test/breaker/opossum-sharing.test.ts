import { describe, expect, it } from 'vitest'
import type { BreakerOptions } from '../../src/breaker/breaker-options.js'
import { TrendAwareCircuitBreaker } from '../../src/breaker/trend-aware-circuit-breaker.js'
import { createTestWorld, type TestWorld } from '../../src/testing/test-world.js'

interface Setup {
  readonly breaker: TrendAwareCircuitBreaker<[question: unknown], unknown>
  readonly world: TestWorld
  readonly heard: string[]
  /** Times the action was called. */
  readonly calls: () => number
}

/** A breaker whose action takes 100 ms, and then throws what it is given if that is an Error. */
function setup(options: BreakerOptions<[unknown]>): Setup {
  const world = createTestWorld(1)
  let calls = 0
  const action = async (question: unknown): Promise<unknown> => {
    calls += 1
    const call = calls
    await world.clock.sleep(100)
    if (question instanceof Error) throw question
    return `${String(question)} ${call}`
  }
  const breaker = new TrendAwareCircuitBreaker(action, { ...options, world })
  const heard: string[] = []
  for (const name of ['cacheHit', 'cacheMiss', 'coalesceCacheHit', 'coalesceCacheMiss'] as const)
    breaker.on(name, () => heard.push(name))
  return { breaker, world, heard, calls: () => calls }
}

describe('cache', () => {
  it('gives the result of an earlier call with the same arguments, until its time has come', async () => {
    const { breaker, world, heard } = setup({ cache: true, cacheTTL: 1_000 })
    expect(await world.clock.until(breaker.fire('a'))).toBe('a 1')
    expect(await breaker.fire('a')).toBe('a 1')
    expect(await world.clock.until(breaker.fire('b'))).toBe('b 2')
    await world.clock.advance(900)
    expect(await world.clock.until(breaker.fire('a'))).toBe('a 3')
    expect(heard).toEqual(['cacheMiss', 'cacheHit', 'cacheMiss', 'cacheMiss'])
    expect(breaker.stats).toMatchObject({ fires: 4, successes: 3, cacheHits: 1, cacheMisses: 3 })
  })

  it('keeps what succeeded only, also while the circuit is open, and forgets it on demand and at shutdown', async () => {
    const { breaker, world, calls } = setup({ cache: true, cacheGetKey: () => 'one key' })
    await world.clock.until(breaker.fire(new Error('down')).catch(() => undefined))
    expect(await world.clock.until(breaker.fire('a'))).toBe('a 2')
    breaker.open()
    expect(await breaker.fire('b')).toBe('a 2')
    breaker.clearCache()
    await expect(breaker.fire('b')).rejects.toMatchObject({ code: 'EOPENBREAKER' })
    breaker.shutdown()
    expect(calls()).toBe(2)
  })

  it('does not keep what a fallback gave', async () => {
    const { breaker, world } = setup({ cache: true })
    breaker.fallback(() => 'stand-in')
    const down = new Error('down')
    expect(await world.clock.until(breaker.fire(down))).toBe('stand-in')
    expect(await world.clock.until(breaker.fire(down))).toBe('stand-in')
    expect(breaker.stats).toMatchObject({ cacheHits: 0, fallbacks: 2 })
  })

  it('may be kept elsewhere, with an expiry in milliseconds since 1970', async () => {
    const kept = new Map<string, unknown>()
    const expiries: number[] = []
    const cacheTransport = {
      get: (key: string): unknown => kept.get(key),
      set(key: string, value: unknown, expiresAt: number): void {
        kept.set(key, value)
        expiries.push(expiresAt)
      },
      flush: (): void => kept.clear(),
    }
    const { breaker, world } = setup({ cache: true, cacheTTL: 50, cacheTransport })
    await world.clock.until(breaker.fire('a'))
    expect(await breaker.fire('a')).toBe('a 1')
    expect(expiries).toEqual([world.clock.epochMs() + 50])
    breaker.clearCache()
    expect(kept.size).toBe(0)
  })

  it('that is down is a cache without entries: the call is made, and the fault reported', async () => {
    const reported: unknown[] = []
    const fault = new Error('cache down')
    const fail = (): never => {
      throw fault
    }
    const { breaker, world } = setup({
      cache: true,
      cacheTransport: { get: fail, set: fail, flush: fail },
      onListenerError: (error) => reported.push(error),
    })
    expect(await world.clock.until(breaker.fire('a'))).toBe('a 1')
    breaker.clearCache()
    expect(reported).toEqual([fault, fault, fault])
    expect(breaker.stats).toMatchObject({ failures: 0, cacheMisses: 1 })
  })

  it('rejects a call whose key cannot be made, and counts nothing against the target', async () => {
    const { breaker, calls } = setup({ cache: true })
    await expect(breaker.fire(10n)).rejects.toThrow(TypeError)
    expect([calls(), breaker.view().failures]).toEqual([0, 0])
  })
})

describe('coalesce', () => {
  it('calls the action once for calls with the same arguments at the same time', async () => {
    const { breaker, world, heard, calls } = setup({ coalesce: true })
    const fired = Promise.all([breaker.fire('a'), breaker.fire('a'), breaker.fire('b')])
    expect(await world.clock.until(fired)).toEqual(['a 1', 'a 1', 'b 2'])
    expect(calls()).toBe(2)
    expect(heard).toEqual(['coalesceCacheMiss', 'coalesceCacheHit', 'coalesceCacheMiss'])
    expect(breaker.stats).toMatchObject({ fires: 3, successes: 2, coalesceCacheHits: 1, coalesceCacheMisses: 2 })
  })

  it('shares a promise until its time has come, a failed one too', async () => {
    const { breaker, world, calls } = setup({ coalesce: true, coalesceTTL: 500, cacheGetKey: () => 'one key' })
    const down = new Error('down')
    await expect(world.clock.until(breaker.fire(down))).rejects.toBe(down)
    await expect(breaker.fire('a')).rejects.toBe(down)
    await world.clock.advance(400)
    expect(await world.clock.until(breaker.fire('a'))).toBe('a 2')
    expect(calls()).toBe(2)
  })

  it('stops sharing after the endings that reset it', async () => {
    for (const [ending, question, resets] of [
      ['success', 'a', true],
      ['error', new Error('down'), true],
      ['timeout', 'a', false],
      ['error', 'a', false],
    ] as const) {
      const { breaker, world, calls } = setup({ coalesce: true, coalesceResetOn: [ending], cacheGetKey: () => 'one key' })
      for (let call = 0; call < 2; call += 1) await world.clock.until(breaker.fire(question).catch(() => undefined))
      expect(calls(), `${ending} ${String(question)}`).toBe(resets ? 2 : 1)
    }
  })

  it('stops sharing after a timeout when told so', async () => {
    const options = { coalesce: true, coalesceTTL: 0, coalesceResetOn: ['timeout'], timeout: 60 }
    const { breaker, world, calls } = setup(options)
    for (let call = 0; call < 2; call += 1)
      await expect(world.clock.until(breaker.fire('a'))).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    expect(calls()).toBe(2)
  })

  it('shares a later call although an earlier one, which is not shared any more, ends', async () => {
    const { breaker, world } = setup({ coalesce: true, coalesceTTL: 50, coalesceResetOn: ['success'] })
    const first = breaker.fire('a')
    await world.clock.advance(60)
    const second = breaker.fire('a')
    await world.clock.advance(45)
    expect(await first).toBe('a 1')
    const third = breaker.fire('a')
    expect(await world.clock.until(Promise.all([second, third]))).toEqual(['a 2', 'a 2'])
  })

  it('shares no refusal: neither of an open circuit nor of a full one', async () => {
    const { breaker, world } = setup({ coalesce: true, coalesceTTL: 0, capacity: 1 })
    const first = breaker.fire('a')
    await expect(breaker.fire('b')).rejects.toMatchObject({ code: 'ESEMLOCKED' })
    expect(await world.clock.until(first)).toBe('a 1')
    expect(await world.clock.until(breaker.fire('b'))).toBe('b 2')
    breaker.open()
    await expect(breaker.fire('c')).rejects.toMatchObject({ code: 'EOPENBREAKER' })
    breaker.close()
    expect(await world.clock.until(breaker.fire('c'))).toBe('c 3')
  })

  it('forgets on demand, and holds a bounded number of promises', async () => {
    const { breaker, world, calls } = setup({ coalesce: true, coalesceSize: 1, coalesceTTL: 0 })
    await world.clock.until(breaker.fire('a'))
    await breaker.fire('a')
    breaker.clearCache()
    await world.clock.until(breaker.fire('a'))
    await world.clock.until(breaker.fire('b'))
    await world.clock.until(breaker.fire('a'))
    expect(calls()).toBe(4)
  })

  it('goes with the cache, which is asked first', async () => {
    const { breaker, world, heard } = setup({ coalesce: true, cache: true })
    await world.clock.until(Promise.all([breaker.fire('a'), breaker.fire('a')]))
    await breaker.fire('a')
    expect(heard).toEqual(['cacheMiss', 'coalesceCacheMiss', 'cacheMiss', 'coalesceCacheHit', 'cacheHit'])
  })
})

it('a disabled breaker shares nothing', async () => {
  const { breaker, world, calls } = setup({ coalesce: true, cache: true, enabled: false })
  await world.clock.until(Promise.all([breaker.fire('a'), breaker.fire('a')]))
  expect(calls()).toBe(2)
})
