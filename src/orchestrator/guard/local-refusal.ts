import { isHomeostatError } from '../../core/errors.js'

/** Whether this side refused, on behalf of this very key, before the target was asked. */
export function isLocalRefusal(error: unknown, key: string): boolean {
  return refusals.some((code) => isHomeostatError(error, code) && error.details.key === key)
}

/** Whether the circuit of this very key was open; another key's, guarded inside the work, does not count. */
export function isOpenCircuit(error: unknown, key: string): boolean {
  return isHomeostatError(error, 'HS_CIRCUIT_OPEN') && error.details.key === key
}

const refusals = ['HS_BULKHEAD_FULL', 'HS_CIRCUIT_OPEN', 'HS_RATE_LIMITED'] as const
