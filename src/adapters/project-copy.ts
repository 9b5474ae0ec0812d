import type { Dirent, Stats } from 'node:fs'
import { constants } from 'node:fs'
import { chmod, copyFile, lstat, mkdir, readdir, readlink, realpath, symlink } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { contains } from './confined-path.js'
import type { CopyBudget } from './copy-budget.js'
import { inBatches } from './in-batches.js'
import { ownPackages, packagesOnOwn, storeEntriesOnOwn } from './own-packages.js'

/** One copying of a project. All paths are absolute, with their links resolved. */
export interface CopyJob {
  /** The original. */
  readonly root: string
  /** Where the copy of the root goes. */
  readonly copy: string
  readonly packages: 'link' | 'copy'
  readonly budget: CopyBudget
  readonly signal: AbortSignal | undefined
  /** A folder that is not copied: where the copies themselves are. */
  readonly except: string
  /** Hears the target of each link to something outside the copy. */
  readonly onLink?: (target: string) => void
  /** Names under which the root's installed packages find the project's own; absent: they do not. */
  readonly own?: ReadonlySet<string>
}

/** How a folder is copied: as the project's own, or as installed packages, whose links may lead anywhere. */
type Kind = 'project' | 'packages'

/**
 * Copies a project: files with their modes, links that stay inside, and installed packages as {@link CopyJob.packages} says.
 * Left out: `.git`, `.homeostat`, links that lead outside, sockets, pipes and devices, and what vanishes meanwhile.
 * Waits on the disk only, so other work goes on.
 *
 * @throws the system's error for what cannot be read or written; HS_SANDBOX_FAILED when it is too much; the signal's reason.
 */
export async function copyProject(job: CopyJob): Promise<void> {
  const own = job.packages === 'link' ? await ownPackages({ ...job, folder: join(job.root, 'node_modules') }) : none
  await copyFolder({ ...job, own }, { from: job.root, to: job.copy, kind: 'project' })
}

/**
 * Makes `to` a real folder of links to the packages in `from`, so that a tool that writes beside them (`node_modules/.cache`), or
 * replaces one, does not touch the original. Links to the project's own packages lead into the copy, and packages that need one of
 * them are copied. What is there already stays.
 */
export async function linkPackages(job: CopyJob, { from, to }: { readonly from: string; readonly to: string }): Promise<void> {
  const own = new Set([...(job.own ?? none), ...(await ownPackages({ ...job, folder: from }))])
  await linkEntries(job, { from, to, prefix: '', copied: await packagesOnOwn({ ...job, folder: from }, own) })
}

interface Linking {
  readonly from: string
  readonly to: string
  /** The scope whose folder this is, with its slash: `@shop/`. */
  readonly prefix: string
  /** Names of packages that are copied. */
  readonly copied: ReadonlySet<string>
}

async function linkEntries(job: CopyJob, { from, to, prefix, copied }: Linking): Promise<void> {
  if (!(await isOurs(to))) return
  await inBatches(job, await readdir(from, { withFileTypes: true }), async (entry) => {
    const source = join(from, entry.name)
    const target = join(to, entry.name)
    const name = `${prefix}${entry.name}`
    if (entry.isSymbolicLink()) await copyLink(job, { from: source, to: target, kind: 'packages' })
    else if (!entry.isDirectory()) await copyRegular(job, source, target)
    else if (entry.name === '.bin') await linkEntries(job, { from: source, to: target, prefix: '', copied: none })
    else if (entry.name.startsWith('@')) await linkEntries(job, { from: source, to: target, prefix: `${name}/`, copied })
    else if (entry.name === '.pnpm' && (await isWorkspace(from))) await linkStore(job, source, target)
    else if (entry.name === '.prisma' || copied.has(name)) await copyFolder(job, { from: source, to: target, kind: 'packages' })
    else if (!entry.name.startsWith('.') || packageStores.has(entry.name)) await makeLink(job, source, target)
    // Other dot folders are caches: a tool makes its own anew.
  })
}

/** Links the entries of a store of pnpm, and copies those that need one of the project's own packages. */
async function linkStore(job: CopyJob, from: string, to: string): Promise<void> {
  if (!(await isOurs(to))) return
  const copied = await storeEntriesOnOwn({ ...job, folder: from })
  await inBatches(job, await readdir(from, { withFileTypes: true }), async (entry) => {
    const source = join(from, entry.name)
    const target = join(to, entry.name)
    if (!entry.isDirectory()) await copyRegular(job, source, target)
    else if (entry.name === 'node_modules') await linkEntries(job, { from: source, to: target, prefix: '', copied: none })
    else if (copied.has(entry.name)) await copyFolder(job, { from: source, to: target, kind: 'packages' })
    else await makeLink(job, source, target)
  })
}

/** Makes a folder. What a nearer folder has put there may be a link to its packages: those are not ours to add to. */
async function isOurs(folder: string): Promise<boolean> {
  await unlessThere(mkdir(folder))
  return (await lstat(folder)).isDirectory()
}

/** Whether pnpm may have linked packages of the project into the store that lies in a `node_modules`. */
async function isWorkspace(packages: string): Promise<boolean> {
  return (await unlessGone(lstat(join(dirname(packages), 'pnpm-workspace.yaml')))) !== undefined
}

const none: ReadonlySet<string> = new Set()
/** Where pnpm and yarn keep what the links beside them lead to. */
const packageStores: ReadonlySet<string> = new Set(['.pnpm', '.store'])
const leftOut: ReadonlySet<string> = new Set(['.git', '.homeostat'])
const caches: ReadonlySet<string> = new Set(['.cache', '.vite', '.vite-temp', '.vitest'])

interface Way {
  readonly from: string
  readonly to: string
  readonly kind: Kind
}

async function copyFolder(job: CopyJob, { from, to, kind }: Way): Promise<void> {
  const found = await unlessGone(lstat(from))
  if (found === undefined) return
  job.budget.take(0)
  const isNew = await unlessThere(mkdir(to, { mode: 0o700 }).then(() => true))
  if (isNew !== true) return
  const folders: Dirent[] = []
  await inBatches(job, await readdir(from, { withFileTypes: true }), async (entry) => {
    if (isLeftOut(entry.name, kind) || join(from, entry.name) === job.except) return
    const way = { from: join(from, entry.name), to: join(to, entry.name), kind }
    if (entry.isDirectory() || (entry.isSymbolicLink() && entry.name === 'node_modules')) folders.push(entry)
    else if (entry.isSymbolicLink()) await copyLink(job, way)
    else await copyRegular(job, way.from, way.to)
  })
  // One after another: folders within folders within a batch would be without limit.
  for (const { name } of folders) await copySubfolder(job, { from: join(from, name), to: join(to, name), kind })
  // Last, since a folder may forbid writing into it.
  await chmod(to, found.mode & 0o777)
}

async function copySubfolder(job: CopyJob, way: Way): Promise<void> {
  if (basename(way.from) !== 'node_modules') return copyFolder(job, way)
  // It may itself be a link: to packages elsewhere in the project, or to ones shared by several projects.
  const from = await unlessGone(realpath(way.from))
  if (from === undefined || !(await lstat(from)).isDirectory()) return
  if (from !== way.from && contains(job.root, from)) return copyLink(job, way)
  if (job.packages === 'link' && way.kind === 'project') await linkPackages(job, { from, to: way.to })
  else await copyFolder(job, { from, to: way.to, kind: 'packages' })
}

function isLeftOut(name: string, kind: Kind): boolean {
  return leftOut.has(name) || (kind === 'packages' && caches.has(name))
}

async function copyRegular(job: CopyJob, from: string, to: string): Promise<void> {
  const found = await unlessGone<Stats>(lstat(from))
  if (found?.isFile() !== true) return
  job.budget.take(found.size)
  // A clone shares the blocks where the file system can. COPYFILE_EXCL keeps what is nearer, and never writes through a link.
  const isNew = await unlessGone(
    unlessThere(copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL).then(() => true)),
  )
  if (isNew === true && (found.mode & 0o7000) !== 0) await chmod(to, found.mode & 0o777)
}

/** Makes the same link in the copy; one that leads outside is left out of the project, and kept among packages. */
async function copyLink(job: CopyJob, { from, to, kind }: Way): Promise<void> {
  const text = await unlessGone(readlink(from))
  if (text === undefined) return
  const named = resolve(dirname(from), text)
  const real = await realpath(from).catch(() => undefined)
  const target = contains(job.root, named) && (real === undefined || contains(job.root, real)) ? named : real
  if (target === undefined) return
  if (contains(job.root, target))
    await makeLink(job, relative(dirname(to), join(job.copy, relative(job.root, target))) || '.', to)
  else if (kind === 'packages') await makeLink(job, target, to)
}

async function makeLink({ budget, onLink }: CopyJob, target: string, to: string): Promise<void> {
  budget.take(0)
  if (isAbsolute(target)) onLink?.(target)
  // A junction, which is absolute, needs no privilege on Windows; elsewhere the word means nothing.
  await unlessThere(symlink(target, to, isAbsolute(target) ? 'junction' : null))
}

function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  return unless('ENOENT', work)
}

function unlessThere<T>(work: Promise<T>): Promise<T | undefined> {
  return unless('EEXIST', work)
}

async function unless<T>(code: string, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return undefined
    throw error
  }
}
