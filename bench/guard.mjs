// What a guarded call costs that succeeds at once: the whole stack against what people put together by hand.
import {
  bulkhead,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  retry,
  SamplingBreaker,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel'
import CircuitBreaker from 'opossum'
import pRetry from 'p-retry'
import { SelfHealingOrchestrator } from '../dist/index.js'
import { compare } from './compare.mjs'

/** Breaker with its trend, retry, deadline and bulkhead on; nobody listens to events. */
export async function guardRatios() {
  const work = async () => 1
  const healer = new SelfHealingOrchestrator({ guard: { bulkhead: { enabled: true } } })
  const guarded = healer.guard('guarded', work)
  const breaker = new CircuitBreaker(work, { timeout: 10_000, capacity: 64 })
  const policies = wrap(
    retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff() }),
    circuitBreaker(handleAll, { halfOpenAfter: 30_000, breaker: new SamplingBreaker({ threshold: 0.5, duration: 10_000 }) }),
    timeout(10_000, TimeoutStrategy.Cooperative),
    bulkhead(64, 256),
  )
  const ns = await compare({
    bare: work,
    run: () => healer.run('run', work),
    guard: () => guarded(),
    opossum: () => pRetry(() => breaker.fire(), { retries: 2 }),
    cockatiel: () => policies.execute(work),
  })
  breaker.shutdown()
  await healer.close()
  return ns
}
