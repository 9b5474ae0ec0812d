import { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import { describe, expect, it, vi } from 'vitest'
import type { BreakerOptions } from '../../src/breaker/breaker-options.js'
import { TrendAwareCircuitBreaker } from '../../src/breaker/trend-aware-circuit-breaker.js'
import { createTestWorld, type TestWorld } from '../../src/testing/test-world.js'

const down = new Error('down')

interface Setup {
  readonly breaker: TrendAwareCircuitBreaker<[answer: unknown], unknown>
  readonly world: TestWorld
  readonly heard: unknown[][]
}

/** A breaker whose action throws what it is given when that is an Error, else gives it back. */
function setup(options: BreakerOptions<[unknown]> = {}): Setup {
  const world = createTestWorld(1)
  const action = async (answer: unknown): Promise<unknown> => {
    if (answer instanceof Error) throw answer
    return answer
  }
  const breaker = new TrendAwareCircuitBreaker(action, { volumeThreshold: 2, ...options, world })
  const heard: unknown[][] = []
  for (const name of [
    'fire',
    'success',
    'failure',
    'reject',
    'timeout',
    'open',
    'close',
    'halfOpen',
    'fallback',
    'semaphoreLocked',
    'healthCheckFailed',
    'shutdown',
  ]) {
    Reflect.apply(breaker.on, breaker, [name, (...args: unknown[]) => heard.push([name, ...args])])
  }
  return { breaker, world, heard }
}

/** The same without anyone who listens. */
function quiet(options: BreakerOptions<[unknown]> = {}): Omit<Setup, 'heard'> {
  const { breaker, world } = setup(options)
  breaker.removeAllListeners()
  return { breaker, world }
}

async function trip({ breaker }: Setup): Promise<void> {
  while (!breaker.opened) await breaker.fire(down).catch(() => undefined)
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}

describe('as opossum', () => {
  it('is one', () => {
    const { breaker } = setup()
    expect(breaker).toBeInstanceOf(CircuitBreaker)
    expect(breaker).toBeInstanceOf(EventEmitter)
  })

  it('gives the result of the action, with its arguments and events', async () => {
    const { breaker, heard } = setup()
    expect(await breaker.fire('hello')).toBe('hello')
    expect(heard).toEqual([
      ['fire', ['hello']],
      ['success', 'hello', 0],
    ])
  })

  it('gives the action its `this`', async () => {
    const world = createTestWorld()
    const breaker = new TrendAwareCircuitBreaker(
      async function (this: unknown, one: number) {
        return [this, one]
      },
      { world },
    )
    const context = { name: 'context' }
    expect(await breaker.call(context, 1)).toEqual([context, 1])
  })

  it('takes a value in place of an action', async () => {
    // JavaScript users may do so; the types do not allow it.
    const breaker = new TrendAwareCircuitBreaker('constant' as never, { world: createTestWorld() })
    expect(await breaker.fire()).toBe('constant')
  })

  it('refuses to be made without an action', () => {
    expect(() => new TrendAwareCircuitBreaker(undefined as never)).toThrow(TypeError)
  })

  it('opens, rejects with EOPENBREAKER, half-opens and closes, and says so in order', async () => {
    const all = setup()
    const { breaker, world, heard } = all
    await trip(all)
    expect([breaker.opened, breaker.closed, breaker.halfOpen, breaker.pendingClose]).toEqual([true, false, false, false])
    const rejection: unknown = await breaker.fire('x').catch((error: unknown) => error)
    expect(rejection).toMatchObject({ code: 'EOPENBREAKER', message: 'Breaker is open', cause: down })
    expect(CircuitBreaker.isOurError(rejection as Error)).toBe(true)
    expect(TrendAwareCircuitBreaker.isOurError(rejection as Error)).toBe(true)
    await world.clock.advance(30_000)
    expect([breaker.opened, breaker.halfOpen, breaker.pendingClose]).toEqual([false, true, true])
    expect(await breaker.fire('back')).toBe('back')
    expect(breaker.closed).toBe(true)
    expect(heard.map(([name]) => name)).toEqual([
      'fire',
      'failure',
      'fire',
      'failure',
      'open',
      'fire',
      'reject',
      'halfOpen',
      'fire',
      'close',
      'success',
    ])
    expect(heard.find(([name]) => name === 'halfOpen')).toEqual(['halfOpen', 30_000])
    expect(heard.find(([name]) => name === 'failure')).toEqual(['failure', down, 0, [down]])
  })

  it('times out with ETIMEDOUT, tells `timeout` and `failure`, and drops the late answer', async () => {
    const { breaker, world, heard } = setup({ timeout: 100 })
    let answer: (value: unknown) => void = () => undefined
    const fired = breaker.fire(new Promise((resolve) => (answer = resolve)))
    const rejection: unknown = await world.clock.until(fired.catch((error: unknown) => error))
    expect(rejection).toMatchObject({ code: 'ETIMEDOUT', message: 'Timed out after 100ms' })
    answer('late')
    await world.clock.advance(10)
    expect(heard.map(([name]) => name)).toEqual(['fire', 'timeout', 'failure'])
    expect(breaker.stats).toMatchObject({ timeouts: 1, failures: 1, successes: 0 })
    expect(world.clock.sleeping).toBe(0)
  })

  it('stops its timer when the call ends in time', async () => {
    const { breaker, world } = setup({ timeout: 100 })
    await breaker.fire(1)
    await breaker.fire(down).catch(() => undefined)
    expect(world.clock.sleeping).toBe(0)
  })

  it('never times out when told so', async () => {
    const { breaker, world } = setup({ timeout: false })
    void breaker.fire(never())
    await world.clock.advance(1)
    expect(world.clock.sleeping).toBe(0)
  })

  it('calls the fallback for failures and refusals, with the arguments and the error', async () => {
    const all = setup()
    const { breaker, heard } = all
    expect(breaker.fallback((...args: unknown[]) => args)).toBe(breaker)
    expect(await breaker.fire(down)).toEqual([down, down])
    await trip(all)
    const [argument, error] = (await breaker.fire('x')) as [string, Error]
    expect(argument).toBe('x')
    expect(error).toMatchObject({ code: 'EOPENBREAKER' })
    expect(heard.filter(([name]) => name === 'fallback')).toHaveLength(3)
    expect(breaker.stats.fallbacks).toBe(3)
  })

  it('falls back on another breaker, and rejects with what the fallback throws', async () => {
    const { breaker } = setup()
    breaker.fallback(new TrendAwareCircuitBreaker(async () => 'other', { world: createTestWorld() }))
    expect(await breaker.fire(down)).toBe('other')
    breaker.fallback(() => {
      throw new Error('no fallback either')
    })
    await expect(breaker.fire(down)).rejects.toThrow('no fallback either')
  })

  it('rejects with ESHUTDOWN once shut down, and nothing opens it any more', async () => {
    const { breaker, heard } = setup()
    breaker.shutdown()
    breaker.shutdown()
    await expect(breaker.fire(1)).rejects.toMatchObject({ code: 'ESHUTDOWN' })
    breaker.open()
    breaker.close()
    expect([breaker.isShutdown, breaker.opened, breaker.closed, breaker.halfOpen, breaker.pendingClose]).toEqual([
      true,
      false,
      false,
      false,
      false,
    ])
    expect(breaker.acquire()).toMatchObject({ admitted: false, reason: 'it was shut down' })
    expect(heard.map(([name]) => name)).toEqual(['shutdown'])
  })

  it('lets everything through while it is disabled', async () => {
    const { breaker, heard } = setup({ enabled: false })
    for (let call = 0; call < 5; call += 1) await expect(breaker.fire(down)).rejects.toBe(down)
    expect(breaker.closed).toBe(true)
    const admission = breaker.acquire()
    if (admission.admitted) admission.failure(down)
    expect(heard.every(([name]) => name === 'fire')).toBe(true)
    breaker.enable()
    await expect(breaker.fire(down)).rejects.toBe(down)
    expect(breaker.stats.failures).toBe(1)
  })

  it('does not open while it warms up', async () => {
    const { breaker, world } = setup({ allowWarmUp: true, rollingCountTimeout: 1_000 })
    expect(breaker.warmUp).toBe(true)
    for (let call = 0; call < 5; call += 1) await breaker.fire(down).catch(() => undefined)
    expect(breaker.closed).toBe(true)
    await world.clock.advance(1_000)
    expect(breaker.warmUp).toBe(false)
  })

  it('opens and closes by hand', async () => {
    const { breaker } = setup()
    breaker.open()
    expect(breaker.view()).toMatchObject({ state: 'open', reason: 'it was opened by hand', retryAfterMs: 30_000 })
    breaker.close()
    breaker.open({ reason: 'maintenance', retryAfterMs: 60_000 })
    expect(breaker.view()).toMatchObject({ reason: 'maintenance', retryAfterMs: 60_000 })
  })

  it('runs health checks until it is shut down', async () => {
    const { breaker, world, heard } = setup()
    let checks = 0
    breaker.healthCheck(async () => {
      checks += 1
      if (checks === 2) throw down
    }, 1_000)
    await world.clock.advance(999)
    expect([checks, breaker.closed]).toEqual([1, true])
    await world.clock.advance(1)
    expect([checks, breaker.opened]).toEqual([2, true])
    expect(breaker.view().reason).toBe('a health check failed')
    expect(heard).toContainEqual(['healthCheckFailed', down])
    breaker.shutdown()
    await world.clock.advance(10_000)
    expect([checks, world.clock.sleeping]).toEqual([2, 0])
  })

  it('checks what it is given as a health check', () => {
    const { breaker } = setup()
    expect(() => breaker.healthCheck('no' as never)).toThrow(TypeError)
    expect(() => breaker.healthCheck(async () => undefined, 'soon' as never)).toThrow(TypeError)
  })

  it('is named after the action, or by the world', () => {
    const world = createTestWorld()
    const charge = async (): Promise<void> => undefined
    expect(new TrendAwareCircuitBreaker(charge, { world }).name).toBe('charge')
    expect(new TrendAwareCircuitBreaker(async () => undefined, { world }).name).toBe('id-1')
    expect(new TrendAwareCircuitBreaker(charge, { world, name: 'payments', group: 'shop' })).toMatchObject({
      name: 'payments',
      group: 'shop',
    })
  })

  it('runs on the real world by default', async () => {
    const breaker = new TrendAwareCircuitBreaker(async (x: number) => x + 1)
    expect(await breaker.fire(1)).toBe(2)
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    breaker.healthCheck(async () => undefined, 60_000)
    await Promise.resolve()
    await Promise.resolve()
    expect(timers()).toBe(before) // What is unref'd is not listed: it does not keep the process alive.
    breaker.shutdown()
  })

  it('names the events of opossum before anyone listens, as exporters of metrics rely on', () => {
    const world = createTestWorld()
    const ours = new TrendAwareCircuitBreaker(async () => undefined, { world })
    const theirs = new CircuitBreaker(async () => undefined, { enableSnapshots: false })
    expect(new Set(ours.eventNames())).toEqual(new Set(theirs.eventNames()))
    ours.on('degrading', () => undefined)
    expect(ours.eventNames()).toContain('degrading')
    theirs.shutdown()
  })

  it('is idle without any timer', async () => {
    vi.useFakeTimers()
    try {
      const breaker = new TrendAwareCircuitBreaker(async () => undefined, { volumeThreshold: 1, world: createTestWorld() })
      await breaker.fire()
      breaker.open()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('halfOpen', () => {
  it('is told at the time when someone listens, without holding the process', async () => {
    const { breaker, world } = quiet({ resetTimeout: 1_000 })
    const heard: number[] = []
    breaker.on('halfOpen', (resetTimeoutMs) => heard.push(resetTimeoutMs))
    breaker.open()
    expect(world.clock.sleeping).toBe(0)
    await world.clock.advance(999)
    expect(heard).toEqual([])
    await world.clock.advance(1)
    expect(heard).toEqual([1_000])
    await world.clock.advance(10_000)
    expect(heard).toEqual([1_000])
  })

  it('is told to those who begin to listen while it is open', async () => {
    const { breaker, world } = quiet({ resetTimeout: 1_000 })
    breaker.open()
    await world.clock.advance(600)
    const heard: number[] = []
    breaker.once('halfOpen', (resetTimeoutMs) => heard.push(resetTimeoutMs))
    await world.clock.advance(400)
    expect(heard).toEqual([1_000])
  })

  it('is not told after it was closed or shut down, nor of an isolated circuit', async () => {
    for (const end of ['close', 'shutdown', 'isolate'] as const) {
      const { breaker, world } = quiet({ resetTimeout: 1_000 })
      let heard = 0
      breaker.on('halfOpen', () => (heard += 1))
      breaker.open()
      breaker[end]()
      await world.clock.advance(5_000)
      expect(heard, end).toBe(0)
    }
  })

  it('is told again after a probe failed, when the next opening ends', async () => {
    const { breaker, world } = quiet({ resetTimeout: 1_000, openMsMax: 8_000 })
    let heard = 0
    breaker.on('halfOpen', () => (heard += 1))
    breaker.open()
    await world.clock.advance(1_000)
    await breaker.fire(down).catch(() => undefined)
    expect(breaker.opened).toBe(true)
    const { retryAfterMs } = breaker.view()
    expect(retryAfterMs).toBeGreaterThan(1_000)
    await world.clock.advance(retryAfterMs - 1)
    expect(heard).toBe(1)
    await world.clock.advance(1)
    expect(heard).toBe(2)
  })
})

describe('snapshots', () => {
  it('are emitted while someone listens, and only then is there a timer', async () => {
    const { breaker, world } = quiet({ rollingCountTimeout: 1_000, rollingCountBuckets: 10 })
    const fires: number[] = []
    const listener = ({ fires: count }: CircuitBreaker.Stats): void => void fires.push(count)
    breaker.status.on('snapshot', listener)
    breaker.status.on('snapshot', () => undefined)
    await breaker.fire(1)
    await world.clock.advance(250)
    expect([fires, world.clock.sleeping]).toEqual([[1, 1], 0])
    breaker.status.removeAllListeners('snapshot')
    await world.clock.advance(1_000)
    expect(fires).toEqual([1, 1])
    breaker.status.on('snapshot', listener)
    await world.clock.advance(100)
    expect(fires).toEqual([1, 1, 0])
    breaker.shutdown()
    await world.clock.advance(1_000)
    expect(fires).toHaveLength(3)
  })

  it('are not emitted when they are switched off', async () => {
    const { breaker, world } = quiet({ enableSnapshots: false })
    let heard = 0
    breaker.status.on('snapshot', () => (heard += 1))
    await world.clock.advance(60_000)
    expect(heard).toBe(0)
  })
})

describe('statistics', () => {
  it('roll with the clock of the world', async () => {
    const { breaker, world } = setup({ rollingCountTimeout: 1_000, rollingCountBuckets: 10 })
    await breaker.fire(1)
    await breaker.fire(down).catch(() => undefined)
    expect(breaker.stats).toMatchObject({ fires: 2, successes: 1, failures: 1, latencyMean: 0 })
    expect(breaker.status.window).toHaveLength(10)
    await world.clock.advance(500)
    expect(breaker.stats.fires).toBe(2)
    await world.clock.advance(600)
    expect(breaker.stats.fires).toBe(0)
  })

  it('keep latencies unless percentiles are switched off, and then a bounded number', async () => {
    const lean = setup({ rollingPercentilesEnabled: false }).breaker
    const full = setup().breaker
    for (let call = 0; call < 500; call += 1) {
      await lean.fire(1)
      await full.fire(1)
    }
    expect(lean.status.window[0]?.latencyTimes).toEqual([])
    expect(lean.stats).toMatchObject({ latencyMean: -1, successes: 500 })
    expect(full.status.window[0]?.latencyTimes).toHaveLength(400)
    expect(full.stats.percentiles[0.99]).toBe(0)
  })

  it('turn with the rotator of the user, when there is one', async () => {
    const rotator = new EventEmitter()
    const { breaker, world } = setup({ rotateBucketController: rotator })
    await breaker.fire(1)
    await world.clock.advance(60_000)
    expect(breaker.stats.fires).toBe(1)
    for (let turn = 0; turn < 10; turn += 1) rotator.emit('rotate')
    expect(breaker.stats.fires).toBe(0)
  })
})

describe('state', () => {
  it('survives into another process: closed, half-open, disabled, shut down', () => {
    for (const prepare of [
      (): void => undefined,
      (breaker: TrendAwareCircuitBreaker<[unknown]>): void => breaker.disable(),
      (breaker: TrendAwareCircuitBreaker<[unknown]>): void => breaker.shutdown(),
    ]) {
      const { breaker } = setup()
      prepare(breaker)
      const { state } = JSON.parse(JSON.stringify(breaker)) as { state: object }
      const { lastTimerAt: _, ...second } = setup({ state }).breaker.toJSON().state
      expect({ ...second, name: '' }).toEqual({ ...state, name: '' })
    }
    expect(setup({ state: { closed: false, halfOpen: true } }).breaker.halfOpen).toBe(true)
    expect(setup({ state: { warmUp: true } }).breaker.warmUp).toBe(true)
  })

  it('stays open for a whole opening when the time is not known or lies ahead', () => {
    expect(setup({ state: { closed: false } }).breaker.view().retryAfterMs).toBe(30_000)
    expect(setup({ state: { closed: false, lastTimerAt: 9e15 } }).breaker.view().retryAfterMs).toBe(30_000)
  })
})

describe('trend', () => {
  /** A breaker with the defaults of users, which has seen enough to know what is usual. */
  async function healthy(options: BreakerOptions<[unknown]> = {}): Promise<Setup> {
    const all = setup({ volumeThreshold: undefined, ...options })
    for (let call = 0; call < 2_000; call += 1) await all.breaker.fire(call)
    all.heard.length = 0
    return all
  }

  it('opens the circuit within a few failed calls, and says why', async () => {
    const { breaker } = await healthy()
    expect(breaker.trend).toMatchObject({ state: 'steady' })
    let failed = 0
    for (; breaker.closed && failed < 100; failed += 1) await breaker.fire(down).catch(() => undefined)
    expect(failed).toBeLessThanOrEqual(5)
    expect(breaker.trend).toMatchObject({ state: 'tripped' })
    const { reason, trend } = breaker.view()
    expect(trend).toEqual(breaker.trend)
    expect(reason).toContain(trend?.reason)
  })

  it('tells of a degradation that does not open the circuit, once, and of its end', async () => {
    const { breaker, heard } = await healthy()
    const verdicts: unknown[] = []
    breaker.on('degrading', (verdict) => verdicts.push(verdict))
    let recovered = 0
    breaker.on('recovered', () => (recovered += 1))
    for (let call = 0; call < 400; call += 1) await breaker.fire(call % 10 === 0 ? down : call).catch(() => undefined)
    expect(verdicts).toMatchObject([{ state: 'degrading', estimate: { calls: expect.any(Number) } }])
    expect([breaker.closed, recovered, heard.some(([name]) => name === 'open')]).toEqual([true, 0, false])
    breaker.open()
    breaker.close()
    expect(recovered).toBe(1)
  })

  it('survives into another process', async () => {
    const { breaker } = await healthy()
    const { state } = JSON.parse(JSON.stringify(breaker)) as { state: object }
    const second = setup({ volumeThreshold: undefined, state }).breaker
    expect(second.trend?.baseline).toEqual(breaker.trend?.baseline)
    expect(() => setup({ state: { trend: { version: 'forged' } as never } })).toThrow()
  })

  it('may be switched off, and then the window decides', async () => {
    const { breaker } = setup({ trend: false, volumeThreshold: 10 })
    for (let call = 0; call < 9; call += 1) await breaker.fire(down).catch(() => undefined)
    expect([breaker.closed, breaker.trend]).toEqual([true, null])
    await breaker.fire(down).catch(() => undefined)
    expect(breaker.opened).toBe(true)
  })

  it('is checked when the breaker is made', () => {
    expect(() => setup({ trend: { openAt: 2 } })).toThrow(RangeError)
  })

  it('only reports what it would have done in the mode `observe`', async () => {
    const all = await healthy({ mode: 'observe' })
    for (let call = 0; call < 50; call += 1) await expect(all.breaker.fire(down)).rejects.toBe(down)
    expect(all.heard.filter(([name]) => name === 'reject')).toEqual([])
    expect(all.heard.some(([name]) => name === 'open')).toBe(true)
    expect(all.breaker.view()).toMatchObject({ mode: 'observe' })
    expect(all.breaker.view().refusals).toBeGreaterThan(40)
  })
})

describe('isolate()', () => {
  it('keeps the circuit open without probes until it is released or closed', async () => {
    const { breaker, world, heard } = setup()
    breaker.isolate('maintenance')
    await world.clock.advance(3_600_000)
    expect(breaker.view()).toMatchObject({ state: 'open', isolated: true, reason: 'maintenance' })
    await expect(breaker.fire(1)).rejects.toMatchObject({ code: 'EOPENBREAKER' })
    breaker.release()
    expect(breaker.halfOpen).toBe(true)
    expect(await breaker.fire('probe')).toBe('probe')
    expect(breaker.closed).toBe(true)
    breaker.isolate()
    breaker.close()
    expect(breaker.closed).toBe(true)
    expect(heard.map(([name]) => name)).toEqual([
      'open',
      'fire',
      'reject',
      'halfOpen',
      'fire',
      'close',
      'success',
      'open',
      'close',
    ])
  })

  it('does nothing to a breaker that was shut down', () => {
    const { breaker } = setup()
    breaker.shutdown()
    breaker.isolate()
    breaker.release()
    expect([breaker.isShutdown, breaker.opened, breaker.halfOpen]).toEqual([true, false, false])
  })
})

describe('acquire()', () => {
  it('counts and tells what its permits are told, once', () => {
    const { breaker, heard } = setup()
    const admission = breaker.acquire(['question'])
    if (!admission.admitted) throw new Error('refused')
    admission.success('answer')
    admission.success('answer')
    admission.failure(down)
    expect(heard).toEqual([
      ['fire', ['question']],
      ['success', 'answer', 0],
    ])
    expect(breaker.view().calls).toBe(1)
  })

  it('tells of a refusal', async () => {
    const all = setup()
    await trip(all)
    expect(all.breaker.acquire()).toMatchObject({ admitted: false, retryAfterMs: 30_000, cause: down })
    expect(all.heard.at(-1)).toMatchObject(['reject', { code: 'EOPENBREAKER' }])
    expect(all.breaker.stats.rejects).toBe(1)
  })
})

it('configure() changes the numbers for later calls', async () => {
  const all = setup({ volumeThreshold: 100 })
  all.breaker.configure({ callsMin: 1 })
  expect(all.breaker.volumeThreshold).toBe(1)
  await trip(all)
  expect(all.breaker.stats.failures).toBe(1)
})
