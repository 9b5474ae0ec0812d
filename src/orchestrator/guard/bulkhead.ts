import { HomeostatError } from '../../core/errors.js'
import type { World } from '../../core/world.js'
import { followAbort } from '../abort.js'

/** How many may run, and how many may wait for how long. */
export interface BulkheadLimits {
  readonly concurrentMax: number
  readonly queueMax: number
  readonly queueWaitMsMax: number
}

/** Who asks for a place. */
export interface BulkheadGuest {
  readonly key: string
  readonly signal: AbortSignal
}

interface Waiter {
  readonly concurrentMax: number
  readonly signal: AbortSignal
  /** Ends the wait. */
  readonly wake: () => void
  admitted: boolean
}

/** Places for calls that run at the same time, and a queue in the order of arrival. Limits come with each call. */
export class Bulkhead {
  readonly #world: World
  readonly #queue = new Set<Waiter>()
  #running = 0

  constructor(world: World) {
    this.#world = world
  }

  get running(): number {
    return this.#running
  }

  get queued(): number {
    return this.#queue.size
  }

  /** Takes a place if there is one and nobody waits for it. Who got one must {@link leave}. */
  tryEnter({ concurrentMax }: BulkheadLimits): boolean {
    if (this.#running >= concurrentMax || this.#queue.size > 0) return false
    this.#running += 1
    return true
  }

  /**
   * Waits for a place. Who got one must {@link leave}.
   *
   * @throws HS_BULKHEAD_FULL when the queue is full, or the wait too long; the reason of `signal` when that aborts first.
   */
  async enter(limits: BulkheadLimits, { key, signal }: BulkheadGuest): Promise<void> {
    signal.throwIfAborted()
    if (this.tryEnter(limits)) return
    if (this.#queue.size < limits.queueMax && (await this.#wait(limits, signal))) return
    signal.throwIfAborted()
    throw new HomeostatError('HS_BULKHEAD_FULL', { key, concurrentMax: limits.concurrentMax, queueMax: limits.queueMax })
  }

  /** Gives a place back. */
  leave(): void {
    this.#running -= 1
    for (const waiter of this.#queue) {
      // In the order of arrival: nobody overtakes the first one.
      if (this.#running >= waiter.concurrentMax) return
      this.#queue.delete(waiter)
      if (waiter.signal.aborted) continue
      this.#running += 1
      waiter.admitted = true
      waiter.wake()
    }
  }

  /** Whether it was admitted. Every end of the wait ends one sleep; what happened is looked up afterwards. */
  async #wait({ concurrentMax, queueWaitMsMax }: BulkheadLimits, signal: AbortSignal): Promise<boolean> {
    const { controller, release } = followAbort(signal)
    const waiter: Waiter = { concurrentMax, signal, admitted: false, wake: () => controller.abort('admitted') }
    this.#queue.add(waiter)
    await this.#world.clock.sleep(queueWaitMsMax, controller.signal).catch(() => undefined)
    this.#queue.delete(waiter)
    release()
    return waiter.admitted
  }
}
