import fc from 'fast-check'
import CircuitBreaker from 'opossum'
import { expect, it } from 'vitest'
import { TrendAwareCircuitBreaker } from '../../src/breaker/trend-aware-circuit-breaker.js'

/*
 * Law: where opossum has no defect, ours tells the same events with the same arguments in the same order, settles each call the
 * same way, and counts the same.
 */

const steps = ['answer', 'fail', 'throw', 'filtered', 'nothing', 'open', 'close', 'disable', 'enable', 'fallback'] as const
type Step = (typeof steps)[number]

const names = [
  'fire',
  'success',
  'failure',
  'timeout',
  'reject',
  'open',
  'close',
  'halfOpen',
  'fallback',
  'cacheHit',
  'cacheMiss',
  'coalesceCacheHit',
  'coalesceCacheMiss',
]

/** What can be seen of a breaker from outside while it goes through the steps. */
async function story(breaker: CircuitBreaker<[Step], unknown>, script: readonly Step[]): Promise<unknown[]> {
  const seen: unknown[] = []
  // Latencies depend on the clock: of them only the kind is compared.
  const plain = (value: unknown): unknown =>
    typeof value === 'number' ? 'a number' : value instanceof Error ? value.message : value
  for (const name of names)
    Reflect.apply(breaker.on, breaker, [name, (...args: unknown[]) => seen.push([name, ...args.map(plain)])])
  for (const step of script) {
    if (step === 'open' || step === 'close' || step === 'disable' || step === 'enable') breaker[step]()
    else if (step === 'fallback') breaker.fallback((asked: Step, error: Error) => `instead of ${asked}: ${error.message}`)
    else
      seen.push(
        // In a function of its own, because opossum's `fire` may throw when it is disabled (defect 10).
        await (async () => breaker.fire(step))().then(
          (result) => ['gave', result],
          (error: unknown) => ['rejected', plain(error), (error as { code?: string }).code],
        ),
      )
    seen.push([breaker.opened, breaker.closed, breaker.halfOpen, breaker.pendingClose, breaker.enabled])
  }
  const { latencyTimes, latencyMean, percentiles, ...counts } = breaker.stats
  seen.push(counts, latencyTimes.length, typeof latencyMean, Object.keys(percentiles))
  return seen
}

const action = (step: Step): Promise<unknown> => {
  if (step === 'throw') throw new Error('thrown')
  if (step === 'answer') return Promise.resolve('answer')
  // opossum calls `then` on what it gets (defect 10), so there must be a promise even of nothing.
  if (step === 'nothing') return Promise.resolve(undefined)
  return Promise.reject(new Error(step))
}

it('a breaker tells the same story as that of opossum', async () => {
  const script = fc.array(fc.constantFrom(...steps), { maxLength: 25 })
  const sharing = fc.record({ cache: fc.boolean(), coalesce: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(script, sharing, async (written, shared) => {
      // opossum goes on sharing a call that threw synchronously, although it was told to stop at errors.
      const lines = shared.coalesce ? written.filter((step) => step !== 'throw') : written
      const options = {
        ...shared,
        // Whatever fails, it never trips: when to trip is where ours differs on purpose.
        errorThresholdPercentage: 100,
        errorFilter: (error: Error) => error.message === 'filtered',
        coalesceResetOn: ['success', 'error'],
        cacheGetKey: (step: Step) => step,
      }
      const theirs = new CircuitBreaker(action, { ...options, enableSnapshots: false })
      const ours = new TrendAwareCircuitBreaker(action, { ...options, trend: false })
      try {
        expect(await story(ours, lines)).toEqual(await story(theirs, lines))
      } finally {
        theirs.shutdown()
        ours.shutdown()
      }
    }),
    { numRuns: 150 },
  )
})
