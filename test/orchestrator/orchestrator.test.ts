import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { HomeostatEvent } from '../../src/core/events.js'
import { HomeostatError } from '../../src/core/errors.js'
import type { Call } from '../../src/orchestrator/guard/call.js'
import { Orchestrator } from '../../src/orchestrator/orchestrator.js'
import type { PolicyInput } from '../../src/orchestrator/policy/policy-schema.js'
import { createTestWorld, type TestWorld } from '../../src/testing/test-world.js'

interface Setup {
  readonly healer: Orchestrator
  readonly world: TestWorld
  readonly events: HomeostatEvent[]
  /** Names of the events so far. */
  readonly heard: () => string[]
  /** How calls were settled so far. */
  readonly outcomes: () => string[]
}

function setup(policy: PolicyInput = {}, seed = 1): Setup {
  const world = createTestWorld(seed)
  const healer = new Orchestrator(policy, { world })
  const events: HomeostatEvent[] = []
  healer.on('*', (event) => events.push(event))
  const outcomes = (): string[] => events.flatMap((event) => (event.type === 'call.settled' ? [event.outcome] : []))
  return { healer, world, events, heard: () => events.map((event) => event.type), outcomes }
}

const quick: PolicyInput = {
  guard: { breaker: { failureRatioMax: 0.5, callsMin: 2, windowMs: 60_000, openMs: 1_000, openMsMax: 10_000 } },
}
const alone = { retry: false, breaker: false, deadline: false } as const
const down = new Error('down')

const fail = async (): Promise<never> => {
  throw down
}
const never = (): Promise<never> => new Promise(() => undefined)

async function trip({ healer }: Setup, key = 'k'): Promise<void> {
  while (!healer.breaker(key).opened) await healer.run(key, fail, { retry: false }).catch(() => undefined)
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('Orchestrator.run()', () => {
  it('gives the answer, and the work a call of its own that nobody can write to', async () => {
    const { healer, events } = setup()
    const call = await healer.run('k', (given) => given)
    const { id, key, attempt, signal } = call
    expect({ id, key, attempt, signal }).toEqual({ id: 'id-1', key: 'k', attempt: 1, signal: expect.any(AbortSignal) })
    expect(JSON.parse(JSON.stringify(call))).toEqual({ id: 'id-1', key: 'k', attempt: 1 })
    expect(() => Object.assign(call, { attempt: 2 })).toThrow(TypeError)
    expect([call.signal === signal, signal.aborted]).toEqual([true, false])
    expect(events).toEqual([
      { type: 'call.started', epochMs: 1_700_000_000_000, key: 'k', callId: 'id-1' },
      {
        type: 'call.settled',
        epochMs: 1_700_000_000_000,
        key: 'k',
        callId: 'id-1',
        outcome: 'success',
        attempts: 1,
        durationMs: 0,
      },
    ])
  })

  it('passes on what the work throws, untouched, also when that is no Error', async () => {
    const { healer, world } = setup()
    await expect(healer.run('k', fail, { retry: false })).rejects.toBe(down)
    const odd = Object.freeze({ odd: true })
    const work = (): never => {
      // oxlint-disable-next-line typescript/only-throw-error -- strangers throw anything
      throw odd
    }
    await expect(world.clock.until(healer.run('k', work, { retry: { attemptsMax: 2 } }))).rejects.toBe(odd)
  })

  it('refuses keys that cannot be', async () => {
    const { healer } = setup()
    await expect(healer.run('', fail)).rejects.toThrow(RangeError)
    await expect(healer.run('x'.repeat(1_001), fail)).rejects.toThrow(RangeError)
    await expect(healer.run(7 as never, fail)).rejects.toThrow(TypeError)
    expect(() => healer.breaker('')).toThrow(RangeError)
  })

  it('takes names of the prototype as keys', async () => {
    const { healer } = setup()
    for (const key of ['__proto__', 'constructor', 'toString']) expect(await healer.run(key, () => key)).toBe(key)
    expect(healer.snapshot().keys.map((one) => one.key)).toEqual(['toString', 'constructor', '__proto__'])
  })
})

describe('retry', () => {
  it('tries again after a growing random delay, each time with a fresh call', async () => {
    const { healer, world, events } = setup({ guard: { retry: { attemptsMax: 4, delayMsBase: 100, delayMsMax: 150 } } })
    const calls: Call[] = []
    const answer = await world.clock.until(
      healer.run('k', async (call) => {
        calls.push(call)
        if (calls.length < 4) throw down
        return 'at last'
      }),
    )
    expect(answer).toBe('at last')
    expect(calls.map((call) => call.attempt)).toEqual([1, 2, 3, 4])
    expect(new Set(calls.map((call) => call.signal)).size).toBe(4)
    expect(new Set(calls.map((call) => call.id)).size).toBe(1)
    const delays = events.flatMap((event) => (event.type === 'call.retried' ? [[event.attempt, event.delayMs, event.error]] : []))
    expect(delays.map(([attempt]) => attempt)).toEqual([2, 3, 4])
    for (const [, delayMs] of delays) expect(delayMs).toBeLessThanOrEqual(150)
    expect(events.at(-1)).toMatchObject({ outcome: 'success', attempts: 4 })
  })

  it('gives up after so many attempts with the last error', async () => {
    const { healer, world } = setup()
    let attempts = 0
    const work = async (): Promise<never> => {
      throw new Error(`attempt ${(attempts += 1)}`)
    }
    await expect(world.clock.until(healer.run('k', work, { retry: { attemptsMax: 3 }, breaker: false }))).rejects.toThrow(
      'attempt 3',
    )
    expect(attempts).toBe(3)
  })

  it('waits as long as the target asks, and gives up at once when that is too long', async () => {
    const { healer, world } = setup()
    const limited = (seconds: string): (() => Promise<string>) => {
      let asked = false
      return async () => {
        if (asked) return 'ok'
        asked = true
        throw Object.assign(new Error('busy'), { status: 429, headers: new Headers({ 'retry-after': seconds }) })
      }
    }
    expect(await world.clock.until(healer.run('k', limited('60')))).toBe('ok')
    expect(world.clock.monoMs()).toBe(60_000)
    await expect(healer.run('k', limited('61'))).rejects.toThrow('busy')
    expect(world.clock.monoMs()).toBe(60_000)
  })

  it('does not try again what cannot pass', async () => {
    const { healer } = setup()
    const hopeless: readonly unknown[] = [
      Object.assign(new Error('bad request'), { status: 400 }),
      Object.assign(new Error('said so'), { retryable: false }),
      Object.assign(new Error('said so'), { isRetryable: false }),
      new TypeError('x is not a function'),
      new TypeError('Failed to parse URL', { cause: Object.assign(new TypeError(), { code: 'ERR_INVALID_URL' }) }),
      new HomeostatError('HS_INPUT_INVALID', { what: 'it', reason: 'because' }),
    ]
    for (const error of hopeless) {
      let attempts = 0
      const work = async (): Promise<never> => {
        attempts += 1
        throw error as Error
      }
      await expect(healer.run('k', work, { breaker: false })).rejects.toBe(error)
      expect(attempts).toBe(1)
    }
  })

  it('tries again what may pass: network errors of fetch, 429, 503, errors that say nothing', async () => {
    const { healer, world } = setup()
    for (const error of [
      new TypeError('fetch failed'),
      new TypeError('odd wording', { cause: Object.assign(new Error(), { code: 'ECONNRESET' }) }),
      Object.assign(new Error(), { status: 429 }),
      Object.assign(new Error(), { statusCode: 503 }),
      down,
      'text',
      undefined,
    ]) {
      let attempts = 0
      await expect(
        world.clock.until(
          healer.run(
            'k',
            async () => {
              attempts += 1
              throw error as Error
            },
            { breaker: false },
          ),
        ),
      ).rejects.toBe(error)
      expect(attempts).toBe(3)
    }
  })

  it('lets `retryable` decide alone, a TypeError included', async () => {
    const { healer, world } = setup()
    let attempts = 0
    const work = async (): Promise<never> => {
      attempts += 1
      throw new TypeError('mistake')
    }
    await expect(world.clock.until(healer.run('k', work, { breaker: false, retryable: () => true }))).rejects.toThrow('mistake')
    expect(attempts).toBe(3)
    await expect(healer.run('k', work, { breaker: false, retryable: () => false })).rejects.toThrow('mistake')
    expect(attempts).toBe(4)
  })

  it('stops waiting as soon as the caller aborts, and never calls the work once more', async () => {
    const { healer, world, outcomes } = setup()
    const controller = new AbortController()
    let attempts = 0
    const running = healer.run(
      'k',
      async () => {
        attempts += 1
        throw down
      },
      { signal: controller.signal, retry: { delayMsBase: 1_000_000, delayMsMax: 1_000_000 } },
    )
    await world.clock.advance(1)
    controller.abort('changed my mind')
    await expect(running).rejects.toBe('changed my mind')
    expect(world.clock.sleeping).toBe(0)
    await world.clock.advance(10_000_000)
    expect(attempts).toBe(1)
    expect(outcomes()).toEqual(['aborted'])
  })

  it('does not wait for an attempt that the circuit would refuse', async () => {
    const { healer, world, heard } = setup(quick)
    await healer.run('k', fail, { retry: false }).catch(() => undefined)
    await expect(healer.run('k', fail)).rejects.toBe(down)
    expect(world.clock.monoMs()).toBe(0)
    expect(heard()).not.toContain('call.retried')
  })

  it('is refused when the key cannot afford it, and successes earn it again', async () => {
    const { healer, world } = setup({ guard: { retryBudget: { retriesMax: 2, retriesPerSuccess: 0.5, refillMs: 86_400_000 } } })
    const attemptsOf = async (): Promise<number> => {
      let attempts = 0
      const work = async (): Promise<never> => {
        attempts += 1
        throw down
      }
      await world.clock.until(healer.run('k', work, { breaker: false, retry: { attemptsMax: 5 } }).catch(() => undefined))
      return attempts
    }
    expect([await attemptsOf(), await attemptsOf()]).toEqual([3, 1])
    for (let call = 0; call < 2; call += 1) await healer.run('k', () => 1)
    expect([await attemptsOf(), await attemptsOf()]).toEqual([2, 1])
    healer.updatePolicy({ guard: { retryBudget: { enabled: false } } })
    expect(await attemptsOf()).toBe(5)
    expect(healer.snapshot().keys[0]?.retryBudget).toMatchObject({ taken: 3, retriesMax: 2 })
  })

  it('costs nothing when it is not made because the target asks for too long a wait', async () => {
    const { healer } = setup()
    const busy = async (): Promise<never> => {
      throw Object.assign(new Error('busy'), { status: 429, headers: new Headers({ 'retry-after': '3600' }) })
    }
    await expect(healer.run('k', busy, { breaker: false })).rejects.toThrow('busy')
    expect(healer.snapshot().keys[0]?.retryBudget).toMatchObject({ taken: 0, refused: 0 })
  })

  it('does not hammer a circuit that opened while it waited', async () => {
    const all = setup(quick)
    const running = all.healer.run('k', fail, { retry: { delayMsBase: 900, delayMsMax: 900 } })
    await all.world.clock.advance(0)
    await trip(all)
    await expect(all.world.clock.until(running)).rejects.toMatchObject({ code: 'HS_CIRCUIT_OPEN', cause: down })
    expect(all.events.filter((event) => event.type === 'call.retried')).toHaveLength(1)
  })
})

describe('breaker', () => {
  it('fails fast while open, with the reason, the time of the next probe and the cause', async () => {
    const all = setup(quick)
    await trip(all)
    let called = false
    const refused = all.healer.run('k', () => (called = true))
    await expect(refused).rejects.toMatchObject({
      code: 'HS_CIRCUIT_OPEN',
      details: { key: 'k', reason: '2 of 2 calls failed within 60000 ms', retryAfterMs: 1_000 },
      cause: down,
    })
    expect(called).toBe(false)
    expect(all.events.at(-1)).toMatchObject({ outcome: 'rejected', attempts: 0 })
    expect(await all.healer.run('other', () => 'fine')).toBe('fine')
  })

  it('opens after a handful of failures without any window, and says why', async () => {
    const all = setup()
    for (let call = 0; call < 2_000; call += 1)
      await all.healer.run('k', call % 100 === 0 ? fail : () => 1, { retry: false }).catch(() => undefined)
    expect(all.healer.breaker('k').closed).toBe(true)
    let failures = 0
    while (all.healer.breaker('k').closed && failures < 50) {
      failures += 1
      await all.healer.run('k', fail, { retry: false }).catch(() => undefined)
    }
    expect(failures).toBeLessThanOrEqual(6)
    expect(all.healer.snapshot().keys[0]?.circuit.trend).toMatchObject({ state: 'tripped' })
    expect(all.events.findLast((event) => event.type === 'circuit.opened')).toMatchObject({
      reason: expect.stringMatching(/fail/),
    })
  })

  it('tells of a change for the worse that is no reason to stop', async () => {
    const all = setup()
    for (let call = 0; call < 3_000; call += 1)
      await all.healer.run('k', call % 200 === 0 ? fail : () => 1, { retry: false }).catch(() => undefined)
    for (let call = 0; call < 300; call += 1)
      await all.healer.run('k', call % 12 === 0 ? fail : () => 1, { retry: false }).catch(() => undefined)
    expect(all.heard()).toContain('circuit.degraded')
    expect(all.heard()).not.toContain('circuit.opened')
  })

  it('only tells what it would have done in the mode `observe`', async () => {
    const all = setup({ guard: { breaker: { ...quick.guard?.breaker, mode: 'observe' } } })
    await trip(all)
    expect(await all.healer.run('k', () => 'fine')).toBe('fine')
    expect(all.healer.breaker('k').view()).toMatchObject({ state: 'open', mode: 'observe', refusals: 1 })
  })

  it('tells how its state changes', async () => {
    const all = setup(quick)
    await trip(all)
    await all.world.clock.advance(1_000)
    await all.healer.run('k', () => 'back')
    expect(all.events.filter((event) => event.type.startsWith('circuit.'))).toMatchObject([
      { type: 'circuit.opened', key: 'k', reason: '2 of 2 calls failed within 60000 ms', retryAfterMs: 1_000 },
      { type: 'circuit.half-opened', key: 'k', probesMax: 1 },
      { type: 'circuit.closed', key: 'k' },
    ])
  })

  it('does not try again what was refused because probes are under way', async () => {
    const all = setup({ guard: { breaker: { ...quick.guard?.breaker, probeTimeoutMs: 50 }, deadline: { timeoutMs: 50 } } })
    await trip(all)
    await all.world.clock.advance(1_000)
    const probe = all.healer.run('k', (call) => all.world.clock.sleep(10, call.signal))
    await expect(all.healer.run('k', () => 'x')).rejects.toMatchObject({ code: 'HS_CIRCUIT_OPEN' })
    expect(all.heard()).not.toContain('call.retried')
    await all.world.clock.until(probe)
  })

  it('stays open as long as the target asks', async () => {
    const { healer } = setup(quick)
    const busy = async (): Promise<never> => {
      throw Object.assign(new Error('busy'), { retryAfterMs: 5_000 })
    }
    for (let call = 0; call < 2; call += 1) await healer.run('k', busy, { retry: false }).catch(() => undefined)
    expect(healer.breaker('k').view().retryAfterMs).toBe(5_000)
  })

  it('counts neither wrong requests nor what `isFailure` excepts', async () => {
    const { healer } = setup(quick)
    const notFound = async (): Promise<never> => {
      throw Object.assign(new Error('not found'), { status: 404 })
    }
    for (let call = 0; call < 5; call += 1) await healer.run('k', notFound).catch(() => undefined)
    for (let call = 0; call < 5; call += 1)
      await healer.run('k', fail, { retry: false, isFailure: () => false }).catch(() => undefined)
    expect(healer.breaker('k').view()).toMatchObject({ state: 'closed', calls: 0 })
    for (let call = 0; call < 2; call += 1) await healer.run('k', notFound, { isFailure: () => true }).catch(() => undefined)
    expect(healer.breaker('k').opened).toBe(true)
  })

  it('counts as nothing when `isFailure` throws, and the caller hears of it', async () => {
    const { healer } = setup(quick)
    const isFailure = (): never => {
      throw new Error('bad predicate')
    }
    await expect(healer.run('k', fail, { retry: false, isFailure })).rejects.toThrow('bad predicate')
    expect(healer.breaker('k').view().calls).toBe(0)
  })

  it("gives a probe's place back when the caller aborts", async () => {
    const all = setup(quick)
    await trip(all)
    await all.world.clock.advance(1_000)
    const controller = new AbortController()
    const probe = all.healer.run('k', never, { signal: controller.signal })
    await expect(all.healer.run('k', () => 'x')).rejects.toMatchObject({ code: 'HS_CIRCUIT_OPEN' })
    controller.abort('gone')
    await expect(probe).rejects.toBe('gone')
    expect(all.healer.breaker('k').halfOpen).toBe(true)
    expect(await all.healer.run('k', () => 'closed by this one')).toBe('closed by this one')
    expect(all.healer.breaker('k').closed).toBe(true)
  })

  it('waits for a slow probe as long as its deadline allows', async () => {
    const all = setup({
      guard: { ...quick.guard, deadline: { timeoutMs: 90_000 }, breaker: { ...quick.guard?.breaker, probeTimeoutMs: 1_000 } },
    })
    await trip(all)
    await all.world.clock.advance(1_000)
    const probe = all.healer.run('k', (call) => all.world.clock.sleep(60_000, call.signal))
    await all.world.clock.until(probe)
    expect(all.healer.breaker('k').closed).toBe(true)
  })

  it('can be fired by itself', async () => {
    const { healer } = setup()
    expect(await healer.breaker('k').fire(async () => 'fired')).toBe('fired')
    expect(healer.breaker('k')).toBe(healer.breaker('k'))
  })
})

describe('deadline', () => {
  it('rejects at once when the time is up, aborts the attempt and drops its late answer', async () => {
    const { healer, world } = setup(quick)
    let signal: AbortSignal | undefined
    let answer: (value: string) => void = () => undefined
    const running = healer.run(
      'k',
      (call) => {
        signal = call.signal
        return new Promise<string>((resolve) => (answer = resolve))
      },
      { retry: false, deadline: { timeoutMs: 50 } },
    )
    await expect(world.clock.until(running)).rejects.toMatchObject({ code: 'HS_DEADLINE', details: { key: 'k', timeoutMs: 50 } })
    expect(world.clock.monoMs()).toBe(50)
    expect(signal?.reason).toMatchObject({ code: 'HS_DEADLINE' })
    answer('late')
    await world.clock.advance(1)
    expect(healer.breaker('k').view()).toMatchObject({ calls: 1, failures: 1 })
  })

  it('survives work that rejects long after its deadline', async () => {
    const { healer, world } = setup()
    const running = healer.run(
      'k',
      async () => {
        await world.clock.sleep(100)
        throw new Error('late')
      },
      { retry: false, deadline: { timeoutMs: 50 } },
    )
    await expect(world.clock.until(running)).rejects.toMatchObject({ code: 'HS_DEADLINE' })
    await world.clock.advance(1_000)
  })

  it('counts for each attempt anew, and stops its timer', async () => {
    const { healer, world } = setup()
    let attempts = 0
    const work = async (call: Call): Promise<string> => {
      attempts += 1
      if (attempts < 3) await world.clock.sleep(1_000, call.signal)
      return 'third time'
    }
    expect(await world.clock.until(healer.run('k', work, { deadline: { timeoutMs: 100 }, breaker: false }))).toBe('third time')
    expect(world.clock.sleeping).toBe(0)
  })

  it('is not held against the target while this process is too busy to hear', async () => {
    const world = createTestWorld()
    let eventLoopDelayMs = 5_000
    const healer = new Orchestrator(quick, { world, load: { read: () => ({ eventLoopDelayMs }) } })
    const late = (): Promise<unknown> =>
      world.clock.until(healer.run('k', never, { retry: false, deadline: { timeoutMs: 1_000 } }).catch(() => undefined))
    for (let call = 0; call < 8; call += 1) await late()
    expect(healer.breaker('k').closed).toBe(true)
    eventLoopDelayMs = 0
    await world.clock.advance(120_000)
    for (let call = 0; call < 3; call += 1) await late()
    expect(healer.breaker('k').opened).toBe(true)
  })

  it('does not abort the signal of an attempt that ended well', async () => {
    const { healer, world } = setup()
    const { signal } = await healer.run('k', (call) => call)
    await world.clock.advance(1_000_000)
    expect(signal.aborted).toBe(false)
  })
})

describe("the caller's abort", () => {
  it('rejects at once with its reason, tells the work, counts as nothing, and leaves no listener behind', async () => {
    for (const options of [{}, alone, { bulkhead: true, fallback: () => 'never' as never, accept: () => true }]) {
      const { healer, world, outcomes } = setup(quick)
      const controller = new AbortController()
      let told: unknown
      const running = healer.run(
        'k',
        (call) => {
          call.signal.addEventListener('abort', () => (told = call.signal.reason))
          return never()
        },
        { ...options, signal: controller.signal },
      )
      await world.clock.advance(10)
      controller.abort('gone')
      await expect(running).rejects.toBe('gone')
      expect(told).toBe('gone')
      expect(outcomes()).toEqual(['aborted'])
      expect(healer.breaker('k').view().calls).toBe(0)
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
      expect(world.clock.sleeping).toBe(0)
    }
  })

  it('asks for neither another attempt nor a fallback, also when the work gives up with an error of its own', async () => {
    const { healer, world, heard } = setup()
    const controller = new AbortController()
    let asked = 0
    const fallback = (): never => {
      asked += 1
      throw down
    }
    const work = (call: Call): Promise<never> =>
      new Promise((_, reject) => call.signal.addEventListener('abort', () => reject(down)))
    const running = healer.run('k', work, { signal: controller.signal, fallback })
    await world.clock.advance(10)
    controller.abort('gone')
    await expect(running).rejects.toBe('gone')
    await world.clock.advance(10_000)
    expect(asked).toBe(0)
    expect(heard()).toEqual(['call.started', 'call.settled'])
  })

  it('keeps the work from being called when it came before', async () => {
    const { healer, outcomes } = setup()
    let called = false
    await expect(healer.run('k', () => (called = true), { signal: AbortSignal.abort('early') })).rejects.toBe('early')
    expect([called, outcomes()]).toEqual([false, ['aborted']])
  })

  it('leaves no listener behind after a success either', async () => {
    const { healer } = setup()
    const controller = new AbortController()
    await healer.run('k', () => 1, { signal: controller.signal })
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  it('ends a fallback and an accept predicate that hang', async () => {
    for (const options of [{ fallback: never }, { accept: never }]) {
      const { healer, world } = setup()
      const controller = new AbortController()
      const work = (): string => {
        if ('fallback' in options) throw down
        return 'x'
      }
      const running = healer.run<string>('k', work, { ...alone, ...options, signal: controller.signal })
      await world.clock.advance(1)
      controller.abort('gone')
      await expect(running).rejects.toBe('gone')
    }
  })
})

describe('accept', () => {
  it('turns a bad answer into a failure that is retried and counted', async () => {
    const { healer, world } = setup({ guard: { breaker: { failureRatioMax: 0.99, callsMin: 100 } } })
    let answers = 0
    const running = healer.run('k', () => (answers += 1), { accept: (answer, call) => answer === 3 && call.attempt === 3 })
    expect(await world.clock.until(running)).toBe(3)
    expect(healer.breaker('k').view()).toMatchObject({ calls: 3, failures: 2 })
    await expect(healer.run('k', () => 1, { retry: false, accept: async () => false })).rejects.toMatchObject({
      code: 'HS_ACCEPT_REJECTED',
      details: { key: 'k' },
    })
  })

  it('takes nothing but `true` for yes', async () => {
    const { healer } = setup()
    for (const yes of ['yes', 1, {}, undefined])
      await expect(healer.run('k', () => 1, { ...alone, accept: () => yes as boolean })).rejects.toMatchObject({
        code: 'HS_ACCEPT_REJECTED',
      })
  })
})

describe('fallback', () => {
  it('answers for a failure and for a refusal, and the call says so', async () => {
    const all = setup(quick)
    const answers: unknown[] = []
    const fallback = (error: unknown, call: Call): string => {
      answers.push([error, call.attempt, call.key])
      return 'instead'
    }
    expect(await all.healer.run<string>('k', fail, { retry: false, fallback })).toBe('instead')
    await trip(all)
    expect(await all.healer.run<string>('k', fail, { fallback })).toBe('instead')
    expect(answers).toMatchObject([
      [down, 1, 'k'],
      [{ code: 'HS_CIRCUIT_OPEN' }, 1, 'k'],
    ])
    expect(all.outcomes().filter((outcome) => outcome === 'fallback')).toHaveLength(2)
  })

  it('is not asked when all is well, and its own failure is the failure', async () => {
    const { healer, outcomes } = setup()
    expect(await healer.run('k', () => 'fine', { fallback: () => 'no' })).toBe('fine')
    const fallback = (): never => {
      throw new Error('no fallback either')
    }
    await expect(healer.run('k', fail, { ...alone, fallback })).rejects.toThrow('no fallback either')
    expect(outcomes()).toEqual(['success', 'failure'])
  })
})

describe('Call.hold()', () => {
  const streaming =
    (rest: PromiseLike<unknown>) =>
    (call: Call): string => {
      call.hold(rest)
      return 'beginning'
    }
  const one = { bulkhead: { concurrentMax: 1, queueMax: 0, queueWaitMsMax: 0 }, retry: false } as const

  it('gives the answer at once, keeps the place until the rest ends, and counts a success only then', async () => {
    const { healer, world } = setup(quick)
    let finish: () => void = () => undefined
    const rest = new Promise<void>((resolve) => (finish = resolve))
    expect(await healer.run('k', streaming(rest), { ...one, deadline: { timeoutMs: 50 } })).toBe('beginning')
    await world.clock.advance(1_000)
    expect(healer.breaker('k').view().calls).toBe(0)
    await expect(healer.run('k', () => 1, one)).rejects.toMatchObject({ code: 'HS_BULKHEAD_FULL' })
    finish()
    await world.clock.advance(1)
    expect(healer.breaker('k').view()).toMatchObject({ calls: 1, failures: 0 })
    expect(await healer.run('k', () => 'free', one)).toBe('free')
  })

  it('does not take streams that are long for calls that hang', async () => {
    const { healer, world } = setup()
    const rests: (() => void)[] = []
    const stream = (): Promise<string> =>
      healer.run('k', (call) => {
        call.hold(new Promise<void>((resolve) => rests.push(resolve)))
        return 'beginning'
      })
    for (let call = 0; call < 400; call += 1) {
      await stream()
      await world.clock.advance(100)
      rests.shift()?.()
    }
    for (let call = 0; call < 100; call += 1) {
      await stream()
      await world.clock.advance(1_000)
    }
    expect(healer.breaker('k').view()).toMatchObject({ state: 'closed', trend: { state: 'steady' } })
  })

  it('counts a rest that fails as a failure, unless `isFailure` says otherwise, and never rejects the answer', async () => {
    const { healer, world } = setup(quick)
    for (const isFailure of [() => true, () => false]) {
      expect(await healer.run('k', streaming(Promise.reject(down)), { ...one, isFailure })).toBe('beginning')
      await world.clock.advance(1)
    }
    expect(healer.breaker('k').view()).toMatchObject({ calls: 1, failures: 1 })
  })
})

describe('bulkhead', () => {
  const bulkhead = { concurrentMax: 1, queueMax: 1, queueWaitMsMax: 1_000 }

  it('runs so many at once, lets others wait in order, and refuses the rest', async () => {
    const { healer, world, outcomes } = setup(quick)
    const order: number[] = []
    const start = (number: number): Promise<unknown> =>
      healer.run(
        'k',
        async (call) => {
          order.push(number)
          await world.clock.sleep(100, call.signal)
        },
        { bulkhead, retry: false },
      )
    const [first, second, third] = [start(1), start(2), start(3)]
    await expect(third).rejects.toMatchObject({ code: 'HS_BULKHEAD_FULL' })
    await world.clock.until(Promise.all([first, second]))
    expect(order).toEqual([1, 2])
    expect(outcomes()).toEqual(['rejected', 'success', 'success'])
    expect(healer.breaker('k').view()).toMatchObject({ calls: 2, failures: 0 })
  })

  it('keeps a place until the work really ends, long after its deadline', async () => {
    const { healer, world } = setup({ guard: { breaker: { failureRatioMax: 0.99, callsMin: 100 } } })
    let running = 0
    let runningMax = 0
    const deaf = async (): Promise<void> => {
      running += 1
      runningMax = Math.max(runningMax, running)
      await world.clock.sleep(10_000)
      running -= 1
    }
    const options = { bulkhead: { ...bulkhead, queueMax: 0 }, retry: false, deadline: { timeoutMs: 100 } } as const
    await expect(world.clock.until(healer.run('k', deaf, options))).rejects.toMatchObject({ code: 'HS_DEADLINE' })
    await expect(healer.run('k', deaf, options)).rejects.toMatchObject({ code: 'HS_BULKHEAD_FULL' })
    expect(healer.snapshot().keys[0]?.bulkhead).toEqual({ running: 1, queued: 0 })
    await world.clock.advance(10_000)
    expect([running, runningMax, healer.snapshot().keys[0]?.bulkhead.running]).toEqual([0, 1, 0])
    expect(await healer.run('k', () => 'free', options)).toBe('free')
  })
})

describe('rate', () => {
  it('refuses what exceeds so many calls in a minute, retries not counted', async () => {
    const { healer, world, outcomes } = setup()
    const rate = { callsPerMinuteMax: 2 }
    let attempts = 0
    await world.clock.until(
      healer.run(
        'k',
        async () => {
          if ((attempts += 1) < 3) throw down
        },
        { rate, breaker: false },
      ),
    )
    await healer.run('k', () => 1, { rate })
    const refusal: unknown = await healer.run('k', () => 1, { rate }).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'HS_RATE_LIMITED', details: { key: 'k', callsPerMinuteMax: 2 } })
    await world.clock.advance((refusal as HomeostatError<'HS_RATE_LIMITED'>).details.retryAfterMs)
    expect(await healer.run('k', () => 'again', { rate })).toBe('again')
    expect(outcomes()).toEqual(['success', 'success', 'rejected', 'success'])
  })
})

describe('Orchestrator.guard()', () => {
  it('keeps arguments, `this`, name, length and properties', async () => {
    const { healer } = setup()
    const service = {
      prefix: 'hi',
      greet: Object.assign(
        async function greet(this: { prefix: string }, name: string, ...more: number[]) {
          return `${this.prefix} ${name} ${more.join('')}`
        },
        { version: 3 },
      ),
    }
    service.greet = healer.guard('greeter', service.greet)
    expect(await service.greet('you', 1, 2)).toBe('hi you 12')
    expect([service.greet.name, service.greet.length, service.greet.version]).toEqual(['greet', 1, 3])
  })

  it('guards each call, with the options given once', async () => {
    const { healer, world } = setup()
    let attempts = 0
    const flaky = healer.guard(
      'k',
      async (limit: number) => {
        if ((attempts += 1) < limit) throw down
        return attempts
      },
      { accept: (answer) => answer > 0 },
    )
    expect(await world.clock.until(flaky(3))).toBe(3)
  })

  it('refuses at once what cannot be guarded', () => {
    const { healer } = setup()
    expect(() => healer.guard('k', 'no' as never)).toThrow(TypeError)
    expect(() => healer.guard('', fail)).toThrow(RangeError)
    expect(() => healer.guard('k', fail, { retry: { attemptsMax: 0 } })).toThrow(RangeError)
  })

  it('lets the function get at its call', async () => {
    const { healer, world } = setup()
    const fetchAll = healer.guard('k', async () => {
      await Promise.resolve()
      return healer.currentCall()
    })
    const [one, two] = await Promise.all([fetchAll(), fetchAll()])
    expect([one?.key, one?.attempt, one?.id === two?.id]).toEqual(['k', 1, false])
    expect(healer.currentCall()).toBeUndefined()
    await world.clock.advance(1)
  })
})

describe('Orchestrator.on()', () => {
  it('tells one type of event, until the listener is taken away', async () => {
    const { healer } = setup()
    const keys: string[] = []
    const off = healer.on('call.started', (event) => keys.push(event.key))
    await healer.run('a', () => 1)
    off()
    await healer.run('b', () => 1)
    expect(keys).toEqual(['a'])
  })

  it('survives listeners that throw, without changing any outcome', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const all = setup(quick)
    all.healer.on('*', () => {
      throw new Error('bad listener')
    })
    expect(await all.healer.run('k', () => 'fine')).toBe('fine')
    await trip(all)
    expect(all.healer.breaker('k').opened).toBe(true)
    expect(warn).toHaveBeenCalled()
  })

  it('reports what listeners throw to the port', async () => {
    const reported: unknown[] = []
    const healer = new Orchestrator({}, { world: createTestWorld(), onListenerError: (error) => reported.push(error) })
    healer.on('call.started', () => {
      throw down
    })
    await healer.run('k', () => 1)
    expect(reported).toEqual([down])
  })
})

describe('Orchestrator.updatePolicy()', () => {
  it('applies to calls that start afterwards', async () => {
    const { healer, world, events } = setup({ guard: { retry: { attemptsMax: 5, delayMsBase: 100 } } })
    let attempts = 0
    const work = async (): Promise<never> => {
      attempts += 1
      throw down
    }
    const before = healer.run('k', work, { breaker: false }).catch(() => undefined)
    healer.updatePolicy({ guard: { retry: { attemptsMax: 2 } } })
    await world.clock.until(before)
    expect(attempts).toBe(5)
    await world.clock.until(healer.run('k', work, { breaker: false }).catch(() => undefined))
    expect(attempts).toBe(7)
    expect(healer.policy.guard.retry.attemptsMax).toBe(2)
    expect(events.find((event) => event.type === 'policy.changed')).toMatchObject({ changed: ['guard.retry.attemptsMax'] })
  })

  it('reaches breakers that exist, and says nothing when nothing changed', async () => {
    const all = setup()
    await all.healer.run('k', () => 1)
    all.healer.updatePolicy({})
    expect(all.heard()).not.toContain('policy.changed')
    all.healer.updatePolicy({ guard: { breaker: { callsMin: 1, failureRatioMax: 0.1 } } })
    await all.healer.run('k', fail, { retry: false }).catch(() => undefined)
    expect(all.healer.breaker('k').opened).toBe(true)
  })

  it('changes nothing when it is not valid', () => {
    const { healer } = setup()
    const before = healer.policy
    expect(() => healer.updatePolicy({ guard: { retry: { attemptsMax: 0 } } })).toThrow(
      expect.objectContaining({ code: 'HS_POLICY_INVALID' }) as Error,
    )
    expect(healer.policy).toBe(before)
    expect(() => new Orchestrator({ nonsense: 1 } as never)).toThrow(
      expect.objectContaining({ code: 'HS_POLICY_INVALID' }) as Error,
    )
  })
})

describe('Orchestrator.snapshot()', () => {
  it('is plain JSON', async () => {
    const all = setup(quick)
    await all.healer.run('fine', () => 1)
    await trip(all, 'broken')
    const running = all.healer.run('slow', never, { bulkhead: true, rate: true, retry: false }).catch(() => undefined)
    await all.world.clock.advance(1)
    const snapshot = all.healer.snapshot()
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot)
    expect(snapshot).toMatchObject({ closed: false, calls: { running: 1, success: 1, failure: 2 } })
    expect(snapshot.keys.map(({ key, circuit }) => [key, circuit.state])).toEqual([
      ['slow', 'closed'],
      ['broken', 'open'],
      ['fine', 'closed'],
    ])
    expect(snapshot.keys[0]).toMatchObject({ bulkhead: { running: 1, queued: 0 }, callsLastMinute: 1 })
    await all.world.clock.until(Promise.all([all.healer.close({ drainMs: 0 }), running]))
  })

  it('holds no more keys than the policy allows, and keeps the open ones', async () => {
    const all = setup({ guard: { ...quick.guard, keysMax: 3 } })
    await trip(all, 'broken')
    for (let key = 0; key < 20; key += 1) await all.healer.run(`k${key}`, () => 1)
    expect(
      all.healer
        .snapshot()
        .keys.map((one) => one.key)
        .sort(),
    ).toEqual(['broken', 'k18', 'k19'])
    all.healer.updatePolicy({ guard: { keysMax: 1 } })
    expect(all.healer.snapshot().keys.map((one) => one.key)).toEqual(['broken'])
  })
})

describe('Orchestrator.close()', () => {
  it('refuses new calls, lets running ones finish, and is the same when called twice', async () => {
    const { healer, world } = setup()
    const running = healer.run('k', async (call) => {
      await world.clock.sleep(1_000, call.signal)
      return 'finished'
    })
    const closing = healer.close()
    expect(healer.close()).toBe(closing)
    expect([healer.closed, healer.snapshot().closed]).toEqual([true, true])
    await expect(healer.run('k', () => 1)).rejects.toMatchObject({ code: 'HS_CLOSED' })
    await world.clock.until(closing)
    expect(await running).toBe('finished')
    expect([world.clock.monoMs(), world.clock.sleeping]).toEqual([1_000, 0])
  })

  it('aborts what still runs after a while, deaf work included', async () => {
    const { healer, world, outcomes } = setup()
    let told: unknown
    const order: string[] = []
    const running = healer
      .run(
        'k',
        (call) => {
          call.signal.addEventListener('abort', () => (told = call.signal.reason))
          return never()
        },
        { fallback: () => 'never' as never },
      )
      .catch((error: unknown) => {
        order.push('settled')
        return error
      })
    await world.clock.until(healer.close({ drainMs: 200 }).then(() => order.push('closed')))
    expect(order).toEqual(['settled', 'closed'])
    expect(world.clock.monoMs()).toBe(200)
    expect(await running).toMatchObject({ code: 'HS_CLOSED' })
    expect(told).toMatchObject({ code: 'HS_CLOSED' })
    expect(outcomes()).toEqual(['aborted'])
    expect(healer.breaker('k').view().calls).toBe(0)
  })

  it('is what `await using` does, and takes no time when nothing runs', async () => {
    const { healer, world } = setup()
    await healer[Symbol.asyncDispose]()
    expect([healer.closed, world.clock.monoMs()]).toEqual([true, 0])
    expect(() => healer.close({ drainMs: -1 })).toThrow(RangeError)
  })
})

it('Orchestrator runs on the real world by default, and making one starts nothing', async () => {
  const before = process.getActiveResourcesInfo().length
  const healer = new Orchestrator()
  expect(process.getActiveResourcesInfo().length).toBe(before)
  expect(await healer.run('k', () => 'real')).toBe('real')
  await healer.close()
})
