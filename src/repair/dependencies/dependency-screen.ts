import type { PackageRequest } from '../../core/patch.js'
import type { Proposal, RepairAnswer } from '../../core/repairer.js'
import { popularPackages } from '../../security/popular-packages.js'
import { parseObject, objectOf } from './dependency-manifest.js'
import { nothing, quoted } from './dependency-proposal.js'
import type { PackageScene } from './dependency-project.js'
import { choicesAmong, rangeOf, type Registry, type Release } from './dependency-releases.js'
import { satisfies } from './version-range.js'

/**
 * The answer with the packages that it would newly bring in looked up: one whose installation starts a program is left to a
 * person, whatever its name, and of the others a version is chosen that runs on this Node. What the registry does not tell
 * is not held against a package: name checks come before, and installs never run scripts.
 */
export async function screened(answer: RepairAnswer, scene: PackageScene, registry: Registry): Promise<RepairAnswer> {
  const proposals: Proposal[] = []
  const notes = [...answer.notes]
  for (const proposal of answer.proposals) {
    const found = await lookedUp(proposal, scene, registry)
    if (typeof found === 'string') notes.push(...nothing(found).notes)
    else proposals.push(found)
  }
  return { proposals, notes }
}

/** The proposal, with versions where they matter, or why it should not be followed. */
async function lookedUp(proposal: Proposal, scene: PackageScene, registry: Registry): Promise<Proposal | string> {
  for (const name of strangersIn(proposal, scene)) {
    const releases = await registry.releasesOf(scene, name)
    const best = (await choicesAmong(releases, registry))[0]
    if (best?.runsScripts === true && !popularPackages.has(name))
      return `Nothing in the project vouches for ${quoted(name)}, and its installation starts a program. Look at it before you install it.`
    if (best === undefined && releases.length > 0) return `No version of ${quoted(name)} is made for the Node that runs here.`
  }
  const actions = await Promise.all(
    proposal.actions.map(async (action) =>
      action.kind === 'install'
        ? { ...action, packages: await Promise.all(action.packages.map((request) => placed(request, scene, registry))) }
        : action,
    ),
  )
  return { ...proposal, actions }
}

/** Names that the project would newly depend on and that its lockfile does not know. */
function strangersIn({ edits, actions }: Proposal, { lockfile }: PackageScene): readonly string[] {
  const requested = actions.flatMap((action) => (action.kind === 'install' ? action.packages.map(({ name }) => name) : []))
  const declared = edits
    .filter(({ path }) => path === 'package.json' || path.endsWith('/package.json'))
    .flatMap(({ before, after }) => {
      const known = namesIn(before)
      return [...namesIn(after)].filter((name) => !known.has(name))
    })
  return [...new Set([...requested, ...declared])].filter((name) => !lockfile.versions.has(name))
}

function namesIn(manifest: string | null): ReadonlySet<string> {
  const json = parseObject(manifest ?? '') ?? {}
  return new Set(
    ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((field) => Object.keys(objectOf(json[field]) ?? {})),
  )
}

/** What the registry calls latest, unless that does not run here, is abandoned, or is not what other packages want beside them. */
async function placed(request: PackageRequest, scene: PackageScene, registry: Registry): Promise<PackageRequest> {
  if (request.range !== undefined) return request
  const releases = await registry.releasesOf(scene, request.name)
  const ranges = scene.lockfile.peerRanges.get(request.name) ?? []
  const wanted = releases.filter(({ version }) => ranges.every((range) => satisfies(version, range) !== false))
  const best: Release | undefined = (await choicesAmong(wanted.length > 0 ? wanted : releases, registry))[0]
  return best === undefined || best === releases[0] ? request : { ...request, range: await rangeOf(best, releases, registry) }
}
