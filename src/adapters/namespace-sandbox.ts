import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises'
import { constants, homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { HomeostatError } from '../core/errors.js'
import type { CommandResult, CommandRunner, Sandbox } from '../core/ports.js'
import { oneLine } from '../core/text.js'
import { removeTree } from './remove-tree.js'
import type { ProcessSandboxOptions } from './process-sandbox.js'
import { openCopy, type WalledPlace, type Walls } from './sandbox-copy.js'
import { isProgram } from './sandbox-limits.js'
import { tryWalls, wallBuilders, type WallName, type WallTrial } from './sandbox-probe.js'
import { viewOf, type SandboxView } from './sandbox-view.js'
import type { WallBuilder } from './sandbox-walls.js'

/** Finds what raises walls on this machine; rejects with HS_SANDBOX_TIER when nothing does. */
export type FindWalls = () => Promise<WallBuilder>

/**
 * A finder that tries bubblewrap, then `unshare`, when it is first asked, and remembers the answer.
 *
 * @param names - What to try; absent: everything.
 */
export function findWalls(runner: CommandRunner, names: readonly WallName[] = ['bubblewrap', 'unshare']): FindWalls {
  const find = async (): Promise<WallBuilder> => {
    const trials: (readonly [WallName, WallTrial])[] = []
    for (const name of names) {
      const trial = await tryWalls(name, runner)
      if (trial.holds) return wallBuilders[name]
      trials.push([name, trial])
    }
    const reason = trials.map(([name, { detail }]) => `${name}: ${detail}`).join('; ')
    throw new HomeostatError('HS_SANDBOX_TIER', { tier: 'namespace', reason })
  }
  let found: Promise<WallBuilder> | undefined
  return () => (found ??= find())
}

export interface NamespaceSandboxOptions extends ProcessSandboxOptions {
  readonly find: FindWalls
}

/**
 * The sandbox of tier `namespace`: what `processSandbox` is, and commands see of the machine only the copy, which they may write,
 * and programs, libraries and installed packages, which they may not. They have a network with nobody else in it, see no other
 * process, and leave none behind. An install that the policy allowed reaches the network, and writes the caches of package managers.
 *
 * What it does **not** keep: memory and processors for others, beyond the limits of the copy; the disk (each file is limited, not
 * their sum); an error of the kernel that walls are made of; and an install is as free on the network as the user. A command that is
 * stopped at its time limit gets no time to tidy up.
 *
 * `open` rejects as that of `processSandbox`, and with HS_SANDBOX_TIER when the machine gives no such walls: never a weaker copy.
 */
export function namespaceSandbox(options: NamespaceSandboxOptions): Sandbox {
  return {
    tier: 'namespace',
    async open(root, how) {
      how.signal?.throwIfAborted()
      const build = await options.find()
      return openCopy(root, how, { ...options, raise: (place) => raise(place, build, options) })
    },
  }
}

async function raise(place: WalledPlace, build: WallBuilder, { runner, temporaryFolder }: ProcessSandboxOptions): Promise<Walls> {
  const machine = viewOf({ place, home: homedir(), environment: process.env })
  // Beside the copy, not in it: no command may replace what is mounted for the next one.
  const own = await mkdtemp(join(await realpath(temporaryFolder ?? tmpdir()), 'homeostat-walls-'))
  const view = { ...machine, readable: [...machine.readable, ...(await writeUser(own, place))] }
  // npm complains, into the output, when it cannot write its logs beside its cache.
  const logs = { npm_config_logs_dir: join(place.base, 'npm-logs') }
  return {
    async run(command, { install = false, ...options }) {
      const [name] = command
      if (name === undefined || name === '')
        throw new HomeostatError('HS_INPUT_INVALID', { what: 'the command', reason: 'it is empty' })
      const path = options.env?.['PATH'] ?? process.env['PATH']
      if (!isProgram(name, { cwd: options.cwd, path }) && !name.includes('\0')) return notStarted(name, options.cwd)
      const folder = await mkdtemp(join(own, 'run-'))
      try {
        const [privateTmp, newRoot] = [join(folder, 'tmp'), join(folder, 'root')]
        for (const each of [privateTmp, newRoot]) await mkdir(each)
        const walled = build({ command, cwd: options.cwd, view, install, privateTmp, newRoot })
        return asWithoutWalls(await runner.run(walled, { ...options, env: { ...logs, ...options.env } }))
      } finally {
        await removeTree(folder)
      }
    },
    lower: () => removeTree(own),
  }
}

/** The user alone, for programs that ask for his name; the real files tell who else has an account. */
async function writeUser(folder: string, { environment }: WalledPlace): Promise<SandboxView['readable']> {
  const [user, group] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  const files = { passwd: `user:x:${user}:${group}::${environment.own['HOME'] ?? '/'}:/bin/sh\n`, group: `user:x:${group}:\n` }
  const written = Object.entries(files).map(async ([name, text]) => {
    await writeFile(join(folder, name), text)
    return { path: `/etc/${name}`, from: join(folder, name), kind: 'file' as const }
  })
  return Promise.all(written)
}

/** As the runner tells it without walls; what raises them tells it in its own way. */
function notStarted(name: string, cwd: string): CommandResult {
  const isThere = name.includes('/') && existsSync(resolve(cwd, name))
  const output = `${oneLine(name, 200)}: ${isThere ? 'Permission denied' : 'command not found'}\n`
  return {
    ...(isThere ? { ending: 'exited', exitCode: 126 } : { ending: 'not-found', exitCode: null }),
    output,
    outputBytes: Buffer.byteLength(output),
    truncated: false,
    durationMs: 0,
  }
}

/** Process 1 behind the walls tells the death of the command by a signal as the exit code 128 + its number, as a shell does. */
function asWithoutWalls(result: CommandResult): CommandResult {
  if (result.ending !== 'exited' || !deadly.has(result.exitCode ?? 0)) return result
  return { ...result, ending: 'killed', exitCode: null }
}

const { SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGSEGV, SIGTERM, SIGXCPU, SIGXFSZ, SIGSYS } = constants.signals
/** Not SIGHUP and SIGINT: 129 and 130 are codes that programs choose, and nobody sends these signals here. */
const deadly: ReadonlySet<number> = new Set(
  [SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGSEGV, SIGTERM, SIGXCPU, SIGXFSZ, SIGSYS].map((signal) => 128 + signal),
)
