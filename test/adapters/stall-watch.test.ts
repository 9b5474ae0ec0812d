import { describe, expect, it } from 'vitest'
import { nodeCommandRunner } from '../../src/adapters/command-runner.js'
import { processorMs } from '../../src/adapters/process-table.js'
import { createStallWatch } from '../../src/adapters/stall-watch.js'
import type { Stall } from '../../src/core/ports.js'
import { createTestWorld } from '../../src/testing/test-world.js'

function watching() {
  const told: Stall[] = []
  return { told, watch: createStallWatch(0, (stall) => told.push(stall)) }
}

/** Looks every second, up to and with `to`; the command has then computed what `processorMs` says. */
function look(
  { watch }: ReturnType<typeof watching>,
  to: number,
  cpuMs: (monoMs: number) => number | undefined,
  start = 0,
): void {
  for (let monoMs = start + 1_000; monoMs <= to; monoMs += 1_000) watch.look(monoMs, cpuMs(monoMs))
}

describe('createStallWatch()', () => {
  it('climbs the ladder while the silence lasts, and is quiet then', () => {
    const watched = watching()
    look(watched, 200_000, () => 40)
    expect(watched.told).toEqual([
      { silentMs: 16_000, suspicion: 'suspicious' },
      { silentMs: 31_000, suspicion: 'danger' },
      { silentMs: 46_000, suspicion: 'extreme' },
    ])
  })

  it('begins anew with each word that the command writes', () => {
    const watched = watching()
    look(watched, 14_000, () => 0)
    watched.watch.heard(14_500)
    look(watched, 29_000, () => 0, 14_000)
    expect(watched.told).toEqual([])
    look(watched, 31_000, () => 0, 29_000)
    expect(watched.told).toEqual([{ silentMs: 15_500, suspicion: 'suspicious' }])
  })

  it('says nothing of a command that computes, whose children end, or of which nobody knows', () => {
    for (const cpuMs of [(at: number) => at / 2, (at: number) => (at % 10_000 < 5_000 ? 9_000 : 100), () => undefined]) {
      const watched = watching()
      look(watched, 200_000, cpuMs)
      expect(watched.told).toEqual([])
    }
  })

  it('bears timers and a listener that throws, and a clock that stands still', () => {
    const watched = watching()
    look(watched, 20_000, (at) => at / 100)
    expect(watched.told.length).toBe(1)
    watched.watch.look(20_000, 200)
    expect(watched.told.length).toBe(1)
    const thrower = createStallWatch(0, () => {
      throw new Error('mine')
    })
    expect(() => thrower.look(16_000, 0)).not.toThrow()
  })
})

describe.runIf(process.platform === 'linux')('nodeCommandRunner() and silence', () => {
  it('tells of a command that waits, and lets it go on to its time limit', async () => {
    const world = createTestWorld()
    const told: string[] = []
    const run = nodeCommandRunner(world).run(['sleep', '60'], {
      cwd: '/',
      timeoutMs: 100_000,
      outputBytesMax: 1_000,
      onStall: ({ suspicion }) => told.push(suspicion),
    })
    expect(await world.clock.until(run)).toMatchObject({ ending: 'timed-out' })
    expect(told).toEqual(['suspicious', 'danger', 'extreme'])
  })

  it('processorMs() counts what a process computes, and nothing for one that is gone', () => {
    const before = processorMs(process.pid)
    const endMs = performance.now() + 60
    while (performance.now() < endMs) Math.hypot(3, 4)
    expect(processorMs(process.pid)).toBeGreaterThan(before)
    expect(processorMs(2 ** 30)).toBe(0)
  })
})
