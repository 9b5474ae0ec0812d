import type { Workspace } from '../../core/ports.js'
import type { RepairAnswer, RepairRequest } from '../../core/repairer.js'
import { isPackageName } from '../../security/package-names.js'
import { popularPackages } from '../../security/popular-packages.js'
import { commandText, installAction, installDeclared } from './dependency-install.js'
import { withRenamedDependency } from './dependency-manifest-edit.js'
import { importedNames, misdeclared } from './dependency-misdeclared.js'
import { nearNames } from './dependency-near.js'
import { changedFile, joined, nothing, proposal, quoted } from './dependency-proposal.js'
import { declaringScene, sceneOf } from './dependency-project.js'

type Installs = RepairRequest['installs']

/** The registry knows no package of a name that a manifest declares: the name that was meant, if the project shows it. */
export function repairUnknownPackage(workspace: Workspace, installs: Installs, name: string): RepairAnswer {
  const scene = declaringScene(workspace, name)
  if (scene?.manifest === undefined)
    return nothing(
      `The registry has no ${quoted(name)}, and no manifest declares it. Look in the lockfile for who does, or at the registry that is set.`,
    )
  const { manifest } = scene
  const trusted = [...scene.lockfile.versions.keys(), ...scene.installed, ...popularPackages, ...importedNames(scene)].filter(
    (candidate) => !manifest.declared.has(candidate),
  )
  const near = [...nearNames(name, new Set(trusted))].sort((a, b) => b.plausibility - a.plausibility).slice(0, 3)
  const hint = near.length > 0 ? ` Did you mean ${near.map((candidate) => quoted(candidate.name)).join(' or ')}?` : ''
  const known = near.filter(
    (candidate) => scene.lockfile.versions.has(candidate.name) || scene.installed.has(candidate.name) || installs === 'any',
  )
  if (installs === 'never' || known.length === 0)
    return nothing(
      `The registry has no ${quoted(name)}, which ${manifest.path} declares.${hint} Correct the name and run "${commandText(installAction(scene, []))}".`,
    )
  return joined(
    ...known.map((candidate): RepairAnswer => {
      const after = isPackageName(candidate.name) ? withRenamedDependency(manifest.text, name, candidate.name) : undefined
      if (after === undefined) return nothing()
      return {
        proposals: [
          proposal({
            title: `Declare ${quoted(candidate.name)} instead of ${quoted(name)} in ${manifest.path}`,
            edits: [changedFile(manifest.path, manifest.text, after)],
            actions: [installAction(scene, [])],
            plausibility: candidate.plausibility,
            rationale: `The registry has no ${quoted(name)}; ${quoted(candidate.name)} is known${scene.lockfile.versions.has(candidate.name) ? ' to the lockfile' : ''}.`,
          }),
        ],
        notes: [],
      }
    }),
  )
}

/** Manifest and lockfile differ: an ordinary install writes the lockfile anew where it must. */
export function repairOutOfStep(workspace: Workspace, installs: Installs): RepairAnswer {
  const scene = sceneOf(workspace, '')
  if (scene.manifest === undefined) return nothing('There is no package.json at the root of the project.')
  const wrong = misdeclared(scene, installs)
  if (wrong !== undefined) return wrong
  const lockfile = scene.manager.lockfile ?? 'the lockfile'
  const rationale = `${scene.manifest.path}, ${lockfile} and what is installed do not agree.`
  return installDeclared({
    scene,
    installs,
    name: lockfile,
    plausibility: 0.85,
    rationale,
    title: `Bring ${lockfile} and the installed packages into step with ${scene.manifest.path}`,
  })
}
