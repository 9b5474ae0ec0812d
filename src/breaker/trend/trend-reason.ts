import type { LatencyEvidence } from './latency-trend.js'
import type { OverdueEvidence } from './overdue-trend.js'
import type { TrendEstimate } from './trend-verdict.js'

/** Nothing is wrong. */
export function sayUsual(ratio: number, calls: number): string {
  return `as usual: ${percent(ratio)} of the calls fail, learnt from ${Math.round(calls)} calls`
}

/** Too little was seen. */
export function sayLearning(calls: number, callsMin: number): string {
  return `learning: ${Math.floor(calls)} of the ${callsMin} calls that are needed to know what is usual`
}

/** Failures became more frequent; `openAt`: and they are so for certain. */
export function sayFailures(estimate: TrendEstimate, usualRatio: number, openAt?: number): string {
  const { failures, calls, ratio, low } = estimate
  const change = `${failures} of the last ${calls} calls failed (${percent(ratio)}; usual: ${percent(usualRatio)})`
  return openAt === undefined ? change : `${change}; the rate is at least ${percent(low)}, above ${percent(openAt)}`
}

/** Failures are more frequent than `openAt`, whatever is usual. */
export function sayAbsolute({ failures, calls, ratio }: TrendEstimate, openAt: number): string {
  return `${failures} of the last ${calls} calls failed (${percent(ratio)}), certainly more than ${percent(openAt)}`
}

/** Calls became slower. */
export function sayLatency({ estimateMs, baselineMs, sinceCalls }: LatencyEvidence): string {
  return `the last ${sinceCalls} calls took ${duration(estimateMs)} typically (usual: ${duration(baselineMs)})`
}

/** Calls do not come back. */
export function sayOverdue({ overdue, missing, sinceCalls }: OverdueEvidence): string {
  return `${Math.round(overdue)} of the last ${Math.round(sinceCalls)} calls took longer than healthy ones do, and ${Math.round(missing)} of them have not come back`
}

function percent(ratio: number): string {
  return `${rounded(ratio * 100)} %`
}

function duration(ms: number): string {
  return ms >= 1_000 ? `${rounded(ms / 1_000)} s` : `${rounded(ms)} ms`
}

/** Two digits are all that such numbers are good for. */
function rounded(value: number): string {
  return String(Number(value.toPrecision(2)))
}
