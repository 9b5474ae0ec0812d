import { RetryBudget, type RetryBudgetView } from '../../breaker/budget/retry-budget.js'
import type { CircuitLimits, CircuitView } from '../../breaker/circuit.js'
import { TrendAwareCircuitBreaker } from '../../breaker/trend-aware-circuit-breaker.js'
import type { TrendVerdict } from '../../breaker/trend/trend-verdict.js'
import type { CallOutcome } from '../../core/events.js'
import type { ListenerErrorHandler } from '../../core/listeners.js'
import type { World } from '../../core/world.js'
import { Bulkhead } from './bulkhead.js'
import type { Emit } from '../event-stream.js'
import type { Policy } from '../policy/policy-schema.js'
import { RateWindow } from './rate-window.js'

/** A breaker of the orchestrator: its action runs the work it is given. */
export type KeyBreaker = TrendAwareCircuitBreaker<[work: () => Promise<unknown>], unknown>

/** How many calls ended in which way. */
export type OutcomeCounts = Record<CallOutcome, number>

/** What the calls of one key share. */
export interface GuardedKey {
  readonly key: string
  readonly breaker: KeyBreaker
  readonly bulkhead: Bulkhead
  readonly rate: RateWindow
  readonly retryBudget: RetryBudget
  readonly outcomes: OutcomeCounts
}

/** One key as it stands; plain JSON. */
export interface KeySnapshot {
  readonly key: string
  readonly circuit: CircuitView
  readonly bulkhead: { readonly running: number; readonly queued: number }
  /** Calls that the rate limit counts at present. */
  readonly callsLastMinute: number
  readonly retryBudget: RetryBudgetView
  /** Ended calls since the key was first used, by how they ended. */
  readonly outcomes: Readonly<OutcomeCounts>
}

/** What a key needs from the orchestrator. */
export interface KeySurroundings {
  readonly world: World
  readonly emit: Emit
  readonly onListenerError: ListenerErrorHandler | undefined
}

/** A new key: circuit closed, nothing running. */
export function createGuardedKey(
  key: string,
  guard: Policy['guard'],
  { world, emit, onListenerError }: KeySurroundings,
): GuardedKey {
  const breaker = createBreaker(key, guard, { world, emit, onListenerError })
  return {
    key,
    breaker,
    bulkhead: new Bulkhead(world),
    rate: new RateWindow(),
    retryBudget: new RetryBudget(guard.retryBudget, world.clock),
    outcomes: { success: 0, failure: 0, rejected: 0, aborted: 0, fallback: 0 },
  }
}

function createBreaker(key: string, guard: Policy['guard'], { world, emit, onListenerError }: KeySurroundings): KeyBreaker {
  const { trend, windowMs } = guard.breaker
  const breaker: KeyBreaker = new TrendAwareCircuitBreaker((work: () => Promise<unknown>) => work(), {
    name: key,
    trend: trend.enabled && { openAt: trend.openAt, falseTripBudget: trend.falseTripBudget },
    rollingCountTimeout: windowMs,
    // Deadline and bulkhead are layers of their own.
    timeout: false,
    world,
    onListenerError,
  })
  breaker.configure(circuitLimitsOf(guard))
  breaker.on('open', () => {
    const { reason, retryAfterMs } = breaker.view()
    emit('circuit.opened', { key, reason: reason ?? '', retryAfterMs })
  })
  breaker.on('halfOpen', () => emit('circuit.half-opened', { key, probesMax: breaker.limits.probesMax }))
  breaker.on('close', () => emit('circuit.closed', { key }))
  breaker.on('degrading', ({ reason }: TrendVerdict) => emit('circuit.degraded', { key, reason }))
  breaker.on('recovered', () => emit('circuit.recovered', { key }))
  return breaker
}

/**
 * The breaker's numbers in a policy, as the circuit takes them. A probe is not given up while its attempt still has time: a
 * slow answer is an answer.
 */
export function circuitLimitsOf({ breaker, bulkhead, deadline }: Policy['guard']): Partial<CircuitLimits> {
  const { mode, failureRatioMax, callsMin, windowMs, openMs, openMsMax, probesMax, rampMs } = breaker
  const attemptMs = (bulkhead.enabled ? bulkhead.queueWaitMsMax : 0) + (deadline.enabled ? deadline.timeoutMs : 0)
  return {
    mode,
    failureRatioMax,
    // A share of all calls is never exceeded: then there is nothing to count.
    window: failureRatioMax < 1,
    callsMin,
    windowMs,
    openMs,
    openMsMax,
    probesMax,
    rampMs,
    probeTimeoutMs: Math.max(breaker.probeTimeoutMs, attemptMs),
  }
}

/** Whether forgetting it would change how a later call is treated: a circuit that is not closed, a place or a rate that is taken. */
export function isInUse({ breaker, bulkhead, rate }: GuardedKey, nowMonoMs: number): boolean {
  return !breaker.closed || bulkhead.running > 0 || bulkhead.queued > 0 || rate.count(nowMonoMs) > 0
}

/** The key as it stands. */
export function snapshotOf({ key, breaker, bulkhead, rate, retryBudget, outcomes }: GuardedKey, nowMonoMs: number): KeySnapshot {
  return {
    key,
    circuit: breaker.view(),
    bulkhead: { running: bulkhead.running, queued: bulkhead.queued },
    callsLastMinute: rate.count(nowMonoMs),
    retryBudget: retryBudget.view(),
    outcomes: { ...outcomes },
  }
}
