import { expect, describe, it } from 'vitest'
import { nodeLoadReadings } from '../../src/adapters/load-readings.js'
import { LoadGauge } from '../../src/breaker/load/load-gauge.js'

/** Turns the event loop for so long, without a timer of our own. */
async function turn(ms: number): Promise<void> {
  for (const startedMs = performance.now(); performance.now() - startedMs < ms;) await new Promise(setImmediate)
}

function block(ms: number): void {
  for (const startedMs = performance.now(); performance.now() - startedMs < ms;);
}

describe('nodeLoadReadings()', () => {
  it('sees that the event loop was blocked, also when it is read at the end of the block', async () => {
    using source = nodeLoadReadings({ resolutionMs: 5 })
    await turn(50)
    block(200)
    const atTheEnd = source.read().eventLoopDelayMs ?? 0
    await turn(50)
    const afterwards = source.read().eventLoopDelayMs ?? 0
    expect(Math.max(atTheEnd, afterwards)).toBeGreaterThan(150)
    expect(afterwards).toBeLessThan(10_000)
  })

  it('sees a block however often it is read', async () => {
    using source = nodeLoadReadings({ resolutionMs: 5 })
    let delayMs = 0
    const read = (): void => {
      delayMs = Math.max(delayMs, source.read().eventLoopDelayMs ?? 0)
    }
    for (let turns = 0; turns < 30; turns += 1) await turn(1).then(read)
    block(200)
    for (let turns = 0; turns < 30; turns += 1) await turn(1).then(read)
    expect(delayMs).toBeGreaterThan(150)
  })

  it('gives readings that a gauge takes', () => {
    using source = nodeLoadReadings()
    const { eventLoopDelayMs, loadPerCore, memoryRatio } = source.read()
    expect(eventLoopDelayMs).toBeUndefined()
    expect(memoryRatio).toBeGreaterThan(0)
    expect(memoryRatio).toBeLessThanOrEqual(1)
    if (process.platform === 'win32') expect(loadPerCore).toBeUndefined()
    else expect(loadPerCore).toBeGreaterThanOrEqual(0)
    expect(new LoadGauge().look(source, 0)).toMatchObject({ pressure: 0, overloaded: false })
  })

  it('says that it was closed when it is read afterwards; closing twice is closing', () => {
    const source = nodeLoadReadings()
    source.close()
    source.close()
    expect(() => source.read()).toThrow(expect.objectContaining({ code: 'HS_CLOSED' }))
  })

  it.each([0, 0.5, 1_001, Number.NaN])('refuses a resolution of %d', (resolutionMs) => {
    expect(() => nodeLoadReadings({ resolutionMs })).toThrow(RangeError)
  })
})
