import { describe, expect, it } from 'vitest'
import type { BreakerOptions } from '../../src/breaker/breaker-options.js'
import { TrendAwareCircuitBreaker } from '../../src/breaker/trend-aware-circuit-breaker.js'
import { createTestWorld, type TestWorld } from '../../src/testing/test-world.js'

/*
 * Defects that were reproduced on opossum 10.0.0, each turned into what ours does instead. The numbers are those of the field
 * notes. Missing are 3b and 9 in full (cache, coalescing and the shared controller are refused for now) and 15 (a benchmark).
 */

type Breaker = TrendAwareCircuitBreaker<[work: () => unknown], unknown>

function setup(options: BreakerOptions<[() => unknown]> = {}): { readonly breaker: Breaker; readonly world: TestWorld } {
  const world = createTestWorld(1)
  const breaker = new TrendAwareCircuitBreaker(async (work: () => unknown) => work(), {
    timeout: false,
    volumeThreshold: 2,
    ...options,
    world,
  })
  return { breaker, world }
}

const fail = (): never => {
  throw new Error('down')
}

async function failures(breaker: Breaker, count: number): Promise<void> {
  for (let call = 0; call < count; call += 1) await breaker.fire(fail).catch(() => undefined)
}

function deferred(): { readonly promise: Promise<unknown>; readonly resolve: (value?: unknown) => void } {
  let resolve: (value?: unknown) => void = () => undefined
  const promise = new Promise<unknown>((settle) => (resolve = settle))
  return { promise, resolve }
}

describe('opossum defects', () => {
  it('1: the first failed call does not open the circuit by default', async () => {
    const breaker = new TrendAwareCircuitBreaker(async () => fail(), { world: createTestWorld() })
    await breaker.fire().catch(() => undefined)
    expect(breaker.closed).toBe(true)
    for (let call = 0; call < 4; call += 1) await breaker.fire().catch(() => undefined)
    expect(breaker.opened).toBe(true)
  })

  it('2: a persisted open circuit stays open for the rest of its opening, counted from when it opened', async () => {
    const { breaker, world } = setup({ resetTimeout: 30_000 })
    await world.clock.advance(3_600_000)
    breaker.open()
    await world.clock.advance(10_000)
    const { state } = JSON.parse(JSON.stringify(breaker)) as { state: object }
    const later = createTestWorld(2, { epochMs: world.clock.epochMs() + 5_000 })
    const second = new TrendAwareCircuitBreaker(async () => 'ok', { resetTimeout: 30_000, state, world: later })
    expect(second.opened).toBe(true)
    expect(second.view().retryAfterMs).toBe(15_000)
    await later.clock.advance(15_000)
    expect(second.halfOpen).toBe(true)
  })

  it('3: breakers that share one options object share nothing else, and the object is not written to (14)', async () => {
    const options = Object.freeze({ timeout: 50 as const, volumeThreshold: 1, world: createTestWorld() })
    const a = new TrendAwareCircuitBreaker(async () => fail(), options)
    const b = new TrendAwareCircuitBreaker(async () => 'b', options)
    await a.fire().catch(() => undefined)
    expect([a.opened, b.opened]).toEqual([true, false])
    expect(await b.fire()).toBe('b')
    expect(a.options.timeout).toBe(50)
    expect(Object.keys(options)).toHaveLength(3)
  })

  it('4: a hung probe does not hold the circuit half-open for ever', async () => {
    const { breaker, world } = setup({ resetTimeout: 1_000, probeTimeoutMs: 5_000 })
    await failures(breaker, 2)
    await world.clock.advance(1_000)
    void breaker.fire(() => new Promise(() => undefined))
    await expect(breaker.fire(() => 'x')).rejects.toMatchObject({ code: 'EOPENBREAKER' })
    await world.clock.advance(5_000 + 2_000)
    expect(await breaker.fire(() => 'recovered')).toBe('recovered')
    expect(breaker.closed).toBe(true)
  })

  it('5: a success of a call that began before the trip does not close a half-open circuit', async () => {
    const { breaker, world } = setup()
    const early = deferred()
    const fired = breaker.fire(() => early.promise)
    await failures(breaker, 2)
    await world.clock.advance(30_000)
    expect(breaker.halfOpen).toBe(true)
    early.resolve('at last')
    expect(await fired).toBe('at last')
    expect(breaker.halfOpen).toBe(true)
  })

  it('6: a timeout does not free the place while the work runs', async () => {
    const { breaker, world } = setup({ timeout: 10, capacity: 1, volumeThreshold: 100 })
    const work = deferred()
    let running = 0
    let runningMax = 0
    const crowd = async (): Promise<void> => {
      running += 1
      runningMax = Math.max(runningMax, running)
      await work.promise
      running -= 1
    }
    await world.clock.until(breaker.fire(crowd).catch(() => undefined))
    for (let call = 0; call < 4; call += 1) await expect(breaker.fire(crowd)).rejects.toMatchObject({ code: 'ESEMLOCKED' })
    expect([running, runningMax]).toEqual([1, 1])
    work.resolve()
    await world.clock.advance(0)
    expect(await breaker.fire(() => 'free')).toBe('free')
  })

  it('7: a bulkhead rejection is not a failure of the target', async () => {
    const { breaker, world } = setup({ capacity: 1 })
    const work = deferred()
    const first = breaker.fire(() => work.promise)
    const locked: unknown[] = []
    breaker.on('semaphoreLocked', (error) => locked.push(error))
    for (let call = 0; call < 20; call += 1) await expect(breaker.fire(fail)).rejects.toMatchObject({ code: 'ESEMLOCKED' })
    expect(breaker.closed).toBe(true)
    expect(locked).toHaveLength(20)
    expect(breaker.stats).toMatchObject({ failures: 0, semaphoreRejections: 20 })
    expect(breaker.view().calls).toBe(0)
    work.resolve('ok')
    expect(await first).toBe('ok')
    await world.clock.advance(0)
  })

  it('8: a health check that fails after shutdown does not bring the breaker back', async () => {
    const { breaker, world } = setup()
    const check = deferred()
    breaker.healthCheck(async () => {
      await check.promise
      fail()
    }, 100)
    breaker.shutdown()
    check.resolve()
    await world.clock.advance(1_000)
    expect([breaker.isShutdown, breaker.opened]).toEqual([true, false])
  })

  it('9: one AbortController for all calls is refused', () => {
    expect(() => setup({ abortController: new AbortController() })).toThrow('one controller would abort every call')
  })

  it('10: an action may return nothing, synchronously, also while the breaker is disabled, and may throw', async () => {
    const breaker = new TrendAwareCircuitBreaker((() => undefined) as unknown as () => Promise<void>, {
      world: createTestWorld(),
    })
    expect(await breaker.fire()).toBeUndefined()
    breaker.disable()
    expect(await breaker.fire()).toBeUndefined()
    const thrower = new TrendAwareCircuitBreaker((() => fail()) as () => Promise<never>, {
      enabled: false,
      world: createTestWorld(),
    })
    await expect(thrower.fire()).rejects.toThrow('down')
  })

  it('11: a listener that throws, or rejects, hurts nobody and is reported', async () => {
    const reported: unknown[] = []
    const { breaker } = setup({ onListenerError: (error) => reported.push(error) })
    const bad = new Error('bad listener')
    breaker.on('success', () => {
      throw bad
    })
    breaker.on('success', (() => Promise.reject(bad)) as () => void)
    let heard = 0
    breaker.on('success', () => (heard += 1))
    expect(await breaker.fire(() => 'fine')).toBe('fine')
    await Promise.resolve()
    expect(reported).toEqual([bad, bad])
    expect(heard).toBe(1)
    expect(breaker.view()).toMatchObject({ state: 'closed', calls: 1, failures: 0 })
    breaker.on('open', () => {
      throw bad
    })
    await failures(breaker, 3)
    expect(breaker.opened).toBe(true)
  })

  it('12: a filtered error neither closes a half-open circuit nor keeps a probe from the next call', async () => {
    const filtered = new Error('not found')
    const { breaker, world } = setup({ errorFilter: (error) => error === filtered })
    await failures(breaker, 2)
    await world.clock.advance(30_000)
    const told: unknown[] = []
    breaker.on('success', (error) => told.push(error))
    const notFound = (): never => {
      throw filtered
    }
    await expect(breaker.fire(notFound)).rejects.toBe(filtered)
    expect(told).toEqual([filtered])
    expect(breaker.halfOpen).toBe(true)
    expect(breaker.pendingClose).toBe(true)
  })

  it('12: an error filter that throws gives the probe back too', async () => {
    const { breaker, world } = setup({
      errorFilter: () => {
        throw new Error('bad filter')
      },
    })
    breaker.open()
    await world.clock.advance(30_000)
    await expect(breaker.fire(fail)).rejects.toThrow('bad filter')
    expect(breaker.pendingClose).toBe(true)
  })

  it('13: rejected calls do not dilute the rate, and the window is empty after closing', async () => {
    const { breaker, world } = setup({ resetTimeout: 1_000 })
    await failures(breaker, 2)
    for (let call = 0; call < 9; call += 1) await breaker.fire(() => 'x').catch(() => undefined)
    await world.clock.advance(1_000)
    await breaker.fire(() => 'probe')
    expect(breaker.view()).toMatchObject({ state: 'closed', calls: 0, failures: 0, failureRatio: 0 })
    await failures(breaker, 2)
    expect(breaker.opened).toBe(true)
  })
})
