import type { Workspace } from '../../core/ports.js'
import { existsIn } from '../../security/observe-paths.js'
import { RiskyEditObserver, type AuditContext } from '../../security/risky-edit-observer.js'
import type { HealOptions } from './heal-ports.js'

/** The observer that a policy asks for. */
export function observerOf({ world, policy, ports }: Pick<HealOptions, 'world' | 'policy' | 'ports'>): RiskyEditObserver {
  const { threatIntelligence } = ports
  const { riskyKeywords, protectedPaths, suppressions } = policy.security
  // Whoever allows any install has decided about new packages; their names, sources and scripts are judged all the same.
  const addedPackages = policy.repair.installs === 'any' ? 'allow' : 'review'
  return new RiskyEditObserver({
    world,
    policy: { riskyKeywords, protectedPaths, addedPackages, suppressions },
    ...(threatIntelligence && { threatIntelligence }),
  })
}

/** What an audit is told of the project that a patch was made for. */
export function surroundingsIn(workspace: Workspace, signal: AbortSignal): AuditContext {
  return { before: (path) => workspace.read(path), exists: existsIn(workspace), signal }
}
