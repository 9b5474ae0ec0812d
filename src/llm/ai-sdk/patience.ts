import type { Alarm, Clock } from '../../core/world.js'

/** How long is waited, milliseconds. */
export interface PatienceLimits {
  /** From the start to the first content. */
  readonly firstTokenMs: number
  /** From content to content. */
  readonly idleMs: number
  /** For all of it. */
  readonly totalMs: number
}

/** Which limit was passed. */
export type PatienceEnd = 'first' | 'idle' | 'total'

/**
 * How long a stream is waited for: until its first content, from content to content, and in all. Time in which nobody reads is
 * not held against it, except in the whole. One alarm, which rings early rather than being set for every part.
 */
export class Patience {
  readonly #limits: PatienceLimits
  readonly #clock: Clock
  readonly #alarm: Alarm
  readonly #ended: (which: PatienceEnd) => void
  readonly #startedMs: number
  #hasContent = false
  /** Since when it is waited for; `undefined` while it is the reader who takes his time. */
  #waitingSinceMs: number | undefined
  /** Waited for since the last content, before {@link #waitingSinceMs}. */
  #waitedMs = 0
  #ringsAtMs = Number.POSITIVE_INFINITY

  /** Starts now. `ended` is called once at most, and never synchronously. */
  constructor(limits: PatienceLimits, clock: Clock, ended: (which: PatienceEnd) => void) {
    this.#limits = limits
    this.#clock = clock
    this.#ended = ended
    this.#startedMs = clock.monoMs()
    this.#alarm = clock.alarm(() => this.#rung())
    this.#alarm.hold(true)
    this.waits()
  }

  /** The stream is waited for, from now on. */
  waits(): void {
    this.#waitingSinceMs ??= this.#clock.monoMs()
    this.#set()
  }

  /** Something came. */
  came(): void {
    if (this.#waitingSinceMs !== undefined) this.#waitedMs += this.#clock.monoMs() - this.#waitingSinceMs
    this.#waitingSinceMs = undefined
  }

  /** What came was content. */
  content(): void {
    this.#hasContent = true
    this.#waitedMs = 0
  }

  /** It is waited for no more. */
  end(): void {
    this.#alarm.hold(false)
    this.#alarm.clear()
  }

  #next(): { readonly atMs: number; readonly which: PatienceEnd } {
    const { firstTokenMs, idleMs, totalMs } = this.#limits
    const total = { atMs: this.#startedMs + totalMs, which: 'total' } as const
    if (this.#waitingSinceMs === undefined) return total
    const patience = this.#hasContent
      ? ({ atMs: this.#waitingSinceMs + idleMs - this.#waitedMs, which: 'idle' } as const)
      : ({ atMs: this.#startedMs + firstTokenMs, which: 'first' } as const)
    return patience.atMs < total.atMs ? patience : total
  }

  #set(): void {
    const { atMs } = this.#next()
    if (atMs >= this.#ringsAtMs) return
    this.#ringsAtMs = atMs
    this.#alarm.set(Math.max(0, Math.ceil(atMs - this.#clock.monoMs())))
  }

  #rung(): void {
    this.#ringsAtMs = Number.POSITIVE_INFINITY
    const { atMs, which } = this.#next()
    if (atMs > this.#clock.monoMs()) return this.#set()
    this.end()
    this.#ended(which)
  }
}
