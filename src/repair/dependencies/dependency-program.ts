import type { Workspace } from '../../core/ports.js'
import type { RepairAnswer, RepairRequest } from '../../core/repairer.js'
import { similarNames } from '../../core/similar-name.js'
import { installDeclared, installUndeclared, isDeclared, witnessed } from './dependency-install.js'
import { importedNames } from './dependency-misdeclared.js'
import { joined, nothing, quoted } from './dependency-proposal.js'
import { installedFolder, type PackageScene, projectManifests, sceneOf } from './dependency-project.js'
import { readManifest } from './dependency-manifest.js'
import { usualOwner } from './usual-owner.js'

/** Ways to heal a program that was not found: bring in the package of the project that has it. */
export function repairProgram(workspace: Workspace, installs: RepairRequest['installs'], named: string): RepairAnswer {
  const program = named.replace(/^(?:\.\/)?node_modules\/\.bin\//, '')
  if (!/^[A-Za-z0-9][\w.-]{0,100}$/.test(program))
    return nothing(`${quoted(named)} was not found, and is no name of a program that a package could bring. Check the command.`)
  const scene = sceneOf(workspace, folderThatRuns(workspace, program))
  const owner = ownerOf(scene, program)
  const rationale = `The command ${quoted(program)} was not found.`
  if (owner !== undefined) return broughtBy(scene, installs, { owner, rationale })
  const known = usualOwner.get(program)
  const imported = importedNames(scene).has(program) ? program : undefined
  const likely = known ?? imported
  // Only programs that are known to come from npm, or of whose package the code makes use: nobody wants one that happens to be
  // called "git".
  if (likely !== undefined)
    return installUndeclared(
      {
        scene,
        installs,
        name: likely,
        plausibility: 0.75,
        rationale: `${rationale} ${known === undefined ? `The project imports ${quoted(likely)}, which may bring it.` : `It usually comes with ${quoted(known)}.`}`,
      },
      { dev: true },
    )
  const near = similarNames(program, programsOf(scene), 2).map(quoted)
  return nothing(
    `${rationale} ${near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Install it on this machine, or correct the command.'}`,
  )
}

/** A package that manifest or lockfile name brings the program. */
function broughtBy(
  scene: PackageScene,
  installs: RepairRequest['installs'],
  { owner, rationale }: { readonly owner: string; readonly rationale: string },
): RepairAnswer {
  const wish = { scene, installs, name: owner }
  const isNamed = scene.declared.has(owner)
  const again = installDeclared({
    ...wish,
    plausibility: 0.92,
    rationale: `${rationale} It comes with ${quoted(owner)}, which ${isNamed ? 'the project' : 'the lockfile'} names.`,
  })
  if (isNamed) return again
  // It comes along with another package, or the manifest lost it: an install drops what no manifest asks for.
  const added = installUndeclared(
    { ...wish, plausibility: 0.75, rationale: `${rationale} It comes with ${quoted(owner)}, which no manifest names.` },
    { dev: true },
  )
  return witnessed(scene, owner) === undefined ? joined(again, added) : added
}

/** The package whose scripts name the program, else the root. */
function folderThatRuns(workspace: Workspace, program: string): string {
  const names = (script: string): boolean => script.split(/[\s;&|()'"]+/).includes(program)
  return projectManifests(workspace).find((manifest) => [...manifest.scripts.values()].some(names))?.folder ?? ''
}

function ownerOf(scene: PackageScene, program: string): string | undefined {
  const known = usualOwner.get(program)
  const owners = [scene.lockfile.packageOfProgram.get(program), isDeclared(scene, program) ? program : undefined, known]
  const declared = owners.find((owner) => owner !== undefined && isDeclared(scene, owner))
  return declared ?? [...scene.declared.keys()].find((name) => scene.installed.has(name) && bringsProgram(scene, name, program))
}

function bringsProgram({ workspace, manifest }: PackageScene, name: string, program: string): boolean {
  const folder = installedFolder(workspace, manifest?.folder ?? '', name)
  return folder !== undefined && readManifest(workspace, folder)?.bins.has(program) === true
}

function programsOf({ lockfile, declared }: PackageScene): Iterable<string> {
  return new Set([...lockfile.packageOfProgram.keys(), ...usualOwner.keys(), ...declared.keys(), 'node', 'npm', 'npx'])
}
