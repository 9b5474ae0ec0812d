import type { ConfidenceEstimate } from './confidence.js'
import type { Decision } from './decision.js'
import type { Diagnosis } from './diagnosis.js'
import type { Fault } from './fault.js'
import type { SecurityAudit } from './finding.js'
import type { Patch } from './patch.js'
import type { Stall } from './ports.js'
import type { ValidationReport } from './validation.js'

export type CircuitState = 'closed' | 'open' | 'half-open'

/** How a guarded call ended. */
export type CallOutcome = 'success' | 'failure' | 'rejected' | 'aborted' | 'fallback'

/**
 * Everything homeostat tells, by name. Events are emitted synchronously, after the state they describe, and never awaited.
 * Names are `noun.past-verb`.
 */
export interface EventPayloads {
  'call.started': { readonly key: string; readonly callId: string }
  /** Once for each call, whatever happened. `attempts` counts runs of the work; 0 when it was refused before. */
  'call.settled': {
    readonly key: string
    readonly callId: string
    readonly outcome: CallOutcome
    readonly attempts: number
    readonly durationMs: number
    readonly error?: unknown
  }
  'call.retried': {
    readonly key: string
    readonly callId: string
    readonly attempt: number
    readonly delayMs: number
    readonly error: unknown
  }
  'circuit.opened': { readonly key: string; readonly reason: string; readonly retryAfterMs: number }
  'circuit.half-opened': { readonly key: string; readonly probesMax: number }
  'circuit.closed': { readonly key: string }
  /** Failures or latency of a key have changed for the worse, not enough to stop calling it. */
  'circuit.degraded': { readonly key: string; readonly reason: string }
  /** What `circuit.degraded` told is over. */
  'circuit.recovered': { readonly key: string }
  /** A call of a language model has ended; for a stream when its last part came. `failure`: absent when it went well. */
  'llm.settled': {
    readonly key: string
    /** Requests that were sent, to all targets together. */
    readonly attempts: number
    readonly streamed: boolean
    readonly durationMs: number
    readonly failure: string | undefined
    readonly inputTokens: number | undefined
    readonly outputTokens: number | undefined
    /** US dollars; absent when the price is not known. */
    readonly usd: number | undefined
  }
  /** A second request goes out because the first is late. */
  'llm.hedged': { readonly key: string }
  /** A step of a ladder of ever plainer answers has ended. */
  'llm.degraded': {
    readonly key: string
    readonly step: string
    readonly kind: 'ask' | 'last-good' | 'canned' | 'refuse'
    readonly result: 'answered' | 'failed' | 'nothing' | 'skipped' | 'refused'
    readonly failure: string | undefined
  }
  /** Another target is asked. */
  'llm.fell-back': { readonly key: string; readonly from: string; readonly reason: string }
  'policy.changed': { readonly changed: readonly string[] }
  'command.started': { readonly sessionId: string; readonly command: readonly string[]; readonly where: 'workspace' | 'sandbox' }
  /** It writes nothing and computes nothing for long, and waits for something; told again as the silence lasts. It goes on. */
  'command.stalled': {
    readonly sessionId: string
    readonly command: readonly string[]
    readonly where: 'workspace' | 'sandbox'
    readonly silentMs: number
    readonly suspicion: Stall['suspicion']
  }
  'command.finished': {
    readonly sessionId: string
    readonly command: readonly string[]
    readonly where: 'workspace' | 'sandbox'
    readonly exitCode: number | null
    readonly durationMs: number
  }
  'fault.detected': { readonly sessionId: string; readonly fault: Fault; readonly others: number }
  'attempt.delayed': { readonly sessionId: string; readonly attempt: number; readonly delayMs: number }
  'diagnosis.made': { readonly sessionId: string; readonly diagnosis: Diagnosis }
  'candidate.tried': {
    readonly sessionId: string
    readonly repairer: string
    readonly title: string
    readonly result: 'solved' | 'advanced' | 'unchanged' | 'blocked' | 'not-taken'
    readonly reason?: string
    /** What the attempts at this fault show so far; absent for a proposal that was never made real. */
    readonly verdict?: Decision
  }
  'patch.proposed': { readonly sessionId: string; readonly patch: Patch; readonly diff: string }
  'patch.audited': { readonly sessionId: string; readonly patch: Patch; readonly audit: SecurityAudit }
  'patch.validated': { readonly sessionId: string; readonly patch: Patch; readonly validation: ValidationReport }
  'patch.scored': { readonly sessionId: string; readonly patch: Patch; readonly confidence: ConfidenceEstimate }
  'decision.made': { readonly sessionId: string; readonly decision: Decision }
  'patch.applied': { readonly sessionId: string; readonly patch: Patch; readonly transactionId: string }
  'patch.rolled-back': { readonly sessionId: string; readonly transactionId: string; readonly reason: string }
  'transaction.recovered': { readonly transactionId: string; readonly result: 'restored' | 'completed' | 'conflict' }
  'session.closed': { readonly sessionId: string; readonly outcome: string; readonly durationMs: number }
}

export type EventName = keyof EventPayloads

/** One event: its type, when it happened (milliseconds since 1970), and what it tells. */
export type HomeostatEvent<N extends EventName = EventName> = {
  [K in N]: { readonly type: K; readonly epochMs: number } & EventPayloads[K]
}[N]
