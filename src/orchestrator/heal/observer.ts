import { RiskyEditObserver } from '../../security/risky-edit-observer.js'
import type { HealOptions } from './heal-ports.js'

/** The observer that a policy asks for. */
export function observerOf({ world, policy }: Pick<HealOptions, 'world' | 'policy'>): RiskyEditObserver {
  const { riskyKeywords, protectedPaths, suppressions } = policy.security
  // Whoever allows any install has decided about new packages; their names, sources and scripts are judged all the same.
  const addedPackages = policy.repair.installs === 'any' ? 'allow' : 'review'
  return new RiskyEditObserver({ world, policy: { riskyKeywords, protectedPaths, addedPackages, suppressions } })
}
