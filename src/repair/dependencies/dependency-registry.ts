import type { Workspace } from '../../core/ports.js'
import type { RepairAnswer, RepairRequest } from '../../core/repairer.js'
import { isPackageName } from '../../security/package-names.js'
import { popularPackages } from '../../security/popular-packages.js'
import { commandText, installAction, installDeclared } from './dependency-install.js'
import { withManifestText, withRenamedDependency } from './dependency-manifest-edit.js'
import { readManifest } from './dependency-manifest.js'
import { nearNames } from './dependency-near.js'
import { changedFile, joined, nothing, proposal, quoted } from './dependency-proposal.js'
import { installedFolder, type PackageScene, projectManifests, sceneOf } from './dependency-project.js'
import { isPackageRange } from '../package-manager.js'

type Installs = RepairRequest['installs']

/** The registry knows no package of a name that a manifest declares: the name that was meant, if the project shows it. */
export function repairUnknownPackage(workspace: Workspace, installs: Installs, name: string): RepairAnswer {
  const scene = declaringScene(workspace, name)
  if (scene?.manifest === undefined)
    return nothing(
      `The registry has no ${quoted(name)}, and no manifest declares it. Look in the lockfile for who does, or at the registry that is set.`,
    )
  const { manifest } = scene
  const trusted = [...scene.lockfile.versions.keys(), ...scene.installed, ...popularPackages].filter(
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

/** The registry has no version in a declared range: the range of the version that is locked or installed. */
export function repairUnknownVersion(workspace: Workspace, installs: Installs, name: string): RepairAnswer {
  const scene = declaringScene(workspace, name)
  const declaration = scene?.manifest?.declared.get(name)
  const reason = `The registry has no version of ${quoted(name)} in ${declaration === undefined ? 'the wanted range' : quoted(declaration.range)}.`
  if (scene?.manifest === undefined || declaration === undefined)
    return nothing(`${reason} Look in the lockfile for who wants it.`)
  const { manifest } = scene
  const version = scene.lockfile.versions.get(name) ?? installedVersion(scene, name)
  const range = version !== undefined && /^\d+\.\d+\.\d+/.test(version) && isPackageRange(version) ? `^${version}` : undefined
  const field = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].find((candidate) =>
    isDeclaredIn(manifest.json[candidate], name),
  )
  const after =
    range === undefined || range === declaration.range || field === undefined
      ? undefined
      : withManifestText(manifest.text, [field, name], range)
  if (after === undefined || range === undefined || installs === 'never')
    return nothing(`${reason} Choose one that exists: "${scene.manager.manager} view <name> versions" lists them.`)
  return {
    proposals: [
      proposal({
        title: `Ask for ${quoted(name)} ${range} in ${manifest.path}`,
        edits: [changedFile(manifest.path, manifest.text, after)],
        actions: [installAction(scene, [])],
        plausibility: 0.9,
        rationale: `${reason} ${version ?? ''} is the version that ${scene.lockfile.versions.has(name) ? 'the lockfile names' : 'is installed'}.`,
      }),
    ],
    notes: [],
  }
}

/** Manifest and lockfile differ: an ordinary install writes the lockfile anew where it must. */
export function repairOutOfStep(workspace: Workspace, installs: Installs): RepairAnswer {
  const scene = sceneOf(workspace, '')
  if (scene.manifest === undefined) return nothing('There is no package.json at the root of the project.')
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

function declaringScene(workspace: Workspace, name: string): PackageScene | undefined {
  const manifest = projectManifests(workspace).find(({ declared }) => declared.has(name))
  return manifest === undefined ? undefined : sceneOf(workspace, manifest.folder)
}

function installedVersion({ workspace, manifest }: PackageScene, name: string): string | undefined {
  const folder = installedFolder(workspace, manifest?.folder ?? '', name)
  const version = folder === undefined ? undefined : readManifest(workspace, folder)?.json['version']
  return typeof version === 'string' ? version : undefined
}

function isDeclaredIn(field: unknown, name: string): boolean {
  return typeof field === 'object' && field !== null && Object.hasOwn(field, name)
}
