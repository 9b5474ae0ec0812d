/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import type { ConfidenceEstimate } from '../../core/confidence.js'
import type { CalibrationMethod } from '../calibration/calibrator.js'
import { logistic } from '../logistic.js'
import type { Evidence } from '../learning/evidence.js'
import { measure, type Metrics } from './metrics.js'

/** How good the scorer's probabilities are. Every answer is judged by a model that had not seen its task. */
export interface CalibrationReport extends Metrics {
  readonly state: ConfidenceEstimate['state']
  readonly tasks: number
  /** How log odds are calibrated; `none` while labels are few and the prior does it. */
  readonly method: CalibrationMethod
  readonly drift: {
    /** How many drifts were found since the first label. */
    readonly found: number
    /** Natural logarithm of the betting score against the present probabilities: below 3 is nothing, at 11 it is called drift. */
    readonly evidence: number
  }
  /** By scope, `model=gpt-5`, for scopes with at least ten labels; the largest first. */
  readonly scopes: Readonly<Record<string, Metrics>>
}

const samplesMin = 10
const scopesMax = 100

/** Measures the evidence as a whole and by scope. */
export function reportOn(
  { logOdds, correct, tasks, scopes }: Evidence,
  about: Pick<CalibrationReport, 'state' | 'method' | 'drift'>,
): CalibrationReport {
  const probability = logOdds.map(logistic)
  const rowsOf = new Map<string, number[]>()
  scopes.forEach((list, row) => {
    for (const scope of list) {
      const rows = rowsOf.get(scope)
      if (rows === undefined) rowsOf.set(scope, [row])
      else rows.push(row)
    }
  })
  const largest = [...rowsOf]
    .filter(([, rows]) => rows.length >= samplesMin)
    .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
    .slice(0, scopesMax)
  const measured = largest.map(([scope, rows]): [string, Metrics] => [
    scope,
    measure(
      Float64Array.from(rows, (row) => probability[row] as number),
      Uint8Array.from(rows, (row) => correct[row] as number),
    ),
  ])
  return { ...measure(probability, correct), ...about, tasks, scopes: Object.fromEntries(measured) }
}
