import { HomeostatError } from '../../core/errors.js'
import type { Orchestrator } from '../../orchestrator/orchestrator.js'
import type { LlmFailure } from '../failure/llm-failure.js'
import type { Target } from './target.js'

/** Leave to use a credential. */
export interface CredentialLeave {
  /** It was accepted. */
  succeeded(): void
  /** The request failed; unless that was the credential's fault, it says nothing about it. */
  failed(failure: LlmFailure, error: unknown): void
}

/**
 * A credential that was refused, or has no money left, is not used again for a while, whichever model is asked: the next request
 * would only be refused as well, and some providers lock accounts that keep trying.
 *
 * @throws HS_CIRCUIT_OPEN
 */
export function enterCredential({ provider, credential }: Target, healer: Orchestrator): CredentialLeave {
  if (credential === '-') return { succeeded: nothing, failed: nothing }
  const key = `${provider}#${credential}`
  const circuit = healer.breaker(key)
  // While it is closed it is not asked: how often or how slowly a model answers says nothing about the credential.
  const leave = circuit.closed ? undefined : circuit.acquire()
  if (leave?.admitted === false) {
    const { reason, retryAfterMs, cause } = leave
    throw new HomeostatError('HS_CIRCUIT_OPEN', { key, reason, retryAfterMs }, { cause })
  }
  return {
    succeeded: () => leave?.success(),
    failed: (failure, error) => {
      if (failure.circuit !== 'open-credential') return leave?.ignore()
      leave?.failure(error, failure.retryAfterMs)
      circuit.open({
        reason: `the provider says ${failure.code ?? failure.kind}`,
        cause: error,
        retryAfterMs: failure.retryAfterMs,
      })
    },
  }
}

function nothing(): void {}
