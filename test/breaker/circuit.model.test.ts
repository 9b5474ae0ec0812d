import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Circuit, type CircuitLimits } from '../../src/breaker/circuit.js'
import { checkedLimits } from '../../src/breaker/circuit-limits.js'
import { openTimeMs } from '../../src/breaker/open-time.js'
import type { CallPermit } from '../../src/breaker/permit.js'
import { CircuitModel, type ModelCall } from './circuit-model.js'
import { createHandWorld, type HandWorld } from './hand-world.js'

/** The same chance for the model and the circuit: the half of the jitter. */
const chance = (): number => 0.5

interface Real {
  readonly circuit: Circuit
  readonly world: HandWorld
  readonly told: string[]
  /** Each call with its counterpart in the model. */
  readonly held: (readonly [CallPermit<unknown>, ModelCall])[]
}

type Step = fc.Command<CircuitModel, Real>

/** A step that is always possible; afterwards the circuit must look as the model does. */
function step(name: string, act: (model: CircuitModel, real: Real) => void): Step {
  return {
    check: () => true,
    run: (model, real) => {
      act(model, real)
      agree(model, real)
    },
    toString: () => name,
  }
}

function agree(model: CircuitModel, { circuit, told }: Real): void {
  const view = circuit.view()
  model.look()
  const { calls, failures } = model.rate()
  expect(view).toMatchObject({
    state: model.state,
    isolated: model.isolated,
    openings: model.openings,
    refusals: model.refusals,
    retryAfterMs: model.state === 'open' && !model.isolated ? Math.ceil(model.untilMs - model.nowMs) : 0,
    admittedShare: model.state === 'closed' ? 1 : 0,
    calls,
    failures,
  })
  expect(circuit.state).toBe(model.state)
  expect(circuit.admitsProbe).toBe(model.admitsProbe)
  expect(told).toEqual(model.told)
}

const acquire = step('acquire', (model, { circuit, held }) => {
  const admission = circuit.acquire()
  const expected = model.acquire()
  expect(admission.admitted).toBe(expected !== undefined)
  if (admission.admitted && expected !== undefined) held.push([admission, expected])
  if (!admission.admitted) expect(admission.retryAfterMs).toBeGreaterThanOrEqual(0)
})

const settle = fc
  .record({
    how: fc.constantFrom('success' as const, 'failure' as const, 'ignore' as const),
    which: fc.nat(),
    retryAfterMs: fc.constantFrom(0, 0, 0, 2_500, 1e9),
    twice: fc.boolean(),
  })
  .map(({ how, which, retryAfterMs, twice }) =>
    step(`${how}(${which}, ${retryAfterMs})`, (model, { held }) => {
      const [pair] = held.splice(which % Math.max(1, held.length), 1)
      if (pair === undefined) return
      const [permit, call] = pair
      const tookMs = how === 'failure' ? permit.failure(new Error('down'), retryAfterMs) : permit[how]()
      model.settle(call, how, how === 'failure' ? retryAfterMs : 0)
      expect(tookMs).toBe(model.nowMs - call.startedMs)
      if (twice) expect([permit.failure(), permit.success(), permit.ignore()]).toEqual([Number.NaN, Number.NaN, Number.NaN])
    }),
  )

/** Nobody looks: what the time has brought must come out the same at the next step, whatever that is. */
const wait = fc.constantFrom(1, 50, 300, 999, 5_000).map((ms): Step => ({
  check: () => true,
  run: (model, { world }) => {
    world.nowMs += ms
    model.wait(ms)
  },
  toString: () => `wait(${ms})`,
}))

const byHand = fc.constantFrom(
  step('open', (model, { circuit }) => {
    circuit.open({ reason: 'by hand' })
    model.open(0)
  }),
  step('open(3000)', (model, { circuit }) => {
    circuit.open({ reason: 'by hand', retryAfterMs: 3_000 })
    model.open(3_000)
  }),
  step('close', (model, { circuit }) => {
    circuit.close()
    model.close()
  }),
  step('isolate', (model, { circuit }) => {
    circuit.isolate('by hand')
    model.isolate()
  }),
  step('release', (model, { circuit }) => {
    circuit.release()
    model.release()
  }),
  step('halfOpen', (model, { circuit }) => {
    circuit.halfOpen('by hand')
    model.halfOpen()
  }),
)

const someLimits: fc.Arbitrary<CircuitLimits> = fc.record({
  failureRatioMax: fc.constantFrom(0, 0.2, 0.5, 0.99, 1),
  callsMin: fc.integer({ min: 0, max: 6 }),
  windowMs: fc.constantFrom(500, 2_000),
  buckets: fc.constantFrom(1, 4, 10),
  openMs: fc.constantFrom(0, 100, 1_000),
  openMsMax: fc.constantFrom(1_000, 4_000),
  probesMax: fc.integer({ min: 1, max: 4 }),
  probeTimeoutMs: fc.constantFrom(50, 700),
  window: fc.constantFrom(true, true, false),
  mode: fc.constantFrom('enforce' as const, 'enforce' as const, 'observe' as const),
})

const configure = someLimits.map((limits) =>
  step(`configure(${JSON.stringify(limits)})`, (model, { circuit }) => {
    circuit.configure(limits)
    model.configure(checkedLimits(limits))
  }),
)

const steps = fc.commands(
  [
    ...Array.from({ length: 5 }, () => fc.constant(acquire)),
    ...Array.from({ length: 5 }, () => settle),
    ...Array.from({ length: 3 }, () => wait),
    byHand,
    configure,
  ],
  { maxCommands: 80, size: 'max' },
)

it('Circuit does what a plain model of it does, whatever happens in whatever order (laws 3, 4 and 9)', () => {
  fc.assert(
    fc.property(someLimits, steps, (limits, story) => {
      fc.modelRun(() => {
        const world = createHandWorld(1, chance)
        const told: string[] = []
        const circuit = new Circuit(limits, world, { trend: false, changed: (state) => told.push(state) })
        const model: CircuitModel = new CircuitModel(checkedLimits(limits), (openings) =>
          openTimeMs(openings, model.limits, chance),
        )
        return { model, real: { circuit, world, told, held: [] } }
      }, story)
    }),
    { numRuns: 400 },
  )
})
