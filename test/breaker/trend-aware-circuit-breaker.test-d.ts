import CircuitBreaker from 'opossum'
import { expectTypeOf, it } from 'vitest'
import { TrendAwareCircuitBreaker } from '../../src/breaker/trend-aware-circuit-breaker.js'
import type { TrendVerdict } from '../../src/breaker/trend/trend-verdict.js'

type Ours = TrendAwareCircuitBreaker<[id: string], number>

declare const breaker: Ours

it('TrendAwareCircuitBreaker stands wherever a breaker of opossum is asked for', () => {
  expectTypeOf<Ours>().toExtend<CircuitBreaker<[string], number>>()
  const asked = (_breaker: CircuitBreaker<[string], number>): void => undefined
  asked(breaker)
})

it('fire and call keep the types of the action', () => {
  const made = new TrendAwareCircuitBreaker(async (id: string, times: number) => [id, times] as const)
  expectTypeOf(made.fire).parameters.toEqualTypeOf<[id: string, times: number]>()
  expectTypeOf(made.fire('a', 1)).resolves.toEqualTypeOf<readonly [string, number]>()
  expectTypeOf(made.call({}, 'a', 1)).resolves.toEqualTypeOf<readonly [string, number]>()
  // @ts-expect-error -- the action takes a number
  void made.fire('a', 'b')
})

it('on knows what the listeners of each event are called with, and gives the breaker back', () => {
  expectTypeOf(breaker.on('fire', (args) => expectTypeOf(args).toEqualTypeOf<[id: string]>())).toEqualTypeOf<Ours>()
  breaker.on('success', (result, latencyMs) => {
    expectTypeOf(result).toEqualTypeOf<number>()
    expectTypeOf(latencyMs).toEqualTypeOf<number>()
  })
  breaker.on('failure', (error, latencyMs, args) => {
    expectTypeOf(error).toEqualTypeOf<Error>()
    expectTypeOf(latencyMs).toEqualTypeOf<number>()
    expectTypeOf(args).toEqualTypeOf<[id: string]>()
  })
  breaker.on('degrading', (verdict) => expectTypeOf(verdict).toEqualTypeOf<TrendVerdict>())
  breaker.on('recovered', () => undefined)
  // @ts-expect-error -- there is no such event
  breaker.on('opened', () => undefined)
})

it('fallback takes a function or a breaker, and gives the breaker back', () => {
  expectTypeOf(breaker.fallback((id: string, error: Error) => id + error.message)).toEqualTypeOf<Ours>()
  expectTypeOf(breaker.fallback(new CircuitBreaker(async () => 1))).toEqualTypeOf<Ours>()
})

it('options take those of opossum and ours, and their types come from the action', () => {
  const action = async (id: string): Promise<number> => id.length
  new TrendAwareCircuitBreaker(action, {
    timeout: false,
    errorFilter: (error: { statusCode: number }, id) => error.statusCode === 404 && id === 'a',
    cacheGetKey: (id) => id,
    abortController: new AbortController(),
    trend: { openAt: 0.3 },
  })
  // @ts-expect-error -- no such mode
  new TrendAwareCircuitBreaker(action, { mode: 'dream' })
})
