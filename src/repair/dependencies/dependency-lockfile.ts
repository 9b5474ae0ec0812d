import { type Declaration, declarationsOf, objectOf, parseObject } from './dependency-manifest.js'

/** What a lockfile names. */
export interface Lockfile {
  /** One locked version of each package by name: the one nearest to the root, else the first. */
  readonly versions: ReadonlyMap<string, string>
  /** Packages by the programs they bring; only npm's lockfile says. */
  readonly packageOfProgram: ReadonlyMap<string, string>
  /**
   * What each manifest declared when the lockfile was written, by the manifest's folder as seen from the lockfile (`''` beside
   * it); npm's, pnpm's and bun's say. A witness for a manifest that lost a name since.
   */
  readonly manifests: ReadonlyMap<string, ReadonlyMap<string, Declaration>>
  /** Ranges in which locked packages want another one beside them, by its name; only npm's lockfile says. */
  readonly peerRanges: ReadonlyMap<string, readonly string[]>
}

/** Reads npm's, pnpm's, yarn's or bun's lockfile by its file name, line by line where it is not JSON. Damaged text names nothing. */
export function readLockfile(path: string, text: string): Lockfile {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (name === 'package-lock.json' || name === 'npm-shrinkwrap.json') return npmLockfile(text)
  const patterns =
    name === 'pnpm-lock.yaml' ? pnpmEntry : name === 'yarn.lock' ? yarnEntry : name === 'bun.lock' ? bunEntry : undefined
  return {
    versions: patterns === undefined ? new Map() : versionsByLine(text, patterns),
    packageOfProgram: new Map(),
    manifests: name === 'pnpm-lock.yaml' ? pnpmManifests(text) : name === 'bun.lock' ? bunManifests(text) : new Map(),
    peerRanges: new Map(),
  }
}

function npmLockfile(text: string): Lockfile {
  const versions = new Map<string, string>()
  const packageOfProgram = new Map<string, string>()
  const manifests = new Map<string, ReadonlyMap<string, Declaration>>()
  const peerRanges = new Map<string, readonly string[]>()
  const json = parseObject(text)
  for (const [place, value] of Object.entries(objectOf(json?.['packages']) ?? {})) {
    const entry = objectOf(value)
    const start = place.lastIndexOf('node_modules/')
    if (entry !== undefined && start === -1) manifests.set(place, declarationsOf({ ...entry, peerDependencies: undefined }))
    if (entry === undefined || start === -1) continue
    const name = place.slice(start + 'node_modules/'.length)
    const version = entry['version']
    if (typeof version === 'string' && (start === 0 || !versions.has(name))) versions.set(name, version)
    for (const [peer, range] of Object.entries(objectOf(entry['peerDependencies']) ?? {}))
      if (typeof range === 'string') peerRanges.set(peer, [...(peerRanges.get(peer) ?? []).slice(-peersMax), range])
    if (start === 0) for (const program of Object.keys(objectOf(entry['bin']) ?? {})) packageOfProgram.set(program, name)
  }
  // Version 1 of the format, which npm 6 wrote.
  for (const [name, value] of Object.entries(objectOf(json?.['dependencies']) ?? {})) {
    const version = objectOf(value)?.['version']
    if (typeof version === 'string' && !versions.has(name)) versions.set(name, version)
  }
  return { versions, packageOfProgram, manifests, peerRanges }
}

/** Packages that everybody wants beside them are wanted by hundreds. */
const peersMax = 50

/**
 * The `importers` of pnpm's lockfile, or what an old one of a single package says at its top: `dependencies:`, then the name,
 * then `specifier: ^1.0.0`, each one level deeper.
 */
function pnpmManifests(text: string): ReadonlyMap<string, ReadonlyMap<string, Declaration>> {
  const manifests = new Map<string, Map<string, Declaration>>()
  let top = ''
  let folder = ''
  let section = ''
  let name = ''
  for (const line of text.split('\n')) {
    const [, blanks = '', key = '', value = ''] =
      /^( {0,8})'?([^\s':][^':]{0,300})'?:(?: (.{0,200}))?$/.exec(line.trimEnd()) ?? []
    if (key === '') continue
    if (blanks === '') [top, folder, section] = [key, '', key]
    const depth = blanks.length - (top === 'importers' ? 2 : 0)
    if (top === 'importers' && depth === 0) folder = key === '.' ? '' : key
    if (top === 'importers' && depth === 2) section = key
    if (depth === (top === 'importers' ? 4 : 2)) name = key
    if (key !== 'specifier' || !pnpmSections.has(section) || name === '') continue
    const declared = manifests.get(folder) ?? new Map<string, Declaration>()
    declared.set(name, { range: value.replace(/^'(.*)'$/, '$1'), dev: section === 'devDependencies' })
    manifests.set(folder, declared)
  }
  return manifests
}

const pnpmSections: ReadonlySet<string> = new Set(['dependencies', 'devDependencies', 'optionalDependencies'])

/** bun writes JSON with commas behind the last member. */
function bunManifests(text: string): ReadonlyMap<string, ReadonlyMap<string, Declaration>> {
  const workspaces = objectOf(parseObject(text.replace(/,(?=\s{0,40}[}\]])/g, ''))?.['workspaces'])
  return new Map(
    Object.entries(workspaces ?? {}).map(([folder, entry]) => [
      folder,
      declarationsOf({ ...objectOf(entry), peerDependencies: undefined }),
    ]),
  )
}

/** `name` and `version` of a line; a line that names several versions later gives another. */
interface LineEntry {
  readonly name: RegExp
  /** On the same line or one of the next; absent: in the match of `name`. */
  readonly version?: RegExp
}

/** `  lodash@4.17.21:`, `  /lodash@4.17.21:`, `  '@a/b@1.0.0(peer@2.0.0)':`, and `/lodash/4.17.21:` of old ones. */
const pnpmEntry: LineEntry = {
  name: /^ {2}'?\/?(?<name>(?:@[^@/\s']{1,214}\/)?[^@/\s']{1,214})[@/](?<version>\d[^\s:'(]{0,100})/,
}
/** `"@a/b@^1.0.0", "@a/b@npm:^1.1.0":`, then `  version "1.2.0"` or `  version: 1.2.0`. */
const yarnEntry: LineEntry = {
  name: /^"?(?<name>(?:@[^@/\s"]{1,214}\/)?[^@/\s"#]{1,214})@/,
  version: /^ {2}version:? "?(?<version>\d[^\s"]{0,100})/,
}
/** `    "lodash": ["lodash@4.17.21", …`. */
const bunEntry: LineEntry = {
  name: /^ {4}"[^"]{1,500}": \["(?<name>(?:@[^@/\s"]{1,214}\/)?[^@/\s"]{1,214})@(?<version>\d[^\s"]{0,100})/,
}

function versionsByLine(text: string, entry: LineEntry): ReadonlyMap<string, string> {
  const versions = new Map<string, string>()
  let open: string | undefined
  for (const line of text.split('\n')) {
    const groups = entry.name.exec(line)?.groups
    open = groups?.['name'] ?? open
    const version = groups?.['version'] ?? entry.version?.exec(line)?.groups?.['version']
    if (open === undefined || version === undefined) continue
    if (!versions.has(open)) versions.set(open, version)
    open = undefined
  }
  return versions
}
