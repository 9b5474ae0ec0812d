import { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import { describe, expect, it } from 'vitest'
import type { BreakerOptions } from '../../src/breaker/breaker-options.js'
import { TrendAwareCircuitBreaker } from '../../src/breaker/trend-aware-circuit-breaker.js'
import { createTestWorld, type TestWorld } from '../../src/testing/test-world.js'

/*
 * Defects that were reproduced on opossum 10.0.0, each turned into what ours does instead. The numbers are those of
 * `docs/opossum.md`.
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
    for (let call = 0; call < 20; call += 1) await breaker.fire().catch(() => undefined)
    expect(breaker.opened).toBe(true)
  })

  it('1: nor at the percentage that opossum has by default, without a volume', async () => {
    const options = { errorThresholdPercentage: 50, trend: false, world: createTestWorld() } as const
    const breaker = new TrendAwareCircuitBreaker(async () => fail(), options)
    for (let call = 0; call < 3; call += 1) await breaker.fire().catch(() => undefined)
    expect(breaker.closed).toBe(true)
    await breaker.fire().catch(() => undefined)
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

  it('3: breakers that share one options object share neither results nor calls', async () => {
    const options = { cache: true, coalesce: true, world: createTestWorld() }
    const a = new TrendAwareCircuitBreaker(async () => 'a', options)
    const b = new TrendAwareCircuitBreaker(async () => 'b', options)
    expect(await Promise.all([a.fire(), b.fire()])).toEqual(['a', 'b'])
    expect(await Promise.all([a.fire(), b.fire()])).toEqual(['a', 'b'])
    expect(Object.keys(options)).toEqual(['cache', 'coalesce', 'world'])
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

  it('8: a call that ends after shutdown does not bring the breaker back', async () => {
    const { breaker } = setup({ volumeThreshold: 1 })
    const work = deferred()
    const fired = breaker.fire(async () => {
      await work.promise
      fail()
    })
    breaker.shutdown()
    work.resolve()
    await expect(fired).rejects.toThrow('down')
    expect([breaker.isShutdown, breaker.opened]).toEqual([true, false])
  })

  it('9: every call has a signal of its own, which its timeout alone aborts', async () => {
    const { breaker, world } = setup({ timeout: 100, volumeThreshold: 100 })
    const signals: (AbortSignal | undefined)[] = []
    const work = (): Promise<unknown> => {
      signals.push(breaker.getSignal())
      return world.clock.sleep(signals.length === 1 ? 1_000 : 90)
    }
    const first = breaker.fire(work)
    await world.clock.advance(50)
    const second = breaker.fire(work)
    const timeout: unknown = await world.clock.until(first.catch((error: unknown) => error))
    await world.clock.until(second)
    await world.clock.until(breaker.fire(work))
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, false, false])
    expect(signals[0]?.reason).toBe(timeout)
    expect([breaker.getSignal(), breaker.getAbortController()]).toEqual([undefined, undefined])
  })

  it('9: a timeout aborts a shared controller only when it hurts no neighbour', async () => {
    const abortController = new AbortController()
    const { breaker, world } = setup({ timeout: 100, abortController, volumeThreshold: 100 })
    expect([breaker.getSignal(), breaker.getAbortController()]).toEqual([abortController.signal, abortController])
    const hung = breaker.fire(() => new Promise(() => undefined)).catch(() => 'timed out')
    await world.clock.advance(50)
    const neighbour = breaker.fire(() => world.clock.sleep(90).then(() => 'fine'))
    await world.clock.advance(50)
    expect(await hung).toBe('timed out')
    expect(abortController.signal.aborted).toBe(false)
    expect(await world.clock.until(neighbour)).toBe('fine')
    expect(abortController.signal.aborted).toBe(true)
  })

  it('9: with autoRenewAbortController a timeout does not abort later calls', async () => {
    const { breaker, world } = setup({ timeout: 100, autoRenewAbortController: true, volumeThreshold: 100 })
    const before = breaker.getSignal()
    await world.clock.until(breaker.fire(() => new Promise(() => undefined)).catch(() => undefined))
    expect([before?.aborted, breaker.getSignal()]).toEqual([true, before])
    await world.clock.advance(0)
    expect(breaker.getSignal()?.aborted).toBe(false)
    expect(breaker.closed).toBe(true)
  })

  it('9: work under a shared controller hears both that one and its own timeout', async () => {
    const abortController = new AbortController()
    const { breaker } = setup({ abortController })
    let signal: AbortSignal | undefined
    let own: AbortController | undefined
    const work = async (): Promise<void> => {
      signal = breaker.getSignal()
      own = breaker.getAbortController()
    }
    await breaker.fire(work)
    expect([signal?.aborted, own === abortController]).toEqual([false, false])
    abortController.abort(new Error('all of them'))
    expect(signal?.aborted).toBe(true)
    await breaker.fire(work)
    expect(signal?.aborted).toBe(false)
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

  it('14: restored statistics keep the age of their parts', async () => {
    const { breaker, world } = setup({ rollingCountTimeout: 10_000 })
    await breaker.fire(() => 'old')
    await world.clock.advance(6_000)
    await breaker.fire(() => 'new')
    const { status } = JSON.parse(JSON.stringify(breaker)) as { status: object }
    const later = createTestWorld(2, { epochMs: world.clock.epochMs() + 1_000 })
    const second = new TrendAwareCircuitBreaker(async () => 'ok', { status, world: later })
    expect(second.stats.fires).toBe(2)
    expect(second.status.window.map(({ fires }) => fires)).toEqual([0, 1, 0, 0, 0, 0, 0, 1, 0, 0])
    await later.clock.advance(3_000)
    expect(second.stats.fires).toBe(1)
    await later.clock.advance(6_000)
    expect(second.stats.fires).toBe(0)
  })

  it('14: a status object of opossum is taken over, and not shared', async () => {
    const theirs = CircuitBreaker.newStatus({
      stats: { fires: 3, failures: 1 } as CircuitBreaker.Stats,
      enableSnapshots: false,
      rotateBucketController: new EventEmitter(),
    })
    const { breaker } = setup({ status: theirs })
    await breaker.fire(() => 'ok')
    expect(breaker.stats).toMatchObject({ fires: 4, failures: 1, successes: 1 })
    expect(theirs.stats).toMatchObject({ fires: 3, successes: 0 })
    expect(breaker.status).toBeInstanceOf(theirs.constructor)
  })

  it('15: what a failed call costs does not depend on how many calls the window holds', async () => {
    const { breaker } = setup({ volumeThreshold: 1_000_000, trend: false })
    const thousandFailuresUs = async (): Promise<number> => {
      const { user } = process.cpuUsage()
      await failures(breaker, 1_000)
      return process.cpuUsage().user - user
    }
    await thousandFailuresUs()
    const early = await thousandFailuresUs()
    for (let call = 0; call < 30_000; call += 1) await breaker.fire(() => 'ok')
    const late = await thousandFailuresUs()
    // opossum sorts all latencies of the window for each failure: 30 000 of them take it over 100 times as long as none.
    expect(late).toBeLessThan(early * 5 + 10_000)
  })
})
