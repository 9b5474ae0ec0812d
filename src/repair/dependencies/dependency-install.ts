import type { PackageRequest } from '../../core/patch.js'
import type { Proposal, RepairAnswer, RepairRequest } from '../../core/repairer.js'
import { isPackageName, packageNameDoubts } from '../../security/package-names.js'
import { changedFile, nothing, proposal, quoted } from './dependency-proposal.js'
import { withManifestText } from './dependency-manifest-edit.js'
import type { Declaration } from './dependency-manifest.js'
import { type PackageScene, projectManifests } from './dependency-project.js'
import { type InstallAction, installCommand, isPackageRange } from '../package-manager.js'

export interface InstallWish {
  readonly scene: PackageScene
  readonly installs: RepairRequest['installs']
  /** The package that is missing. */
  readonly name: string
  readonly plausibility: number
  /** Why it is wanted: a sentence. */
  readonly rationale: string
  /** Absent: one that says that the package is missing. */
  readonly title?: string
}

/** Brings in what manifest or lockfile already name; a note with the command when the policy allows no installs. */
export function installDeclared({
  scene,
  installs,
  name,
  plausibility,
  rationale,
  title = `Install the declared packages: ${quoted(name)} is missing`,
}: InstallWish): RepairAnswer {
  const action = installAction(scene, [])
  if (installs === 'never')
    return nothing(`${rationale} Run "${commandText(action)}" in ${placeOf(action.folder)}; the policy allows no installs.`)
  return { proposals: [proposal({ title, actions: [action], plausibility, rationale })], notes: [] }
}

/** How the manifest of a scene declared a package when the lockfile was written; only where it came from a registry. */
export function witnessed({ manifest, installFolder, lockfile }: PackageScene, name: string): Declaration | undefined {
  if (manifest === undefined) return undefined
  const folder = installFolder === '' ? manifest.folder : manifest.folder.slice(installFolder.length + 1)
  const declaration = lockfile.manifests.get(folder)?.get(name)
  return declaration !== undefined && isPackageRange(declaration.range) ? declaration : undefined
}

/** The range by which the project already names a package outside this manifest: a sibling's manifest first, then the lockfile. */
function rangeInProject({ workspace, lockfile }: PackageScene, name: string): string | undefined {
  const ranges = projectManifests(workspace).flatMap((manifest) => manifest.declared.get(name)?.range ?? [])
  const locked = lockfile.versions.get(name)
  return (
    ranges.find(isPackageRange) ??
    (locked !== undefined && /^\d+\.\d+\.\d+/.test(locked) && isPackageRange(locked) ? `^${locked}` : undefined)
  )
}

/**
 * Adds a package that the manifest does not name. With a range the project knows it counts as declared; without one it is
 * added only where the policy lets strangers in and nothing speaks against the name.
 */
export function installUndeclared(wish: InstallWish, { dev }: { readonly dev: boolean }): RepairAnswer {
  const { scene, installs, name } = wish
  const witness = witnessed(scene, name)
  if (witness !== undefined && installs !== 'never') return declaredAgain(wish, witness)
  const range = rangeInProject(scene, name)
  if (!isPackageName(name))
    return nothing(`${wish.rationale} npm would not accept ${quoted(name)} as the name of a package, so nothing is installed.`)
  if (scene.manifest === undefined)
    return nothing(`${wish.rationale} There is no package.json to name it in; make one with "npm init".`)
  if (range === undefined && scene.workspace.stat(name) !== undefined)
    return nothing(
      `${wish.rationale} ${quoted(name)} is a part of the project itself, so no package of that name is installed; a path to it begins with "./".`,
    )
  const doubts = range === undefined ? packageNameDoubts(name, { known: trustedNames(scene) }) : []
  if (doubts.length > 0)
    return nothing(`${wish.rationale} Do not install ${quoted(name)} without looking at it: ${doubts.join(' ')}`)
  const request: PackageRequest = { name, ...(range !== undefined && { range }), dev }
  const action = installAction(scene, [request])
  const allowed = installs === 'any' || (installs === 'declared' && range !== undefined)
  if (!allowed)
    return nothing(
      `${wish.rationale} If you trust it, run "${commandText(action)}" in ${placeOf(scene.manifest.folder)}; ${refusal(installs)}.`,
    )
  if (scene.manifest.folder === scene.installFolder) return { proposals: [added(wish, request, [action])], notes: [] }
  return addedToManifest(wish, request)
}

/** The manifest lost a name that the lockfile remembers it by: as it was, range and kind. */
function declaredAgain(wish: InstallWish, { range, dev }: Declaration): RepairAnswer {
  const { scene, name } = wish
  const { lockfile } = scene.manager
  const rationale = `${wish.rationale} ${lockfile ?? 'The lockfile'} remembers that it was declared as ${quoted(range)}.`
  return addedToManifest({ ...wish, rationale, plausibility: Math.max(wish.plausibility, 0.94) }, { name, range, dev })
}

/** Names the project stands by already. */
function trustedNames({ declared, lockfile }: PackageScene): ReadonlySet<string> {
  return new Set([...declared.keys(), ...lockfile.versions.keys()])
}

/** Whether manifest or lockfile name the package. */
export function isDeclared({ declared, lockfile }: PackageScene, name: string): boolean {
  return declared.has(name) || lockfile.versions.has(name)
}

export function installAction({ manager, installFolder }: PackageScene, packages: readonly PackageRequest[]): InstallAction {
  return { kind: 'install', manager: manager.manager, packages, folder: installFolder }
}

/** The command as a person would type it: scripts stay off, what only keeps a machine's log short is left out. */
export function commandText(action: InstallAction): string {
  const kept = /^(?:--ignore-scripts|--save-dev|--dev|[^-].*)$/
  return installCommand(action)
    .command.filter((argument) => kept.test(argument))
    .join(' ')
}

/**
 * The manifest is edited, then what it names is brought in: for a member of a workspace, which is installed from the root, and
 * wherever the text to write is known, for package managers write another range than they are given.
 */
function addedToManifest(wish: InstallWish, request: PackageRequest): RepairAnswer {
  const { scene } = wish
  const { manifest } = scene
  const field = request.dev ? 'devDependencies' : 'dependencies'
  const after =
    manifest === undefined || request.range === undefined
      ? undefined
      : withManifestText(manifest.text, [field, request.name], request.range)
  if (manifest === undefined || after === undefined) {
    return nothing(
      `${wish.rationale} Add ${quoted(request.name)} to ${manifest?.path ?? 'package.json'} with the range you want, then run "${commandText(installAction(scene, []))}".`,
    )
  }
  return {
    proposals: [
      { ...added(wish, request, [installAction(scene, [])]), edits: [changedFile(manifest.path, manifest.text, after)] },
    ],
    notes: [],
  }
}

function added(
  { plausibility, rationale, scene }: InstallWish,
  { name, range, dev }: PackageRequest,
  actions: readonly InstallAction[],
): Proposal {
  const version = range === undefined ? '' : ` ${range}`
  return proposal({
    title: `Add ${quoted(name)}${version} to the ${dev ? 'development ' : ''}dependencies of ${scene.manifest?.path ?? 'package.json'}`,
    actions,
    plausibility,
    rationale,
  })
}

function refusal(installs: RepairRequest['installs']): string {
  return installs === 'never' ? 'the policy allows no installs' : 'the policy installs only what manifests or the lockfile name'
}

function placeOf(folder: string): string {
  return folder === '' ? 'the root of the project' : quoted(folder)
}
