import { pickTarget, type TargetLoad } from '../balance/pick-target.js'
import { redirected } from './fallback-request.js'
import type { FetchSurroundings } from './surroundings.js'
import { keyOf, type LlmRequest } from './target.js'

/**
 * Whom a request may be sent to, in the order in which they are to be asked: the deployments, the one first that will be done soonest,
 * then the fallbacks. What cannot be sent to another model, because its body could not be read or it asks for something else, has
 * its own target only.
 */
export function* targetsInTurn(request: LlmRequest, around: FetchSurroundings): Generator<LlmRequest> {
  const { deployments, fallback, providers } = around.options
  const others = deployments.flatMap((one) => {
    const target = redirected(request, one, providers)
    return target === undefined ? [] : [{ target, weight: one.weight }]
  })
  // To weigh one target against none costs as much as the rest of the choice.
  const equals = others.length === 0 ? [] : [{ target: request, weight: 1 }, ...others]
  if (others.length === 0) yield request
  while (equals.length > 0) {
    const loads = equals.map(({ target, weight }) => loadOf(target, weight, around))
    const [next] = equals.splice(pickTarget(loads, () => around.healer.world.random()) ?? 0, 1)
    if (next !== undefined) yield next.target
  }
  for (const one of fallback) {
    const other = redirected(request, one, providers)
    if (other !== undefined) yield other
  }
}

function loadOf(target: LlmRequest, weight: number, { healer, loads }: FetchSurroundings): TargetLoad {
  const key = keyOf(target.target)
  const { state, retryAfterMs } = healer.breaker(key).view()
  // A half-open circuit has place for a probe only: others come first.
  const waitMs = state === 'closed' ? 0 : Math.max(1, retryAfterMs)
  return { ...loads.of(key), waitMs, weight }
}
