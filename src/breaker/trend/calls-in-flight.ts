/** Slots at first; doubled when half of them are in use. */
const slotsMin = 16
/** In a slot of a call that ended; a running one's slot has its start, which is never negative. */
const endedWell = -1
const endedBadly = -2
/** A gap between two looks counts for at most so many times the usual one. */
const gapsMax = 16
/** The usual gap is a mean over about so many. */
const gapMemory = 64

/** What became of the oldest call that was not accounted for: it still has time, or it ended, or its time is over. */
export type Due = 'pending' | 'succeeded' | 'failed' | 'overdue'

/**
 * The calls under way, in the order in which they started, and how long each has been watched: no timers, and O(1)
 * (amortised) for a start, an end and a look.
 *
 * Ages are in watched time. A gap between two looks counts for at most 16 usual gaps, because a clock that jumps, a laptop
 * that sleeps and a process that stands still make no call overdue: their answers may be waiting to be read. By Little's law
 * such a gap makes about as many calls overdue as it takes events for them to start, so traffic of any density is served.
 */
export class CallsInFlight {
  readonly #trackedMax: number
  /** When each call started, in watched time; a ring, made at the first start. */
  #slots: Float64Array | undefined
  /** Ticket of the oldest call that is not accounted for, and of the next one to start. */
  #oldest = 0
  #next = 0
  /**
   * 0: when it was last looked, on the caller's clock; 1: the watched time then; 2: the usual gap between two looks. An array,
   * because a private field that is given a new fraction on every call allocates memory for it each time.
   */
  #times: Float64Array | undefined

  /** @param trackedMax - Calls that are tracked at the same time; whole, at least 1. */
  constructor(trackedMax: number) {
    this.#trackedMax = trackedMax
  }

  /** Ticket of the oldest call that is not accounted for. */
  get oldest(): number {
    return this.#oldest
  }

  /** A call starts. @returns Its ticket; −1 when there are too many already, or the time is none. */
  start(atMs: number): number {
    if (this.#next - this.#oldest >= this.#trackedMax || !Number.isFinite(atMs)) return -1
    let slots = this.#slots
    // Half of the ring stays behind the oldest call, for those that end after their time.
    if (slots === undefined || 2 * (this.#next - this.#oldest) >= slots.length) slots = this.#grow(atMs)
    this.watch(atMs)
    const ticket = this.#next
    slots[ticket & (slots.length - 1)] = this.#times?.[1] ?? 0
    this.#next = ticket + 1
    return ticket
  }

  /** A call ended. @returns Whether it was overdue already; `false` also for a ticket that is unknown, too old or used. */
  end(ticket: number, ok: boolean): boolean {
    const slots = this.#slots
    if (slots === undefined || !Number.isInteger(ticket)) return false
    if (ticket < 0 || ticket >= this.#next || ticket < this.#next - slots.length) return false
    const slot = ticket & (slots.length - 1)
    if (!((slots[slot] ?? endedWell) >= 0)) return false
    slots[slot] = ok ? endedWell : endedBadly
    return ticket < this.#oldest
  }

  /** Tells watched time that it is `atMs`; times that go back or stand still are survived. */
  watch(atMs: number): void {
    const times = this.#times
    if (times === undefined || !Number.isFinite(atMs)) return
    const gapMs = atMs - (times[0] ?? 0)
    times[0] = atMs
    // Nobody ages while nobody is there.
    if (!(gapMs > 0) || this.#oldest === this.#next) return
    const usualMs = times[2] ?? 0
    const seenMs = usualMs > 0 ? Math.min(gapMs, gapsMax * usualMs) : gapMs
    times[1] = (times[1] ?? 0) + seenMs
    times[2] = usualMs > 0 ? usualMs + (seenMs - usualMs) / gapMemory : seenMs
  }

  /** Accounts for the oldest call, unless it is still within its time of `overdueAfterMs`. */
  takeDue(overdueAfterMs: number): Due {
    const slots = this.#slots
    if (slots === undefined || this.#oldest === this.#next) return 'pending'
    const startMs = slots[this.#oldest & (slots.length - 1)] ?? endedWell
    if (startMs >= 0 && !((this.#times?.[1] ?? 0) - startMs >= overdueAfterMs)) return 'pending'
    this.#oldest += 1
    return startMs >= 0 ? 'overdue' : startMs === endedWell ? 'succeeded' : 'failed'
  }

  /** Accounts for all of them; nothing more is told of the calls that are under way. */
  forget(): void {
    this.#slots = undefined
    this.#oldest = this.#next
  }

  #grow(atMs: number): Float64Array {
    const old = this.#slots
    const grown = new Float64Array(old === undefined ? slotsMin : 2 * old.length).fill(endedWell)
    if (old !== undefined)
      for (let ticket = Math.max(0, this.#next - old.length); ticket < this.#next; ticket += 1)
        grown[ticket & (grown.length - 1)] = old[ticket & (old.length - 1)] ?? endedWell
    this.#slots = grown
    this.#times ??= Float64Array.of(atMs, 0, 0)
    return grown
  }
}
