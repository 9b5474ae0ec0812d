import { describe, expect, it } from 'vitest'
import { Circuit, type CircuitLimits, type Permit } from '../../src/breaker/circuit.js'
import { createTestWorld, type TestWorld } from '../../src/testing/test-world.js'

const limits: CircuitLimits = {
  failureRatioMax: 0.5,
  callsMin: 2,
  windowMs: 10_000,
  buckets: 10,
  openMs: 1_000,
  openMsMax: 8_000,
  probesMax: 2,
  probeTimeoutMs: 500,
}

interface Setup {
  readonly circuit: Circuit
  readonly world: TestWorld
  readonly changes: string[]
}

/** A circuit that goes by its window alone: what its trend does is told in `circuit-trend.test.ts`. */
function setup(change: Partial<CircuitLimits> = {}, warmUpMs = 0): Setup {
  const world = createTestWorld(1)
  const changes: string[] = []
  const options = { changed: (state: string) => changes.push(state), warmUpMs, trend: false as const }
  return { world, changes, circuit: new Circuit({ ...limits, ...change }, world, options) }
}

function admitted(circuit: Circuit): Permit {
  const admission = circuit.acquire()
  if (!admission.admitted) throw new Error(`refused: ${admission.reason}`)
  return admission
}

function trip(circuit: Circuit, retryAfterMs?: number): void {
  while (circuit.state !== 'open') admitted(circuit).failure(new Error('down'), retryAfterMs)
}

it('Circuit opens with a reason when too many calls in the window failed', () => {
  const { circuit, changes } = setup()
  const error = new Error('down')
  admitted(circuit).success()
  admitted(circuit).failure(error)
  expect(circuit.view()).toMatchObject({ state: 'closed', reason: null, calls: 2, failures: 1, failureRatio: 0.5 })
  admitted(circuit).failure(error)
  expect(circuit.view()).toEqual({
    state: 'open',
    reason: '2 of 3 calls failed within 10000 ms',
    retryAfterMs: 1_000,
    openedEpochMs: 1_700_000_000_000,
    openings: 1,
    isolated: false,
    admittedShare: 0,
    mode: 'enforce',
    refusals: 0,
    calls: 0,
    failures: 0,
    failureRatio: 0,
    trend: null,
  })
  expect(circuit.acquire()).toEqual({
    admitted: false,
    reason: '2 of 3 calls failed within 10000 ms',
    retryAfterMs: 1_000,
    cause: error,
  })
  expect(changes).toEqual(['open'])
})

it('Circuit half-opens when its time is over and closes after a quota of successes', async () => {
  const { circuit, world, changes } = setup()
  trip(circuit)
  await world.clock.advance(999)
  expect(circuit.state).toBe('open')
  await world.clock.advance(1)
  const [first, second] = [admitted(circuit), admitted(circuit)]
  expect(circuit.acquire()).toMatchObject({ admitted: false, retryAfterMs: 500 })
  first.success()
  expect(circuit.acquire().admitted).toBe(false)
  second.success()
  expect(circuit.state).toBe('closed')
  expect(circuit.view()).toMatchObject({ calls: 0, failures: 0 })
  expect(changes).toEqual(['open', 'half-open', 'closed'])
})

it('Circuit opens again when one probe fails, and the answers of the others change nothing', async () => {
  const { circuit, world, changes } = setup()
  trip(circuit)
  await world.clock.advance(1_000)
  const [first, second] = [admitted(circuit), admitted(circuit)]
  first.failure(new Error('still down'))
  second.success()
  expect(circuit.view()).toMatchObject({ state: 'open', reason: 'a probe failed' })
  expect(changes).toEqual(['open', 'half-open', 'open'])
})

it('Circuit gives a probe back that says nothing', async () => {
  const { circuit, world } = setup({ probesMax: 1 })
  trip(circuit)
  await world.clock.advance(1_000)
  const probe = admitted(circuit)
  expect(circuit.admitsProbe).toBe(false)
  probe.ignore()
  expect(circuit.admitsProbe).toBe(true)
  expect(circuit.acquire().admitted).toBe(true)
})

it('Circuit gives up a probe that does not answer, and its late success changes nothing', async () => {
  const { circuit, world } = setup({ probesMax: 1 })
  trip(circuit)
  await world.clock.advance(1_000)
  const hung = admitted(circuit)
  await world.clock.advance(500)
  expect(circuit.view()).toMatchObject({ state: 'open', reason: 'a probe did not answer within 500 ms' })
  hung.success()
  expect(circuit.state).toBe('open')
  await world.clock.advance(2_000)
  expect(circuit.state).toBe('half-open')
})

it('Circuit counts the opening from the deadline of a probe, even when it looks much later', async () => {
  const { circuit, world, changes } = setup({ probesMax: 1 })
  trip(circuit)
  await world.clock.advance(1_000)
  admitted(circuit)
  await world.clock.advance(3_600_000)
  expect(circuit.state).toBe('half-open')
  expect(changes).toEqual(['open', 'half-open', 'open', 'half-open'])
})

it('Circuit stays open longer each time its probes fail, never longer than the maximum, and starts over after closing', async () => {
  const { circuit, world } = setup({ probesMax: 1 })
  const openings: number[] = []
  trip(circuit)
  for (let round = 0; round < 6; round += 1) {
    openings.push(circuit.view().retryAfterMs)
    await world.clock.advance(circuit.view().retryAfterMs)
    admitted(circuit).failure()
  }
  expect(openings[0]).toBe(1_000)
  expect(openings[1]).toBeGreaterThanOrEqual(1_500)
  expect(openings[2]).toBeGreaterThanOrEqual(3_000)
  expect(Math.max(...openings)).toBeLessThanOrEqual(8_000)
  expect(openings.at(-1)).toBeGreaterThanOrEqual(6_000)
  await world.clock.advance(8_000)
  admitted(circuit).success()
  trip(circuit)
  expect(circuit.view().retryAfterMs).toBe(1_000)
})

it('Circuit hears Retry-After, up to the longest opening', () => {
  for (const [askedMs, openMs] of [
    [5_000, 5_000],
    [10, 1_000],
    [1e12, 8_000],
    [Number.POSITIVE_INFINITY, 8_000],
    [Number.NaN, 1_000],
    [-5, 1_000],
  ] as const) {
    const { circuit } = setup()
    trip(circuit, askedMs)
    expect(circuit.view().retryAfterMs).toBe(openMs)
  }
})

it('Circuit ignores the answers of calls that began before it opened', async () => {
  const { circuit, world } = setup({ probesMax: 1 })
  const [early, late] = [admitted(circuit), admitted(circuit)]
  trip(circuit)
  await world.clock.advance(1_000)
  expect(circuit.state).toBe('half-open')
  early.success()
  expect(circuit.state).toBe('half-open')
  admitted(circuit).success()
  expect(circuit.state).toBe('closed')
  late.failure(new Error('from long ago'))
  expect(circuit.view()).toMatchObject({ state: 'closed', calls: 0 })
})

it('Circuit says how much of a Retry-After it grants', () => {
  const { circuit } = setup()
  trip(circuit, 3_600_000)
  expect(circuit.view().reason).toBe(
    '2 of 2 calls failed within 10000 ms; it asked to be left alone for 3600000 ms, of which 8000 ms are granted',
  )
})

it('Circuit hears the Retry-After of a failed probe', async () => {
  const { circuit, world } = setup({ probesMax: 1 })
  trip(circuit)
  await world.clock.advance(1_000)
  admitted(circuit).failure(new Error('busy'), 7_000)
  expect(circuit.view()).toMatchObject({ state: 'open', reason: 'a probe failed', retryAfterMs: 7_000, openings: 2 })
})

it('Circuit does not trip while it warms up', async () => {
  const { circuit, world } = setup({}, 5_000)
  expect(circuit.warmingUp).toBe(true)
  for (let call = 0; call < 10; call += 1) admitted(circuit).failure()
  expect(circuit.state).toBe('closed')
  await world.clock.advance(5_000)
  expect(circuit.warmingUp).toBe(false)
  admitted(circuit).failure()
  expect(circuit.state).toBe('open')
})

it('Circuit.open() and close() do nothing when it is so already', () => {
  const { circuit, changes } = setup()
  circuit.close()
  circuit.open({ reason: 'by hand' })
  circuit.open({ reason: 'again' })
  expect(circuit.view().reason).toBe('by hand')
  circuit.close()
  expect(changes).toEqual(['open', 'closed'])
})

it('Circuit.configure() takes new numbers at once, and begins a new window when that changes', () => {
  const { circuit } = setup({ callsMin: 100 })
  for (let call = 0; call < 5; call += 1) admitted(circuit).failure()
  circuit.configure({ ...limits, callsMin: 3 })
  expect(circuit.limits.callsMin).toBe(3)
  expect(circuit.view().calls).toBe(5)
  circuit.configure({ ...limits, callsMin: 3, windowMs: 20_000 })
  expect(circuit.view()).toMatchObject({ state: 'closed', calls: 0 })
  trip(circuit)
  circuit.configure({ ...limits, windowMs: 30_000 })
  expect(circuit.state).toBe('open')
})

it('Circuit.restoreOpen() keeps the age of the opening', async () => {
  const { circuit, world } = setup()
  circuit.restoreOpen({ reason: 'restored' }, { ageMs: 400 })
  expect(circuit.view()).toMatchObject({ state: 'open', retryAfterMs: 600, openedEpochMs: 1_700_000_000_000 - 400 })
  await world.clock.advance(600)
  expect(circuit.state).toBe('half-open')
})

it('Circuit.restoreOpen() keeps the end of the opening and its place in the row, and grows from there', async () => {
  const { circuit, world } = setup({ probesMax: 1 })
  circuit.restoreOpen({ reason: 'restored' }, { ageMs: 1_000, openMs: 5_000, openings: 2 })
  expect(circuit.view()).toMatchObject({ state: 'open', retryAfterMs: 4_000, openings: 2 })
  await world.clock.advance(4_000)
  admitted(circuit).failure()
  expect(circuit.view().retryAfterMs).toBeGreaterThanOrEqual(3_000)
  circuit.restoreOpen({ reason: 'restored' }, { ageMs: 0, openMs: 1e9 })
  expect(circuit.view().retryAfterMs).toBe(8_000)
})

it('Circuit.restoreOpen() refuses numbers that are out of range, and changes nothing', () => {
  const { circuit } = setup()
  const opening = { reason: 'restored' }
  for (const ageMs of [Number.NaN, -1, Number.POSITIVE_INFINITY])
    expect(() => circuit.restoreOpen(opening, { ageMs })).toThrow(RangeError)
  expect(() => circuit.restoreOpen(opening, { ageMs: 0, openMs: Number.NaN })).toThrow(RangeError)
  expect(() => circuit.restoreOpen(opening, { ageMs: 0, openings: 1.5 })).toThrow(RangeError)
  expect(circuit.view()).toMatchObject({ state: 'closed', openings: 0 })
})

it('Circuit.halfOpen() admits probes at once', () => {
  const { circuit } = setup()
  circuit.halfOpen('restored')
  expect(circuit.acquire().admitted).toBe(true)
  expect(circuit.view().reason).toBe('restored')
})

it('Circuit.isolate() keeps it open without end and without probes until it is released or closed', async () => {
  const { circuit, world, changes } = setup({ probesMax: 1 })
  const before = admitted(circuit)
  circuit.isolate('maintenance')
  circuit.isolate('again')
  circuit.open({ reason: 'by hand' })
  before.failure()
  await world.clock.advance(365 * 86_400_000)
  expect(circuit.view()).toMatchObject({ state: 'open', isolated: true, reason: 'maintenance', retryAfterMs: 0, openings: 0 })
  expect(circuit.acquire()).toEqual({ admitted: false, reason: 'maintenance', retryAfterMs: 0, cause: undefined })
  expect(JSON.parse(JSON.stringify(circuit.view()))).toEqual(circuit.view())
  circuit.release()
  expect(circuit.view()).toMatchObject({ state: 'half-open', isolated: false, reason: 'probes are under way since maintenance' })
  admitted(circuit).success()
  expect(changes).toEqual(['open', 'half-open', 'closed'])
  circuit.isolate('maintenance')
  circuit.close()
  expect(circuit.state).toBe('closed')
})

it('Circuit.isolate() holds back an opening that would have ended by itself, and tells nobody twice', async () => {
  const { circuit, world, changes } = setup()
  trip(circuit)
  circuit.isolate('maintenance')
  await world.clock.advance(10_000)
  expect(circuit.view()).toMatchObject({ state: 'open', reason: 'maintenance' })
  expect(changes).toEqual(['open'])
})

it('Circuit.release() does nothing when it is not isolated', () => {
  const { circuit, changes } = setup()
  circuit.release()
  trip(circuit)
  circuit.release()
  expect(circuit.state).toBe('open')
  expect(changes).toEqual(['open'])
})

it('Circuit in the mode `observe` admits every call, and reports what it would have done', async () => {
  const { circuit, world, changes } = setup({ mode: 'observe', probesMax: 1 })
  admitted(circuit).failure()
  admitted(circuit).failure()
  expect(circuit.view()).toMatchObject({ state: 'open', mode: 'observe', retryAfterMs: 1_000, refusals: 0 })
  for (const how of ['success', 'failure', 'ignore'] as const) admitted(circuit)[how]()
  expect(circuit.view()).toMatchObject({ state: 'open', refusals: 3, openings: 1 })
  await world.clock.advance(1_000)
  const probe = admitted(circuit)
  admitted(circuit).failure()
  expect(circuit.view()).toMatchObject({ state: 'half-open', refusals: 4 })
  probe.success()
  expect(changes).toEqual(['open', 'half-open', 'closed'])
  circuit.isolate('maintenance')
  expect(circuit.acquire().admitted).toBe(true)
  circuit.configure({ ...limits, mode: 'enforce' })
  expect(circuit.acquire().admitted).toBe(false)
})

it('Circuit without a window counts nothing and never opens by it', () => {
  const { circuit } = setup({ window: false })
  for (let call = 0; call < 100; call += 1) admitted(circuit).failure()
  expect(circuit.view()).toMatchObject({ state: 'closed', calls: 0, failures: 0 })
})

describe('the ramp after a recovery', () => {
  it('Circuit lets through a growing share of the calls that overlap, and then all', async () => {
    const { circuit, world } = await recovered()
    expect(circuit.view()).toMatchObject({ state: 'closed', admittedShare: 0.1, openings: 1 })
    const shares: number[] = []
    for (let second = 0; second < 10; second += 1) {
      const held = admitted(circuit)
      const calls = Array.from({ length: 100 }, () => circuit.acquire())
      shares.push(calls.filter(({ admitted: yes }) => yes).length / 100)
      for (const call of calls) if (call.admitted) call.success()
      held.success()
      await world.clock.advance(1_000)
    }
    expect(shares).toEqual([0.1, 0.19, 0.28, 0.37, 0.46, 0.55, 0.64, 0.73, 0.82, 0.91])
    expect(circuit.view()).toMatchObject({ admittedShare: 1, reason: null, openings: 0 })
  })

  it('Circuit says why it refuses and about when to come again', async () => {
    const { circuit, world } = await recovered()
    admitted(circuit)
    await world.clock.advance(500)
    expect(circuit.acquire()).toEqual({
      admitted: false,
      reason: 'it recovers and admits 15 % of the calls',
      retryAfterMs: 500,
      cause: undefined,
    })
    expect(circuit.view()).toMatchObject({ reason: 'it recovers and admits 15 % of the calls', refusals: 1 })
  })

  it('Circuit never refuses a call while no other is under way', async () => {
    const { circuit, world } = await recovered()
    for (let call = 0; call < 50; call += 1) {
      const permit = admitted(circuit)
      if (call % 2 === 0) permit.success()
      else permit.ignore()
      await world.clock.advance(10)
    }
  })

  it('Circuit opens again, and for longer, when the failures come back', async () => {
    const { circuit } = await recovered()
    trip(circuit)
    expect(circuit.view()).toMatchObject({ state: 'open', openings: 2 })
    expect(circuit.view().retryAfterMs).toBeGreaterThanOrEqual(1_500)
  })

  it('Circuit opens again on a relapse that the window would not see', async () => {
    const { circuit } = await recovered({ failureRatioMax: 0.2, callsMin: 1_000 })
    trip(circuit)
    expect(circuit.view().reason).toBe('it failed again while it recovered')
  })

  it('Circuit.close() by hand ends the ramp', async () => {
    const { circuit } = await recovered()
    circuit.close()
    expect(circuit.view()).toMatchObject({ admittedShare: 1, openings: 0 })
  })

  it('Circuit keeps its ramp when it is configured', async () => {
    const { circuit } = await recovered()
    circuit.configure({ ...limits, windowMs: 20_000, rampMs: 0 })
    expect(circuit.view().admittedShare).toBe(0.1)
  })

  async function recovered(change: Partial<CircuitLimits> = {}): Promise<Setup> {
    const all = setup({ probesMax: 1, rampMs: 10_000, ...change })
    all.circuit.open({ reason: 'by hand' })
    await all.world.clock.advance(1_000)
    admitted(all.circuit).success()
    return all
  }
})

it('Circuit refuses numbers that are out of range, before anything changes', () => {
  const { circuit, world } = setup()
  expect(() => circuit.configure({ ...limits, openMs: Number.NaN })).toThrow(RangeError)
  expect(circuit.limits.openMs).toBe(1_000)
  const options = { changed: () => undefined, trend: false as const }
  expect(() => new Circuit({ ...limits, probesMax: 0 }, world, options)).toThrow(RangeError)
  expect(() => new Circuit(limits, world, { ...options, warmUpMs: Number.NaN })).toThrow(RangeError)
})

it('Circuit survives a listener that moves it on', () => {
  const world = createTestWorld(1)
  const states: string[] = []
  const circuit: Circuit = new Circuit(limits, world, {
    trend: false,
    changed: (state) => {
      states.push(state)
      if (state === 'open') circuit.close()
    },
  })
  for (let call = 0; call < 4; call += 1) admitted(circuit).failure()
  expect(states).toEqual(['open', 'closed', 'open', 'closed'])
  expect(circuit.acquire().admitted).toBe(true)
})
