import type { Action } from '../../core/patch.js'
import type { Workspace } from '../../core/ports.js'
import { isDeclared } from '../../repair/dependencies/dependency-install.js'
import { sceneOf } from '../../repair/dependencies/dependency-project.js'

/**
 * Why the policy does not allow the installs among some actions, whoever asks for them; `undefined` when it does.
 *
 * @param workspace - The project as it was: what a patch itself declares does not count.
 */
export function installRefusal(
  actions: readonly Action[],
  installs: 'never' | 'declared' | 'any',
  workspace: Workspace,
): string | undefined {
  for (const action of actions) {
    if (action.kind !== 'install' || installs === 'any') continue
    if (installs === 'never') return 'the policy allows no installs (repair.installs is "never")'
    const scene = sceneOf(workspace, action.folder)
    const undeclared = action.packages.find(({ name }) => !isDeclared(scene, name))
    if (undeclared !== undefined) {
      return `the policy allows declared packages only (repair.installs is "declared"), and no manifest or lockfile names "${undeclared.name}"`
    }
  }
  return undefined
}
