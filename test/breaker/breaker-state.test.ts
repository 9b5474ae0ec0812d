import { expect, it } from 'vitest'
import { recordOf, restoreCircuit, type CircuitRecord } from '../../src/breaker/breaker-state.js'
import { Circuit, type CircuitLimits } from '../../src/breaker/circuit.js'
import { createTestWorld, type TestWorld } from '../../src/testing/test-world.js'

const limits: CircuitLimits = {
  failureRatioMax: 0.5,
  callsMin: 2,
  windowMs: 10_000,
  buckets: 10,
  openMs: 1_000,
  openMsMax: 8_000,
  probesMax: 1,
  probeTimeoutMs: 500,
}

function circuitIn(world: TestWorld): Circuit {
  return new Circuit(limits, world, { changed: () => undefined })
}

/** The record as a later process reads it, in another world whose clocks have gone on by `laterMs`. */
function inLaterProcess(circuit: Circuit, world: TestWorld, laterMs: number): { circuit: Circuit; world: TestWorld } {
  const record = JSON.parse(JSON.stringify(recordOf(circuit, world.clock))) as CircuitRecord
  const later = createTestWorld(2, { epochMs: world.clock.epochMs() + laterMs })
  const restored = circuitIn(later)
  restoreCircuit(restored, record, later.clock)
  return { circuit: restored, world: later }
}

it('restoreCircuit() keeps the age, the end and the reason of an opening', async () => {
  const world = createTestWorld(1)
  const circuit = circuitIn(world)
  circuit.open({ reason: 'too busy', retryAfterMs: 6_000 })
  await world.clock.advance(1_000)
  const later = inLaterProcess(circuit, world, 2_000)
  expect(later.circuit.view()).toMatchObject({
    state: 'open',
    reason: 'too busy',
    retryAfterMs: 3_000,
    openedEpochMs: 1_700_000_000_000,
    openings: 1,
  })
  expect(inLaterProcess(circuit, world, 5_000).circuit.state).toBe('half-open')
})

it('restoreCircuit() keeps how often it has opened, so that the next opening grows from there', async () => {
  const world = createTestWorld(1)
  const circuit = circuitIn(world)
  circuit.open({ reason: 'down' })
  for (let round = 0; round < 3; round += 1) {
    await world.clock.advance(circuit.view().retryAfterMs)
    const probe = circuit.acquire()
    if (probe.admitted) probe.failure()
  }
  expect(inLaterProcess(circuit, world, 0).circuit.view()).toMatchObject({ state: 'open', openings: 4 })
})

it('restoreCircuit() keeps an isolation however old it is', () => {
  const world = createTestWorld(1)
  const circuit = circuitIn(world)
  circuit.isolate('maintenance')
  expect(inLaterProcess(circuit, world, 1e9).circuit.view()).toMatchObject({
    state: 'open',
    isolated: true,
    reason: 'maintenance',
  })
})

it('restoreCircuit() keeps half-open and closed', () => {
  const world = createTestWorld(1)
  const circuit = circuitIn(world)
  expect(inLaterProcess(circuit, world, 0).circuit.state).toBe('closed')
  circuit.halfOpen('probes')
  expect(inLaterProcess(circuit, world, 0).circuit.view()).toMatchObject({ state: 'half-open', reason: 'probes' })
})

it('restoreCircuit() takes up what opossum wrote, and what is left out', () => {
  const world = createTestWorld(1)
  for (const [record, state] of [
    [{}, 'closed'],
    [{ closed: false }, 'open'],
    [{ closed: false, halfOpen: true }, 'half-open'],
    [{ closed: false, lastTimerAt: world.clock.epochMs() - 1_001 }, 'half-open'],
  ] as const) {
    const circuit = circuitIn(world)
    restoreCircuit(circuit, record, world.clock)
    expect(circuit.state).toBe(state)
  }
})

it('restoreCircuit() does not keep it open longer because a clock was set back', () => {
  const world = createTestWorld(1)
  const circuit = circuitIn(world)
  restoreCircuit(
    circuit,
    { closed: false, lastTimerAt: world.clock.epochMs() + 1e9, openUntil: world.clock.epochMs() + 2e9 },
    world.clock,
  )
  expect(circuit.view().retryAfterMs).toBe(8_000)
})

it('restoreCircuit() refuses a forged record, and changes nothing', () => {
  const world = createTestWorld(1)
  const circuit = circuitIn(world)
  for (const forged of [
    { closed: false, lastTimerAt: 'yesterday' },
    { closed: false, openUntil: {} },
    { closed: false, lastTimerAt: Number.POSITIVE_INFINITY },
    { closed: false, openings: -1 },
    { closed: false, openings: 1e300 },
    { closed: false, reason: 5 },
    { closed: false, trend: { version: 99 } },
    { closed: false, trend: 'nonsense' },
  ])
    // What a caller may read from a file.
    expect(() => restoreCircuit(circuit, forged as unknown as CircuitRecord, world.clock)).toThrow(/Cannot/)
  expect(circuit.state).toBe('closed')
})
