import { LinkedList, type LinkedEntry } from './linked-list.js'
import type { Alarm, Clock } from './world.js'

/** What waits in a {@link DeadlineQueue}; the queue alone writes its fields. */
export interface DeadlineEntry extends LinkedEntry {
  /** On the clock's `monoMs`. */
  dueMonoMs: number
  /** Hears that the time is up; the entry is out of the queue by then. Must not throw. */
  expire(): void
}

/**
 * Deadlines that all lie equally far ahead when they are added, so that the order of arrival is the order of expiry: adding and
 * removing are a few assignments, and one alarm watches the earliest. A timer for each call costs several times as much as all
 * the rest of a guarded call.
 */
export class DeadlineQueue {
  readonly timeoutMs: number
  readonly #clock: Clock
  readonly #alarm: Alarm
  readonly #entries = new LinkedList<DeadlineEntry>()
  /** When the alarm rings. It is left to ring in vain rather than set anew for each entry. */
  #ringMonoMs = Number.POSITIVE_INFINITY

  /** @param timeoutMs - How far ahead each deadline lies; above 0. */
  constructor(clock: Clock, timeoutMs: number) {
    this.timeoutMs = timeoutMs
    this.#clock = clock
    this.#alarm = clock.alarm(() => this.#rung())
  }

  get empty(): boolean {
    return this.#entries.first === undefined
  }

  /** Lets `entry` expire `timeoutMs` after `nowMonoMs`, which is the present time. It must not be in a queue. */
  add(entry: DeadlineEntry, nowMonoMs: number): void {
    const { last } = this.#entries
    // Not before the last one, even if the clock was read a little earlier: the order is what the queue lives by.
    entry.dueMonoMs = Math.max(nowMonoMs + this.timeoutMs, last?.dueMonoMs ?? 0)
    this.#entries.add(entry)
    if (last === undefined) this.#alarm.hold(true)
    if (entry.dueMonoMs < this.#ringMonoMs) this.#set(entry.dueMonoMs, nowMonoMs)
  }

  /** Takes `entry` out; does nothing when it is not in. */
  remove(entry: DeadlineEntry): void {
    // The alarm stays set, to ring in vain at most once, but an idle queue does not keep the process alive.
    if (this.#entries.remove(entry) && this.empty) this.#alarm.hold(false)
  }

  /** Lets go of everything: what is in it never expires. It may be used again. */
  close(): void {
    this.#entries.clear()
    this.#ringMonoMs = Number.POSITIVE_INFINITY
    this.#alarm.hold(false)
    this.#alarm.clear()
  }

  #rung(): void {
    this.#ringMonoMs = Number.POSITIVE_INFINITY
    const nowMonoMs = this.#clock.monoMs()
    let { first } = this.#entries
    for (; first !== undefined && first.dueMonoMs <= nowMonoMs; first = this.#entries.first) {
      this.remove(first)
      first.expire()
    }
    // What expired may have added others, and with them an alarm.
    if (first !== undefined && first.dueMonoMs < this.#ringMonoMs) this.#set(first.dueMonoMs, nowMonoMs)
  }

  #set(dueMonoMs: number, nowMonoMs: number): void {
    this.#ringMonoMs = dueMonoMs
    // A timer may ring a fraction of a millisecond early; rounding up saves setting it twice.
    this.#alarm.set(Math.ceil(dueMonoMs - nowMonoMs))
  }
}
