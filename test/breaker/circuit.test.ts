import { expect, it } from 'vitest'
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

function setup(change: Partial<CircuitLimits> = {}, warmUpMs = 0): Setup {
  const world = createTestWorld(1)
  const changes: string[] = []
  return {
    world,
    changes,
    circuit: new Circuit({ ...limits, ...change }, world, { changed: (state) => changes.push(state), warmUpMs }),
  }
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
    calls: 0,
    failures: 0,
    failureRatio: 0,
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

it('Permit counts once', () => {
  const { circuit } = setup()
  const permit = admitted(circuit)
  permit.ignore()
  permit.failure()
  permit.success()
  expect(circuit.view().calls).toBe(0)
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
  const before = admitted(circuit)
  for (let call = 0; call < 5; call += 1) admitted(circuit).failure()
  circuit.configure({ ...limits, callsMin: 3 })
  expect(circuit.limits.callsMin).toBe(3)
  expect(circuit.view().calls).toBe(5)
  circuit.configure({ ...limits, callsMin: 3, windowMs: 20_000 })
  before.failure()
  expect(circuit.view()).toMatchObject({ state: 'closed', calls: 0 })
  trip(circuit)
  circuit.configure({ ...limits, windowMs: 30_000 })
  expect(circuit.state).toBe('open')
})

it('Circuit.restoreOpen() keeps the age of the opening', async () => {
  const { circuit, world } = setup()
  circuit.restoreOpen({ reason: 'restored' }, 400)
  expect(circuit.view()).toMatchObject({ state: 'open', retryAfterMs: 600, openedEpochMs: 1_700_000_000_000 - 400 })
  await world.clock.advance(600)
  expect(circuit.state).toBe('half-open')
})

it('Circuit.halfOpen() admits probes at once', () => {
  const { circuit } = setup()
  circuit.halfOpen('restored')
  expect(circuit.acquire().admitted).toBe(true)
  expect(circuit.view().reason).toBe('restored')
})
