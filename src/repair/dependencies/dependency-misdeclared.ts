import type { Workspace } from '../../core/ports.js'
import type { RepairAnswer, RepairRequest } from '../../core/repairer.js'
import { isPackageName, packageNameDoubts, packageOfSpecifier } from '../../security/package-names.js'
import { popularPackages } from '../../security/popular-packages.js'
import { usesOf } from '../imports/import-uses.js'
import { installAction } from './dependency-install.js'
import { withRenamedDependency } from './dependency-manifest-edit.js'
import { type NearName, nearNames } from './dependency-near.js'
import type { Manifest } from './dependency-manifest.js'
import { withEdits } from './dependency-overlay.js'
import { changedFile, joined, nothing, proposal, quoted } from './dependency-proposal.js'
import { type PackageScene, sceneOf } from './dependency-project.js'
import { usualOwner } from './usual-owner.js'

type Installs = RepairRequest['installs']

/** The manifest's name is the misspelt one: nothing imports it, and the one that is imported is known or above doubt. */
export function correction(
  scene: PackageScene,
  installs: Installs,
  { name, near }: { readonly name: string; readonly near: NearName },
): RepairAnswer {
  const { manifest, lockfile } = scene
  const isTrusted =
    lockfile.versions.has(name) || (installs === 'any' && isPackageName(name) && packageNameDoubts(name).length === 0)
  const after = manifest === undefined ? undefined : withRenamedDependency(manifest.text, near.name, name)
  if (manifest === undefined || after === undefined || !isTrusted || installs === 'never') return nothing()
  if (filesTaking(scene, near.name) > 0) return nothing()
  // One import may be the wrong one as well as the manifest; several that agree are not.
  const certainty = lockfile.versions.has(name) || filesTaking(scene, name) > 1 ? 0.95 : 0.9
  return {
    proposals: [
      proposal({
        title: `Declare ${quoted(name)} instead of ${quoted(near.name)} in ${manifest.path}`,
        edits: [changedFile(manifest.path, manifest.text, after)],
        actions: [installAction(scene, [])],
        plausibility: near.plausibility * certainty,
        rationale: `${manifest.path} declares ${quoted(near.name)}, which nothing imports; the project uses ${quoted(name)}.`,
      }),
    ],
    notes: [],
  }
}

/**
 * What to do about names in the manifest that look misspelt: nobody has installed or locked them, no code imports them, and
 * code imports, or a script runs, a name next to them that nothing declares. `undefined` when there are none, so that an install
 * brings in nothing that was not meant.
 */
export function misdeclared(scene: PackageScene, installs: Installs): RepairAnswer | undefined {
  const { manifest, lockfile, installed } = scene
  const fresh = [...(manifest?.declared.keys() ?? [])].filter(
    (name) => !lockfile.versions.has(name) && !installed.has(name) && !popularPackages.has(name),
  )
  if (manifest === undefined || fresh.length === 0) return undefined
  const wanted = [...importedNames(scene), ...scriptedNames(manifest)]
  for (const name of wanted.filter((one) => !manifest.declared.has(one) && !scene.declared.has(one))) {
    for (const near of nearNames(name, new Set(fresh))) {
      if (filesTaking(scene, near.name) > 0) continue
      const answer = correction(scene, installs, { name, near })
      return answer.proposals.length > 0
        ? answer
        : nothing(
            `${manifest.path} declares ${quoted(near.name)}, which nothing imports, and the project uses ${quoted(name)}. Do not install before one of the two is corrected.`,
          )
    }
  }
  return undefined
}

/** Packages that the code of the project imports; at most 300 files are read. */
export function importedNames({ workspace }: PackageScene): ReadonlySet<string> {
  const uses = usesOf(workspace, {
    importer: undefined,
    hint: '',
    isMeant: (specifier) => packageOfSpecifier(specifier) !== undefined,
  })
  return new Set(uses.flatMap(({ literals }) => literals.flatMap(({ specifier }) => packageOfSpecifier(specifier) ?? [])))
}

/** Packages whose programs the scripts of a manifest run, as far as they are known. */
function scriptedNames({ scripts }: Manifest): readonly string[] {
  const words = [...scripts.values()].flatMap((script) => script.slice(0, scriptLengthMax).split(/[\s;&|()'"]+/))
  return [...new Set(words.flatMap((word) => usualOwner.get(word) ?? []))]
}

const scriptLengthMax = 2_000

/**
 * The answer without installs that would bring in a name that looks misspelt: in their place, the correction of the manifest, or
 * why nothing is installed before it.
 */
export function withoutMisdeclared(answer: RepairAnswer, workspace: Workspace, installs: Installs): RepairAnswer {
  return joined(
    { proposals: [], notes: answer.notes },
    ...answer.proposals.map((candidate) => {
      const action = candidate.actions.find((one) => one.kind === 'install')
      const scene = action === undefined ? undefined : sceneOf(withEdits(workspace, candidate.edits), action.folder)
      return (scene === undefined ? undefined : misdeclared(scene, installs)) ?? { proposals: [candidate], notes: [] }
    }),
  )
}

/** How many files import a package. */
function filesTaking({ workspace }: PackageScene, name: string): number {
  const isMeant = (specifier: string): boolean => packageOfSpecifier(specifier) === name
  return usesOf(workspace, { importer: undefined, hint: name, isMeant }).length
}
