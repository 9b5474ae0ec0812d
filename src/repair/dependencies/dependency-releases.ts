import type { RepairRequest } from '../../core/repairer.js'
import { packageOfSpecifier } from '../../security/package-names.js'
import { objectOf } from './dependency-manifest.js'
import type { PackageScene } from './dependency-project.js'
import { compareVersions, isRelease, majorOf, satisfies } from './version-range.js'

/** A published version of a package, as far as choosing one needs it. */
export interface Release {
  readonly version: string
  /** Versions of Node that it says it runs on. */
  readonly nodeRange?: string
  readonly peers: ReadonlyMap<string, string>
  /** Its installation starts a program. */
  readonly runsScripts: boolean
  readonly deprecated: boolean
}

/** What a repairer may ask of the registry, by the project's own package manager, in the copy. */
export interface Registry {
  /** Published versions, the newest first, pre-releases left out; empty when that cannot be known. */
  releasesOf(scene: PackageScene, name: string): Promise<readonly Release[]>
  /** Whether a release runs on the Node that the project runs on; `true` when nothing is known. */
  fitsNode(release: Release): Promise<boolean>
}

/** Asks nothing where the policy allows no installs: the name of a package is told to the registry by asking for it. */
export function registryBy({ rehearse, installs }: Pick<RepairRequest, 'rehearse' | 'installs'>): Registry {
  const known = new Map<string, Promise<readonly Release[]>>()
  let nodeVersion: Promise<string | undefined> | undefined
  const print = async (command: readonly string[], folder: string): Promise<string | undefined> => {
    const rehearsal = rehearse === undefined ? undefined : await rehearse(command, { folder, timeoutMs: askTimeoutMs })
    return rehearsal?.ran === true && rehearsal.result.exitCode === 0 ? rehearsal.result.output : undefined
  }
  return {
    releasesOf({ manager: { manager }, installFolder }, name) {
      const isAskable = installs !== 'never' && (manager === 'npm' || manager === 'pnpm') && packageOfSpecifier(name) === name
      if (!isAskable) return Promise.resolve([])
      const asked = known.get(name) ?? print(viewCommand(name), installFolder).then((text) => releasesIn(text ?? ''))
      known.set(name, asked)
      return asked
    },
    async fitsNode({ nodeRange }) {
      if (nodeRange === undefined) return true
      nodeVersion ??= print(['node', '-p', 'process.versions.node'], '').then((text) => /\d+\.\d+\.\d+/.exec(text ?? '')?.[0])
      const version = await nodeVersion
      return version === undefined || satisfies(version, nodeRange) !== false
    },
  }
}

const askTimeoutMs = 30_000
const releasesMax = 2_000

/** pnpm reads the same settings as npm, and npm comes with Node. The range leaves pre-releases out. */
function viewCommand(name: string): readonly string[] {
  const fields = [
    // Two that every release has: with one alone npm prints a bare text, and drops the rest of all others.
    'name',
    'version',
    'engines',
    'peerDependencies',
    'deprecated',
    'scripts.preinstall',
    'scripts.install',
    'scripts.postinstall',
  ]
  return ['npm', 'view', `${name}@>=0.0.0`, ...fields, '--json', '--loglevel=silent']
}

/** npm prints one release alone, several as a list. */
function releasesIn(output: string): readonly Release[] {
  const start = output.search(/^[[{"]/m)
  const parsed = start === -1 ? undefined : parsedJson(output.slice(start))
  return (Array.isArray(parsed) ? parsed : [parsed])
    .slice(0, releasesMax)
    .flatMap((entry: unknown) => releaseOf(entry) ?? [])
    .sort((a, b) => compareVersions(b.version, a.version))
}

function releaseOf(entry: unknown): Release | undefined {
  const fields = objectOf(entry) ?? {}
  const version = typeof entry === 'string' ? entry : fields['version']
  if (typeof version !== 'string' || !isRelease(version)) return undefined
  const nodeRange = objectOf(fields['engines'])?.['node']
  const peers = Object.entries(objectOf(fields['peerDependencies']) ?? {})
  return {
    version,
    ...(typeof nodeRange === 'string' && { nodeRange }),
    peers: new Map(peers.flatMap(([name, range]) => (typeof range === 'string' ? [[name, range]] : []))),
    runsScripts: ['preinstall', 'install', 'postinstall'].some((script) => fields[`scripts.${script}`] !== undefined),
    deprecated: typeof fields['deprecated'] === 'string',
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Cut short, or no answer at all: then nothing is known.
  }
}

/**
 * Releases worth trying: those that run on this Node, of each major version the newest, abandoned ones last. Ordered by
 * nearness to `near`: the same major, then older ones, then newer ones; without it the newest first.
 */
export async function choicesAmong(releases: readonly Release[], registry: Registry, near?: string): Promise<readonly Release[]> {
  const newest = new Map<number, Release>()
  for (const release of releases) {
    const major = majorOf(release.version) ?? -1
    const best = newest.get(major)
    if ((best === undefined || (best.deprecated && !release.deprecated)) && (await registry.fitsNode(release)))
      newest.set(major, release)
  }
  const wanted = near === undefined ? undefined : majorOf(near)
  return [...newest.values()].sort(
    (a, b) =>
      Number(a.deprecated) - Number(b.deprecated) ||
      remoteness(a, wanted) - remoteness(b, wanted) ||
      compareVersions(b.version, a.version),
  )
}

function remoteness({ version }: Release, wanted: number | undefined): number {
  const major = majorOf(version)
  if (wanted === undefined || major === undefined) return 0
  return major <= wanted ? wanted - major : major - wanted + 1_000
}

/** The range to declare for a release: with a caret, unless that would let in a newer one that does not run here. */
export async function rangeOf(release: Release, releases: readonly Release[], registry: Registry): Promise<string> {
  const caret = `^${release.version}`
  for (const other of releases) {
    const isLetIn = compareVersions(other.version, release.version) > 0 && satisfies(other.version, caret) === true
    if (isLetIn && !(await registry.fitsNode(other))) return release.version
  }
  return caret
}
