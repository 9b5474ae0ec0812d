import type { Dirent, Stats } from 'node:fs'
import { constants } from 'node:fs'
import { chmod, copyFile, lstat, mkdir, readdir, readlink, realpath, symlink } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { contains } from './confined-path.js'
import type { CopyBudget } from './copy-budget.js'

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
  await copyFolder(job, { from: job.root, to: job.copy, kind: 'project' })
}

/**
 * Makes `to` a real folder of links to the packages in `from`, so that a tool that writes beside them (`node_modules/.cache`), or
 * replaces one, does not touch the original. Links to the project's own packages lead into the copy. What is there already stays.
 */
export async function linkPackages(job: CopyJob, { from, to }: { readonly from: string; readonly to: string }): Promise<void> {
  await unlessThere(mkdir(to))
  // What a nearer folder has put here may be a link to its packages: those are not ours to add to.
  if (!(await lstat(to)).isDirectory()) return
  await inBatches(job, await readdir(from, { withFileTypes: true }), async (entry) => {
    const source = join(from, entry.name)
    const target = join(to, entry.name)
    if (entry.isSymbolicLink()) await copyLink(job, { from: source, to: target, kind: 'packages' })
    else if (!entry.isDirectory()) await copyRegular(job, source, target)
    else if (entry.name === '.bin' || entry.name.startsWith('@')) await linkPackages(job, { from: source, to: target })
    else if (entry.name === '.prisma') await copyFolder(job, { from: source, to: target, kind: 'packages' })
    else if (!entry.name.startsWith('.') || packageStores.has(entry.name)) await makeLink(job, source, target)
    // Other dot folders are caches: a tool makes its own anew.
  })
}

/** Where pnpm and yarn keep what the links beside them lead to. */
const packageStores: ReadonlySet<string> = new Set(['.pnpm', '.store'])
const leftOut: ReadonlySet<string> = new Set(['.git', '.homeostat'])
const caches: ReadonlySet<string> = new Set(['.cache', '.vite', '.vite-temp', '.vitest'])
/** Files copied at the same time: enough to keep the four threads of Node's disk pool busy. */
const batchSize = 16

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

/** All of a batch is waited for, also when one fails: nobody may go on writing into a copy that is being removed. */
async function inBatches<T>({ signal }: CopyJob, items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += batchSize) {
    signal?.throwIfAborted()
    const results = await Promise.allSettled(items.slice(start, start + batchSize).map(work))
    for (const result of results) if (result.status === 'rejected') throw result.reason as Error
  }
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
