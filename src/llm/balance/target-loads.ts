import type { Clock } from '../../core/world.js'
import { BoundedKeys } from '../budget/bounded-keys.js'
import { PeakLatency } from './peak-latency.js'

/** What is known of the load of a target. */
export interface KnownLoad {
  readonly inFlight: number
  readonly latencyMs: number | undefined
}

interface TargetState {
  inFlight: number
  readonly latency: PeakLatency
}

const keysMax = 1_000

/** Counts the calls under way at each target, and how slow it is: what {@link pickTarget} wants to know. */
export class TargetLoads {
  readonly #clock: Clock
  readonly #targets = new BoundedKeys<TargetState>({
    max: keysMax,
    make: () => ({ inFlight: 0, latency: new PeakLatency() }),
    idle: ({ inFlight }) => inFlight === 0,
  })

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * A call to a target begins.
   *
   * @returns To be called when it has ended; later calls do nothing. A failure never makes a target look quick.
   */
  begin(key: string): (ok: boolean) => void {
    const target = this.#targets.obtain(key)
    const startedMs = this.#clock.monoMs()
    target.inFlight += 1
    let open = true
    return (ok) => {
      if (!open) return
      open = false
      target.inFlight -= 1
      const nowMs = this.#clock.monoMs()
      const latencyMs = nowMs - startedMs
      if (ok || latencyMs > (target.latency.at(nowMs) ?? Number.POSITIVE_INFINITY)) target.latency.observe(latencyMs, nowMs)
    }
  }

  of(key: string): KnownLoad {
    const target = this.#targets.peek(key)
    return { inFlight: target?.inFlight ?? 0, latencyMs: target?.latency.at(this.#clock.monoMs()) }
  }
}
