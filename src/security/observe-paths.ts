import type { Finding } from '../core/finding.js'
import type { Patch } from '../core/patch.js'
import { pathProblem } from '../core/path.js'
import type { Workspace } from '../core/ports.js'
import { defaultCompliancePolicy } from './compliance-policy.js'
import { readPatch } from './read-patch.js'
import { findingOf } from './rule.js'
import { pathRules } from './rules/paths.js'

/**
 * Imports and file literals that a patch adds and that lead nowhere, or out of the project: the same findings as those of the
 * audit, alone and at once. What does not parse is not looked into.
 *
 * @param workspace - The project before the patch.
 */
export function observePaths(patch: Patch | string, workspace: Pick<Workspace, 'stat' | 'read'>): readonly Finding[] {
  const audited = {
    ...readPatch(patch, { before: (path) => workspace.read(path) }),
    policy: defaultCompliancePolicy,
    exists: existsIn(workspace),
  }
  return pathRules.flatMap((rule) =>
    rule.inspect(audited).map((sighting) => findingOf(rule, sighting, sighting.tier ?? rule.tier)),
  )
}

/** For `exists` of an audit's context: whether a path is there; one that leads outside is not asked for. */
export function existsIn(workspace: Pick<Workspace, 'stat'>): (path: string) => boolean {
  return (path) => pathProblem(path)?.kind !== 'form' && workspace.stat(path) !== undefined
}
