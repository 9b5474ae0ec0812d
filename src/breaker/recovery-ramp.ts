/** Share of the calls that is let through when the ramp begins; Envoy's slow start begins with the same. */
const shareMin = 0.1

/** The failure rate that a relapse is tested against: half of the calls fail. */
const relapseRatio = 0.5

/** Nats of evidence for a relapse that end the ramp: at odds of 1000 to 1, for the target was ill a moment ago. */
const evidenceMax = Math.log(1_000)

/** Ten times a tenth falls just short of 1. */
const wholeCredit = 1 - 1e-9

/**
 * Lets traffic back after a recovery: a share of the calls that grows to all of them within `rampMs` of health. Nothing is left
 * to chance: each call that asks adds the share to a credit, and one is let through for each whole credit. A call is always let
 * through while no other one is under way, so sparse traffic is never refused.
 *
 * Whether it stays healthy is a test of Page (1954, "Continuous inspection schemes"): "half of the calls fail" against the
 * usual failure rate. Time in which the evidence is past the half of what ends the ramp does not count as health.
 */
export class RecoveryRamp {
  readonly #rampMs: number
  readonly #startMonoMs: number
  readonly #failureWeight: number
  readonly #successWeight: number
  #healthyMs = 0
  #seenMonoMs: number
  #credit = 0
  #admitted = 0
  #underWay = 0
  #evidence = 0

  /** @param options - `rampMs`: above 0; `failureRatioUsual`: 0..1, of which 0.01 to 0.3 is believed. */
  constructor(options: { readonly rampMs: number; readonly startMonoMs: number; readonly failureRatioUsual: number }) {
    const usual = Math.min(0.3, Math.max(0.01, options.failureRatioUsual))
    this.#rampMs = options.rampMs
    this.#startMonoMs = options.startMonoMs
    this.#seenMonoMs = options.startMonoMs
    this.#failureWeight = Math.log(relapseRatio / usual)
    this.#successWeight = Math.log((1 - relapseRatio) / (1 - usual))
  }

  /** The share of the calls that it lets through at `nowMs`, 0.1 to 1; 1: the ramp is over. */
  share(nowMs: number): number {
    if (this.#evidence <= evidenceMax / 2) this.#healthyMs += Math.max(0, nowMs - this.#seenMonoMs)
    this.#seenMonoMs = Math.max(this.#seenMonoMs, nowMs)
    return Math.min(1, shareMin + (1 - shareMin) * (this.#healthyMs / this.#rampMs))
  }

  /** Whether the call that asks now is let through; if so it counts as under way. */
  admits(nowMs: number): boolean {
    this.#credit += this.share(nowMs)
    if (this.#credit < wholeCredit && this.#underWay > 0) return false
    this.#credit = Math.max(0, this.#credit - 1)
    this.#admitted += 1
    this.#underWay += 1
    return true
  }

  /** About when the next call is let through, milliseconds from `nowMs`: as far apart as those before it. */
  retryAfterMs(nowMs: number): number {
    return Math.ceil(Math.max(0, nowMs - this.#startMonoMs) / Math.max(1, this.#admitted))
  }

  /** A call that it let through has ended. Returns whether the target has relapsed. */
  settled(ok: boolean): boolean {
    this.#underWay -= 1
    this.#evidence = Math.max(0, this.#evidence + (ok ? this.#successWeight : this.#failureWeight))
    return this.#evidence >= evidenceMax
  }

  /** A call that it let through has ended and says nothing. */
  withdrawn(): void {
    this.#underWay -= 1
  }
}

/** Says why a call was not let through. */
export function rampReason(share: number): string {
  return `it recovers and admits ${Math.round(share * 100)} % of the calls`
}
