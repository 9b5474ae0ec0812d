import * as z from 'zod'
import type { ReferenceRatio } from './reference-ratio.js'

/** Change points that are kept at most; on real streams 3 to 5 are possible at a time. */
export const candidatesMax = 32
const candidatesUsual = 4
/** Numbers kept for each: calls before it, failures before it, time of its first failure. */
const width = 3

const count = z.int().nonnegative()

/** {@link FailureWalk} as plain JSON; for each candidate, the oldest first: calls before, failures before, time. */
export const walkStateSchema = z.strictObject({
  calls: count,
  failures: count,
  lastFailed: z.boolean(),
  candidates: z.array(z.tuple([count, count, z.number().nullable()])).max(candidatesMax),
})
export type FailureWalkState = z.infer<typeof walkStateSchema>

/**
 * Where may the failure rate have changed? A stream seen as a walk (calls, failures), of whose past only the corners of the
 * lower convex hull are kept: whatever the usual rate is, the change point that explains the recent failures best is one of
 * them, and each of them is followed by a failure.
 *
 * A success costs one addition, a failure amortised O(1) and one look at each corner. This is the functional pruning of FOCuS
 * (Romano, Eckley, Fearnhead, Rigaill: JMLR 24, 2023; Ward, Romano, Eckley, Fearnhead: Statistics and Computing 34, 2024), of
 * which a one-sided test on successes and failures needs no more than this. Written plainly, on a flat array: it runs on every call.
 */
export class FailureWalk {
  /** Made with the first failure. It never shrinks, and `#count` says how much of it is meant: shortening an array allocates. */
  #corners: number[] | undefined
  #count = 0
  #calls = 0
  #failures = 0
  #lastFailed = false
  #best = -1

  /** Calls since the origin. */
  get calls(): number {
    return this.#calls
  }

  /** How many change points are possible. */
  get candidates(): number {
    return this.#count
  }

  /** The candidate that the last {@link evidence} found; −1 when nothing speaks for a change. */
  get best(): number {
    return this.#best
  }

  succeed(): void {
    this.#calls += 1
    this.#lastFailed = false
  }

  /** Takes in a failure. Do {@link settle} before it. */
  fail(atMs: number): void {
    // After a failure the walk rises as steeply as it can, so no candidate is there.
    if (!this.#lastFailed) this.#push(atMs)
    this.#lastFailed = true
    this.#calls += 1
    this.#failures += 1
  }

  /**
   * Drops the candidates since which failures were no more frequent than `ratioMin`, and those more than `callsMax` calls back.
   *
   * @returns The share of failures since the newest candidate; 0 when there is none, 1 when the last call failed. Evidence
   *   against a higher reference has come to rest.
   */
  settle(ratioMin: number, callsMax: number): number {
    if (this.#lastFailed) return 1
    const ratio = this.#bend()
    if (ratio <= ratioMin) this.#count = 0
    else this.#dropFront(ratioMin, callsMax)
    return ratio
  }

  /** The most that any change point speaks for a higher rate than `reference`, nats; see {@link best}. */
  evidence(reference: ReferenceRatio): number {
    let most = 0
    this.#best = -1
    const corners = this.#corners
    if (corners === undefined) return 0
    for (let at = 0; at < this.#count * width; at += width) {
      const failures = this.#failures - (corners[at + 1] ?? 0)
      const evidence = reference.evidence(failures, this.#calls - (corners[at] ?? 0))
      if (evidence <= most) continue
      most = evidence
      this.#best = at / width
    }
    return most
  }

  callsBefore(index: number): number {
    return index < this.#count ? this.#at(index * width) : this.#calls
  }

  failuresBefore(index: number): number {
    return index < this.#count ? this.#at(index * width + 1) : this.#failures
  }

  callsSince(index: number): number {
    return this.#calls - this.callsBefore(index)
  }

  failuresSince(index: number): number {
    return this.#failures - this.failuresBefore(index)
  }

  /** Time of the first failure after the candidate, as it was given. */
  atMs(index: number): number {
    return this.#at(index * width + 2)
  }

  /** Moves the origin to the oldest candidate. */
  rebase(): void {
    const calls = this.callsBefore(0)
    const failures = this.failuresBefore(0)
    this.#calls -= calls
    this.#failures -= failures
    for (let at = 0; at < this.#count * width; at += width) {
      this.#set(at, this.#at(at) - calls)
      this.#set(at + 1, this.#at(at + 1) - failures)
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#count = 0
    this.#calls = 0
    this.#failures = 0
    this.#lastFailed = false
    this.#best = -1
  }

  toJSON(): FailureWalkState {
    const candidates: [number, number, number | null][] = []
    for (let index = 0; index < this.#count; index += 1) {
      const atMs = this.atMs(index)
      candidates.push([this.callsBefore(index), this.failuresBefore(index), Number.isFinite(atMs) ? atMs : null])
    }
    return { calls: this.#calls, failures: this.#failures, lastFailed: this.#lastFailed, candidates }
  }

  /**
   * Goes on where another one stood.
   *
   * @throws RangeError when no stream leads to such a walk.
   */
  static from(state: FailureWalkState): FailureWalk {
    refuseImpossible(state)
    const walk = new FailureWalk()
    walk.#calls = state.calls
    walk.#failures = state.failures
    walk.#lastFailed = state.lastFailed
    walk.#count = state.candidates.length
    if (walk.#count > 0)
      walk.#corners = state.candidates.flatMap(([calls, failures, atMs]) => [calls, failures, atMs ?? Number.NaN])
    return walk
  }

  /** Drops the newest candidates that the calls since make impossible; the share of failures since the newest one left. */
  #bend(): number {
    const corners = this.#corners
    if (corners === undefined) return 0
    for (; this.#count > 0; this.#count -= 1) {
      const last = (this.#count - 1) * width
      const callsBefore = corners[last] ?? 0
      const failuresBefore = corners[last + 1] ?? 0
      const run = this.#calls - callsBefore
      const rise = this.#failures - failuresBefore
      if (last === 0) return rise / run
      const runBefore = callsBefore - (corners[last - width] ?? 0)
      const riseBefore = failuresBefore - (corners[last + 1 - width] ?? 0)
      if (rise * runBefore > riseBefore * run) return rise / run
    }
    return 0
  }

  #dropFront(ratioMin: number, callsMax: number): void {
    let drop = this.callsSince(0) > callsMax ? 1 : 0
    while (drop < this.#count) {
      const run = this.callsBefore(drop + 1) - this.callsBefore(drop)
      const rise = this.failuresBefore(drop + 1) - this.failuresBefore(drop)
      if (rise > run * ratioMin) break
      drop += 1
    }
    if (drop === 0) return
    this.#count -= drop
    for (let at = 0; at < this.#count * width; at += 1) this.#set(at, this.#at(at + drop * width))
  }

  #push(atMs: number): void {
    if (this.#count === candidatesMax) this.#thin()
    const at = this.#count * width
    this.#set(at, this.#calls)
    this.#set(at + 1, this.#failures)
    this.#set(at + 2, atMs)
    this.#count += 1
  }

  /**
   * Makes place for one more by dropping the flattest corner. What is left is a subset of the true candidates, so the evidence
   * can only come out lower, and by little: the neighbours of a flat corner explain the failures nearly as well.
   */
  #thin(): void {
    let flattest = 1
    let turnMin = Number.POSITIVE_INFINITY
    for (let index = 1; index < this.#count - 1; index += 1) {
      const turn = this.#slope(index) - this.#slope(index - 1)
      if (turn >= turnMin) continue
      turnMin = turn
      flattest = index
    }
    this.#count -= 1
    for (let at = flattest * width; at < this.#count * width; at += 1) this.#set(at, this.#at(at + width))
  }

  #slope(index: number): number {
    return (this.failuresBefore(index + 1) - this.failuresBefore(index)) / (this.callsBefore(index + 1) - this.callsBefore(index))
  }

  #at(index: number): number {
    return this.#corners?.[index] ?? 0
  }

  #set(index: number, value: number): void {
    this.#corners ??= Array.from({ length: candidatesUsual * width }, () => 0)
    this.#corners[index] = value
  }
}

function refuseImpossible({ calls, failures, lastFailed, candidates }: FailureWalkState): void {
  const corners = [...candidates, [calls, failures, null] as const]
  let slopeBefore = 0
  for (const [index, [callsAfter, failuresAfter]] of corners.entries()) {
    const [callsBefore, failuresBefore] = corners[index - 1] ?? [0, 0]
    const run = callsAfter - callsBefore
    const rise = failuresAfter - failuresBefore
    // A corner is followed by a failure; the way from the last one to the end need not be the steepest.
    const possible = index === 0 ? rise >= 0 && rise <= run : rise >= 1 && rise <= run
    const convex = index === 0 || index === corners.length - 1 || rise / run > slopeBefore
    if (!possible || !convex) throw new RangeError('Cannot restore a failure walk: no stream of calls leads to its candidates')
    slopeBefore = index === 0 ? 0 : rise / run
  }
  if (lastFailed && (candidates.length === 0 || failures === 0))
    throw new RangeError('Cannot restore a failure walk: the last call failed and no candidate is before it')
}
