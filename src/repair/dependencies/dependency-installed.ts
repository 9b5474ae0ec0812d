import type { RepairAnswer, RepairRequest } from '../../core/repairer.js'
import { packageBindings } from '../imports/import-bindings.js'
import { moduleExports } from '../imports/import-exports.js'
import { type ModuleLiteral, parseSource, spliced } from '../imports/import-literals.js'
import { moduleOf, repairName } from '../imports/import-names.js'
import { folderOf, projectPath } from '../imports/import-path.js'
import { damageOf, reinstall } from './dependency-damage.js'
import { detailOf } from './dependency-detail.js'
import { installDeclared } from './dependency-install.js'
import { installedFolder, type PackageScene, sceneOf } from './dependency-project.js'
import { changedFile, joined, nothing, proposal, quoted } from './dependency-proposal.js'
import type { Registry } from './dependency-releases.js'
import { driftOf, repairOtherVersion } from './dependency-versions.js'

/** A fault that what is installed may be behind. */
export interface InstalledQuestion extends Pick<RepairRequest, 'fault' | 'workspace' | 'installs'> {
  readonly registry: Registry
}

/** Something does not parse, and nobody said what: installed packages whose entry does not. */
export function repairDamaged({ workspace, installs }: InstalledQuestion): RepairAnswer {
  const names = [...sceneOf(workspace, '').declared.keys()].slice(0, examinedMax)
  for (const name of names) {
    const why = damageOf(workspace, `node_modules/${name}`)
    if (why !== undefined) return reinstall(workspace, installs, { name, why, plausibility: 0.9 })
  }
  return nothing()
}

const examinedMax = 200

/** A fault inside an installed package: it is damaged, or not made for the Node that runs it. */
export async function repairInstalledFile(
  request: InstalledQuestion,
  { name, path }: { readonly name: string; readonly path: string },
): Promise<RepairAnswer> {
  const { fault, workspace, installs } = request
  const scene = sceneOf(workspace, '')
  const folder = installedFolder(workspace, '', name)
  const damage = folder === undefined ? undefined : damageOf(workspace, folder)
  const reason = `The installed ${quoted(name)} fails in ${path}: ${quoted(fault.message)}.`
  if (damage !== undefined) return reinstall(workspace, installs, { name, why: damage, plausibility: 0.93 })
  const again =
    fault.category === 'syntax' ? reinstall(workspace, installs, { name, why: `fails in ${path}`, plausibility: 0.8 }) : nothing()
  return joined(again, drifted(request, scene, name), await repairOtherVersion(request, { scene, name, reason }))
}

/** What is installed is not what the project names. */
function drifted({ installs }: InstalledQuestion, scene: PackageScene, name: string): RepairAnswer {
  const drift = driftOf(scene, name)
  return drift === undefined
    ? nothing()
    : installDeclared({
        scene,
        installs,
        name,
        plausibility: 0.9,
        rationale: drift,
        title: `Install the declared packages: ${quoted(name)} is there in another version`,
      })
}

/** What is called, and came from a package, is no function: the installed version does not have it. */
export async function repairBoundName(request: InstalledQuestion): Promise<RepairAnswer> {
  const { fault, workspace } = request
  const name = / is not a (?:function|constructor)/.test(fault.message) ? detailOf(fault, 'name') : undefined
  if (name === undefined) return nothing()
  const file = fault.location === undefined ? undefined : projectPath(workspace, fault.location.file)
  const files = workspace.files()
  const [binding] = packageBindings(workspace, name, file !== undefined && files.includes(file) ? [file] : files)
  if (binding === undefined) return nothing()
  const { path, literal, imported } = binding
  const target = moduleOf(workspace, path, literal)
  const exports = target === undefined ? undefined : moduleExports(workspace, target)
  const isThere = imported !== undefined && (exports?.names.has(imported) === true || exports?.complete === false)
  if (isThere) return nothing()
  const meant =
    imported === undefined
      ? wholeAsDefault(workspace, path, { literal, target })
      : repairName(workspace, { specifier: literal.specifier, module: undefined, name: imported, importer: path })
  return joined({ proposals: meant.proposals, notes: [] }, await lacking(request, binding.package, path, imported ?? 'default'))
}

/** `require('m').default`, where the module as a whole was meant to be its default export. */
function wholeAsDefault(
  workspace: RepairRequest['workspace'],
  path: string,
  { literal, target }: { readonly literal: ModuleLiteral; readonly target: string | undefined },
): RepairAnswer {
  const text = workspace.read(path) ?? ''
  const hasDefault = target !== undefined && moduleExports(workspace, target).names.has('default')
  const isModule = target !== undefined && parseSource(workspace.read(target) ?? '', target)?.['sourceType'] === 'module'
  const end = text.indexOf(')', literal.end) + 1
  if (!hasDefault || !isModule || literal.form !== 'require' || end === 0 || text.charAt(end) === '.') return nothing()
  return {
    proposals: [
      proposal({
        title: `Take the default export of ${quoted(literal.specifier)} in ${path}`,
        edits: [changedFile(path, text, spliced(text, [{ start: end, end, text: '.default' }]))],
        plausibility: 0.86,
        rationale: `${target} is an ECMAScript module: require() gives all its exports, and what is meant is the default one.`,
      }),
    ],
    notes: [],
  }
}

/** Why an installed package may lack a name that is imported from it: damage, drift, or a version that has it no more or not yet. */
export async function lacking(request: InstalledQuestion, name: string, importer: string, taken: string): Promise<RepairAnswer> {
  const { workspace, installs } = request
  const scene = sceneOf(workspace, folderOf(importer))
  const folder = installedFolder(workspace, folderOf(importer), name)
  const why = folder === undefined ? undefined : damageOf(workspace, folder)
  if (why !== undefined) return reinstall(workspace, installs, { name, why, plausibility: 0.95 })
  const reason = `The installed ${quoted(name)} has no ${quoted(taken)}, which ${importer} takes from it.`
  const drift = drifted(request, scene, name)
  if (drift.proposals.length > 0) return drift
  // A file that was changed where it lies shows by nothing else; only what a lockfile names to the letter comes back whole.
  const isLocked = folder !== undefined && scene.lockfile.versions.has(name)
  const again = isLocked
    ? reinstall(workspace, installs, { name, why: `has no ${quoted(taken)}`, plausibility: 0.74 })
    : nothing()
  return joined({ ...again, notes: [] }, await repairOtherVersion(request, { scene, name, reason }))
}
