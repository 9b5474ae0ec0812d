import { existsSync, lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path'
import { contains } from './confined-path.js'
import type { WalledPlace } from './sandbox-copy.js'

/** Something of the machine that a command behind walls sees. */
export interface Seen {
  readonly path: string
  readonly kind: 'file' | 'folder'
  /** Where it is on the machine; absent: at the same path. */
  readonly from?: string
}

/** What a command behind walls sees of the files of the machine. Everything else is not there. */
export interface SandboxView {
  /** Links of the root folder, such as `/bin` to `usr/bin`: path, then text of the link. */
  readonly links: readonly (readonly [path: string, text: string])[]
  readonly readable: readonly Seen[]
  /** The folder of the copy, the only one that is written. */
  readonly base: string
  /** Caches that tools share: written by installs, read by everyone else. */
  readonly caches: readonly Seen[]
}

export interface ViewOptions {
  readonly place: Pick<WalledPlace, 'base' | 'links' | 'environment'>
  readonly home: string
  /** The environment of this process. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * Chooses what is seen: programs and libraries of the system, of `/etc` what they need and nothing that is about users, this Node,
 * the folders of PATH, certificates, and the installed packages that the copy links to. Never a home folder, nor a folder that
 * holds one: a home is where keys lie.
 */
export function viewOf({ place: { base, links, environment: sandbox }, home, environment }: ViewOptions): SandboxView {
  const homes = ['/root', '/home', home].flatMap((folder) => realPath(folder) ?? [])
  const isPrivate = (real: string): boolean => homes.some((folder) => contains(real, folder)) || contains(base, real)
  const seen = (paths: Iterable<string | undefined>): readonly Seen[] =>
    outermost([...paths].flatMap((path) => seenAt(path, isPrivate)))
  const caches = seen(Object.values(sandbox.tools))
  return {
    links: rootLinks(),
    readable: seen([
      ...systemFolders,
      ...settings.map((name) => join('/etc', name)),
      process.execPath,
      ...(environment['PATH'] ?? '').split(':').flatMap(programFolders),
      ...certificates.map((name) => environment[name]),
      ...[...links].map(packageFolder),
    ]),
    base,
    caches,
  }
}

const systemFolders = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/opt',
  '/nix/store',
  '/run/current-system/sw',
]
const certificates = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR']
/** Of `/etc`: how libraries are found, names resolved, certificates checked, times and texts shown. */
const settings =
  `alternatives ca-certificates ca-certificates.conf crypto-policies fonts gai.conf host.conf hosts java ld.so.cache
  ld.so.conf ld.so.conf.d localtime locale.alias magic mime.types nsswitch.conf os-release pki protocols resolv.conf services ssl
  terminfo timezone`.split(/\s+/)

/** On most systems `/bin` and its like are links into `/usr`. */
function rootLinks(): SandboxView['links'] {
  return systemFolders.flatMap((path) =>
    lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? [[path, readlinkSync(path)] as const] : [],
  )
}

/** A folder of PATH, and beside a `bin` the packages that its programs are links into, as npm lays them out. */
function programFolders(folder: string): readonly string[] {
  if (!isAbsolute(folder)) return []
  return basename(folder) === 'bin' ? [folder, join(dirname(folder), 'lib', 'node_modules')] : [folder]
}

/** The outermost `node_modules` that holds a package, for packages find one another there; else the package itself. */
function packageFolder(target: string): string {
  const [above, ...rest] = resolve(target).split(`${sep}node_modules${sep}`)
  return above === undefined || rest.length === 0 ? target : join(above, 'node_modules')
}

/** What is at a path, there and where its links lead to, for it may be named in both ways. */
function seenAt(path: string | undefined, isPrivate: (real: string) => boolean): readonly Seen[] {
  if (path === undefined || !isAbsolute(path)) return []
  const real = realPath(path)
  if (real === undefined || isPrivate(real)) return []
  // Links of the root folder are made again as links.
  const isLinked = rootLinks().some(([link]) => contains(link, path))
  const kind = statSync(real).isDirectory() ? 'folder' : 'file'
  return [...new Set(isLinked ? [real] : [resolve(path), real])].map((at) => ({ path: at, kind }))
}

/** Without what lies in another one of them. */
function outermost(all: readonly Seen[]): readonly Seen[] {
  const sorted = [...new Map(all.map((one) => [one.path, one])).values()].sort((a, b) => a.path.length - b.path.length)
  return sorted.filter(
    (one, index) => !sorted.slice(0, index).some((other) => other.kind === 'folder' && contains(other.path, one.path)),
  )
}

function realPath(path: string): string | undefined {
  return existsSync(path) ? realpathSync(path) : undefined
}
