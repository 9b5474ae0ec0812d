import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Circuit, type CircuitLimits, type Permit } from '../../src/breaker/circuit.js'
import type { TrendState } from '../../src/breaker/trend/trend-verdict.js'
import { createTestWorld, type TestWorld } from '../../src/testing/test-world.js'

/** A detector that says what a test wants it to say, and keeps what it is told: what it really says is tested with it. */
const script = vi.hoisted(() => ({
  state: 'learning' as TrendState,
  /** What the calls under way say, where that is something else. */
  overdue: undefined as TrendState | undefined,
  heard: [] as unknown[][],
  reference: 0.05,
  tickets: 0,
}))

vi.mock('../../src/breaker/trend/trend-detector.js', () => ({
  TrendDetector: class {
    readonly learnt: unknown
    constructor(options?: object) {
      this.learnt = options
    }
    static from(json: object): object {
      if ('forged' in json) throw new RangeError('Cannot restore: forged')
      return new this(json)
    }
    get verdict(): object {
      return { state: script.state, reason: `it is ${script.state}`, baseline: { reference: script.reference } }
    }
    callStarted(atMs: number): number {
      script.heard.push(['started', atMs])
      return (script.tickets += 1)
    }
    callEnded(ticket: number, ok: boolean): void {
      script.heard.push(['ended', ticket, ok])
    }
    step(ok: boolean, latencyMs: number, atMs: number): TrendState {
      script.heard.push(['step', ok, latencyMs, atMs])
      return script.state
    }
    look(): TrendState {
      return script.overdue ?? script.state
    }
    reset(options: object): void {
      script.heard.push(['reset', options])
      script.state = 'steady'
    }
    toJSON(): unknown {
      return this.learnt
    }
  },
}))

const limits: CircuitLimits = {
  failureRatioMax: 0.5,
  callsMin: 2,
  windowMs: 10_000,
  buckets: 10,
  openMs: 1_000,
  openMsMax: 8_000,
  probesMax: 1,
  probeTimeoutMs: 500,
  window: false,
}

interface Setup {
  readonly circuit: Circuit
  readonly world: TestWorld
  readonly told: unknown[]
}

function setup(change: Partial<CircuitLimits> = {}, warmUpMs = 0): Setup {
  const world = createTestWorld(1)
  const told: unknown[] = []
  const circuit = new Circuit({ ...limits, ...change }, world, {
    changed: (state) => told.push(state),
    degraded: (verdict) => told.push(`degraded: ${verdict.reason}`),
    recovered: () => told.push('recovered'),
    warmUpMs,
  })
  // Otherwise it is not made before the first failure.
  circuit.restoreTrend({})
  return { circuit, world, told }
}

function admitted(circuit: Circuit): Permit {
  const admission = circuit.acquire()
  if (!admission.admitted) throw new Error(`refused: ${admission.reason}`)
  return admission
}

function failWith(circuit: Circuit, state: TrendState, retryAfterMs?: number): void {
  const permit = admitted(circuit)
  script.state = state
  permit.failure(new Error('down'), retryAfterMs)
}

beforeEach(() => {
  Object.assign(script, { state: 'learning', overdue: undefined, heard: [], reference: 0.05, tickets: 0 })
})

describe('evidence', () => {
  it('Circuit tells its detector when a call begins, when it ends, how, and how long it took', async () => {
    const { circuit, world } = setup()
    const [first, second] = [admitted(circuit), admitted(circuit)]
    await world.clock.advance(250)
    second.failure(new Error('down'))
    first.success()
    expect(script.heard).toEqual([
      ['started', 0],
      ['started', 0],
      ['ended', 2, false],
      ['step', false, 250, 250],
      ['ended', 1, true],
      ['step', true, 250, 250],
    ])
  })

  it('Circuit takes neither neutral results, late ones, probes nor observed calls for evidence', async () => {
    const { circuit, world } = setup({ mode: 'observe' })
    const [neutral, late, never] = [admitted(circuit), admitted(circuit), admitted(circuit)]
    neutral.ignore()
    circuit.open({ reason: 'by hand' })
    late.success()
    admitted(circuit).failure()
    await world.clock.advance(1_000)
    admitted(circuit).failure()
    await world.clock.advance(8_000)
    admitted(circuit).success()
    never.failure()
    expect(circuit.state).toBe('closed')
    expect(script.heard.filter(([what]) => what === 'step')).toEqual([])
    expect(script.heard.filter(([what, ticket]) => what === 'ended' && ticket !== -1)).toEqual([
      ['ended', 1, false],
      ['ended', 2, false],
      ['ended', 3, false],
    ])
  })

  it('Circuit has no detector before the first failure, and then one that knows of the successes', () => {
    const circuit = new Circuit(limits, createTestWorld(1), { changed: () => undefined })
    for (let call = 0; call < 5; call += 1) admitted(circuit).success()
    circuit.close()
    expect(script.heard).toEqual([])
    admitted(circuit).failure()
    const success = ['step', true, Number.NaN, Number.NaN]
    expect(script.heard).toEqual([success, success, success, success, success, ['step', false, 0, 0]])
  })

  it('Circuit has a detector after 32 successes', () => {
    const circuit = new Circuit(limits, createTestWorld(1), { changed: () => undefined })
    for (let call = 0; call < 33; call += 1) admitted(circuit).success()
    expect(script.heard.filter(([what]) => what === 'step')).toHaveLength(33)
    admitted(circuit).success()
    expect(script.heard.slice(-3).map(([what]) => what)).toEqual(['started', 'ended', 'step'])
  })

  it('Circuit takes the times of so many calls at once, and then of one for each millisecond; each of them is evidence', async () => {
    const world = createTestWorld(1)
    const circuit = new Circuit(limits, world, { changed: () => undefined })
    admitted(circuit).failure()
    const told = (): number[] => ['started', 'ended', 'step'].map((word) => script.heard.filter(([what]) => what === word).length)
    script.heard.length = 0
    for (let call = 0; call < 200; call += 1) admitted(circuit).success()
    expect(told()).toEqual([64, 64, 200])
    await world.clock.advance(3)
    for (let call = 0; call < 100; call += 1) admitted(circuit).success()
    expect(told()).toEqual([67, 67, 300])
    expect(script.heard.at(-1)).toEqual(['step', true, Number.NaN, 3])
    await world.clock.advance(1_000)
    const slow = admitted(circuit)
    await world.clock.advance(40)
    slow.success()
    expect(script.heard.at(-1)).toEqual(['step', true, 40, 1_043])
  })

  it('Circuit takes the time until an answer began for the latency of a call whose rest is long, and does not wait for it', async () => {
    const world = createTestWorld(1)
    const circuit = new Circuit(limits, world, { changed: () => undefined })
    admitted(circuit).failure()
    script.heard.length = 0
    const stream = circuit.acquire()
    if (!stream.admitted) throw new Error('refused')
    await world.clock.advance(300)
    stream.answered()
    stream.answered()
    await world.clock.advance(60_000)
    expect(stream.success()).toBe(300)
    stream.answered()
    expect(script.heard.map(([what]) => what)).toEqual(['started', 'ended', 'step'])
    expect(script.heard.at(-1)).toEqual(['step', true, 300, 60_300])
  })

  it('Circuit that is looked at before it has a detector shows what one would say', () => {
    const circuit = new Circuit(limits, createTestWorld(1), { changed: () => undefined })
    admitted(circuit).success()
    expect(circuit.view().trend).toMatchObject({ state: 'learning' })
    expect(circuit.trendState).toBeUndefined()
    expect(script.heard.filter(([what]) => what === 'started')).toEqual([])
  })

  it('Circuit refuses options of a detector that cannot be, before there is one', () => {
    const make = (): unknown => new Circuit(limits, createTestWorld(1), { changed: () => undefined, trend: { openAt: 2 } })
    expect(make).toThrow(RangeError)
  })

  it('Circuit keeps what the detector has learnt when it opens, closes and is configured', () => {
    const { circuit } = setup()
    circuit.restoreTrend({ learnt: 'much' })
    circuit.open({ reason: 'by hand' })
    circuit.close()
    circuit.configure({ ...limits, windowMs: 5, openMs: 7 })
    expect(circuit.trendState).toEqual({ learnt: 'much' })
  })

  it('Circuit.restoreTrend() lets the detector refuse, and keeps the one it has', () => {
    const { circuit } = setup()
    circuit.restoreTrend({ learnt: 'much' })
    expect(() => circuit.restoreTrend({ forged: true })).toThrow(RangeError)
    expect(circuit.trendState).toEqual({ learnt: 'much' })
  })

  it('Circuit with `trend: false` has no verdict, learns nothing, and cannot be restored', () => {
    const world = createTestWorld(1)
    const circuit = new Circuit(limits, world, { trend: false, changed: () => undefined })
    circuit.restoreTrend({ learnt: 'much' })
    failWith(circuit, 'tripped')
    expect(circuit.trendState).toBeUndefined()
    expect(circuit.view()).toMatchObject({ state: 'closed', trend: null })
    expect(script.heard).toEqual([])
  })
})

describe('tripping', () => {
  it('Circuit opens as soon as the detector says so, with the verdict as its reason', () => {
    const { circuit, told } = setup()
    failWith(circuit, 'tripped')
    expect(circuit.view()).toMatchObject({ state: 'open', reason: 'it is tripped', trend: { state: 'tripped' }, openings: 1 })
    expect(circuit.acquire()).toMatchObject({ admitted: false, cause: new Error('down'), retryAfterMs: 1_000 })
    expect(told).toEqual(['open'])
  })

  it('Circuit keeps the verdict that opened it while it is not closed', async () => {
    const { circuit, world } = setup()
    failWith(circuit, 'tripped')
    script.state = 'steady'
    await world.clock.advance(1_000)
    expect(circuit.view()).toMatchObject({ state: 'half-open', trend: { state: 'tripped' } })
    admitted(circuit).success()
    expect(circuit.view()).toMatchObject({ state: 'closed', trend: { state: 'steady' } })
  })

  it('Circuit opens on overdue calls at the next acquire, settle or look, without a timer', () => {
    const looks: readonly ((circuit: Circuit, permit: Permit) => unknown)[] = [
      (circuit) => circuit.acquire(),
      (circuit) => circuit.view(),
      (circuit) => circuit.state,
      (_circuit, permit) => permit.success(),
    ]
    for (const look of looks) {
      const { circuit, world, told } = setup()
      script.state = 'learning'
      const permit = admitted(circuit)
      script.state = 'tripped'
      look(circuit, permit)
      expect(told).toEqual(['open'])
      expect(circuit.acquire()).toMatchObject({ admitted: false, reason: 'it is tripped', cause: undefined })
      expect(world.clock.sleeping).toBe(0)
    }
  })

  it('Circuit looks at the other calls under way when one has failed, and can wait when one has succeeded', () => {
    const { circuit, told } = setup()
    const [first, second] = [admitted(circuit), admitted(circuit)]
    script.overdue = 'tripped'
    first.success()
    expect(told).toEqual([])
    second.failure()
    expect(told).toEqual(['open'])
  })

  it('Circuit opens once when the trend and the window agree, for the reason of the trend', () => {
    const { circuit, told } = setup({ window: true, callsMin: 1 })
    failWith(circuit, 'tripped')
    expect(circuit.view().reason).toBe('it is tripped')
    expect(told).toEqual(['open'])
  })

  it('Circuit does not trip while it warms up, and begins anew instead', async () => {
    const { circuit, world } = setup({}, 1_000)
    failWith(circuit, 'tripped')
    expect(circuit.state).toBe('closed')
    expect(script.heard.at(-1)).toEqual(['reset', { falseTrip: false }])
    await world.clock.advance(1_000)
    failWith(circuit, 'tripped')
    expect(circuit.state).toBe('open')
  })
})

describe('false alarms', () => {
  const resets = (): unknown[] => script.heard.filter(([what]) => what === 'reset').map(([, options]) => options)

  it('Circuit calls it a false alarm when the first probes succeed and only the detector had spoken', async () => {
    const { circuit, world } = setup({ probesMax: 2 })
    failWith(circuit, 'tripped')
    expect(resets()).toEqual([])
    await world.clock.advance(1_000)
    admitted(circuit).success()
    admitted(circuit).success()
    expect(resets()).toEqual([{ falseTrip: true }])
  })

  it('Circuit calls it a real one when a probe had failed', async () => {
    const { circuit, world } = setup()
    failWith(circuit, 'tripped')
    await world.clock.advance(1_000)
    admitted(circuit).failure()
    await world.clock.advance(8_000)
    admitted(circuit).success()
    expect(resets()).toEqual([{ falseTrip: false }])
  })

  it('Circuit calls it a real one when a probe had not come back', async () => {
    const { circuit, world } = setup()
    failWith(circuit, 'tripped')
    await world.clock.advance(1_000)
    admitted(circuit)
    await world.clock.advance(8_000)
    admitted(circuit).success()
    expect(resets()).toEqual([{ falseTrip: false }])
  })

  it('Circuit calls it a real one when the target had asked to be left alone', async () => {
    const { circuit, world } = setup()
    failWith(circuit, 'tripped', 500)
    await world.clock.advance(1_000)
    admitted(circuit).success()
    expect(resets()).toEqual([{ falseTrip: false }])
  })

  it('Circuit learns nothing about alarms from what people do, nor from its window', async () => {
    const byHand = setup()
    byHand.circuit.open({ reason: 'by hand' })
    await byHand.world.clock.advance(1_000)
    admitted(byHand.circuit).success()
    const closed = setup()
    failWith(closed.circuit, 'tripped')
    closed.circuit.close()
    const byWindow = setup({ window: true, callsMin: 1 })
    failWith(byWindow.circuit, 'steady')
    await byWindow.world.clock.advance(1_000)
    admitted(byWindow.circuit).success()
    expect(resets()).toEqual([{ falseTrip: false }, { falseTrip: false }, { falseTrip: false }])
  })

  it('Circuit that trips again on its ramp was right the first time', async () => {
    const { circuit, world } = setup({ rampMs: 10_000 })
    failWith(circuit, 'tripped')
    await world.clock.advance(1_000)
    admitted(circuit).success()
    failWith(circuit, 'tripped')
    expect(circuit.view()).toMatchObject({ openings: 2 })
    await world.clock.advance(8_000)
    admitted(circuit).success()
    expect(resets()).toEqual([{ falseTrip: true }, { falseTrip: false }])
  })
})

describe('degrading', () => {
  it('Circuit tells once when the trend degrades and once when that is over, and stays closed', () => {
    const { circuit, told } = setup()
    for (const state of ['steady', 'degrading', 'degrading', 'steady', 'learning', 'degrading'] as const) failWith(circuit, state)
    expect(told).toEqual(['degraded: it is degrading', 'recovered', 'degraded: it is degrading'])
    expect(circuit.view()).toMatchObject({ state: 'closed', trend: { state: 'degrading' } })
    expect(circuit.acquire().admitted).toBe(true)
  })

  it('Circuit tells that it is over when the circuit has opened and closed since', async () => {
    const { circuit, world, told } = setup()
    failWith(circuit, 'degrading')
    failWith(circuit, 'tripped')
    await world.clock.advance(1_000)
    admitted(circuit).success()
    expect(told).toEqual(['degraded: it is degrading', 'open', 'half-open', 'recovered', 'closed'])
  })

  it('Circuit hears of it without a listener', () => {
    const circuit = new Circuit(limits, createTestWorld(1), { changed: () => undefined })
    circuit.restoreTrend({})
    failWith(circuit, 'degrading')
    failWith(circuit, 'steady')
    expect(circuit.state).toBe('closed')
  })

  it('Circuit survives listeners that open it', () => {
    const states: string[] = []
    const act: Circuit = new Circuit({ ...limits, window: true, callsMin: 1 }, createTestWorld(1), {
      changed: (state) => states.push(state),
      degraded: () => act.open({ reason: 'shed' }),
      recovered: () => act.open({ reason: 'again' }),
    })
    failWith(act, 'degrading')
    expect(act.view().reason).toBe('shed')
    act.close()
    expect(act.view().reason).toBe('again')
    expect(states).toEqual(['open', 'open'])
  })
})

describe('the ramp', () => {
  it('Circuit takes what is usual for a relapse from the detector', async () => {
    for (const [reference, failures] of [
      [0.01, 2],
      [0.2, 8],
    ] as const) {
      const { circuit, world } = setup({ rampMs: 10_000 })
      script.reference = reference
      circuit.open({ reason: 'by hand' })
      await world.clock.advance(1_000)
      admitted(circuit).success()
      for (let failure = 1; failure < failures; failure += 1) failWith(circuit, 'steady')
      expect(circuit.state).toBe('closed')
      failWith(circuit, 'steady')
      expect(circuit.view()).toMatchObject({ state: 'open', reason: 'it failed again while it recovered', openings: 2 })
    }
  })
})
