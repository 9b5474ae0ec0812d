import { describe, expect, it } from 'vitest'
import { TargetLoads } from '../../../src/llm/balance/target-loads.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

describe('TargetLoads', () => {
  it('counts calls under way, each of them once, and learns how long they took', async () => {
    const { clock } = createTestWorld()
    const loads = new TargetLoads(clock)
    expect(loads.of('a')).toEqual({ inFlight: 0, latencyMs: undefined })
    const ended = loads.begin('a')
    loads.begin('a')
    await clock.advance(300)
    ended(true)
    ended(true)
    expect(loads.of('a')).toEqual({ inFlight: 1, latencyMs: 300 })
  })

  it('never takes a target for quick because it fails quickly, but for slow when it fails slowly', async () => {
    const { clock } = createTestWorld()
    const loads = new TargetLoads(clock)
    loads.begin('a')(false)
    expect(loads.of('a').latencyMs).toBeUndefined()
    const answered = loads.begin('a')
    await clock.advance(300)
    answered(true)
    loads.begin('a')(false)
    expect(loads.of('a').latencyMs).toBe(300)
    const failed = loads.begin('a')
    await clock.advance(5_000)
    failed(false)
    expect(loads.of('a').latencyMs).toBe(5_000)
  })

  it('remembers a thousand targets, and every one with calls under way', () => {
    const loads = new TargetLoads(createTestWorld().clock)
    const ended = loads.begin('busy')
    for (let other = 0; other < 2_000; other += 1) loads.begin(`target-${other}`)(true)
    expect(loads.of('busy').inFlight).toBe(1)
    ended(true)
    expect(loads.of('busy').inFlight).toBe(0)
    expect(loads.of('target-0').latencyMs).toBeUndefined()
  })
})
