import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../../src/core/errors.js'
import type { RateReading } from '../../../src/llm/failure/rate-headers.js'
import { RateLimiter } from '../../../src/llm/limit/rate-limiter.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

const key = 'openai/gpt-5'

function setUp() {
  const world = createTestWorld(1)
  return { world, limiter: new RateLimiter(world) }
}

function reading(part: Partial<RateReading>): RateReading {
  return { resource: 'requests', limit: 10, remaining: 0, resetMs: 1_000, ...part }
}

/** How many go out now. */
function drain(limiter: RateLimiter, tokens = 0, max = 1_000): number {
  let sent = 0
  while (sent < max && limiter.admit(key, tokens) === 0) sent += 1
  return sent
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => (isHomeostatError(error) ? error.code : String(error)),
  )
}

describe('RateLimiter', () => {
  it('lets everything through until a provider has said something', () => {
    const { limiter } = setUp()
    expect(drain(limiter, 1_000_000)).toBe(1_000)
    expect(limiter.snapshot().keys[key]).toEqual({ pausedMs: 0, requestsPerSecondMax: undefined, waiting: 0, resources: [] })
  })

  it('lets out what remains and then nothing until it is full again', async () => {
    const { world, limiter } = setUp()
    limiter.learn(key, [reading({ remaining: 3 })])
    expect(drain(limiter)).toBe(3)
    await world.clock.advance(400)
    expect(limiter.admit(key, 0)).toBe(600)
    await world.clock.advance(599)
    expect(limiter.admit(key, 0)).toBe(1)
    await world.clock.advance(1)
    // Three that the reading did not know of may still count.
    expect(drain(limiter)).toBe(7)
    expect(limiter.admit(key, 0)).toBe(60_000)
    await world.clock.advance(60_000)
    expect(drain(limiter)).toBe(3)
  })

  it('believes the reading for the latest request, less what was sent after it', () => {
    const { limiter } = setUp()
    const marks = [1, 2, 3].map(() => {
      limiter.admit(key, 0)
      return limiter.sent(key)
    })
    const left = (): number | undefined => limiter.snapshot().keys[key]?.resources[0]?.left
    limiter.learn(key, [reading({ remaining: 5 })], marks[1])
    expect(left()).toBe(4)
    limiter.learn(key, [reading({ remaining: 9 })], marks[0])
    expect(left()).toBe(4)
    limiter.learn(key, [reading({ remaining: 6 })], marks[2])
    expect(left()).toBe(6)
  })

  it('believes a reading at once when it comes from before this key was forgotten', () => {
    const { limiter } = setUp()
    limiter.learn(key, [reading({ remaining: 2 })], { requests: 1_000, tokens: 0, inputTokens: 0 })
    limiter.admit(key, 0)
    limiter.learn(key, [reading({ remaining: 6 })], limiter.sent(key))
    expect(drain(limiter)).toBe(6)
  })

  it('keeps tokens back by what the request may use', () => {
    const { limiter } = setUp()
    limiter.learn(key, [reading({ resource: 'tokens', limit: 10_000, remaining: 2_500, resetMs: 5_000 })])
    expect(limiter.admit(key, { inputTokens: 500, outputTokensMax: 1_000 })).toBe(0)
    expect(limiter.admit(key, 1_001)).toBe(5_000)
    expect(limiter.admit(key, { inputTokens: undefined, outputTokensMax: undefined })).toBe(0)
    expect(limiter.admit(key, 1_000)).toBe(0)
  })

  it('counts sent tokens where the provider counts them apart, and received ones only by whether any are left', () => {
    const { limiter } = setUp()
    limiter.learn(key, [
      reading({ resource: 'input-tokens', limit: 1_000, remaining: 300 }),
      reading({ resource: 'output-tokens', limit: 100, remaining: 1 }),
    ])
    const demand = { inputTokens: 100, outputTokensMax: 60_000 }
    expect([limiter.admit(key, demand), limiter.admit(key, demand), limiter.admit(key, demand)]).toEqual([0, 0, 0])
    expect(limiter.admit(key, demand)).toBe(1_000)
    limiter.learn(key, [reading({ resource: 'input-tokens', limit: 1_000, remaining: 300 })])
    limiter.learn(key, [reading({ resource: 'output-tokens', limit: 100, remaining: 0, resetMs: 700 })])
    expect(limiter.admit(key, demand)).toBe(700)
  })

  it('takes nothing for received tokens from a limit on all, where the provider counts them apart', () => {
    const { limiter } = setUp()
    limiter.learn(key, [
      reading({ resource: 'tokens', limit: 1_000, remaining: 300 }),
      reading({ resource: 'input-tokens', limit: 900, remaining: 900 }),
    ])
    const demand = { inputTokens: 100, outputTokensMax: 60_000 }
    expect([1, 2, 3, 4].map(() => limiter.admit(key, demand))).toEqual([0, 0, 0, 1_000])
  })

  it('lets a request larger than the whole limit out when all of it is left, rather than never', async () => {
    const { world, limiter } = setUp()
    limiter.learn(key, [reading({ resource: 'tokens', limit: 1_000, remaining: 999, resetMs: 300 })])
    expect(limiter.admit(key, 5_000)).toBe(300)
    await world.clock.advance(300)
    expect(limiter.admit(key, 5_000)).toBe(0)
    expect(limiter.admit(key, 1)).toBe(60_000)
  })

  it('waits a minute for a provider that says what remains and not until when, and does not invent what remains', async () => {
    const { world, limiter } = setUp()
    limiter.learn(key, [reading({ limit: undefined, remaining: 0, resetMs: undefined })])
    expect(limiter.admit(key, 0)).toBe(60_000)
    await world.clock.advance(60_000)
    expect(drain(limiter)).toBe(1_000)
    const other = new RateLimiter(world)
    other.learn(key, [reading({ limit: 3, remaining: undefined, resetMs: undefined })])
    expect(drain(other)).toBe(1_000)
    other.learn('b', [reading({ limit: 3, remaining: undefined, resetMs: 500 })])
    expect([1, 2, 3, 4].map(() => other.admit('b', 0))).toEqual([0, 0, 0, 500])
  })

  it('takes a provider at its word that it allows nothing', () => {
    const { limiter } = setUp()
    limiter.learn(key, [reading({ limit: 0, remaining: 0, resetMs: 1_000 })])
    expect(limiter.admit(key, 0)).toBe(1_000)
  })

  it('leaves a provider alone for as long as it asks, at most a day, and a shorter wish does not shorten it', async () => {
    const { world, limiter } = setUp()
    limiter.throttle(key, 5_000)
    limiter.throttle(key, 1_000)
    limiter.throttle('other', Number.POSITIVE_INFINITY)
    expect(limiter.admit(key, 0)).toBe(5_000)
    expect(limiter.admit('other', 0)).toBe(86_400_000)
    expect(limiter.admit('third', 0)).toBe(0)
    await world.clock.advance(5_000)
    expect(limiter.admit(key, 0)).toBe(0)
  })

  it('refuses times and tokens that cannot be, before anything changes', () => {
    const { limiter } = setUp()
    for (const forMs of [-1, Number.NaN]) expect(() => limiter.throttle(key, forMs)).toThrow(RangeError)
    for (const tokens of [-1, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => limiter.admit(key, tokens)).toThrow(RangeError)
    expect(limiter.snapshot()).toEqual({ keys: {} })
  })

  it('remembers a thousand keys', () => {
    const { limiter } = setUp()
    for (let other = 0; other < 2_000; other += 1) limiter.admit(`key-${other}`, 0)
    expect(Object.keys(limiter.snapshot().keys)).toHaveLength(1_000)
  })
})

describe('RateLimiter.slowDown()', () => {
  /** Sends as often as it is let for so long, and returns how many went out. */
  async function sendFor(durationMs: number, { world, limiter }: ReturnType<typeof setUp>): Promise<number> {
    const endMs = world.clock.monoMs() + durationMs
    let sent = 0
    while (world.clock.monoMs() < endMs) {
      const waitMs = limiter.admit(key, 0)
      if (waitMs === 0) sent += 1
      await world.clock.advance(Math.max(waitMs, 50))
    }
    return sent
  }

  it('halves the rate, wins it back bit by bit, and then lets everything through again', async () => {
    const around = setUp()
    expect(await sendFor(10_000, around)).toBe(200)
    around.limiter.slowDown(key)
    const after = [await sendFor(10_000, around), await sendFor(50_000, around), await sendFor(10_000, around)]
    expect(after[0]).toBeGreaterThan(90)
    expect(after[0]).toBeLessThan(125)
    expect(after[2]).toBeGreaterThan(180)
    await sendFor(120_000, around)
    expect(around.limiter.snapshot().keys[key]?.requestsPerSecondMax).toBeUndefined()
  })

  it('takes refusals at the same time for one sign, and later ones for another', async () => {
    const around = setUp()
    await sendFor(10_000, around)
    for (let refusal = 0; refusal < 10; refusal += 1) around.limiter.slowDown(key)
    expect(around.limiter.snapshot().keys[key]?.requestsPerSecondMax).toBeCloseTo(10, 0)
    await sendFor(10_000, around)
    around.limiter.slowDown(key)
    expect(around.limiter.snapshot().keys[key]?.requestsPerSecondMax).toBeLessThan(6)
  })

  it('never stops altogether', async () => {
    const around = setUp()
    for (let refusal = 0; refusal < 30; refusal += 1) {
      around.limiter.slowDown(key)
      await around.world.clock.advance(2_000)
    }
    expect(around.limiter.admit(key, 0)).toBeLessThanOrEqual(5_000)
  })
})

describe('RateLimiter.enter()', () => {
  it('goes at once when it may, and gives the mark for the answer', async () => {
    const { limiter } = setUp()
    expect(await limiter.enter(key, 7, { waitMsMax: 0 })).toEqual({ requests: 1, tokens: 7, inputTokens: 7 })
  })

  it('waits for the provider, in the world of the caller', async () => {
    const { world, limiter } = setUp()
    limiter.throttle(key, 3_000)
    await world.clock.until(limiter.enter(key, 0, { waitMsMax: 3_000 }))
    expect(world.clock.monoMs()).toBe(3_000)
    expect(limiter.snapshot().keys[key]?.waiting).toBe(0)
  })

  it('refuses at once what would have to wait too long, with what it waits for and the time', async () => {
    const { limiter } = setUp()
    limiter.learn(key, [reading({ resource: 'tokens', limit: 100, remaining: 10, resetMs: 2_000 })])
    await expect(limiter.enter(key, 50, { waitMsMax: 1_999 })).rejects.toMatchObject({
      code: 'HS_LLM_LIMITED',
      details: { key, resource: 'tokens', retryAfterMs: 2_000 },
    })
    await expect(limiter.enter(key, 50, { waitMsMax: Number.NaN })).rejects.toMatchObject({ code: 'HS_LLM_LIMITED' })
    expect(limiter.snapshot().keys[key]?.waiting).toBe(0)
    expect(await limiter.enter(key, 10, { waitMsMax: 0 })).toMatchObject({ tokens: 10 })
  })

  it('ends a wait with the reason of the signal, and leaves no one in the queue', async () => {
    const { world, limiter } = setUp()
    limiter.throttle(key, 3_000)
    const controller = new AbortController()
    const reason = new Error('gone')
    const waiting = limiter.enter(key, 0, { waitMsMax: 10_000, signal: controller.signal })
    const behind = limiter.enter(key, 0, { waitMsMax: 10_000 })
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(limiter.enter('b', 0, { waitMsMax: 0, signal: controller.signal })).rejects.toBe(reason)
    expect(limiter.sent('b').requests).toBe(0)
    await world.clock.until(behind)
    expect(world.clock.monoMs()).toBe(3_000)
    expect(world.clock.sleeping).toBe(0)
  })

  it('lets nobody past those who wait, neither the small past the large nor the new past the old', async () => {
    const { world, limiter } = setUp()
    limiter.learn(key, [reading({ resource: 'tokens', limit: 100, remaining: 20, resetMs: 1_000 })])
    const order: string[] = []
    const large = limiter.enter(key, 90, { waitMsMax: 100_000 }).then(() => order.push('large'))
    const small = limiter.enter(key, 10, { waitMsMax: 100_000 }).then(() => order.push('small'))
    expect(limiter.admit(key, 1)).toBeGreaterThan(0)
    expect(limiter.snapshot().keys[key]?.waiting).toBe(2)
    await world.clock.until(Promise.all([large, small]))
    expect(order).toEqual(['large', 'small'])
  })

  it('wakes the next one when there turns out to be more, and does not keep asking meanwhile', async () => {
    const world = createTestWorld(1)
    let sleeps = 0
    const sleep = (delayMs: number, signal?: AbortSignal): Promise<void> => {
      sleeps += 1
      return world.clock.sleep(delayMs, signal)
    }
    const limiter = new RateLimiter({ ...world, clock: { ...world.clock, sleep } })
    limiter.learn(key, [reading({ limit: 10, remaining: 0, resetMs: 30_000 })])
    const all = [1, 2, 3].map(() => limiter.enter(key, 0, { waitMsMax: 100_000 }))
    await world.clock.advance(10_000)
    limiter.learn(key, [reading({ limit: 10, remaining: 2, resetMs: 20_000 })])
    await Promise.all(all.slice(0, 2))
    expect(world.clock.monoMs()).toBe(10_000)
    await world.clock.until(Promise.all(all))
    expect(world.clock.monoMs()).toBe(30_000)
    expect(sleeps).toBeLessThan(7)
  })

  it('lets nobody slip in between the waking of the next one and its going', async () => {
    const { limiter } = setUp()
    limiter.learn(key, [reading({ remaining: 0 })])
    const waiting = limiter.enter(key, 0, { waitMsMax: 10_000 })
    limiter.learn(key, [reading({ remaining: 5 })])
    expect(limiter.admit(key, 0)).toBe(1)
    expect(await waiting).toMatchObject({ requests: 1 })
    expect(drain(limiter)).toBe(4)
  })

  it('does not count those who went before among those who are ahead', async () => {
    const { world, limiter } = setUp()
    limiter.throttle(key, 1_000)
    await world.clock.until(Promise.all(Array.from({ length: 50 }, () => limiter.enter(key, 0, { waitMsMax: 1_000 }))))
    limiter.learn(key, [reading({ limit: 10, remaining: 0, resetMs: 1_000 })])
    await world.clock.until(Promise.all([1, 2].map(() => limiter.enter(key, 0, { waitMsMax: 1_000 }))))
  })

  it('leaves no listener behind on the signal', async () => {
    const { world, limiter } = setUp()
    const { signal } = new AbortController()
    limiter.throttle(key, 1_000)
    await world.clock.until(limiter.enter(key, 0, { waitMsMax: 1_000, signal }))
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('lets those give up at once who learn that they would wait too long', async () => {
    const { world, limiter } = setUp()
    limiter.throttle(key, 1_000)
    const first = codeOf(limiter.enter(key, 0, { waitMsMax: 60_000 }))
    const second = codeOf(limiter.enter(key, 0, { waitMsMax: 2_000 }))
    await world.clock.advance(500)
    limiter.throttle(key, 30_000)
    expect(await second).toBe('HS_LLM_LIMITED')
    expect(await world.clock.until(first)).toBe('none')
    expect(world.clock.monoMs()).toBe(30_500)
  })

  it('refuses one whose turn does not come in time', async () => {
    const { world, limiter } = setUp()
    limiter.throttle(key, 1_000)
    const first = limiter.enter(key, 0, { waitMsMax: 60_000 })
    const second = codeOf(limiter.enter(key, 0, { waitMsMax: 2_000 }))
    await world.clock.advance(900)
    limiter.learn(key, [reading({ remaining: 0, resetMs: 10_000 })])
    await world.clock.advance(1_100)
    expect(await second).toBe('HS_LLM_LIMITED')
    await world.clock.until(first)
    expect(limiter.snapshot().keys[key]?.waiting).toBe(0)
  })

  it('never forgets a key that someone waits for', async () => {
    const { world, limiter } = setUp()
    limiter.throttle(key, 1_000)
    const waiting = limiter.enter(key, 0, { waitMsMax: 1_000 })
    for (let other = 0; other < 2_000; other += 1) limiter.admit(`key-${other}`, 0)
    expect(limiter.snapshot().keys[key]).toMatchObject({ waiting: 1, pausedMs: 1_000 })
    await world.clock.until(waiting)
  })

  it('paces those who wait when the provider asked for fewer', async () => {
    const { world, limiter } = setUp()
    limiter.slowDown(key)
    const times: number[] = []
    const all = [1, 2, 3].map(() => limiter.enter(key, 0, { waitMsMax: 60_000 }).then(() => times.push(world.clock.monoMs())))
    await world.clock.until(Promise.all(all))
    expect(times[0]).toBe(5_000)
    expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThan(3_000)
  })

  it('refuses whoever comes when ten thousand wait', async () => {
    const { limiter } = setUp()
    limiter.throttle(key, 1_000)
    const controllers = Array.from({ length: 10_000 }, () => new AbortController())
    const waiting = controllers.map(({ signal }) => codeOf(limiter.enter(key, 0, { waitMsMax: 10_000, signal })))
    expect(await codeOf(limiter.enter(key, 0, { waitMsMax: 10_000 }))).toBe('HS_LLM_LIMITED')
    for (const controller of controllers) controller.abort(new Error('enough'))
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['Error: enough']))
    expect(limiter.snapshot().keys[key]?.waiting).toBe(0)
  })
})
