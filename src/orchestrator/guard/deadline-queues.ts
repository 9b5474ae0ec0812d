import { DeadlineQueue } from '../../core/deadline-queue.js'
import type { Clock } from '../../core/world.js'

/** Queues that are kept although nothing waits in them; beyond that an idle one is closed. */
const idleQueuesMax = 64

/** One {@link DeadlineQueue} for each length of time that is in use: calls of all keys with the same deadline share one. */
export class DeadlineQueues {
  readonly #clock: Clock
  readonly #queues = new Map<number, DeadlineQueue>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The queue for deadlines `timeoutMs` ahead. */
  of(timeoutMs: number): DeadlineQueue {
    const known = this.#queues.get(timeoutMs)
    if (known !== undefined) return known
    if (this.#queues.size >= idleQueuesMax) this.#closeIdle()
    const queue = new DeadlineQueue(this.#clock, timeoutMs)
    this.#queues.set(timeoutMs, queue)
    return queue
  }

  /** Ends all of them. */
  close(): void {
    for (const queue of this.#queues.values()) queue.close()
    this.#queues.clear()
  }

  #closeIdle(): void {
    for (const [timeoutMs, queue] of this.#queues) {
      if (!queue.empty) continue
      queue.close()
      this.#queues.delete(timeoutMs)
    }
  }
}
