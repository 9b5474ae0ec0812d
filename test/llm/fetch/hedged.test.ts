import { describe, expect, it } from 'vitest'
import { hedged } from '../../../src/llm/fetch/hedged.js'
import { HedgeTimer } from '../../../src/llm/hedge/hedge-timer.js'
import { createTestWorld, type TestWorld } from '../../../src/testing/test-world.js'

interface Asked {
  readonly world: TestWorld
  readonly signals: AbortSignal[]
  readonly hedges: () => number
  readonly ask: (latenciesMs: readonly (number | Error)[], signal?: AbortSignal) => Promise<string>
}

/** Calls of which twenty have answered in about 100 ms. */
function accustomed(extraRatioMax = 1): Asked {
  const world = createTestWorld()
  const timer = new HedgeTimer({ callsMin: 20, extraRatioMax })
  for (let call = 0; call < 20; call += 1) timer.observe(100)
  const signals: AbortSignal[] = []
  let hedges = 0
  const ask: Asked['ask'] = (latenciesMs, signal) =>
    hedged(
      async (own) => {
        const index = signals.push(own) - 1
        const latency = latenciesMs[index] ?? 0
        if (latency instanceof Error) throw latency
        await world.clock.sleep(latency, own)
        return `answer ${index}`
      },
      { timer, clock: world.clock, signal, onHedge: () => (hedges += 1) },
    )
  return { world, signals, ask, hedges: () => hedges }
}

describe('hedged()', () => {
  it('asks once when the answer comes in time', async () => {
    const { world, ask, signals, hedges } = accustomed()
    expect(await world.clock.until(ask([50]))).toBe('answer 0')
    expect([signals.length, hedges(), world.clock.sleeping]).toEqual([1, 0, 0])
  })

  it('asks once more when the first is late, takes the first answer and aborts the other request', async () => {
    const { world, ask, signals, hedges } = accustomed()
    expect(await world.clock.until(ask([10_000, 30]))).toBe('answer 1')
    expect([signals.map(({ aborted }) => aborted), hedges()]).toEqual([[true, false], 1])
    expect(world.clock.monoMs()).toBeLessThan(1_000)
    const again = accustomed()
    expect(await again.world.clock.until(again.ask([200, 10_000]))).toBe('answer 0')
    expect(again.signals.map(({ aborted }) => aborted)).toEqual([false, true])
    expect(again.world.clock.sleeping).toBe(0)
  })

  it('gives the failure of the first at once, and after a second request waits for that one', async () => {
    const down = new Error('down')
    const early = accustomed()
    await expect(early.world.clock.until(early.ask([down]))).rejects.toBe(down)
    expect(early.signals).toHaveLength(1)
    const late = accustomed()
    expect(await late.world.clock.until(late.ask([300, 400]))).toBe('answer 0')
    const second = accustomed()
    expect(await second.world.clock.until(second.ask([10_000, down]))).toBe('answer 0')
  })

  it('waits for the first when the timer has nothing to spend', async () => {
    const { world, ask, signals, hedges } = accustomed(0)
    expect(await world.clock.until(ask([2_000, 10]))).toBe('answer 0')
    expect([signals.length, hedges(), world.clock.sleeping]).toEqual([1, 0, 0])
  })

  it("passes the caller's abort on to both requests", async () => {
    const { world, ask, signals } = accustomed()
    const caller = new AbortController()
    const asked = ask([10_000, 10_000], caller.signal)
    asked.catch(() => undefined)
    await world.clock.advance(500)
    caller.abort('gone')
    await expect(asked).rejects.toBe('gone')
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
    expect(world.clock.sleeping).toBe(0)
  })
})
