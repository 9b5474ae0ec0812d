import type { Verdict } from '../core/finding.js'
import type { Rule, Sighting, Tier } from './rule.js'

/** What a rule saw. */
export interface Seen {
  readonly rule: Rule
  readonly sighting: Sighting
  readonly tier: Tier
}

/**
 * Raises what weighs more together than alone: an indicator beside a new capability of the same file blocks, because it is
 * what attacks are made of; two different things of medium weight in one file are for a person. Never lowers anything.
 */
export function weighTogether(seen: readonly Seen[]): readonly Seen[] {
  const files = Map.groupBy(seen, ({ sighting }) => sighting.path)
  return seen.map((one) => {
    const beside = files.get(one.sighting.path) ?? []
    if (one.rule.indicator === true && beside.some((other) => other.rule !== one.rule && other.rule.capability !== undefined))
      return { ...one, tier: 'block' }
    if (one.tier === 'medium' && beside.some((other) => other.rule !== one.rule && other.tier === 'medium'))
      return { ...one, tier: 'high' }
    return one
  })
}

/** The verdict that the gravest sighting asks for. */
export function verdictOf(seen: readonly Seen[]): Verdict {
  if (seen.some(({ tier }) => tier === 'block')) return 'block'
  return seen.some(({ tier }) => tier === 'high') ? 'review' : 'allow'
}
