import { expectTypeOf, it } from 'vitest'
import type CircuitBreaker from 'opossum'
import type { TrendAwareCircuitBreaker } from '../../src/breaker/trend-aware-circuit-breaker.js'
import type { CallOutcome, HomeostatEvent } from '../../src/core/events.js'
import type { Call } from '../../src/orchestrator/guard/call.js'
import type { Orchestrator } from '../../src/orchestrator/orchestrator.js'

declare const healer: Orchestrator

interface ApiPromise<T> extends Promise<T> {
  withResponse(): Promise<{ data: T; response: Response }>
}

declare function ask(prompt: string, options: { stream: true }): Promise<AsyncIterable<string>>
declare function ask(prompt: string, options?: { stream?: false }): Promise<string>
declare function first<T>(items: readonly T[], ...more: T[]): Promise<T | undefined>
declare function tuple(...args: [a: string, b?: number, ...rest: boolean[]]): Promise<void>
declare function bound(this: { readonly base: string }, path: string): Promise<string>
declare function create(): ApiPromise<{ readonly id: string }>
declare const tagged: ((n: number) => Promise<number>) & { readonly version: string }

it('Orchestrator.run() gives what the work gives', () => {
  expectTypeOf(healer.run('k', async () => 1)).toEqualTypeOf<Promise<number>>()
  expectTypeOf(healer.run('k', () => 'now')).resolves.toBeString()
  expectTypeOf(healer.run('k', () => create())).resolves.toEqualTypeOf<{ readonly id: string }>()
  expectTypeOf(healer.run<{ a: 1 } | undefined>('k', async () => undefined)).resolves.toEqualTypeOf<{ a: 1 } | undefined>()
  void healer.run('k', (call) => {
    expectTypeOf(call).toEqualTypeOf<Call>()
    // @ts-expect-error a call cannot be changed
    call.attempt = 2
  })
})

it('Orchestrator.run() takes no work that is none, and no option that is unknown', () => {
  // @ts-expect-error work is a function
  void healer.run('k', 'work')
  // @ts-expect-error a key is a string
  void healer.run(1, async () => 1)
  // @ts-expect-error no such option
  void healer.run('k', async () => 1, { retries: 3 })
  // @ts-expect-error no such number
  void healer.run('k', async () => 1, { retry: { attempts: 3 } })
  // @ts-expect-error the numbers of a breaker belong to its key
  void healer.run('k', async () => 1, { breaker: { openMs: 1 } })
})

it('CallOptions knows the answer: accept is given it, fallback must give it', () => {
  void healer.run('k', async () => ({ id: 7 }), {
    accept: (answer, call) => {
      expectTypeOf(answer).toEqualTypeOf<{ id: number }>()
      expectTypeOf(call).toEqualTypeOf<Call>()
      return answer.id > 0
    },
    fallback: (error, call) => {
      expectTypeOf(error).toBeUnknown()
      expectTypeOf(call).toEqualTypeOf<Call>()
      return { id: 0 }
    },
  })
  const parse = healer.guard('k', async (text: string) => ({ text }), {
    fallback: async () => ({ text: 'instead' }),
    accept: ({ text }) => text !== '',
  })
  expectTypeOf(parse).toEqualTypeOf<(text: string) => Promise<{ text: string }>>()
  // @ts-expect-error a fallback gives the same type
  healer.guard('k', async (text: string) => ({ text }), { fallback: () => 7 })
})

it('Orchestrator.guard() gives the same type back: overloads, generics, tuples, `this`, properties', () => {
  expectTypeOf(healer.guard('k', ask)).toEqualTypeOf<typeof ask>()
  const guarded = healer.guard('k', ask)
  expectTypeOf(guarded('hi', { stream: true })).resolves.toEqualTypeOf<AsyncIterable<string>>()
  expectTypeOf(guarded('hi')).resolves.toBeString()

  const generic = healer.guard('k', first)
  expectTypeOf(generic([1, 2], 3)).resolves.toEqualTypeOf<number | undefined>()
  expectTypeOf(generic(['a'])).resolves.toEqualTypeOf<string | undefined>()

  expectTypeOf(healer.guard('k', tuple)).toEqualTypeOf<typeof tuple>()
  expectTypeOf(healer.guard('k', tuple)).parameters.toEqualTypeOf<[a: string, b?: number, ...rest: boolean[]]>()
  expectTypeOf(healer.guard('k', bound)).thisParameter.toEqualTypeOf<{ readonly base: string }>()
  expectTypeOf(healer.guard('k', tagged).version).toBeString()
  expectTypeOf(healer.guard('k', create)).toEqualTypeOf<typeof create>()

  // @ts-expect-error the arguments stay typed
  void guarded(7)
  // @ts-expect-error a guarded function gives a promise
  healer.guard('k', (n: number) => n)
})

it('Orchestrator.on() narrows the event by its type', () => {
  healer.on('circuit.opened', (event) => {
    expectTypeOf(event.reason).toBeString()
    expectTypeOf(event.retryAfterMs).toBeNumber()
    // @ts-expect-error belongs to another event
    void event.outcome
  })
  healer.on('*', (event) => {
    expectTypeOf(event).toEqualTypeOf<HomeostatEvent>()
    if (event.type === 'call.settled') expectTypeOf(event.outcome).toEqualTypeOf<CallOutcome>()
  })
  // @ts-expect-error no such event
  healer.on('circuit.exploded', () => undefined)
  expectTypeOf(healer.on('*', () => undefined)).toEqualTypeOf<() => void>()
})

it('Orchestrator takes any part of a policy, and nothing else', () => {
  healer.updatePolicy({ guard: { retry: { attemptsMax: 2 } } })
  // @ts-expect-error no such field
  healer.updatePolicy({ guard: { retries: 2 } })
  // @ts-expect-error frozen
  healer.policy.guard.retry.attemptsMax = 3
  expectTypeOf(healer.currentCall()).toEqualTypeOf<Call | undefined>()
  expectTypeOf(healer).toExtend<AsyncDisposable>()
})

it('TrendAwareCircuitBreaker is an opossum breaker of the same arguments and result', () => {
  expectTypeOf<TrendAwareCircuitBreaker<[a: string, b?: number], boolean>>().toExtend<
    CircuitBreaker<[a: string, b?: number], boolean>
  >()
  type Breaker = TrendAwareCircuitBreaker<[a: string, b?: number], boolean>
  expectTypeOf<Breaker['fire']>().parameters.toEqualTypeOf<[a: string, b?: number]>()
  expectTypeOf<Breaker['fire']>().returns.resolves.toBeBoolean()
  expectTypeOf<Breaker['opened']>().toBeBoolean()
})
