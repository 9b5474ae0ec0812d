import { chmodSync, lstatSync, mkdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, realpath } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { HomeostatError, isHomeostatError } from '../core/errors.js'
import { safePath } from '../core/path.js'
import type { CommandOptions, CommandRunner, Sandbox, SandboxCopy, SandboxLimits, SandboxOptions } from '../core/ports.js'
import { oneLine } from '../core/text.js'
import type { World } from '../core/world.js'
import { contains } from './confined-path.js'
import { createCopyBudget } from './copy-budget.js'
import { nodeWorkspace } from './node-workspace.js'
import { copyProject, linkPackages, type CopyJob } from './project-copy.js'
import { removeTree } from './remove-tree.js'
import { furnishHome, type SandboxEnvironment } from './sandbox-home.js'

export interface ProcessSandboxOptions {
  readonly world: World
  readonly runner: CommandRunner
  /** Where copies are made; absent: the system's temporary folder. */
  readonly temporaryFolder?: string
  readonly limits: SandboxLimits
}

/**
 * The portable sandbox, tier `process`: commands run as children, with limits, on a copy of the project, with a home and a
 * temporary folder of their own.
 *
 * What it keeps: the original tree from every command that writes where it works, the user's secrets in the environment, the
 * machine from hanging, endless output and leftover processes. What it does **not** keep: a command that means harm. It may read
 * and write whatever the user may, by absolute path or through the links to installed packages, and use the network; a limit on
 * memory binds the heap of Node children only. A tier with the walls of an operating system does that.
 *
 * Node's permission model is not used, because for commands that we do not know it breaks more than it keeps. Measured on
 * 24.21 with `--permission --allow-fs-read=* --allow-fs-write=<copy> --allow-child-process --allow-worker` in NODE_OPTIONS: an older
 * Node on the PATH does not start at all; `node --test` fails; `vitest --coverage` fails (no inspector); `fs.symlink`, `fchmod` and
 * `futimes` are refused even inside the copy, which breaks installs; every process prints warnings into the output that is to be
 * classified; and a child that is not Node (`sh -c`) writes outside all the same.
 *
 * `open` rejects with HS_FOLDER_MISSING; with HS_SANDBOX_FAILED when the project is too large or cannot be read or the disk is full;
 * and with the signal's reason. What was copied by then is removed.
 */
export function processSandbox(options: ProcessSandboxOptions): Sandbox {
  return { tier: 'process', open: (root, how) => open(root, how, options) }
}

async function open(root: string, { packages, signal }: SandboxOptions, options: ProcessSandboxOptions): Promise<SandboxCopy> {
  signal?.throwIfAborted()
  const original = nodeWorkspace(root).root
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
    }
    await copyProject(job)
    await linkPackagesAbove(job)
    const environment = await furnishHome(base, { realHome: homedir(), environment: process.env })
    return sandboxCopy({ base, root: job.copy, original, environment, options })
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
  readonly options: ProcessSandboxOptions
}

function sandboxCopy({ base, root, original, environment, options: { runner, world, limits } }: CopyParts): SandboxCopy {
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()
  let closed: Promise<void> | undefined
  const checkOpen = (): void => {
    if (closed !== undefined) throw new HomeostatError('HS_CLOSED', { what: 'the sandbox copy' })
  }
  const close = async (): Promise<void> => {
    closing.abort()
    await Promise.allSettled(running)
    await removeTree(base).catch((error: unknown) => {
      throw new HomeostatError('HS_WRITE_FAILED', { path: base, reason: 'the sandbox copy cannot be removed' }, { cause: error })
    })
  }

  return {
    root,
    workspace: nodeWorkspace(root, { reachable: [original] }),
    async run(command, options) {
      checkOpen()
      const work = runner.run(command, confined(options, { root, environment, limits, closing: closing.signal }))
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
function confined(options: CommandOptions, { root, environment: { tools, own }, limits, closing }: Confines): CommandOptions {
  const { cwd, env, timeoutMs, outputBytesMax, memoryBytesMax = limits.memoryBytesMax, signal } = options
  return {
    ...options,
    cwd: ownFolder(root, cwd),
    env: { ...tools, ...env, ...own },
    timeoutMs: Math.min(timeoutMs, limits.timeoutMs),
    outputBytesMax: Math.min(outputBytesMax, limits.outputBytesMax),
    memoryBytesMax: Math.min(memoryBytesMax, limits.memoryBytesMax),
    signal: signal === undefined ? closing : AbortSignal.any([closing, signal]),
  }
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
