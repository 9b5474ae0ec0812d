import { TrendDetector, type TrendDetectorState } from './trend/trend-detector.js'
import { trendSettings, type TrendOptions } from './trend/trend-options.js'
import type { TrendState, TrendVerdict } from './trend/trend-verdict.js'

/** Hears when a trend turns bad and when that is over. Must not throw. */
export interface TrendListener {
  /** The detector says `degrading`. Exactly one `recovered` follows before the next. */
  readonly degraded?: ((verdict: TrendVerdict) => void) | undefined
  /** It is steady again, or was reset. */
  readonly recovered?: (() => void) | undefined
}

/**
 * Successes before the first failure that are only counted. A detector needs several times the memory of the rest of the circuit,
 * and most of the keys that a service ever sees are called a few times and answer. It loses nothing but their latencies.
 */
const successesMax = 32

/**
 * How many calls have their time taken: one for each millisecond that passes, and so many at once after a pause. Success and failure
 * of every call count; but of a hundred thousand calls a second the times of a thousand say as much, and taking them all would
 * cost more than the rest of the circuit.
 */
const sampleMs = 1
const samplesMax = 64

/** The ticket of a call whose time is not taken. */
const unsampled = -2

/**
 * A circuit's trend detector, and what has been done about what it says: as long as it says the same there is nothing to do, so
 * the hot path is one comparison. The methods that take evidence return whether the circuit should open.
 */
export class TrendWatch {
  /** Made at the first failure, or when there were so many successes. */
  #detector: TrendDetector | undefined
  #successes = 0
  /** Calls whose time may be taken now. */
  #samples = samplesMax
  #sampledMs = 0
  #heeded: TrendState = 'learning'
  #degraded = false
  readonly #options: TrendOptions | undefined
  readonly #listener: TrendListener

  /** @throws RangeError or TypeError as the detector does. */
  constructor(options: TrendOptions | undefined, listener: TrendListener) {
    trendSettings(options)
    this.#options = options
    this.#listener = listener
  }

  get verdict(): TrendVerdict {
    return this.#made().verdict
  }

  get state(): TrendDetectorState {
    return this.#made().toJSON()
  }

  /** A call begins; returns its ticket, a negative one when it is not watched while it is under way. */
  started(nowMs: number): number {
    if (this.#detector === undefined) return -1
    const samples = Math.min(samplesMax, this.#samples + (nowMs - this.#sampledMs) / sampleMs)
    this.#sampledMs = nowMs
    // The comparison also sees to a clock that gives no number.
    if (!(samples >= 1)) {
      this.#samples = samples || 0
      return unsampled
    }
    this.#samples = samples - 1
    return this.#detector.callStarted(nowMs)
  }

  /** A call ended, and is evidence. */
  settled(ticket: number, ok: boolean, tookMs: number, nowMs: number): boolean {
    const detector = this.#detector ?? this.#detectorFor(ok)
    if (detector === undefined) return false
    if (ticket >= 0) detector.callEnded(ticket, ok)
    const state = detector.step(ok, ticket === unsampled ? Number.NaN : tookMs, nowMs)
    // After a success the calls under way can wait: nobody is admitted before the next look.
    if (!ok) return this.overdue(nowMs)
    return state !== this.#heeded && this.#heed(state)
  }

  /** A call ended, and is no evidence: it has not come back in time, and no failure is counted for it. */
  withdrawn(ticket: number): void {
    if (ticket >= 0) this.#detector?.callEnded(ticket, false)
  }

  /** Looks at the calls under way. */
  overdue(nowMs: number): boolean {
    if (this.#detector === undefined) return false
    const state = this.#detector.look(nowMs)
    return state !== this.#heeded && this.#heed(state)
  }

  /** Begins anew with what was learnt. `falseTrip`: what it said was wrong. */
  reset(falseTrip: boolean): void {
    this.#detector?.reset({ falseTrip })
    this.#heed('learning')
  }

  /** Takes up what an earlier one had learnt, to judge by it as this one does. @throws as the detector does; then nothing has changed. */
  restore(state: unknown): void {
    this.#detector = TrendDetector.from(state, trendSettings(this.#options))
  }

  #detectorFor(ok: boolean): TrendDetector | undefined {
    if (ok && this.#successes < successesMax) {
      this.#successes += 1
      return undefined
    }
    return (this.#detector = this.#made())
  }

  /** The detector; before there is one, what it would be. */
  #made(): TrendDetector {
    if (this.#detector !== undefined) return this.#detector
    const detector = new TrendDetector(this.#options)
    for (let call = 0; call < this.#successes; call += 1) detector.step(true, Number.NaN, Number.NaN)
    return detector
  }

  #heed(state: TrendState): boolean {
    this.#heeded = state
    if (state === 'tripped') return true
    const degraded = state === 'degrading'
    if (degraded === this.#degraded) return false
    this.#degraded = degraded
    if (degraded) this.#listener.degraded?.(this.verdict)
    else this.#listener.recovered?.()
    return false
  }
}
