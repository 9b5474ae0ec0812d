/** What a simulated service does with one call: how long it takes; `Infinity` never comes back. */
export interface Served {
  readonly latencyMs: number
  readonly ok: boolean
}

/** Whoever watches the stream of calls. */
export interface LatencyWatcher {
  /** A call starts; what it returns is given back when the call settles. */
  readonly start: (atMs: number) => number
  /** A call settled: `latencyMs` after its start, at `atMs`. */
  readonly settle: (ticket: number, ok: boolean, latencyMs: number, atMs: number) => void
}

/** A stream of calls. */
export interface LatencyStream {
  /** Calls a second, at random moments (a Poisson process). */
  readonly callsPerSecond: number
  /** Milliseconds after which a caller gives up: the call fails then. */
  readonly timeoutMs: number
  /** A number in [0, 1). */
  readonly random: () => number
  readonly serve: (startedMs: number, random: () => number) => Served
}

/**
 * Plays a stream of overlapping calls in the order of time, starts and ends alike, until `done` says so; without a clock.
 *
 * @returns How many calls started, and the time of the last event.
 */
export function playLatencyStream(
  { callsPerSecond, timeoutMs, random, serve }: LatencyStream,
  watcher: LatencyWatcher,
  done: (atMs: number, calls: number) => boolean,
): { readonly calls: number; readonly atMs: number } {
  const running = new Agenda()
  let calls = 0
  let atMs = 0
  let startMs = 0
  while (!done(atMs, calls)) {
    const next = running.first
    if (next !== undefined && next.atMs <= startMs) {
      running.removeFirst()
      atMs = next.atMs
      watcher.settle(next.ticket, next.ok, next.atMs - next.startedMs, atMs)
      continue
    }
    atMs = startMs
    calls += 1
    const served = serve(atMs, random)
    const late = !(served.latencyMs <= timeoutMs)
    running.add({
      atMs: atMs + (late ? timeoutMs : served.latencyMs),
      startedMs: atMs,
      ok: served.ok && !late,
      ticket: watcher.start(atMs),
    })
    startMs = atMs - (Math.log(1 - random()) * 1_000) / callsPerSecond
  }
  return { calls, atMs }
}

/** A latency whose logarithm is normal: `medianMs` times e to the power of `sigma` times a standard normal number. */
export function lognormalMs(random: () => number, medianMs: number, sigma: number): number {
  // Box and Muller, 1958.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return medianMs * Math.exp(sigma * normal)
}

interface Running {
  readonly atMs: number
  readonly startedMs: number
  readonly ok: boolean
  readonly ticket: number
}

/** Calls under way, the one that ends first on top: a binary heap. */
class Agenda {
  readonly #heap: Running[] = []

  get first(): Running | undefined {
    return this.#heap[0]
  }

  add(call: Running): void {
    let place = this.#heap.push(call) - 1
    while (place > 0) {
      const parent = (place - 1) >> 1
      const above = this.#heap[parent]
      if (above === undefined || above.atMs <= call.atMs) break
      this.#heap[place] = above
      place = parent
    }
    this.#heap[place] = call
  }

  removeFirst(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      const left = this.#heap[child]
      const right = this.#heap[child + 1]
      if (left !== undefined && right !== undefined && right.atMs < left.atMs) child += 1
      const below = this.#heap[child]
      if (below === undefined || below.atMs >= last.atMs) break
      this.#heap[place] = below
      place = child
    }
    this.#heap[place] = last
  }
}
