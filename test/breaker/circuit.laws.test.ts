import fc from 'fast-check'
import { it } from 'vitest'
import { Circuit, type CircuitLimits, type Permit } from '../../src/breaker/circuit.js'
import { createTestWorld } from '../../src/testing/test-world.js'

type Step =
  | { readonly do: 'acquire' }
  | { readonly do: 'settle'; readonly how: 'success' | 'failure' | 'ignore'; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'open' | 'close' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ do: 'acquire' } as const) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      how: fc.constantFrom('success' as const, 'failure' as const, 'ignore' as const),
      which: fc.nat(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 50, 300, 1_000, 5_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('open' as const, 'close' as const) }) },
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
})

interface Held {
  readonly permit: Permit
  readonly era: number
  readonly startedMs: number
}

/** Keeps books about a circuit from outside, and says what is wrong, if anything. */
async function firstBreach(limits: CircuitLimits, steps: readonly Step[], seed: number): Promise<string | undefined> {
  const world = createTestWorld(seed)
  let era = 0
  const circuit = new Circuit(limits, world, { changed: () => (era += 1) })
  const held: Held[] = []
  for (const [index, now] of steps.entries()) {
    const before = circuit.view()
    if (now.do === 'acquire') {
      const admission = circuit.acquire()
      if (before.state === 'open' && admission.admitted) return `${index}: an open circuit admitted a call`
      if (before.state === 'closed' && !admission.admitted) return `${index}: a closed circuit refused a call`
      if (admission.admitted) held.push({ permit: admission, era, startedMs: world.clock.monoMs() })
      else if (
        !(
          admission.retryAfterMs >= 0 &&
          admission.retryAfterMs <= Math.max(limits.openMsMax, limits.openMs, limits.probeTimeoutMs)
        )
      )
        return `${index}: retry after ${admission.retryAfterMs}`
      const probes = held.filter((one) => one.era === era && world.clock.monoMs() - one.startedMs < limits.probeTimeoutMs)
      if (before.state === 'half-open' && probes.length > limits.probesMax) return `${index}: ${probes.length} probes`
    } else if (now.do === 'settle' && held.length > 0) {
      const [one] = held.splice(now.which % held.length, 1)
      if (one === undefined) continue
      const stale = one.era !== era
      const eraBefore = era
      one.permit[now.how]()
      const after = circuit.view()
      if (stale && (era !== eraBefore || JSON.stringify(after) !== JSON.stringify(before)))
        return `${index}: a late answer changed ${before.state} to ${after.state}`
      if (now.how === 'ignore' && (after.state !== before.state || after.failureRatio !== before.failureRatio))
        return `${index}: an abort changed something`
      if (!stale && before.state === 'half-open' && now.how === 'failure' && after.state === 'closed')
        return `${index}: a failed probe closed it`
      if (before.state === 'closed' && after.state === 'half-open') return `${index}: it skipped open`
    } else if (now.do === 'wait') {
      await world.clock.advance(now.ms)
    } else if (now.do === 'open') {
      circuit.open({ reason: 'by hand' })
    } else if (now.do === 'close') {
      circuit.close()
    }
    const view = circuit.view()
    if (view.retryAfterMs > Math.max(limits.openMs, limits.openMsMax)) return `${index}: open for ${view.retryAfterMs} ms`
    if (view.failureRatio < 0 || view.failureRatio > 1) return `${index}: ratio ${view.failureRatio}`
  }
  return undefined
}

it('Circuit keeps law 3: open admits nothing, half-open at most its quota, a late answer changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(someLimits, fc.array(step, { maxLength: 60 }), fc.integer(), async (limits, steps, seed) => {
      const breach = await firstBreach(limits, steps, seed)
      if (breach !== undefined) throw new Error(breach)
    }),
    { numRuns: 300 },
  )
})

it('Circuit keeps law 9: the same story in the same world ends the same way', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer(), async (steps, seed) => {
      const [first, second] = await Promise.all([endOf(steps, seed), endOf(steps, seed)])
      if (first !== second) throw new Error(`${first} is not ${second}`)
    }),
    { numRuns: 50 },
  )
})

async function endOf(steps: readonly Step[], seed: number): Promise<string> {
  const world = createTestWorld(seed)
  const limits = {
    failureRatioMax: 0.5,
    callsMin: 1,
    windowMs: 1_000,
    buckets: 5,
    openMs: 100,
    openMsMax: 2_000,
    probesMax: 1,
    probeTimeoutMs: 300,
  }
  const circuit = new Circuit(limits, world, { changed: () => undefined })
  const permits: Permit[] = []
  for (const now of steps) {
    if (now.do === 'acquire') {
      const admission = circuit.acquire()
      if (admission.admitted) permits.push(admission)
    } else if (now.do === 'settle') permits.shift()?.[now.how]()
    else if (now.do === 'wait') await world.clock.advance(now.ms)
  }
  return JSON.stringify(circuit.view())
}
