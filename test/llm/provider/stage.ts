import { isHomeostatError, type HomeostatError } from '../../../src/core/errors.js'
import type { EventPayloads, HomeostatEvent } from '../../../src/core/events.js'
import type { World } from '../../../src/core/world.js'
import { createLlmGuard, type LlmGuard, type LlmPorts } from '../../../src/llm/create-llm-guard.js'
import type { LlmOptionsInput } from '../../../src/llm/llm-options.js'
import type { KeyBreaker } from '../../../src/orchestrator/guard/guarded-key.js'
import { Orchestrator } from '../../../src/orchestrator/orchestrator.js'
import type { PolicyInput } from '../../../src/orchestrator/policy/policy-schema.js'
import { createTestWorld, type TestClock } from '../../../src/testing/test-world.js'
import type { Provider } from './provider.js'

/** A guard in front of a provider, on a clock that jumps over every sleep: a retry waits as long as it should, in no time. */
export interface Stage {
  readonly healer: Orchestrator
  readonly llm: LlmGuard
  readonly clock: TestClock
  /** The circuit of a model. */
  circuit(model: string): KeyBreaker
  /** What has been told of calls that ended. */
  readonly settled: readonly EventPayloads['llm.settled'][]
  readonly events: readonly HomeostatEvent[]
  /** Lets the time of a watchdog pass, as soon as the `n`-th request has got all that it will get. */
  passAfter(n: number, ms: number): Promise<void>
}

/** What the provider is called here: keys are `provider/<model>`. */
export const providerName = 'provider'

/** Sets a stage for one test. The provider must be on {@link sharedClock}. */
export function setStage(
  provider: Provider,
  options: LlmOptionsInput = {},
  { policy, ports }: { readonly policy?: PolicyInput; readonly ports?: LlmPorts } = {},
): Stage {
  const { clock } = sharedWorld
  const healer = new Orchestrator(policy, { world: sharedWorld })
  const settled: EventPayloads['llm.settled'][] = []
  const events: HomeostatEvent[] = []
  healer.on('*', (event) => {
    events.push(event)
    if (event.type === 'llm.settled') settled.push(event)
  })
  const llm = createLlmGuard(healer, { ...options, providers: { [provider.host]: providerName, ...options.providers } }, ports)
  return {
    healer,
    llm,
    clock,
    circuit: (model) => healer.breaker(`${providerName}/${model}`),
    settled,
    events,
    passAfter: async (n, ms) => {
      await provider.still(n)
      await received()
      await clock.advance(ms)
    },
  }
}

/** What was sent a moment ago has been received, and whoever received it has done what it does. */
export async function received(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1))
}

const testWorld = createTestWorld(7)

/** Alarms ring only when a test lets time pass, but sleeps are over at once, and time is then as late as if they had been slept. */
const sharedWorld: World & { readonly clock: TestClock } = {
  ...testWorld,
  clock: {
    ...testWorld.clock,
    get sleeping() {
      return testWorld.clock.sleeping
    },
    sleep: (delayMs, signal) => {
      const slept = testWorld.clock.sleep(delayMs, signal)
      setImmediate(() => void testWorld.clock.advance(signal?.aborted === true ? 0 : Math.max(0, delayMs)))
      return slept
    },
  },
}

/** The clock of all stages of one file. */
export const sharedClock: TestClock = sharedWorld.clock

/** The error of ours that an SDK's error carries, if it does. */
export function ourErrorIn(error: unknown): HomeostatError | undefined {
  let current = error
  for (let depth = 0; depth < 6 && current instanceof Error; depth += 1) {
    if (isHomeostatError(current)) return current
    current = current.cause
  }
  return undefined
}

/** How the SDKs show the status of an error answer. */
export function statusIn(error: unknown): unknown {
  return error instanceof Error ? (Reflect.get(error, 'status') ?? Reflect.get(error, 'statusCode')) : undefined
}
