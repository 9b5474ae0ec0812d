import { describe, expect, it } from 'vitest'
import { recordOf, restoreCircuit, type CircuitRecord } from '../../src/breaker/breaker-state.js'
import { Circuit, type CircuitLimits } from '../../src/breaker/circuit.js'
import { createHandWorld, type HandWorld } from './hand-world.js'

/** What an opossum user gets who gives no numbers: the window does not count, the detector decides. */
const limits: CircuitLimits = {
  failureRatioMax: 0.5,
  callsMin: 5,
  windowMs: 10_000,
  buckets: 10,
  openMs: 30_000,
  openMsMax: 240_000,
  probesMax: 1,
  probeTimeoutMs: 60_000,
  window: false,
}

interface Service {
  readonly circuit: Circuit
  readonly world: HandWorld
  readonly told: string[]
}

function service(seed: number): Service {
  const world = createHandWorld(seed)
  const told: string[] = []
  const circuit = new Circuit(limits, world, {
    changed: (state) => told.push(state),
    degraded: () => told.push('degraded'),
    recovered: () => told.push('recovered'),
  })
  return { circuit, world, told }
}

/** One call at a time, `gapMs` apart and 1 ms long, of which `ratio` fail. Returns how many failed. */
function traffic(
  { circuit, world }: Service,
  { calls, ratio, gapMs, until }: { calls: number; ratio: number; gapMs: number; until?: () => boolean },
): number {
  let failures = 0
  for (let call = 0; call < calls; call += 1) {
    world.nowMs += gapMs
    const permit = circuit.acquire()
    if (!permit.admitted) continue
    world.nowMs += 1
    if (world.random() < ratio) {
      failures += 1
      permit.failure(new Error('down'))
    } else permit.success()
    if (until?.() === true) break
  }
  return failures
}

describe('a step of the failure rate, after 10 000 calls of which 1 % fail', () => {
  const runs = 20
  const failuresUntilOpen = (ratio: number, gapMs: number): number => {
    let total = 0
    for (let seed = 1; seed <= runs; seed += 1) {
      const all = service(seed)
      traffic(all, { calls: 10_000, ratio: 0.01, gapMs })
      all.circuit.close()
      total += traffic(all, { calls: 10_000, ratio, gapMs, until: () => all.circuit.state === 'open' })
      expect(all.circuit.view()).toMatchObject({ state: 'open', trend: { state: 'tripped' } })
    }
    return total / runs
  }

  it('Circuit opens within 5 failed calls at 30 % and 50 %, and within 4 when all fail', () => {
    expect(failuresUntilOpen(0.3, 10)).toBeLessThanOrEqual(5)
    expect(failuresUntilOpen(0.5, 10)).toBeLessThanOrEqual(5)
    expect(failuresUntilOpen(1, 10)).toBeLessThanOrEqual(4)
  })

  it('Circuit does so whatever the spacing of the calls', () => {
    // Not to the last digit: an opening before the step, a false alarm, ends sooner in calls when the calls are far apart.
    expect(Math.abs(failuresUntilOpen(0.5, 10_000) - failuresUntilOpen(0.5, 10))).toBeLessThanOrEqual(0.2)
  })
})

it('Circuit sees a hang before the first timeout expires', () => {
  const all = service(1)
  const { circuit, world } = all
  const answers: { readonly atMs: number; readonly settle: () => void }[] = []
  const every100ms = (takesMs: () => number): boolean => {
    world.nowMs += 100
    for (const answer of answers.splice(0))
      if (answer.atMs <= world.nowMs) answer.settle()
      else answers.push(answer)
    const permit = circuit.acquire()
    if (permit.admitted) answers.push({ atMs: world.nowMs + takesMs(), settle: () => permit.success() })
    return permit.admitted
  }
  const usualMs = (): number => 1_000 * Math.exp(0.5 * normal(world))
  for (let call = 0; call < 5_000; call += 1) every100ms(usualMs)
  expect(circuit.state).toBe('closed')
  let doomed = 0
  while (every100ms(() => Number.POSITIVE_INFINITY)) doomed += 1
  expect(doomed).toBeLessThanOrEqual(50)
  expect(circuit.view()).toMatchObject({ state: 'open', trend: { detector: 'overdue' } })
})

it('Circuit tells of a change from 1 to 10 %, and seldom opens for it', () => {
  const firstTold = Array.from({ length: 20 }, (_, index) => {
    const all = service(index + 1)
    traffic(all, { calls: 5_000, ratio: 0.01, gapMs: 10 })
    all.circuit.close()
    all.told.length = 0
    traffic(all, { calls: 2_000, ratio: 0.1, gapMs: 10, until: () => all.told.length > 0 })
    return all.told[0]
  })
  expect(firstTold.filter((told) => told === 'degraded').length).toBeGreaterThanOrEqual(14)
  expect(firstTold).not.toContain(undefined)
})

it('Circuit learns from its false alarms: bursts that end by themselves open it a few times, not for ever', () => {
  const all = service(5)
  const openings = (): number => all.told.filter((state) => state === 'open').length
  const bursts = (count: number): void => {
    for (let burst = 0; burst < count; burst += 1) {
      traffic(all, { calls: 990, ratio: 0.002, gapMs: 10 })
      traffic(all, { calls: 10, ratio: 0.6, gapMs: 10 })
      // Whatever it opened for is long over when its probe goes out.
      all.world.nowMs += 240_000
      traffic(all, { calls: 1, ratio: 0, gapMs: 10 })
    }
  }
  bursts(60)
  const learning = openings()
  bursts(200)
  expect(openings() - learning).toBeLessThanOrEqual(4)
})

it('Circuit in a later process knows what an earlier one had learnt', () => {
  const before = service(7)
  traffic(before, { calls: 10_000, ratio: 0.2, gapMs: 10 })
  before.circuit.close()
  const record = JSON.parse(JSON.stringify(recordOf(before.circuit, before.world.clock))) as CircuitRecord
  const [restored, fresh] = [service(8), service(8)]
  restoreCircuit(restored.circuit, record, restored.world.clock)
  expect(restored.circuit.view().trend?.baseline).toEqual(before.circuit.view().trend?.baseline)
  expect(fresh.circuit.view().trend?.baseline).not.toEqual(before.circuit.view().trend?.baseline)
})

/** Standard normal, by Box and Muller. */
function normal(world: HandWorld): number {
  return Math.sqrt(-2 * Math.log(1 - world.random())) * Math.cos(2 * Math.PI * world.random())
}
