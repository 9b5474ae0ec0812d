import type { CircuitLimits } from '../../src/breaker/circuit.js'

/** A call that the model knows of. `era`: the state it began in. */
export interface ModelCall {
  readonly era: number
  readonly startedMs: number
}

/**
 * A circuit as one would explain it to a person, without a trend detector and without a ramp: a list of what happened, searched
 * again for each question. Openings after the first last as long as the real one says (chance has a part in it), within limits.
 */
export class CircuitModel {
  nowMs = 0
  era = 0
  state: 'closed' | 'open' | 'half-open' = 'closed'
  isolated = false
  untilMs = 0
  openings = 0
  refusals = 0
  limits: Required<CircuitLimits>
  /** What the real circuit told, as states in order; the model adds what it expects. */
  readonly told: string[] = []
  readonly calls: ModelCall[] = []
  #settled: { readonly atMs: number; readonly ok: boolean }[] = []
  #probes = new Map<ModelCall, number>()
  #succeeded = 0
  readonly #lastingMs: (openings: number) => number

  /** @param lastingMs - How long an opening lasts that is not the first one. */
  constructor(limits: Required<CircuitLimits>, lastingMs: (openings: number) => number) {
    this.limits = limits
    this.#lastingMs = lastingMs
  }

  wait(ms: number): void {
    this.nowMs += ms
  }

  /** What the time alone has changed. */
  look(): void {
    const deadlineMs = Math.min(...this.#probes.values())
    if (this.state === 'half-open' && deadlineMs <= this.nowMs) this.#open(deadlineMs, 0)
    if (this.state === 'open' && !this.isolated && this.untilMs <= this.nowMs) this.halfOpen()
  }

  /** The call, or `undefined` when it is refused. */
  acquire(): ModelCall | undefined {
    this.look()
    const full = this.state === 'half-open' && this.#probes.size + this.#succeeded >= this.limits.probesMax
    const observed = { era: -1, startedMs: this.nowMs }
    if (this.state === 'open' || full) {
      this.refusals += 1
      return this.limits.mode === 'observe' ? observed : undefined
    }
    const call = { era: this.era, startedMs: this.nowMs }
    if (this.state === 'half-open') this.#probes.set(call, this.nowMs + this.limits.probeTimeoutMs)
    return call
  }

  settle(call: ModelCall, how: 'success' | 'failure' | 'ignore', retryAfterMs: number): void {
    this.look()
    if (call.era !== this.era) return
    this.#probes.delete(call)
    if (how === 'ignore') return
    if (this.state === 'half-open') return this.#settleProbe(how === 'success', retryAfterMs)
    this.#settled.push({ atMs: this.nowMs, ok: how === 'success' })
    const { calls, failures } = this.rate()
    const { callsMin, failureRatioMax, window } = this.limits
    if (how === 'failure' && window && calls >= Math.max(1, callsMin) && failures / calls > failureRatioMax)
      this.#open(this.nowMs, retryAfterMs)
  }

  open(retryAfterMs: number): void {
    this.look()
    if (this.state !== 'open') this.#open(this.nowMs, retryAfterMs)
  }

  isolate(): void {
    this.look()
    if (this.isolated) return
    if (this.state !== 'open') this.told.push('open')
    this.#enter('open')
    this.isolated = true
  }

  release(): void {
    if (this.isolated) this.halfOpen()
  }

  close(): void {
    this.openings = 0
    if (this.state === 'closed') return
    this.#enter('closed')
    this.told.push('closed')
  }

  halfOpen(): void {
    this.#enter('half-open')
    this.told.push('half-open')
  }

  configure(limits: Required<CircuitLimits>): void {
    this.look()
    const { windowMs, buckets, window } = this.limits
    if (limits.windowMs !== windowMs || limits.buckets !== buckets || limits.window !== window) this.#settled = []
    this.limits = limits
  }

  /** Whether there is a place for a probe. */
  get admitsProbe(): boolean {
    return this.state === 'half-open' && this.#probes.size + this.#succeeded < this.limits.probesMax
  }

  rate(): { readonly calls: number; readonly failures: number } {
    if (this.state !== 'closed' || !this.limits.window) return { calls: 0, failures: 0 }
    const bucketMs = this.limits.windowMs / this.limits.buckets
    const oldest = Math.floor(this.nowMs / bucketMs) - this.limits.buckets + 1
    const seen = this.#settled.filter(({ atMs }) => Math.floor(atMs / bucketMs) >= oldest)
    return { calls: seen.length, failures: seen.filter(({ ok }) => !ok).length }
  }

  #settleProbe(ok: boolean, retryAfterMs: number): void {
    if (!ok) return this.#open(this.nowMs, retryAfterMs)
    this.#succeeded += 1
    if (this.#succeeded >= this.limits.probesMax) this.close()
  }

  #open(atMs: number, retryAfterMs: number): void {
    const ownMs = this.openings === 0 ? this.limits.openMs : this.#lastingMs(this.openings)
    this.#enter('open')
    this.untilMs = atMs + Math.max(ownMs, Math.min(retryAfterMs, this.limits.openMsMax))
    this.openings += 1
    this.told.push('open')
  }

  #enter(state: 'closed' | 'open' | 'half-open'): void {
    this.state = state
    this.era += 1
    this.isolated = false
    this.#settled = []
    this.#probes = new Map()
    this.#succeeded = 0
  }
}
