import type { AuditedFile, AuditedPatch } from '../audited-file.js'
import { changedEntries, isDependency } from '../manifest.js'
import { isLockfile } from '../rules/dependencies.js'
import type { Side } from '../side.js'
import type { NamedPlace } from './threat-findings.js'
import { packagesAskedMax, urlsAskedMax, type NamedPackage, type ThreatQuery } from './threat-intelligence.js'

/** What a patch brings from outside, where it names it, and whether that was too much to ask for. */
export interface PatchQuery {
  readonly query: ThreatQuery
  /** By package (`name` or `name@version`) and by address. */
  readonly places: ReadonlyMap<string, NamedPlace>
  readonly complete: boolean
}

/** The packages that a patch names newly or in another version, in manifests, lockfiles and installs, and the addresses it adds. */
export function queryOf({ files, actions }: Pick<AuditedPatch, 'files' | 'actions'>): PatchQuery {
  const packages = new Map<string, NamedPackage>()
  const places = new Map<string, NamedPlace>()
  const urls = new Set<string>()
  let complete = true
  const add = (named: NamedPackage, place: NamedPlace): void => {
    const id = idOf(named)
    if (packages.has(id)) return
    if (packages.size >= packagesAskedMax) complete = false
    else {
      packages.set(id, named)
      places.set(id, place)
    }
  }
  for (const action of actions)
    if (action.kind === 'install')
      for (const { name, range } of action.packages)
        add(
          { name, ...(range !== undefined && { version: range }) },
          { path: `${action.folder === '' ? '' : `${action.folder}/`}package.json` },
        )
  for (const file of files) {
    for (const entry of changedEntries(file))
      if (isDependency(entry)) add({ name: entry.name, version: entry.value }, { path: file.path, line: entry.line })
    const locked = isLockfile(file.path)
    if (locked) for (const { line, ...named } of lockedPackages(file)) add(named, { path: file.path, line })
    for (const { line, text } of file.added)
      for (const [url] of text.slice(0, lineCharactersMax).matchAll(address)) {
        // A lockfile names an address for each package; where one leads elsewhere is seen by a rule.
        if (urls.has(url) || (locked && registry.test(url))) continue
        if (urls.size >= urlsAskedMax) complete = false
        else {
          urls.add(url)
          places.set(url, { path: file.path, line })
        }
      }
  }
  return { query: { packages: [...packages.values()], urls: [...urls] }, places, complete }
}

/** How a package of a query is called in `places`. */
export function idOf({ name, version }: NamedPackage): string {
  return version === undefined ? name : `${name}@${version}`
}

/** Lines of minified code: addresses far to the right of them are seen by the rules for code. */
const lineCharactersMax = 20_000
const address = /\bhttps?:\/\/[^\s'"`<>()[\]{}\\|^]{3,500}/gi
const registry = /^https:\/\/registry\.(?:npmjs\.org|yarnpkg\.com)\//i

/** The packages whose locked version the patch adds or changes. */
function lockedPackages(file: AuditedFile): readonly (NamedPackage & { readonly line: number })[] {
  const side = file.after
  if (side === undefined) return []
  return file.path.endsWith('pnpm-lock.yaml') ? fromKeys(file) : fromVersions(side)
}

const pnpmKey = /^ {2}['"]?\/?((?:@[\w.-]{1,100}\/)?[\w.-]{1,100})[@/](\d[\w.+-]{0,99})/

function fromKeys(file: AuditedFile): readonly (NamedPackage & { readonly line: number })[] {
  return file.added.flatMap(({ line, text }) => {
    const [, name, version] = pnpmKey.exec(text.slice(0, 500)) ?? []
    return name === undefined || version === undefined ? [] : [{ name, version, line }]
  })
}

/** The name of an entry: of npm the last part of a path, of yarn what stands before the range. */
const entryName =
  /^\s{2,8}"(?:[^"]{0,400}node_modules\/)?((?:@[\w.-]{1,100}\/)?[\w.-]{1,100})":\s{0,4}\{|^"?((?:@[\w.-]{1,100}\/)?[\w.-]{1,100})@/
const entryVersion = /^\s{2,8}"?version"?:?\s{1,4}"?(\d[\w.+-]{0,99})"?,?\s{0,4}$/

function fromVersions(side: Side): readonly (NamedPackage & { readonly line: number })[] {
  const found: (NamedPackage & { readonly line: number })[] = []
  let name: string | undefined
  let at = 0
  for (const text of side.text.split('\n')) {
    const line = text.slice(0, 600)
    const entry = entryName.exec(line)
    name = entry === null ? name : (entry[1] ?? entry[2])
    const version = entryVersion.exec(line)?.[1]
    if (name !== undefined && version !== undefined && side.touches(at, at + Math.max(1, text.length)))
      found.push({ name, version, line: side.lineAt(at) })
    at += text.length + 1
  }
  return found
}
