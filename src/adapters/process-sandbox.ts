import type { CommandRunner, Sandbox, SandboxLimits } from '../core/ports.js'
import type { World } from '../core/world.js'
import { openCopy, type Walls } from './sandbox-copy.js'

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
 * memory binds the heap of Node children only, one on processes does not bind root. `namespaceSandbox` has walls.
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
  // Without walls an install needs no door: whatever runs here reaches the network.
  const withoutWalls: Walls = { run: (command, how) => options.runner.run(command, how) }
  return {
    tier: 'process',
    open: (root, how) => openCopy(root, how, { ...options, raise: () => withoutWalls }),
  }
}
