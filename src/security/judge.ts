import type { Verdict } from '../core/finding.js'
import { fitsGlob } from './path-glob.js'
import type { Rule, Sighting, Tier } from './rule.js'
import type { Suppression } from './suppressions.js'

/** What a rule saw. */
export interface Seen {
  readonly rule: Rule
  readonly sighting: Sighting
  readonly tier: Tier
  /** What the policy says to it, if it bears it. */
  readonly suppression?: Suppression
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

/** The verdict that the gravest sighting asks for that is not suppressed. */
export function verdictOf(seen: readonly Seen[]): Verdict {
  const open = seen.filter(({ suppression }) => suppression === undefined)
  if (open.some(({ tier }) => tier === 'block')) return 'block'
  return open.some(({ tier }) => tier === 'high') ? 'review' : 'allow'
}

/**
 * Marks what a suppression covers that has not expired; everything else is returned as it is. It comes after everything has
 * been weighed, so that what is suppressed still counts beside its neighbours.
 *
 * @param epochMs - Now, in milliseconds since 1970.
 */
export function suppress(seen: readonly Seen[], suppressions: readonly Suppression[], epochMs: number): readonly Seen[] {
  const alive = suppressions.filter(({ until }) => epochMs < endOfDayMs(until))
  if (alive.length === 0) return seen
  return seen.map((one) => {
    const suppression = alive.find((candidate) => covers(candidate, one))
    return suppression === undefined ? one : { ...one, suppression }
  })
}

/** No glob reaches what blocks: a person has to have named that very file. */
function covers({ rule, path }: Suppression, { rule: { id }, sighting, tier }: Seen): boolean {
  if (rule !== id) return false
  return path === sighting.path || (tier !== 'block' && fitsGlob(sighting.path, path))
}

const dayMs = 86_400_000

/** A day that does not exist was refused with the policy. */
function endOfDayMs(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) + dayMs
}
