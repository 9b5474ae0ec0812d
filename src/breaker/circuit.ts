import type { CircuitState } from '../core/events.js'
import type { World } from '../core/world.js'
import { FailureRateWindow, type FailureRate, type FailureRateLimits } from './failure-rate-window.js'

/** The numbers of one circuit. */
export interface CircuitLimits extends FailureRateLimits {
  /** Parts of the window. */
  readonly buckets: number
  /** How long the first opening lasts; each further one, without a recovery between, lasts up to twice as long. */
  readonly openMs: number
  /** No opening lasts longer, whatever Retry-After says; at least `openMs`. */
  readonly openMsMax: number
  /** Probes under way at once in half-open, and successes it takes to close. */
  readonly probesMax: number
  /** A probe that has not settled after this long is given up and counts as failed. */
  readonly probeTimeoutMs: number
}

/** Why a call was not admitted. */
export interface Refusal {
  readonly admitted: false
  readonly reason: string
  /** Milliseconds until the next call may be admitted; 0 when it is not known. */
  readonly retryAfterMs: number
  /** The error that opened the circuit, where one did. */
  readonly cause: unknown
}

/** Leave to make one call. Exactly one of its methods counts: the first that is called. */
export interface Permit {
  readonly admitted: true
  /** The call succeeded. */
  success(): void
  /** The call failed. `retryAfterMs`: how long the target asks to be left alone. */
  failure(error?: unknown, retryAfterMs?: number): void
  /** The call says nothing about the target: it was aborted, or refused on this side. A probe's place is given back. */
  ignore(): void
}

/** A circuit as it stands; plain JSON. */
export interface CircuitView {
  readonly state: CircuitState
  /** Why it is not closed; `null` when it is. */
  readonly reason: string | null
  /** Milliseconds until the next probe may be admitted; 0 when it is not open. */
  readonly retryAfterMs: number
  /** Milliseconds since 1970; `null` when it is not open. */
  readonly openedEpochMs: number | null
  /** Settled calls in the window; 0 unless it is closed. */
  readonly calls: number
  readonly failures: number
  readonly failureRatio: number
}

interface Probe {
  readonly deadlineMonoMs: number
}

type Closed = { readonly name: 'closed'; readonly window: FailureRateWindow }
type Open = {
  readonly name: 'open'
  readonly openedEpochMs: number
  readonly untilMonoMs: number
  readonly reason: string
  readonly cause: unknown
}
type HalfOpen = {
  readonly name: 'half-open'
  readonly probes: Set<Probe>
  readonly reason: string
  readonly cause: unknown
  succeeded: number
}
type Phase = Closed | Open | HalfOpen

/** Why and for how long a circuit opens. */
export interface Opening {
  readonly reason: string
  readonly cause?: unknown
  /** The target asks to be left alone this long; at most `openMsMax` of it is heard. */
  readonly retryAfterMs?: number | undefined
}

/** Openings after the first are shortened by up to this share, so that many processes do not probe in step. */
const jitterRatio = 0.25

/**
 * The state machine of a breaker, on the world's clock and without timers: whenever it is looked at it first catches up with
 * the time. Every answer is held against the state object its call began in; when that is no longer the current one, the
 * answer changes nothing.
 */
export class Circuit {
  #limits: CircuitLimits
  #phase: Phase
  /** Openings since it was last closed. */
  #openings = 0
  readonly #world: World
  readonly #warmUntilMonoMs: number
  readonly #changed: (state: CircuitState) => void

  /** @param options - `warmUpMs`: how long after its making it does not trip; `changed` hears each new state and must not throw. */
  constructor(
    limits: CircuitLimits,
    world: World,
    options: { readonly changed: (state: CircuitState) => void; readonly warmUpMs?: number },
  ) {
    this.#limits = limits
    this.#world = world
    this.#warmUntilMonoMs = world.clock.monoMs() + (options.warmUpMs ?? 0)
    this.#changed = options.changed
    this.#phase = closed(limits)
  }

  get limits(): CircuitLimits {
    return this.#limits
  }

  get state(): CircuitState {
    this.#catchUp()
    return this.#phase.name
  }

  /** Whether a half-open circuit still has place for a probe. */
  get admitsProbe(): boolean {
    this.#catchUp()
    return this.#phase.name === 'half-open' && this.#hasPlace(this.#phase)
  }

  /** Whether it is too young to trip. */
  get warmingUp(): boolean {
    return this.#world.clock.monoMs() < this.#warmUntilMonoMs
  }

  /** The circuit as it stands. */
  view(): CircuitView {
    this.#catchUp()
    const phase = this.#phase
    const nowMs = this.#world.clock.monoMs()
    const rate: FailureRate =
      phase.name === 'closed' ? phase.window.judge(nowMs, this.#limits) : { calls: 0, failures: 0, ratio: 0, exceeded: false }
    return {
      state: phase.name,
      reason: phase.name === 'closed' ? null : phase.reason,
      retryAfterMs: phase.name === 'open' ? Math.ceil(phase.untilMonoMs - nowMs) : 0,
      openedEpochMs: phase.name === 'open' ? phase.openedEpochMs : null,
      calls: rate.calls,
      failures: rate.failures,
      failureRatio: rate.ratio,
    }
  }

  /** Asks for leave to make one call. */
  acquire(): Permit | Refusal {
    this.#catchUp()
    const phase = this.#phase
    if (phase.name === 'closed')
      return this.#permit(phase, (ok, error, retryAfterMs) => this.#judge(phase, ok, { cause: error, retryAfterMs }))
    if (phase.name === 'half-open' && this.#hasPlace(phase)) return this.#probe(phase)
    const nowMs = this.#world.clock.monoMs()
    const freeMs = phase.name === 'open' ? phase.untilMonoMs - nowMs : earliestDeadline(phase.probes) - nowMs
    return { admitted: false, reason: phase.reason, retryAfterMs: Math.max(0, Math.ceil(freeMs)), cause: phase.cause }
  }

  /** Opens it; does nothing when it is open. */
  open(opening: Opening): void {
    this.#catchUp()
    if (this.#phase.name !== 'open') this.#open(opening, this.#world.clock.monoMs())
  }

  /** Opens it as if that had been `ageMs` ago. */
  restoreOpen(opening: Opening, ageMs: number): void {
    this.#open(opening, this.#world.clock.monoMs() - ageMs)
  }

  /** Goes to half-open now, whatever the state. */
  halfOpen(reason: string): void {
    this.#enter({ name: 'half-open', probes: new Set(), succeeded: 0, reason, cause: undefined })
  }

  /** Closes it with an empty window; does nothing when it is closed. */
  close(): void {
    if (this.#phase.name === 'closed') return
    this.#openings = 0
    this.#enter(closed(this.#limits))
  }

  /** Takes new numbers. A new window begins empty, and calls under way do not count in it. */
  configure(limits: CircuitLimits): void {
    const sameWindow = limits.windowMs === this.#limits.windowMs && limits.buckets === this.#limits.buckets
    this.#limits = limits
    if (!sameWindow && this.#phase.name === 'closed') this.#phase = closed(limits)
  }

  #permit(
    phase: Phase,
    settle: (ok: boolean, error: unknown, retryAfterMs: number | undefined) => void,
    ignore = (): void => {},
  ): Permit {
    let settled = false
    const once = (act: () => void): void => {
      if (settled) return
      settled = true
      this.#catchUp()
      // A late answer must not hurt: the state this call began in may be gone.
      if (this.#phase === phase) act()
    }
    return {
      admitted: true,
      success: () => once(() => settle(true, undefined, undefined)),
      failure: (error, retryAfterMs) => once(() => settle(false, error, retryAfterMs)),
      ignore: () => once(ignore),
    }
  }

  #judge({ window }: Closed, ok: boolean, failure: { readonly cause: unknown; readonly retryAfterMs: number | undefined }): void {
    const nowMs = this.#world.clock.monoMs()
    window.record(ok, nowMs)
    if (ok || this.warmingUp) return
    const { calls, failures, exceeded } = window.judge(nowMs, this.#limits)
    if (exceeded)
      this.#open({ reason: `${failures} of ${calls} calls failed within ${this.#limits.windowMs} ms`, ...failure }, nowMs)
  }

  #probe(phase: HalfOpen): Permit {
    const probe: Probe = { deadlineMonoMs: this.#world.clock.monoMs() + this.#limits.probeTimeoutMs }
    phase.probes.add(probe)
    const settle = (ok: boolean, cause: unknown, retryAfterMs: number | undefined): void => {
      phase.probes.delete(probe)
      if (!ok) return this.#open({ reason: 'a probe failed', cause, retryAfterMs }, this.#world.clock.monoMs())
      phase.succeeded += 1
      if (phase.succeeded >= this.#limits.probesMax) this.close()
    }
    return this.#permit(phase, settle, () => phase.probes.delete(probe))
  }

  #hasPlace(phase: HalfOpen): boolean {
    return phase.probes.size + phase.succeeded < this.#limits.probesMax
  }

  #open({ reason, cause, retryAfterMs = 0 }: Opening, atMonoMs: number): void {
    const { clock } = this.#world
    // The comparison also drops NaN: the number may come from a header.
    const askedMs = retryAfterMs > 0 ? Math.min(retryAfterMs, this.#limits.openMsMax) : 0
    const openMs = Math.max(this.#openMs(), askedMs)
    this.#openings += 1
    const openedEpochMs = Math.round(clock.epochMs() - (clock.monoMs() - atMonoMs))
    this.#enter({ name: 'open', openedEpochMs, untilMonoMs: atMonoMs + openMs, reason, cause })
  }

  /** At least `openMs`, at most `openMsMax`. The first opening is exact: users count on it. */
  #openMs(): number {
    const { openMs, openMsMax } = this.#limits
    if (this.#openings === 0) return openMs
    const grownMs = Math.min(openMsMax, openMs * 2 ** Math.min(this.#openings, 60))
    return Math.max(openMs, grownMs * (1 - jitterRatio * this.#world.random()))
  }

  /** What the time alone has changed. */
  #catchUp(): void {
    const nowMs = this.#world.clock.monoMs()
    if (this.#phase.name === 'half-open') {
      const deadlineMonoMs = earliestDeadline(this.#phase.probes)
      if (deadlineMonoMs <= nowMs)
        this.#open({ reason: `a probe did not answer within ${this.#limits.probeTimeoutMs} ms` }, deadlineMonoMs)
    }
    // Read anew: the step above, or someone who heard of it, may have changed it.
    const phase = this.#phase
    if (phase.name === 'open' && phase.untilMonoMs <= nowMs) {
      this.#enter({
        name: 'half-open',
        probes: new Set(),
        succeeded: 0,
        reason: `probes are under way since ${phase.reason}`,
        cause: phase.cause,
      })
    }
  }

  #enter(phase: Phase): void {
    this.#phase = phase
    this.#changed(phase.name)
  }
}

function closed({ windowMs, buckets }: CircuitLimits): Closed {
  return { name: 'closed', window: new FailureRateWindow({ windowMs, buckets }) }
}

function earliestDeadline(probes: ReadonlySet<Probe>): number {
  let earliest = Number.POSITIVE_INFINITY
  for (const { deadlineMonoMs } of probes) earliest = Math.min(earliest, deadlineMonoMs)
  return earliest
}
