import { learningCalls, type FailureTrend } from './failure-trend.js'
import type { LatencyTrend } from './latency-trend.js'
import type { OverdueTrend } from './overdue-trend.js'
import type { TrendSettings } from './trend-options.js'
import { sayAbsolute, sayFailures, sayLatency, sayLearning, sayOverdue, sayUsual } from './trend-reason.js'
import type { TrendBaseline, TrendEvidence, TrendSince, TrendState, TrendVerdict } from './trend-verdict.js'

/** What a verdict is made of. */
export interface TrendParts {
  readonly settings: TrendSettings
  /** Calls taken in. */
  readonly calls: number
  readonly failures: FailureTrend
  readonly latency: LatencyTrend | undefined
  readonly overdue: OverdueTrend | undefined
}

type Finding = Omit<TrendVerdict, 'state' | 'baseline'>

/** Says in full how a stream stands. Not for the hot path. */
export function describeTrend(state: TrendState, parts: TrendParts): TrendVerdict {
  return { state, baseline: baselineOf(parts), ...findingOf(state, parts) }
}

/** The gravest finding; among equals, failures before what only looks like them. */
function findingOf(state: TrendState, parts: TrendParts): Finding {
  const { failures, overdue } = parts
  if (failures.state === state) return failureFinding(state, parts)
  if (overdue !== undefined && overdue.state === state) return overdueFinding(overdue, parts)
  return latencyFinding(parts)
}

function failureFinding(state: TrendState, { settings, calls, failures }: TrendParts): Finding {
  const evidence = failures.evidence()
  const { baseline, source } = failures
  const change = failures.change()
  const estimate = failures.estimate()
  if (change === undefined || estimate === undefined || state === 'learning' || state === 'steady') {
    const reason = state === 'learning' ? sayLearning(baseline.calls, learningCalls) : sayUsual(baseline.ratio, baseline.calls)
    return { detector: null, estimate: null, since: null, evidence, reason }
  }
  const since = { call: calls - change.callsSince + 1, atMs: Number.isFinite(change.atMs) ? change.atMs : null }
  if (state === 'degrading')
    return { detector: 'failure-rate', estimate, since, evidence, reason: sayFailures(estimate, baseline.ratio) }
  const reason =
    source === 'absolute' ? sayAbsolute(estimate, settings.openAt) : sayFailures(estimate, baseline.ratio, settings.openAt)
  return { detector: source, estimate, since, evidence, reason }
}

function overdueFinding(overdue: OverdueTrend, { calls }: TrendParts): Finding {
  const { evidence } = overdue
  return {
    detector: 'overdue',
    estimate: null,
    since: sinceCalls(calls, evidence.sinceCalls),
    evidence: weightOf(evidence),
    reason: sayOverdue(evidence),
  }
}

function latencyFinding({ latency, calls }: TrendParts): Finding {
  // Without a latency there is nothing to say; the state that leads here has one.
  const evidence = latency?.evidence ?? { baselineMs: 0, estimateMs: 0, sinceCalls: 0, calls: 0, statistic: 0, threshold: 0 }
  return {
    detector: 'latency',
    estimate: null,
    since: sinceCalls(calls, evidence.sinceCalls),
    evidence: weightOf(evidence),
    reason: sayLatency(evidence),
  }
}

function baselineOf({ failures: { baseline }, latency }: TrendParts): TrendBaseline {
  const latencyMs = latency?.evidence.baselineMs ?? Number.NaN
  return {
    ratio: baseline.ratio,
    reference: baseline.reference.ratio,
    calls: baseline.calls,
    latencyMs: Number.isFinite(latencyMs) ? latencyMs : null,
  }
}

/** These two count the calls that concern them, so the number of the call is the latest that it can have been. */
function sinceCalls(calls: number, since: number): TrendSince {
  return { call: Math.max(1, calls - Math.round(since) + 1), atMs: null }
}

/** At the threshold one false alarm is expected in the budget, and fewer by a factor e for each nat above it. */
function weightOf({ statistic, threshold }: { readonly statistic: number; readonly threshold: number }): TrendEvidence {
  return { statistic, threshold, falseAlarmsExpected: Math.exp(threshold - statistic) }
}
