import type { LatencyQuantiles } from './latency-quantiles.js'

/** The share of healthy calls that take longer than the limit. */
const overdueRatio = 0.006
/** Standard deviations by which that share is undercut, because the quantile is learnt. */
const marginSigmas = 1.5
/** Calls without which there is no limit. */
const callsMin = 100
/** The limit in slowest calls, while calls slower than that share are too few to know. */
const factorUnsure = 1.5
/** No call is overdue before twice the usual time, nor before a tenth of a second, which a busy process takes by itself. */
const factorMin = 2

/** The shortest limit there is. */
export const overdueLimitMsMin = 100

/** The age, in milliseconds, at which a call is overdue: only 0.6 % of healthy ones take longer. `Infinity` below 100 calls. */
export function overdueLimitMs(latencies: LatencyQuantiles): number {
  if (latencies.calls < callsMin) return Number.POSITIVE_INFINITY
  const expected = overdueRatio * latencies.calls
  const sure = expected - marginSigmas * Math.sqrt(expected)
  const learntMs = sure > 0 ? latencies.exceededBy(sure) : factorUnsure * latencies.exceededBy(0)
  return Math.max(learntMs, factorMin * latencies.typicalMs, overdueLimitMsMin)
}
