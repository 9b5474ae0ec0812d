import type { Clock } from '../core/world.js'
import { opossumError } from './opossum-error.js'

/**
 * The places for calls at once, as opossum's `semaphore` shows them. Taking one that is free is an addition; opossum makes a
 * promise each time.
 */
export class CallSlots {
  readonly #capacity: number
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()
  #taken = 0

  /** @param capacity - At least 0; more than there will ever be calls: no limit. */
  constructor(capacity: number, clock: Clock) {
    this.#capacity = capacity
    this.#clock = clock
  }

  /** Places that are free. */
  get count(): number {
    return this.#capacity - this.#taken
  }

  /** Takes a place if one is free. */
  test(): boolean {
    if (this.#taken >= this.#capacity) return false
    this.#taken += 1
    return true
  }

  /** Gives a place back; whoever has waited longest gets it. */
  release(): void {
    const [first] = this.#waiting
    if (first === undefined) this.#taken -= 1
    else first()
  }

  /**
   * Waits for a place, at most `timeoutMs` when that is above 0, and resolves to what gives it back. Rejects with `ETIMEDOUT`
   * when the time is up, and with the signal's reason when it aborts.
   */
  async take(timeoutMs = 0, signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    const release = (): void => this.release()
    if (this.test()) return release
    const done = new AbortController()
    const ends = signal === undefined ? done.signal : AbortSignal.any([done.signal, signal])
    const { promise, resolve, reject } = Promise.withResolvers<() => void>()
    const hand = (): void => {
      this.#waiting.delete(hand)
      resolve(release)
    }
    this.#waiting.add(hand)
    ends.addEventListener('abort', () => reject(ends.reason), { once: true })
    if (timeoutMs > 0) {
      const late = (): void => reject(opossumError(`Timed out after ${timeoutMs}ms`, 'ETIMEDOUT'))
      this.#clock.sleep(timeoutMs, ends).then(late, () => undefined)
    }
    try {
      return await promise
    } finally {
      this.#waiting.delete(hand)
      done.abort('done')
    }
  }
}
