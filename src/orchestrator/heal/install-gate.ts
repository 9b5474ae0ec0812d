import type { Patch } from '../../core/patch.js'
import type { Workspace } from '../../core/ports.js'
import { isDeclared } from '../../repair/dependencies/dependency-install.js'
import { objectOf, parseObject } from '../../repair/dependencies/dependency-manifest.js'
import { sceneOf } from '../../repair/dependencies/dependency-project.js'

/**
 * Why the policy does not allow the installs of a patch, whoever asks for them; `undefined` when it does.
 *
 * @param workspace - The project as it was: what a patch itself declares does not count.
 */
export function installRefusal(
  { edits, actions }: Pick<Patch, 'edits' | 'actions'>,
  installs: 'never' | 'declared' | 'any',
  workspace: Workspace,
): string | undefined {
  for (const action of actions) {
    if (action.kind !== 'install' || installs === 'any') continue
    if (installs === 'never') return 'the policy allows no installs (repair.installs is "never")'
    const scene = sceneOf(workspace, action.folder)
    // An install without a name brings whatever the manifests say, those that the patch edits included.
    const wanted = [...action.packages.map(({ name }) => name), ...edits.flatMap((edit) => declaredBy(edit))]
    const undeclared = wanted.find((name) => !isDeclared(scene, name))
    if (undeclared !== undefined) {
      return `the policy allows declared packages only (repair.installs is "declared"), and no manifest or lockfile names "${undeclared}"`
    }
  }
  return undefined
}

const sections = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const

/** Names of packages that an edit of a manifest adds. */
function declaredBy({ path, before, after }: Patch['edits'][number]): readonly string[] {
  if (path !== 'package.json' && !path.endsWith('/package.json')) return []
  const known = new Set(namesIn(before))
  return namesIn(after).filter((name) => !known.has(name))
}

function namesIn(manifest: string | null): readonly string[] {
  const parsed = parseObject(manifest ?? undefined)
  return sections.flatMap((section) => Object.keys(objectOf(parsed?.[section]) ?? {}))
}
