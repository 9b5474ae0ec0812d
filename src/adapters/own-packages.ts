import type { Dirent } from 'node:fs'
import { lstat, readdir, readFile, realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { contains } from './confined-path.js'
import { inBatches } from './in-batches.js'

/** Where installed packages are looked into: a project, and a folder in it that holds packages. All absolute, links resolved. */
export interface PackagePlace {
  readonly root: string
  readonly folder: string
  readonly signal: AbortSignal | undefined
}

/** The names under which a folder of packages links to the project's own: `@shop/range` of `@shop/range -> ../../packages/range`. */
export async function ownPackages(place: PackagePlace): Promise<ReadonlySet<string>> {
  const own = new Set<string>()
  await inBatches(place, await entriesOf(place.folder), async ({ name, entry }) => {
    if (entry.isSymbolicLink() && (await isOwn(place.root, join(place.folder, name)))) own.add(name)
  })
  return own
}

/**
 * The packages of a `node_modules` that need one of the project's own, directly or by another package. Node follows links before
 * it looks for what a file needs, so these would find the original's packages if they were linked.
 *
 * @param own - Names of the project's own packages.
 */
export async function packagesOnOwn(place: PackagePlace, own: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  if (own.size === 0) return own
  const needs = new Map<string, readonly string[]>()
  await inBatches(place, await entriesOf(place.folder), async ({ name, entry }) => {
    if (entry.isDirectory()) needs.set(name, await namesIn(join(place.folder, name, 'package.json')))
  })
  return reaching(needs, own)
}

/** The same for the store of pnpm, whose entries each link to what their package needs; by names of entries. */
export async function storeEntriesOnOwn(place: PackagePlace): Promise<ReadonlySet<string>> {
  const needs = new Map<string, readonly string[]>()
  await inBatches(place, await readdir(place.folder, { withFileTypes: true }), async (entry) => {
    if (entry.isDirectory() && entry.name !== 'node_modules')
      needs.set(entry.name, await linkedFrom(place, join(place.folder, entry.name, 'node_modules')))
  })
  return reaching(needs, new Set([ownMark]))
}

/** Stands for any package of the project: no entry of a store is called so. */
const ownMark = '/'

/** What the links in a folder of a store's entry lead to: the mark for the project's own, else the entries' names. */
async function linkedFrom({ root, folder }: PackagePlace, packages: string): Promise<readonly string[]> {
  const linked: string[] = []
  for (const { name, entry } of await entriesOf(packages)) {
    if (!entry.isSymbolicLink()) continue
    const path = join(packages, name)
    const target = await realpath(path).catch(() => undefined)
    if (target === undefined) continue
    if (await isOwn(root, path)) linked.push(ownMark)
    else if (contains(folder, target)) linked.push(relative(folder, target).split(sep)[0] ?? '')
  }
  return linked
}

/** All from which a way leads to one of the goals. */
function reaching(needs: ReadonlyMap<string, readonly string[]>, goals: ReadonlySet<string>): ReadonlySet<string> {
  const users = new Map<string, string[]>()
  for (const [name, needed] of needs) for (const one of needed) users.set(one, [...(users.get(one) ?? []), name])
  const found = new Set<string>()
  const rest = [...goals]
  for (let name = rest.pop(); name !== undefined; name = rest.pop())
    for (const user of users.get(name) ?? [])
      if (!found.has(user)) {
        found.add(user)
        rest.push(user)
      }
  return found
}

/** The packages that lie in a folder, those of scopes too. */
async function entriesOf(folder: string): Promise<readonly { readonly name: string; readonly entry: Dirent }[]> {
  const list = (path: string): Promise<readonly Dirent[]> => readdir(path, { withFileTypes: true }).catch(() => [])
  const entries: { name: string; entry: Dirent }[] = []
  for (const entry of await list(folder)) {
    if (entry.name.startsWith('.')) continue
    if (entry.isDirectory() && entry.name.startsWith('@'))
      for (const scoped of await list(join(folder, entry.name)))
        entries.push({ name: `${entry.name}/${scoped.name}`, entry: scoped })
    else entries.push({ name: entry.name, entry })
  }
  return entries
}

/** Whether a link leads to a part of the project that is no installed package. */
async function isOwn(root: string, link: string): Promise<boolean> {
  const target = await realpath(link).catch(() => undefined)
  return target !== undefined && contains(root, target) && !relative(root, target).split(sep).includes('node_modules')
}

const manifestBytesMax = 1_000_000

/** The packages that a manifest names; none where it cannot be read. */
async function namesIn(path: string): Promise<readonly string[]> {
  try {
    if ((await lstat(path)).size > manifestBytesMax) return []
    const manifest: unknown = JSON.parse(await readFile(path, 'utf8'))
    return ['dependencies', 'peerDependencies', 'optionalDependencies'].flatMap((table) => keysOf(manifest, table))
  } catch {
    return [] // Gone, or no manifest: then nobody knows what it needs, and it is linked as everything else.
  }
}

function keysOf(manifest: unknown, table: string): readonly string[] {
  if (typeof manifest !== 'object' || manifest === null) return []
  const value: unknown = Object.entries(manifest).find(([key]) => key === table)?.[1]
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}
