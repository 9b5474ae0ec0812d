/** In which a peak fades to 37 %, milliseconds. */
const fadeMsDefault = 10_000

/**
 * How slow a target is: its latest peak, which fades. It rises at once with a slow answer and falls slowly with quick ones, so that a
 * target that begins to struggle loses its traffic before its mean shows it; and it fades while nobody asks, so that it is tried
 * again. (The peak-sensitive moving average of Finagle's balancer.)
 */
export class PeakLatency {
  readonly #fadeMs: number
  #peakMs: number | undefined
  #atMs = Number.NEGATIVE_INFINITY

  /** @param fadeMs - In which a peak fades to 37 %, milliseconds, above 0. */
  constructor(fadeMs: number = fadeMsDefault) {
    this.#fadeMs = fadeMs
  }

  /** Takes in a latency, milliseconds; one that is negative or no number is passed over. */
  observe(latencyMs: number, nowMs: number): void {
    if (!(latencyMs >= 0) || latencyMs === Number.POSITIVE_INFINITY) return
    const kept = this.#kept(nowMs)
    const before = this.#peakMs ?? latencyMs
    this.#peakMs = latencyMs >= before * kept ? latencyMs : before * kept + latencyMs * (1 - kept)
    this.#atMs = Math.max(this.#atMs, nowMs)
  }

  /** Milliseconds; `undefined` before the first answer. */
  at(nowMs: number): number | undefined {
    return this.#peakMs === undefined ? undefined : this.#peakMs * this.#kept(nowMs)
  }

  /** What is left of a peak; all of it when the clock stands still or goes back. */
  #kept(nowMs: number): number {
    const passedMs = nowMs - this.#atMs
    return passedMs > 0 && Number.isFinite(passedMs) ? Math.exp(-passedMs / this.#fadeMs) : 1
  }
}
