import { chmodSync, lstatSync, mkdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, realpath } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { HomeostatError, isHomeostatError } from '../core/errors.js'
import { safePath } from '../core/path.js'
import type { CommandResult, SandboxCommandOptions, SandboxCopy, SandboxLimits, SandboxOptions } from '../core/ports.js'
import { oneLine } from '../core/text.js'
import type { World } from '../core/world.js'
import { contains } from './confined-path.js'
import { createCopyBudget } from './copy-budget.js'
import { nodeWorkspace } from './node-workspace.js'
import { copyProject, linkPackages, type CopyJob } from './project-copy.js'
import { removeTree } from './remove-tree.js'
import { furnishHome, type SandboxEnvironment } from './sandbox-home.js'

/** What stands between the commands of one copy and the machine. */
export interface Walls {
  run(command: readonly string[], options: SandboxCommandOptions): Promise<CommandResult>
  /** Removes what the walls were made of; called once, when no command runs any more. */
  lower?(): Promise<void>
}

/** What walls must know of a copy. */
export interface WalledPlace {
  /** The folder that holds everything of the copy: the project, its home, its temporary folder. */
  readonly base: string
  /** What links in the copy lead to outside of it: installed packages. Absolute, links resolved. */
  readonly links: ReadonlySet<string>
  readonly environment: SandboxEnvironment
}

export interface CopyOptions {
  readonly world: World
  /** Where copies are made; absent: the system's temporary folder. */
  readonly temporaryFolder?: string | undefined
  readonly limits: SandboxLimits
  readonly raise: (place: WalledPlace) => Walls | Promise<Walls>
}

/**
 * Makes a copy of a project, with a home and a temporary folder of its own, and raises walls around it.
 *
 * @throws HS_FOLDER_MISSING; HS_SANDBOX_FAILED when the project is too large or cannot be read or the disk is full; what the walls
 * reject with; the signal's reason. What was copied by then is removed.
 */
export async function openCopy(root: string, { packages, signal }: SandboxOptions, options: CopyOptions): Promise<SandboxCopy> {
  signal?.throwIfAborted()
  const original = nodeWorkspace(root).root
  const links = new Set<string>()
  let base: string | undefined
  try {
    base = await mkdtemp(join(await realpath(options.temporaryFolder ?? tmpdir()), 'homeostat-'))
    // The same name as the original: some tools print it, and snapshots hold it.
    const job: CopyJob = {
      root: original,
      copy: join(base, basename(original) || 'project'),
      packages,
      signal,
      budget: createCopyBudget(options.limits),
      except: base,
      onLink: (target) => links.add(target),
    }
    await copyProject(job)
    await linkPackagesAbove(job)
    const environment = await furnishHome(base, { realHome: homedir(), environment: process.env })
    const walls = await options.raise({ base, links, environment })
    return sandboxCopy({ base, root: job.copy, original, environment, walls, options })
  } catch (error) {
    // The first failure is the one to tell; what a second one leaves lies in the temporary folder.
    if (base !== undefined) await removeTree(base).catch(() => undefined)
    if (signal?.aborted) throw signal.reason as Error
    if (isHomeostatError(error)) throw error
    throw new HomeostatError(
      'HS_SANDBOX_FAILED',
      { reason: oneLine(error instanceof Error ? error.message : String(error), 300) },
      { cause: error },
    )
  }
}

/** A project inside a larger one finds packages in the folders above it; so must its copy. The nearest folder comes first. */
async function linkPackagesAbove(job: CopyJob): Promise<void> {
  const to = join(dirname(job.copy), 'node_modules')
  for (let folder = dirname(job.root), below = job.root; folder !== below; below = folder, folder = dirname(folder)) {
    const from = await realpath(join(folder, 'node_modules')).catch(() => undefined)
    if (from === undefined || !statSync(from).isDirectory()) continue
    await linkPackages(job, { from, to })
  }
}

interface CopyParts {
  /** The folder that holds everything of this copy. */
  readonly base: string
  readonly root: string
  readonly original: string
  readonly environment: SandboxEnvironment
  readonly walls: Walls
  readonly options: CopyOptions
}

function sandboxCopy({ base, root, original, environment, walls, options: { world, limits } }: CopyParts): SandboxCopy {
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()
  let closed: Promise<void> | undefined
  const checkOpen = (): void => {
    if (closed !== undefined) throw new HomeostatError('HS_CLOSED', { what: 'the sandbox copy' })
  }
  const close = async (): Promise<void> => {
    closing.abort()
    await Promise.allSettled(running)
    await walls.lower?.()
    await removeTree(base).catch((error: unknown) => {
      throw new HomeostatError('HS_WRITE_FAILED', { path: base, reason: 'the sandbox copy cannot be removed' }, { cause: error })
    })
  }

  return {
    root,
    workspace: nodeWorkspace(root, { reachable: [original] }),
    async run(command, options) {
      checkOpen()
      const work = walls.run(command, confined(options, { root, environment, limits, closing: closing.signal }))
      running.add(work)
      try {
        return await work
      } finally {
        running.delete(work)
      }
    },
    write(path, text) {
      checkOpen()
      const target = ownFile(root, path)
      writing(path, () => (text === null ? rmSync(target, { force: true }) : replace(target, text, world)))
    },
    chmod(path, mode) {
      checkOpen()
      if (!Number.isInteger(mode) || mode < 0 || mode > 0o777) throw new RangeError(`mode must be 0o000 to 0o777, not ${mode}`)
      const target = ownFile(root, path)
      writing(path, () => chmodSync(target, mode))
    },
    close: () => (closed ??= close()),
    [Symbol.asyncDispose]: () => (closed ??= close()),
  }
}

interface Confines {
  readonly root: string
  readonly environment: SandboxEnvironment
  readonly limits: SandboxLimits
  readonly closing: AbortSignal
}

/** The same options, in the copy, with what a command may ask for cut to the limits. */
function confined(
  options: SandboxCommandOptions,
  { root, environment: { tools, own }, limits, closing }: Confines,
): SandboxCommandOptions {
  const { cwd, env, timeoutMs, outputBytesMax, memoryBytesMax = limits.memoryBytesMax, signal } = options
  return {
    ...options,
    cwd: ownFolder(root, cwd),
    env: { ...tools, ...env, ...own },
    timeoutMs: Math.min(timeoutMs, limits.timeoutMs),
    outputBytesMax: Math.min(outputBytesMax, limits.outputBytesMax),
    memoryBytesMax: Math.min(memoryBytesMax, limits.memoryBytesMax),
    ...leastOf('fileBytesMax', options, limits),
    ...leastOf('processesMax', options, limits),
    signal: signal === undefined ? closing : AbortSignal.any([closing, signal]),
  }
}

/** The smaller of what is asked for and what is allowed; nothing when neither says. */
function leastOf<K extends 'fileBytesMax' | 'processesMax'>(
  name: K,
  { [name]: asked = Infinity }: SandboxCommandOptions,
  { [name]: allowed = Infinity }: SandboxLimits,
): { readonly [N in K]?: number } {
  const least = Math.min(asked, allowed)
  return least === Infinity ? {} : ({ [name]: least } as { [N in K]: number }) // a computed key is not narrowed to its name
}

/** @throws HS_PATH_REFUSED when `cwd` is outside; a folder that is missing is the runner's to refuse. */
function ownFolder(root: string, cwd: string): string {
  const named = resolve(root, cwd)
  const real = statSync(named, { throwIfNoEntry: false }) === undefined ? named : realpathSync(named)
  if (!contains(root, real))
    throw new HomeostatError('HS_PATH_REFUSED', { path: oneLine(cwd, 200), reason: 'it is outside the sandbox copy' })
  return real
}

/** @throws HS_PATH_REFUSED when the path is not plain, or anything on the way to a regular file, or it itself, is something else. */
function ownFile(root: string, path: string): string {
  const refuse = (reason: string): HomeostatError => new HomeostatError('HS_PATH_REFUSED', { path: oneLine(path, 200), reason })
  const segments = safePath(path).split('/')
  segments.forEach((segment, index) => {
    const found = lstatSync(join(root, ...segments.slice(0, index), segment), { throwIfNoEntry: false })
    if (found?.isSymbolicLink()) throw refuse(`"${segment}" is a link`)
    const isLast = index === segments.length - 1
    if (found !== undefined && !(isLast ? found.isFile() : found.isDirectory()))
      throw refuse(`"${segment}" is not a ${isLast ? 'file' : 'folder'}`)
  })
  return join(root, ...segments)
}

/** Puts a new file in the place of the old, so that a file that may not be written, or has another name elsewhere, is no matter. */
function replace(target: string, text: string, world: World): void {
  const mode = lstatSync(target, { throwIfNoEntry: false })?.mode ?? 0o644
  mkdirSync(dirname(target), { recursive: true })
  const fresh = join(dirname(target), `.homeostat-${world.id()}`)
  try {
    writeFileSync(fresh, text, { flag: 'wx' })
    chmodSync(fresh, mode & 0o777)
    renameSync(fresh, target)
  } finally {
    rmSync(fresh, { force: true })
  }
}

function writing(path: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw new HomeostatError(
      'HS_WRITE_FAILED',
      { path: oneLine(path, 200), reason: oneLine(error instanceof Error ? error.message : String(error), 200) },
      { cause: error },
    )
  }
}
