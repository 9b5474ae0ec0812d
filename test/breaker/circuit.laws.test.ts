import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Circuit, type CircuitLimits, type CircuitView } from '../../src/breaker/circuit.js'
import type { CallPermit } from '../../src/breaker/permit.js'
import { createHandWorld } from './hand-world.js'

type How = 'success' | 'failure' | 'ignore'
type Step =
  | { readonly do: 'calls'; readonly how: How; readonly count: number }
  | { readonly do: 'acquire' }
  | { readonly do: 'settle'; readonly how: How; readonly which: number; readonly retryAfterMs: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'open' | 'close' | 'isolate' | 'release' }
  | { readonly do: 'configure'; readonly change: Partial<CircuitLimits> }

const how = fc.constantFrom<How>('success', 'failure', 'ignore')
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('calls' as const), how, count: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 5, arbitrary: fc.constant({ do: 'acquire' } as const) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      how,
      which: fc.nat(),
      retryAfterMs: fc.constantFrom(0, 0, 2_000, 1e12, Number.NaN, -1),
    }),
  },
  // A clock that stands still is the common case; one that goes back is broken, and survived.
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(-20, 0, 1, 50, 300, 1_000, 1e7) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('open' as const, 'close', 'isolate', 'release') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('configure' as const),
      change: fc.constantFrom<Partial<CircuitLimits>>(
        { mode: 'observe' },
        { mode: 'enforce' },
        { rampMs: 500 },
        { windowMs: 300 },
        { window: false },
      ),
    }),
  },
)

const someLimits: fc.Arbitrary<CircuitLimits> = fc.record({
  failureRatioMax: fc.constantFrom(0, 0.2, 0.5, 0.99),
  callsMin: fc.integer({ min: 1, max: 6 }),
  windowMs: fc.constant(2_000),
  buckets: fc.constantFrom(1, 4, 10),
  openMs: fc.constantFrom(100, 1_000),
  openMsMax: fc.constantFrom(1_000, 4_000),
  probesMax: fc.integer({ min: 1, max: 4 }),
  probeTimeoutMs: fc.constantFrom(50, 700),
  rampMs: fc.constantFrom(0, 0, 2_000),
  window: fc.constantFrom(true, false),
})

interface Held {
  readonly permit: CallPermit<unknown>
  readonly era: number
  readonly startedMs: number
}

/** Keeps books about a circuit with a trend detector from outside, step by step, and fails where a law is broken. */
class Books {
  readonly world = createHandWorld()
  readonly circuit: Circuit
  readonly held: Held[] = []
  era = 0
  degraded = 0
  recovered = 0

  constructor(limits: CircuitLimits) {
    this.circuit = new Circuit(limits, this.world, {
      changed: () => (this.era += 1),
      degraded: () => (this.degraded += 1),
      recovered: () => (this.recovered += 1),
      trend: { falseTripBudget: 1_000 },
    })
  }

  take(now: Step): void {
    if (now.do === 'wait') this.world.nowMs += now.ms
    else if (now.do === 'acquire') this.acquire()
    else if (now.do === 'settle') this.settle(now.how, now.which, now.retryAfterMs)
    else if (now.do === 'configure') this.circuit.configure({ ...this.circuit.limits, ...now.change })
    else if (now.do === 'open') this.circuit.open({ reason: 'by hand' })
    else if (now.do === 'isolate') this.circuit.isolate('by hand')
    else if (now.do === 'calls') for (let call = 0; call < now.count; call += 1) this.call(now.how)
    else this.circuit[now.do]()
    this.isInBounds(this.circuit.view())
  }

  acquire(): void {
    const before = this.circuit.view()
    const admission = this.circuit.acquire()
    const { openMs, openMsMax, probesMax, probeTimeoutMs, mode } = this.circuit.limits
    if (before.state === 'open') expect(admission.admitted).toBe(mode === 'observe')
    if (before.state === 'closed' && before.admittedShare === 1) expect(admission.admitted).toBe(true)
    if (before.state === 'closed' && !this.held.some(({ era }) => era === this.era)) expect(admission.admitted).toBe(true)
    expect(this.circuit.view().refusals - before.refusals).toBeLessThanOrEqual(1)
    const observed = this.circuit.view().refusals > before.refusals
    if (admission.admitted) this.held.push({ permit: admission, era: observed ? -1 : this.era, startedMs: this.world.nowMs })
    else {
      expect(admission.retryAfterMs).toBeGreaterThanOrEqual(0)
      expect(admission.retryAfterMs).toBeLessThanOrEqual(Math.max(openMs, openMsMax, probeTimeoutMs, 1e9))
    }
    const probes = this.held.filter(({ era, startedMs }) => era === this.era && this.world.nowMs - startedMs < probeTimeoutMs)
    if (before.state === 'half-open') expect(probes.length).toBeLessThanOrEqual(probesMax)
  }

  settle(how: How, which: number, retryAfterMs: number): void {
    const [one] = this.held.splice(which % Math.max(1, this.held.length), 1)
    if (one === undefined) return
    const before = this.circuit.view()
    const [eraBefore, stale] = [this.era, one.era !== this.era]
    if (how === 'failure') one.permit.failure(new Error('down'), retryAfterMs)
    else one.permit[how]()
    const after = this.circuit.view()
    if (stale) expect([after, this.era]).toEqual([before, eraBefore])
    if (how === 'ignore')
      expect([after.state, after.calls, after.failures]).toEqual([before.state, before.calls, before.failures])
    if (how === 'success') expect(after.failures).toBeLessThanOrEqual(before.failures)
    if (how === 'failure' && before.state === 'half-open') expect(after.state).not.toBe('closed')
    // Only the first answer counts.
    one.permit.failure(new Error('twice'))
    expect(this.circuit.view()).toEqual(after)
  }

  call(how: How): void {
    const admission = this.circuit.acquire()
    if (admission.admitted) admission[how]()
  }

  isInBounds(view: CircuitView): void {
    const { openMs, openMsMax } = this.circuit.limits
    expect(view.retryAfterMs).toBeGreaterThanOrEqual(0)
    // A clock that is set back by 20 ms at a time makes an opening longer by as much.
    expect(view.retryAfterMs).toBeLessThanOrEqual(Math.max(openMs, openMsMax) + 20 * 60)
    for (const share of [view.failureRatio, view.admittedShare]) {
      expect(share).toBeGreaterThanOrEqual(0)
      expect(share).toBeLessThanOrEqual(1)
    }
    expect(view.reason === null).toBe(view.admittedShare === 1)
    expect(view.isolated && view.state !== 'open').toBe(false)
    expect(JSON.parse(JSON.stringify(view))).toEqual(view)
    expect(this.degraded - this.recovered === 0 || this.degraded - this.recovered === 1).toBe(true)
  }
}

function bookOf(limits: CircuitLimits, steps: readonly Step[]): Books {
  const books = new Books(limits)
  for (const now of steps) books.take(now)
  return books
}

it('Circuit keeps law 3: open admits nothing, half-open at most its quota, a late answer changes nothing', () => {
  fc.assert(
    fc.property(someLimits, fc.array(step, { maxLength: 60, size: 'max' }), (limits, steps) => {
      bookOf(limits, steps)
    }),
    { numRuns: 200 },
  )
})

it('Circuit keeps law 9: the same story in the same world ends the same way', () => {
  fc.assert(
    fc.property(someLimits, fc.array(step, { maxLength: 40, size: 'max' }), (limits, steps) => {
      expect(bookOf(limits, steps).circuit.view()).toEqual(bookOf(limits, steps).circuit.view())
    }),
    { numRuns: 60 },
  )
})
