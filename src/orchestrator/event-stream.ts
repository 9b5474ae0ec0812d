import type { EventName, EventPayloads, HomeostatEvent } from '../core/events.js'
import { callListener, warnOfListener, type ListenerErrorHandler } from '../core/listeners.js'
import type { Clock } from '../core/world.js'

/** Hears events of one type, or of all with `*`. Not awaited. */
export type Listener<N extends EventName | '*' = '*'> = (
  event: N extends EventName ? HomeostatEvent<N> : HomeostatEvent,
) => unknown

/** Tells what happened. */
export type Emit = <N extends EventName>(type: N, payload: EventPayloads[N]) => void

interface Entry {
  readonly hear: (event: HomeostatEvent) => unknown
  active: boolean
}

/**
 * The events of one orchestrator: emitted synchronously, never awaited. A listener that throws, or rejects, is reported and
 * survived. One that is added while an event is told hears the next one; one that is removed hears nothing more.
 */
export class EventStream {
  readonly #clock: Clock
  readonly #report: ListenerErrorHandler
  readonly #listenersMax: number
  // Lists are replaced, never changed, so that adding and removing does not disturb an event on its way.
  readonly #entries = new Map<EventName | '*', readonly Entry[]>()
  #count = 0

  /** @param options - `onListenerError`: default a process warning; `listenersMax`: of all types together, default 1000. */
  constructor(
    clock: Clock,
    options: { readonly onListenerError?: ListenerErrorHandler | undefined; readonly listenersMax?: number } = {},
  ) {
    this.#clock = clock
    this.#report = options.onListenerError ?? warnOfListener
    this.#listenersMax = options.listenersMax ?? 1_000
  }

  /**
   * Adds a listener; call what is returned to take it away.
   *
   * @throws TypeError when it is no function; RangeError when there are too many: most likely they are never taken away.
   */
  on<N extends EventName | '*'>(type: N, listener: Listener<N>): () => void {
    if (typeof listener !== 'function') throw new TypeError(`Cannot listen to "${type}": the listener is not a function`)
    if (this.#count >= this.#listenersMax)
      throw new RangeError(`Cannot add a listener for "${type}": there are ${this.#listenersMax} already`)
    // `emit` finds entries by their type, so this listener is handed events of type N only.
    const entry: Entry = { hear: listener as Entry['hear'], active: true }
    this.#entries.set(type, [...(this.#entries.get(type) ?? []), entry])
    this.#count += 1
    return () => this.#remove(type, entry)
  }

  /** Whether anyone listens to `type` or `*`: an event that nobody hears need not be made. */
  hears(type: EventName): boolean {
    return this.#count > 0 && (this.#heard(type) || this.#heard('*'))
  }

  /** Tells everyone who listens to `type` or `*`, in the order in which they came. The event is frozen. */
  emit<N extends EventName>(type: N, payload: EventPayloads[N]): void {
    const listeners = [...(this.#entries.get(type) ?? []), ...(this.#entries.get('*') ?? [])]
    if (listeners.length === 0) return
    // The type and its payload belong together by the signature, which the compiler cannot follow through the union.
    const event = Object.freeze({ type, epochMs: this.#clock.epochMs(), ...payload }) as unknown as HomeostatEvent
    for (const entry of listeners) if (entry.active) callListener(() => entry.hear(event), this.#report)
  }

  #heard(type: EventName | '*'): boolean {
    return (this.#entries.get(type)?.length ?? 0) > 0
  }

  #remove(type: EventName | '*', entry: Entry): void {
    if (!entry.active) return
    entry.active = false
    this.#count -= 1
    this.#entries.set(
      type,
      (this.#entries.get(type) ?? []).filter((other) => other !== entry),
    )
  }
}
