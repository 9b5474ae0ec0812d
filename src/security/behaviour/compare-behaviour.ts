import type { Finding } from '../../core/finding.js'
import type { Patch } from '../../core/patch.js'
import { defaultCompliancePolicy } from '../compliance-policy.js'
import { readPatch } from '../read-patch.js'
import { findingOf } from '../rule.js'
import { behaviourRules } from '../rules/behaviour.js'
import type { BehaviourTrace } from './behaviour-trace.js'

/**
 * What the same command did after a patch and not before, as far as the patch does not explain it: the findings of the dynamic
 * stage of an audit, alone and at once. Empty when one of the runs was not watched.
 */
export function compareBehaviour(before: BehaviourTrace, after: BehaviourTrace, patch: Patch | string): readonly Finding[] {
  const audited = { ...readPatch(patch, {}), policy: defaultCompliancePolicy, behaviour: { before, after } }
  return behaviourRules.flatMap((rule) =>
    rule.inspect(audited).map((sighting) => findingOf(rule, sighting, sighting.tier ?? rule.tier)),
  )
}
