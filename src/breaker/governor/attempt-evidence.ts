import { alternation, type Alternation } from './alternation.js'
import type { CheckedOptions, GovernorLimits } from './governor-limits.js'
import { densityOf, type HealingAttempt } from './healing-attempt.js'
import { progressOf } from './progress.js'
import { seriesTrend, type SeriesTrend } from './series-trend.js'

/** Where one measure of the attempts goes. Changes are positive when things get better, whatever the measure. */
export interface MeasureTrend {
  readonly latest: number
  /** What the latest attempt changed; absent for the first value. */
  readonly delta?: number
  /** Typical change from one attempt to the next: the median over all pairs. */
  readonly velocity: number
  /** `plateauing`: it hardly moves. `unknown`: it may move, but too few attempts prove it. */
  readonly direction: 'improving' | 'worsening' | 'plateauing' | 'unknown'
  /** How likely attempts in random order would show such a direction (of the two the clearer one), 0..1. */
  readonly pValue: number
}

/** What is known about the attempts at the kind of error that the latest one was about. */
export interface AttemptEvidence {
  /** Attempts made, of all kinds. */
  readonly attempts: number
  /** Attempts that may be made; more while there is progress. */
  readonly attemptsMax: number
  /** Attempts of this kind. */
  readonly attemptsOfKind: number
  /** The fewest errors, of equals the one of better quality, of those the first: what to turn back to. Attempt 0 is the state before. */
  readonly best?: { readonly attempt: number; readonly errors: number }
  readonly errors?: MeasureTrend
  readonly confidence?: MeasureTrend
  readonly quality?: MeasureTrend
  /** Errors in each line of the latest attempt. */
  readonly density?: number
  /** Attempts since the last real progress. */
  readonly stalledAttempts: number
  /** 0 while there is progress or nothing is left to do, 1 when the strategy has had its chances. */
  readonly stagnation: number
  /** Errors by which attempts typically fall back: less than that is no progress. */
  readonly noise: number
  /** Whether the attempts since the last progress swing to and fro. */
  readonly alternation: Alternation
}

/** Trends look back at so many values of a kind: few enough for exact chances within milliseconds, more than a session should need. */
const trendWindow = 50

interface Point {
  readonly attempt: number
  readonly value: HealingAttempt
}

/** What the attempts so far show; numbers only, no judgement. The attempts must have been checked. */
export function evidenceOf(history: readonly HealingAttempt[], { limits, before }: CheckedOptions): AttemptEvidence {
  const points = ofLatestKind([...(before ? [{ attempt: 0, value: before }] : []), ...history.map(numbered)])
  const errors = points.map(({ value }) => value.errors)
  const latest = points.at(-1)
  const { stalled, noise } = progressOf(errors, { changeRatioMin: limits.changeRatioMin, window: trendWindow })
  // The first value of a series has nothing to be progress against.
  const isAdvancing = stalled < limits.improvementWindow && errors.length > stalled + 1
  const density = latest && densityOf(latest.value)
  const trends = {
    errors: countTrend(errors, limits),
    confidence: trendOf(given(points.map(({ value }) => value.confidence)), limits),
    quality: trendOf(given(points.map(({ value }) => value.quality)), limits),
  }
  const best = points.reduce<Point | undefined>((found, point) => (isBetter(point, found) ? point : found), undefined)
  return {
    attempts: history.length,
    attemptsMax: limits.attemptsMax + (isAdvancing ? limits.attemptsExtraMax : 0),
    attemptsOfKind: points.filter(({ attempt }) => attempt > 0).length,
    ...(best && { best: { attempt: best.attempt, errors: best.value.errors } }),
    ...(trends.errors && { errors: trends.errors }),
    ...(trends.confidence && { confidence: trends.confidence }),
    ...(trends.quality && { quality: trends.quality }),
    ...(density !== undefined && { density }),
    stalledAttempts: stalled,
    stagnation: latest?.value.errors === 0 ? 0 : Math.min(1, stalled / limits.stagnationAttempts),
    noise,
    // Without the progress itself: it is low because it was chosen so, which would make a swing look less like chance.
    alternation: alternation(errors.slice(errors.length - stalled).slice(-trendWindow)),
  }
}

function numbered(value: HealingAttempt, index: number): Point {
  return { attempt: index + 1, value }
}

/** All of the kind of the latest, also with others between them: healing to and fro between two kinds is no fresh start. */
function ofLatestKind(points: readonly Point[]): readonly Point[] {
  const kind = points.at(-1)?.value.kind
  return points.filter(({ value }) => value.kind === kind)
}

function isBetter({ value }: Point, found: Point | undefined): boolean {
  if (found === undefined) return true
  if (value.errors !== found.value.errors) return value.errors < found.value.errors
  return (value.quality ?? 0) > (found.value.quality ?? 0)
}

function given(values: readonly (number | undefined)[]): readonly number[] {
  return values.filter((value) => value !== undefined)
}

const directions: Readonly<Record<SeriesTrend['direction'], MeasureTrend['direction']>> = {
  rising: 'improving',
  falling: 'worsening',
  flat: 'plateauing',
  unknown: 'unknown',
}

/** Errors are measured negated, so that more is better; what is shown is the count. */
function countTrend(counts: readonly number[], limits: GovernorLimits): MeasureTrend | undefined {
  const negated = counts.map((count) => -count)
  const trend = trendOf(negated, limits)
  return trend && { ...trend, latest: 0 - trend.latest }
}

function trendOf(values: readonly number[], limits: GovernorLimits): MeasureTrend | undefined {
  const [latest, previous] = [values.at(-1), values.at(-2)]
  if (latest === undefined) return undefined
  const { direction, slope, pRising, pFalling } = seriesTrend(values.slice(-trendWindow), limits)
  return {
    latest,
    ...(previous !== undefined && { delta: latest - previous }),
    velocity: slope,
    direction: directions[direction],
    pValue: Math.min(pRising, pFalling),
  }
}
