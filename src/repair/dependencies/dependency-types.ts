import type { RepairAnswer, RepairRequest } from '../../core/repairer.js'
import { installDeclared, installUndeclared, isDeclared } from './dependency-install.js'
import { nothing, quoted } from './dependency-proposal.js'
import type { PackageScene } from './dependency-project.js'

/** The package that describes another one's types: `@types/lodash`, `@types/babel__core` for `@babel/core`. */
function typesPackageOf(name: string): string {
  return name.startsWith('@types/') ? name : `@types/${name.replace(/^@([^/]*)\//, '$1__')}`
}

/**
 * Ways to heal missing types of a package. They are only brought in for Node itself and for packages that the project names
 * or has installed: a compiler's guess at a name is not enough.
 *
 * @param name - The package without types: `lodash`, `node`.
 */
export function repairTypes(scene: PackageScene, installs: RepairRequest['installs'], name: string): RepairAnswer {
  const types = typesPackageOf(name)
  const rationale = `The compiler finds no types for ${quoted(name)}.`
  if (scene.installed.has(types))
    return nothing(`${rationale} ${types} is installed: look at "types" and "typeRoots" in tsconfig.json.`)
  if (isDeclared(scene, types))
    return installDeclared({
      scene,
      installs,
      name: types,
      plausibility: 0.95,
      rationale: `${rationale} ${types} is declared and not installed.`,
    })
  if (name !== 'node' && !isDeclared(scene, name) && !scene.installed.has(name))
    return nothing(`${rationale} The project does not name that package, so its types are not brought in.`)
  return installUndeclared({ scene, installs, name: types, plausibility: 0.8, rationale }, { dev: true })
}
