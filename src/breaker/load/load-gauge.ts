import { within } from '../../core/checked-number.js'
import type { LoadReadings, LoadSource } from './load-readings.js'

/** From where on a reading weighs, and where it weighs fully. */
export interface LoadRange {
  readonly calm: number
  readonly full: number
}

export interface LoadGaugeOptions {
  /**
   * Milliseconds. Default 20 to 120: DAGOR calls a service overloaded at 20 ms of queueing (Zhou et al. 2018, "Overload Control
   * for Scaling WeChat Microservices"), toobusy-js at 70 ms, which here is the middle.
   */
  readonly eventLoopDelayMs?: LoadRange
  /** Default 1 to 3: at 1 each core is just busy, at 3 everything takes three times as long. */
  readonly loadPerCore?: LoadRange
  /** Default 0.85 to 0.97: near the limit a process collects garbage rather than work. */
  readonly memoryRatio?: LoadRange
  /** The least that {@link LoadView.factor} becomes, above 0 to 1. Default 0.1. */
  readonly factorMin?: number
  /** Time constants of the smoothing: quick to believe, slow to forget. Default 1 000 up, 10 000 down. */
  readonly riseMs?: number
  readonly fallMs?: number
  /** A source is read no more often than this. Default 250. */
  readonly readMs?: number
}

/** How overloaded this process is; plain JSON. */
export interface LoadView {
  /** The heaviest reading, smoothed: 0 calm, 1 overloaded in full. */
  readonly pressure: number
  /** What weighs most; `null` while nothing does. */
  readonly heaviest: keyof LoadReadings | null
  /** Becomes true when the pressure reaches 0.5, and false again below 0.25. */
  readonly overloaded: boolean
  /** What to multiply retries, hedges and concurrency by: 1 calm, down to `factorMin`. Pass `1 / factor` as the cost of a retry. */
  readonly factor: number
  /** The event loop's delay, smoothed, milliseconds. */
  readonly eventLoopDelayMs: number
}

const overloadedFrom = 0.5
const overloadedUntil = 0.25

/** How often a call waits for the event loop, about: connecting, TLS, headers, a few chunks of the body, timers. */
const turnsPerCall = 10

type Reading = keyof LoadReadings
const names: readonly Reading[] = ['eventLoopDelayMs', 'loadPerCore', 'memoryRatio']

/**
 * Tells whether this process is overloaded, from readings that it is given and on a time that it is given. When it is, timeouts
 * are its own doing: they must not open the circuit of a target that answered in time (see {@link LoadGauge.excuses}), and
 * retries and hedges, which add load, must shrink.
 *
 * @example
 * ```ts
 * const gauge = new LoadGauge()
 * for (let atMs = 0; atMs <= 5_000; atMs += 250) gauge.observe({ eventLoopDelayMs: 200 }, atMs)
 * expect(gauge.view).toMatchObject({ overloaded: true, heaviest: 'eventLoopDelayMs' })
 * expect(gauge.view.factor).toBeLessThan(0.2)
 * expect(gauge.excuses(1_000)).toBe(true)
 * expect(gauge.excuses(60_000)).toBe(false)
 * ```
 */
export class LoadGauge {
  readonly #ranges: Readonly<Record<Reading, LoadRange>>
  readonly #factorMin: number
  readonly #riseMs: number
  readonly #fallMs: number
  readonly #readMs: number
  #view: LoadView = { pressure: 0, heaviest: null, overloaded: false, factor: 1, eventLoopDelayMs: 0 }
  #seenMs = Number.NEGATIVE_INFINITY

  /** @throws RangeError when a number is out of range. */
  constructor(options: LoadGaugeOptions = {}) {
    const { factorMin = 0.1, riseMs = 1_000, fallMs = 10_000, readMs = 250 } = options
    this.#ranges = {
      eventLoopDelayMs: checkedRange('eventLoopDelayMs', options.eventLoopDelayMs ?? { calm: 20, full: 120 }),
      loadPerCore: checkedRange('loadPerCore', options.loadPerCore ?? { calm: 1, full: 3 }),
      memoryRatio: checkedRange('memoryRatio', options.memoryRatio ?? { calm: 0.85, full: 0.97 }),
    }
    this.#factorMin = within('factorMin', factorMin, 0.001, 1)
    this.#riseMs = within('riseMs', riseMs, 1)
    this.#fallMs = within('fallMs', fallMs, 1)
    this.#readMs = within('readMs', readMs, 0)
  }

  /** What it thinks at present. */
  get view(): LoadView {
    return this.#view
  }

  /**
   * Takes in one set of readings.
   *
   * @param atMs - When they were taken, on any clock; time that goes back counts as standing still.
   * @throws RangeError when a reading is negative or no number; then nothing has changed.
   */
  observe(readings: LoadReadings, atMs: number): LoadView {
    within('atMs', atMs, -Number.MAX_SAFE_INTEGER)
    const weights = names.map((name) => ({ name, weight: this.#weigh(name, readings[name]) }))
    const heaviest = weights.reduce((most, one) => (one.weight > most.weight ? one : most))
    const passedMs = Number.isFinite(this.#seenMs) ? Math.max(0, atMs - this.#seenMs) : 0
    this.#seenMs = Math.max(this.#seenMs, atMs)
    const { pressure, overloaded, eventLoopDelayMs } = this.#view
    const smoothed = this.#smooth(pressure, heaviest.weight, passedMs)
    this.#view = {
      pressure: smoothed,
      heaviest: heaviest.weight > 0 ? heaviest.name : null,
      overloaded: smoothed >= (overloaded ? overloadedUntil : overloadedFrom),
      factor: 1 - smoothed * (1 - this.#factorMin),
      eventLoopDelayMs: this.#smooth(eventLoopDelayMs, readings.eventLoopDelayMs ?? eventLoopDelayMs, passedMs),
    }
    return this.#view
  }

  /** Reads a source, unless that was done less than `readMs` ago. For the path of a call: no timer is needed. */
  look(source: LoadSource, nowMs: number): LoadView {
    return nowMs - this.#seenMs >= this.#readMs ? this.observe(source.read(), nowMs) : this.#view
  }

  /**
   * Whether a call that timed out may have been answered in time, had this process been able to hear it: it is overloaded, and
   * the event loop is so late that the turns a call takes add up to the timeout. Tell the circuit nothing then (`ignore`). A
   * delay of 200 ms excuses a timeout of one second, and never one of a minute.
   *
   * @param timeoutMs - The time that the call had.
   */
  excuses(timeoutMs: number): boolean {
    return this.#view.overloaded && this.#view.eventLoopDelayMs * turnsPerCall >= timeoutMs
  }

  /** 0 up to `calm`, 1 from `full`, straight between. */
  #weigh(name: Reading, value: number | undefined): number {
    if (value === undefined) return 0
    const { calm, full } = this.#ranges[name]
    return Math.min(1, Math.max(0, (within(name, value, 0) - calm) / (full - calm)))
  }

  #smooth(from: number, to: number, passedMs: number): number {
    const constantMs = to > from ? this.#riseMs : this.#fallMs
    return from + (to - from) * -Math.expm1(-passedMs / constantMs)
  }
}

function checkedRange(name: string, { calm, full }: LoadRange): LoadRange {
  within(`${name}.calm`, calm, 0)
  within(`${name}.full`, full, calm)
  if (full === calm) throw new RangeError(`Cannot use ${full} as "${name}.full": it must be above "calm"`)
  return { calm, full }
}
