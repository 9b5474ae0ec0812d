import { access, constants, mkdtemp, open, rename, rm, statfs } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommandRunner } from '../core/ports.js'
import { oneLine } from '../core/text.js'
import type { World } from '../core/world.js'
import { listProcesses } from './process-table.js'
import { limitArguments } from './sandbox-limits.js'
import { tryWalls, type WallName } from './sandbox-probe.js'

/** One thing that homeostat uses on a machine. */
export interface MachineCheck {
  /** `node`, `sandbox-tier`, `git`, `workspace`. */
  readonly name: string
  readonly ok: boolean
  /** Whether homeostat cannot do its work without it. */
  readonly required: boolean
  /** What was found, or why not; one line. */
  readonly detail: string
  /** What a person can do; present only when it is not ok and something can be done. */
  readonly remedy?: string
}

export interface MachineReport {
  /** Everything that is required is there. */
  readonly ok: boolean
  readonly checks: readonly MachineCheck[]
  readonly durationMs: number
}

export interface MachineCheckOptions {
  readonly runner: CommandRunner
  readonly world: World
  /** The folder of the project. */
  readonly cwd: string
  readonly signal?: AbortSignal
}

/** Tries out, really, what homeostat needs and can use on this machine. Leaves nothing behind; never throws for what is missing; an abort rejects with the signal's reason. */
export async function checkMachine(options: MachineCheckOptions): Promise<MachineReport> {
  const startedMs = options.world.clock.monoMs()
  const tried = await Promise.all([
    checkWrites('workspace', options.cwd, 'make the folder writable, or work on a copy of the project'),
    checkWrites('temporary-folder', tmpdir(), 'set TMPDIR to a folder you may write into'),
    checkSpace('workspace-disk', options.cwd),
    checkSpace('temporary-disk', tmpdir()),
    checkProcessSandbox(options),
    checkWalls('bubblewrap', options),
    checkWalls('unshare', options),
    checkTool(options, {
      name: 'git',
      command: ['git', '--version'],
      remedy: 'install git to compare and recover files from history',
    }),
    ...['npm', 'pnpm', 'yarn', 'bun'].map((name) =>
      checkTool(options, { name, command: [name, '--version'], remedy: `needed only for projects that use ${name}` }),
    ),
  ])
  options.signal?.throwIfAborted()
  const found = [
    checkNode(process.versions.node),
    checkStore(),
    checkProcesses(),
    checkLimits(),
    checkTier(tried.some(({ name, ok }) => ok && name in wallRemedies)),
    ...tried,
  ]
  return {
    ok: found.every((check) => check.ok || !check.required),
    checks: found,
    durationMs: options.world.clock.monoMs() - startedMs,
  }
}

/** Whether this version of Node is one that homeostat is made for: `^22.13.0 || ^24.0.0 || >=26.0.0`. */
export function supportsNode(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return (major === 22 && minor >= 13) || major === 24 || major >= 26
}

const wallRemedies: Readonly<Record<string, string>> = {
  'sandbox-bubblewrap': 'needed only for sandbox.tierMin "namespace": install bubblewrap',
  'sandbox-unshare':
    'needed only for sandbox.tierMin "namespace", and not beside bubblewrap: allow user namespaces; install util-linux and iproute2',
}
/** Room for a copy of an ordinary project with its packages. */
const freeBytesMin = 1024 ** 3

function checkNode(version: string): MachineCheck {
  if (supportsNode(version)) return passed('node', `version ${version}`, true)
  return failed('node', `version ${version}`, { required: true, remedy: 'use Node 22.13 or later, 24, or 26 or later' })
}

function checkStore(): MachineCheck {
  // Not by loading it: some versions print a warning then.
  const isThere = isBuiltin('node:sqlite')
  return isThere
    ? passed('store-sqlite', 'built into Node')
    : failed('store-sqlite', 'this Node has no node:sqlite', {
        remedy: 'what is learnt is kept in memory only; use Node 22.13 or later',
      })
}

/** Creates, fsyncs and renames a file: what every change to a project is made of. */
async function checkWrites(name: string, folder: string, remedy: string): Promise<MachineCheck> {
  let probe: string | undefined
  try {
    await access(folder, constants.R_OK)
    probe = await mkdtemp(join(folder, '.homeostat-probe-'))
    const file = await open(join(probe, 'a'), 'wx', 0o600)
    try {
      await file.writeFile('homeostat')
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(join(probe, 'a'), join(probe, 'b'))
    return passed(name, `${folder}: can be written, synchronised and renamed in`, true)
  } catch (error) {
    return failed(name, `${folder}: ${reasonOf(error)}`, { required: true, remedy })
  } finally {
    if (probe !== undefined) await rm(probe, { recursive: true, force: true })
  }
}

async function checkSpace(name: string, folder: string): Promise<MachineCheck> {
  try {
    const { bavail, bsize } = await statfs(folder)
    const detail = `${(Number(bavail * bsize) / 1024 ** 3).toFixed(1)} GiB free for ${folder}`
    return bavail * bsize >= freeBytesMin
      ? passed(name, detail)
      : failed(name, detail, { remedy: 'free at least 1 GiB: each repair works on a copy of the project' })
  } catch (error) {
    return failed(name, reasonOf(error), {})
  }
}

function checkProcesses(): MachineCheck {
  const seesItself = listProcesses().some((entry) => entry.pid === process.pid)
  if (seesItself) return passed('process-table', 'descendants of a command can be found and ended')
  return failed('process-table', 'processes are not listed: only the group of a command can be ended', {
    remedy: 'mount /proc, or install ps',
  })
}

async function checkProcessSandbox({ runner, cwd, signal }: MachineCheckOptions): Promise<MachineCheck> {
  const answer = await tryOut({ runner, cwd, signal }, [process.execPath, '-e', 'process.stdout.write("ready")'])
  if (answer.ok && answer.detail === 'ready')
    return passed('sandbox-process', 'commands run as children with limits, on a copy', true)
  return failed('sandbox-process', answer.detail, { required: true, remedy: 'allow this user to start processes' })
}

/** By a command that does its best to get out; a program that says it works proves nothing. */
async function checkWalls(wall: WallName, { runner }: MachineCheckOptions): Promise<MachineCheck> {
  const name = `sandbox-${wall}`
  const { holds, detail } = await tryWalls(wall, runner)
  const remedy = wallRemedies[name]
  return holds ? passed(name, detail) : failed(name, detail, remedy === undefined ? {} : { remedy })
}

/** The strongest tier that a policy can ask for here. */
function checkTier(hasWalls: boolean): MachineCheck {
  if (hasWalls) return passed('sandbox-tier', 'namespace: a policy may ask for it by sandbox.tierMin')
  return passed('sandbox-tier', 'process: commands can reach what the user can; see docs/security-model.md')
}

function checkLimits(): MachineCheck {
  const remedy = 'on Linux, install util-linux for its prlimit'
  if (limitArguments({ fileBytesMax: 1, processesMax: 1 }).length === 0)
    return failed('sandbox-limits', 'the size of files and the number of processes are not limited', { remedy })
  const isRoot = process.getuid?.() === 0
  return passed(
    'sandbox-limits',
    `the size of files ${isRoot ? 'is limited; root may have any number of processes' : 'and the number of processes are limited'}`,
  )
}

async function checkTool(
  { runner, cwd, signal }: MachineCheckOptions,
  { name, command, remedy }: { readonly name: string; readonly command: readonly string[]; readonly remedy: string },
): Promise<MachineCheck> {
  const { ok, detail } = await tryOut({ runner, cwd, signal }, command)
  return ok ? passed(name, detail) : failed(name, detail, { remedy })
}

async function tryOut(
  { runner, cwd, signal }: Pick<MachineCheckOptions, 'runner' | 'cwd'> & { readonly signal: AbortSignal | undefined },
  command: readonly string[],
): Promise<{ readonly ok: boolean; readonly detail: string }> {
  try {
    const { ending, exitCode, output } = await runner.run(command, {
      cwd,
      timeoutMs: 10_000,
      outputBytesMax: 4_096,
      ...(signal === undefined ? {} : { signal }),
    })
    // The last line: npm and others warn before they answer.
    const said = oneLine(output.trimEnd().split('\n').at(-1) ?? '', 200)
    const ok = ending === 'exited' && exitCode === 0
    return { ok, detail: said || (ok ? 'available' : ending === 'exited' ? `exit code ${exitCode}` : ending) }
  } catch (error) {
    return { ok: false, detail: reasonOf(error) }
  }
}

function passed(name: string, detail: string, required = false): MachineCheck {
  return { name, ok: true, required, detail }
}

function failed(
  name: string,
  detail: string,
  { required = false, remedy }: { readonly required?: boolean; readonly remedy?: string },
): MachineCheck {
  return { name, ok: false, required, detail, ...(remedy === undefined ? {} : { remedy }) }
}

function reasonOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error), 200)
}
