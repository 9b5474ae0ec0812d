import type { SecurityAudit } from '../../src/core/finding.js'
import { sha256 } from '../../src/core/hash.js'
import type { Action, FileEdit, Patch } from '../../src/core/patch.js'
import { RiskyEditObserver, type AuditContext, type RiskyEditObserverOptions } from '../../src/security/risky-edit-observer.js'
import { editOf, type Sample } from '../../src/security/rule.js'
import { createTestWorld } from '../../src/testing/test-world.js'

/** A patch of whole-file edits. */
export function patchOf(
  edits: readonly (readonly [path: string, before: string | null, after: string | null])[],
  actions: readonly Action[] = [],
): Patch {
  const fileEdits: FileEdit[] = edits.map(([path, before, after]) => ({
    path,
    before,
    after,
    baseHash: before === null ? null : sha256(before),
  }))
  return { id: 'patch-1', title: 'A patch', strategy: 'model', edits: fileEdits, actions }
}

export function observe(
  patch: Patch | string,
  context: AuditContext = {},
  options: RiskyEditObserverOptions = {},
): Promise<SecurityAudit> {
  return new RiskyEditObserver({ world: createTestWorld(), ...options }).observe(patch, context)
}

/** One edit from `before` to `after`, audited. */
export function observeEdit(path: string, before: string | null, after: string | null): Promise<SecurityAudit> {
  return observe(patchOf([[path, before, after]]))
}

/** The ids of the rules that found something, each once, sorted. */
export function rulesIn(audit: SecurityAudit): readonly string[] {
  return [...new Set(audit.findings.map((finding) => finding.rule))].sort()
}

/**
 * A rule's sample, audited with what it gives, and with the scope and the policy that the samples of SCOPE-OUT and
 * POLICY-CAPABILITY speak of.
 */
export function observeSample(sample: Sample): Promise<SecurityAudit> {
  const edit = editOf(sample)
  const patch = edit === undefined ? ('diff' in sample ? sample.diff : '') : { ...patchOf([]), edits: [edit] }
  const { threats, behaviour, files, texts } = sample.given ?? {}
  return observe(
    patch,
    {
      scope: ['src/**', 'test/**'],
      ...(behaviour !== undefined && { behaviour }),
      ...(texts !== undefined && { before: (path: string) => texts[path] }),
      ...(files !== undefined && { exists: (path: string) => files.includes(path) }),
    },
    {
      policy: { forbiddenCapabilities: ['process'] },
      ...(threats !== undefined && {
        threatIntelligence: {
          lookup: () => (threats === 'no answer' ? Promise.reject(new Error('No route')) : Promise.resolve(threats)),
        },
      }),
    },
  )
}
