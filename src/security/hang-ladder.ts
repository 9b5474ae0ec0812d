/** How much an attempt looks as if it would never end. */
export type Suspicion = 'none' | 'suspicious' | 'danger' | 'extreme'

/** What was seen of one attempt, or of an attempt so far. */
export interface HangObservation {
  /** 1 for the first attempt. */
  readonly attempt: number
  readonly durationMs: number
  /** Share of one processor that the work took, 0..1 or more; absent: not measured. */
  readonly cpuRatio?: number
  /** Whether the attempt got further than the one before. */
  readonly improved: boolean
}

export interface HangLimits {
  /** Longer is suspicious, 1 or more. Default 5 000. */
  readonly durationMsMax?: number
  /** A greater share of a processor is suspicious, above 0. Default 0.9. */
  readonly cpuRatioMax?: number
}

/** How far up the ladder the attempts before have led. Plain JSON. */
export interface HangState {
  /** Attempts in a row that triggered. */
  readonly inARow: number
  /** Attempts in a row that triggered and brought nothing. */
  readonly fruitless: number
}

/** What an attempt means, and what whoever runs it should do. */
export interface HangVerdict {
  readonly triggered: boolean
  /** `both`: it was long and busy. */
  readonly reason: 'duration' | 'processor' | 'both' | undefined
  readonly severity: 'low' | 'medium' | 'high'
  readonly suspicion: Suspicion
  /** `pause`: stop the attempt and try something else later. `rollback`: stop it and take back what it changed. */
  readonly action: 'continue' | 'pause' | 'rollback'
  readonly state: HangState
}

/** Before anything was seen. */
export const noHang: HangState = Object.freeze({ inARow: 0, fruitless: 0 })

/**
 * One step on the ladder of suspicion. Pure: whoever runs the work interrupts it, which is possible because the work runs in a
 * child process. The first attempt has grace and is paused at most.
 *
 * @throws RangeError when a number is negative, infinite, or not a number.
 */
export function judgeHang(seen: HangObservation, state: HangState = noHang, limits: HangLimits = {}): HangVerdict {
  const { attempt, durationMs, cpuRatio = 0, improved } = seen
  const { durationMsMax = 5_000, cpuRatioMax = 0.9 } = limits
  check('attempt', attempt, 1)
  check('durationMs', durationMs, 0)
  check('cpuRatio', cpuRatio, 0)
  check('durationMsMax', durationMsMax, 1)
  check('cpuRatioMax', cpuRatioMax, Number.MIN_VALUE)
  check('inARow', state.inARow, 0)
  check('fruitless', state.fruitless, 0)
  const long = durationMs > durationMsMax
  // A short busy time is what work looks like.
  const busy = cpuRatio > cpuRatioMax && durationMs > durationMsMax / 2
  if (!long && !busy)
    return { triggered: false, reason: undefined, severity: 'low', suspicion: 'none', action: 'continue', state: noHang }
  const next: HangState = { inARow: state.inARow + 1, fruitless: improved ? 0 : state.fruitless + 1 }
  const severity = durationMs > 2 * durationMsMax || (long && busy) ? 'high' : long ? 'medium' : 'low'
  return {
    triggered: true,
    reason: long && busy ? 'both' : long ? 'duration' : 'processor',
    severity,
    suspicion: suspicionOf(attempt, next.inARow),
    action: actionOf(attempt, severity, next.fruitless),
    state: next,
  }
}

function suspicionOf(attempt: number, inARow: number): Suspicion {
  if (attempt >= 4 || inARow >= 3) return 'extreme'
  return attempt >= 3 || inARow >= 2 ? 'danger' : 'suspicious'
}

function actionOf(attempt: number, severity: HangVerdict['severity'], fruitless: number): HangVerdict['action'] {
  if (attempt === 1) return 'pause'
  return severity === 'high' || fruitless >= 2 ? 'rollback' : 'pause'
}

function check(name: string, value: number, min: number): void {
  if (!Number.isFinite(value) || value < min)
    throw new RangeError(`Cannot judge ${name} ${value}: it is at least ${min} and finite`)
}
