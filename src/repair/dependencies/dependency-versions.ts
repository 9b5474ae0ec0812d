import type { Fault } from '../../core/fault.js'
import type { Proposal, RepairAnswer, RepairRequest } from '../../core/repairer.js'
import { inFolder } from '../imports/import-path.js'
import { isPackageRange } from '../package-manager.js'
import { detailOf } from './dependency-detail.js'
import { commandText, installAction } from './dependency-install.js'
import { withManifestText } from './dependency-manifest-edit.js'
import { objectOf, readManifest } from './dependency-manifest.js'
import { changedFile, nothing, proposal, quoted } from './dependency-proposal.js'
import { declaringScene, installedFolder, type PackageScene } from './dependency-project.js'
import { choicesAmong, rangeOf, type Registry } from './dependency-releases.js'
import { majorOf, satisfies } from './version-range.js'

/** What every choice of a version depends on. */
export interface VersionQuestion extends Pick<RepairRequest, 'workspace' | 'installs'> {
  readonly registry: Registry
}

/** A range that may be declared instead of the present one. */
interface Choice {
  readonly range: string
  readonly plausibility: number
  /** What speaks for it: a sentence. */
  readonly why: string
}

const choicesMax = 3

/** The registry has no version in a declared range: the range of the version that is locked or installed, else of one that exists. */
export async function repairUnknownVersion(question: VersionQuestion, name: string): Promise<RepairAnswer> {
  const scene = declaringScene(question.workspace, name)
  const range = scene?.manifest?.declared.get(name)?.range
  const reason = `The registry has no version of ${quoted(name)} in ${range === undefined ? 'the wanted range' : quoted(range)}.`
  if (scene === undefined || range === undefined) return nothing(`${reason} Look in the lockfile for who wants it.`)
  const choices = [...knownChoices(scene, name), ...(await published(question, scene, name, /\d+\.\d+\.\d+/.exec(range)?.[0]))]
  return declaring(question, scene, { name, reason, choices })
}

/** The versions that the project itself shows: the locked one, the installed one. */
function knownChoices(scene: PackageScene, name: string): readonly Choice[] {
  const locked = scene.lockfile.versions.get(name)
  const version = locked ?? installedVersion(scene, name)
  if (version === undefined || !/^\d+\.\d+\.\d+/.test(version) || !isPackageRange(version)) return []
  const why = `${version} is the version that ${locked === undefined ? 'is installed' : 'the lockfile names'}.`
  return [{ range: `^${version}`, plausibility: 0.9, why }]
}

async function published(
  { registry }: VersionQuestion,
  scene: PackageScene,
  name: string,
  near: string | undefined,
): Promise<readonly Choice[]> {
  const releases = await registry.releasesOf(scene, name)
  const wanted = near === undefined ? undefined : majorOf(near)
  const choices: Choice[] = []
  for (const release of (await choicesAmong(releases, registry, near)).slice(0, choicesMax)) {
    const isNear = majorOf(release.version) === wanted
    choices.push({
      range: await rangeOf(release, releases, registry),
      plausibility: isNear ? 0.86 : releases.length === 1 ? 0.85 : 0.75 - choices.length * 0.08,
      why: `${release.version} exists and runs on this Node.`,
    })
  }
  return choices
}

/**
 * The installed version of a package does not have what the code asks of it: what the project names, if that is another one,
 * else the nearest other major versions.
 *
 * @param reason - What it does not have: a sentence.
 */
export async function repairOtherVersion(
  question: VersionQuestion,
  { scene, name, reason }: { readonly scene: PackageScene; readonly name: string; readonly reason: string },
): Promise<RepairAnswer> {
  const installed = installedVersion(scene, name)
  const releases = await question.registry.releasesOf(scene, name)
  const others = await choicesAmong(
    releases.filter(({ version }) => majorOf(version) !== majorOf(installed ?? '')),
    question.registry,
    installed,
  )
  const choices: Choice[] = []
  for (const release of others.slice(0, choicesMax))
    choices.push({
      range: await rangeOf(release, releases, question.registry),
      plausibility: 0.72 - choices.length * 0.08,
      why: `Version ${installed ?? 'unknown'} is installed, and ${release.version} is published too.`,
    })
  const owner = declaringScene(question.workspace, name)
  return owner === undefined ? nothing(reason) : declaring(question, owner, { name, reason, choices })
}

/** Two packages want different versions of a third one: releases of either side that agree. */
export async function repairPeerConflict(question: VersionQuestion, fault: Fault): Promise<RepairAnswer> {
  const [peer, range, host, actual] = ['package', 'expected', 'name', 'actual'].map((field) => detailOf(fault, field))
  // What npm calls undefined is a version that does not exist: the peer is only where it noticed.
  if (peer !== undefined && actual === 'undefined') return repairUnknownVersion(question, peer)
  const note = `${quoted(host ?? 'another package')} wants ${quoted(peer ?? 'a package')} ${quoted(range ?? 'in another version')} beside it and finds ${quoted(actual ?? 'what is there')}.`
  if (peer === undefined || host === undefined)
    return nothing(`${note} Change one of the two ranges in the manifest so that both fit.`)
  const proposals = [
    ...(await agreeing(question, host, note, 0.78, (release) => fitsPeer(release.peers.get(peer), question, peer, actual))),
    ...(await agreeing(question, peer, note, 0.74, ({ version }) => range !== undefined && satisfies(version, range) === true)),
  ]
  return proposals.length > 0
    ? { proposals, notes: [] }
    : nothing(`${note} Change one of the two ranges in the manifest so that both fit.`)
}

/** Whether the peer range of a release lets in what the project has declared. No peer range lets everything in. */
function fitsPeer(wanted: string | undefined, { workspace }: VersionQuestion, peer: string, actual: string | undefined): boolean {
  if (wanted === undefined) return true
  const declared = declaringScene(workspace, peer)?.manifest?.declared.get(peer)?.range
  // What npm found may be what is still installed from before.
  const found = actual !== undefined && declared !== undefined && satisfies(actual, declared) === false ? undefined : actual
  const versions = [found, /\d+\.\d+\.\d+/.exec(declared ?? '')?.[0]]
  return versions.some((version) => version !== undefined && satisfies(version, wanted) === true)
}

/** The newest release of a declared package that a test lets pass. */
async function agreeing(
  question: VersionQuestion,
  name: string,
  reason: string,
  plausibility: number,
  test: (release: Awaited<ReturnType<Registry['releasesOf']>>[number]) => boolean,
): Promise<readonly Proposal[]> {
  const scene = declaringScene(question.workspace, name)
  const releases = scene === undefined ? [] : await question.registry.releasesOf(scene, name)
  for (const release of releases) {
    if (scene === undefined || !test(release) || !(await question.registry.fitsNode(release))) continue
    const range = await rangeOf(release, releases, question.registry)
    const why = `With ${quoted(name)} ${release.version} both agree.`
    return declaring(question, scene, { name, reason, choices: [{ range, plausibility, why }] }).proposals
  }
  return []
}

/** A package is not made for the Node that runs: its newest version that is. */
export async function repairEngine(question: VersionQuestion, fault: Fault): Promise<RepairAnswer> {
  const told = [fault.message, ...fault.evidence].join('\n')
  const found = /((?:@[\w.~-]{1,100}\/)?[\w.~-]{1,214})@(\d{1,9}\.\d{1,9}\.\d{1,9})/.exec(
    told.slice(Math.max(0, told.search(/compatible with|[Uu]nsupported engine|package:/))),
  )
  const name = found?.[1]
  const scene = name === undefined ? undefined : declaringScene(question.workspace, name)
  const advice = 'Use a version of Node that it is made for, or a version of the package that is made for yours.'
  if (name === undefined || scene === undefined)
    return nothing(`A package is not made for this Node: ${quoted(fault.message)}. ${advice}`)
  const reason = `${quoted(name)} ${found?.[2] ?? ''} is not made for this Node.`
  const proposals = await agreeing(question, name, reason, 0.86, () => true)
  return proposals.length > 0 ? { proposals, notes: [] } : nothing(`${reason} ${advice}`)
}

function declaring(
  { installs }: VersionQuestion,
  scene: PackageScene,
  { name, reason, choices }: { readonly name: string; readonly reason: string; readonly choices: readonly Choice[] },
): RepairAnswer {
  const { manifest } = scene
  const present = manifest?.declared.get(name)?.range
  const field = dependencyFields.find((candidate) => Object.hasOwn(objectOf(manifest?.json[candidate]) ?? {}, name))
  const seen = new Set(present === undefined ? [] : [present])
  const proposals = choices.flatMap(({ range, plausibility, why }): readonly Proposal[] => {
    const after =
      manifest === undefined || field === undefined || seen.has(range) || !isPackageRange(range)
        ? undefined
        : withManifestText(manifest.text, [field, name], range)
    if (manifest === undefined || after === undefined) return []
    seen.add(range)
    return [
      proposal({
        title: `Ask for ${quoted(name)} ${range} in ${manifest.path}`,
        edits: [changedFile(manifest.path, manifest.text, after)],
        actions: [installAction(scene, [])],
        plausibility,
        rationale: `${reason} ${why}`,
      }),
    ]
  })
  if (proposals.length > 0 && installs !== 'never') return { proposals, notes: [] }
  const view = `"${scene.manager.manager} view <name> versions" lists them`
  return nothing(`${reason} Choose one that exists and fits: ${view}; then run "${commandText(installAction(scene, []))}".`)
}

const dependencyFields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const

/** The version of an installed package, as an import from the scene's folder finds it. */
function installedVersion({ workspace, manifest }: PackageScene, name: string): string | undefined {
  const folder = installedFolder(workspace, manifest?.folder ?? '', name)
  const version = folder === undefined ? undefined : readManifest(workspace, folder)?.json['version']
  return typeof version === 'string' ? version : undefined
}

/** Whether what is installed is not what the lockfile or the manifest names; the sentence that says so. */
export function driftOf(scene: PackageScene, name: string): string | undefined {
  const installed = installedVersion(scene, name)
  const locked = scene.lockfile.versions.get(name)
  const range = scene.declared.get(name)?.range
  if (installed === undefined) return undefined
  if (locked !== undefined && locked !== installed)
    return `Version ${installed} of ${quoted(name)} is installed, and ${scene.manager.lockfile ?? 'the lockfile'} names ${locked}.`
  if (range !== undefined && satisfies(installed, range) === false)
    return `Version ${installed} of ${quoted(name)} is installed, and ${inFolder(scene.manifest?.folder ?? '', 'package.json')} asks for ${quoted(range)}.`
  return undefined
}
