/** How a stream of calls stands: not enough seen, as usual, significantly worse than usual, or so bad that one should stop calling. */
export type TrendState = 'learning' | 'steady' | 'degrading' | 'tripped'

/** What saw a change: failures against the learnt rate, failures against `openAt`, latency, or calls that do not come back. */
export type TrendSource = 'failure-rate' | 'absolute' | 'latency' | 'overdue'

/** What a detector says, with what it is founded on; plain JSON. */
export interface TrendVerdict {
  readonly state: TrendState
  /** Who says so; `null` while nothing is wrong. */
  readonly detector: TrendSource | null
  readonly baseline: TrendBaseline
  /** The failure rate since the change; `null` when there is none, or when it is one of latency. */
  readonly estimate: TrendEstimate | null
  /** Where the change most likely began; `null` when there is none. */
  readonly since: TrendSince | null
  /** The weight of what speaks for a change, also while it is not enough. */
  readonly evidence: TrendEvidence
  /** One sentence for people. */
  readonly reason: string
}

/** What is usual. */
export interface TrendBaseline {
  /** Usual share of failures, 0..1. */
  readonly ratio: number
  /** What a change is measured against: `ratio` with a margin for what is not known yet. */
  readonly reference: number
  /** Calls that it was learnt from, at most `memoryCalls`. */
  readonly calls: number
  /** Usual latency in milliseconds; `null` until it is known. */
  readonly latencyMs: number | null
}

/** A share of failures and how far it can be trusted. */
export interface TrendEstimate {
  /** 0..1 */
  readonly ratio: number
  /** The lower bound that must pass `openAt` before the state becomes `tripped`; a weak one (66 %, one-sided). */
  readonly low: number
  /** The upper bound at the same level. */
  readonly high: number
  readonly calls: number
  readonly failures: number
}

/** When a change began. */
export interface TrendSince {
  /** Number of the call, counted from 1 over the life of the detector. */
  readonly call: number
  /** Time of the call as it was given; `null` when none was. */
  readonly atMs: number | null
}

/** How much speaks for a change. */
export interface TrendEvidence {
  /** Log likelihood ratio of "it changed" against "it is as usual", in nats. */
  readonly statistic: number
  /** What it must reach; it follows the stream's own bursts. */
  readonly threshold: number
  /** How many excursions this strong the stream's own history leads one to expect in `falseTripBudget` calls. */
  readonly falseAlarmsExpected: number
}
