import type { World } from '../core/world.js'
import type { HealPorts } from '../orchestrator/heal/heal-ports.js'
import { outsideNpmRun } from './command-environment.js'
import { nodeCommandRunner } from './command-runner.js'
import { nodeFileSystem } from './node-file-system.js'
import { nodeWorkspace } from './node-workspace.js'
import { processSandbox } from './process-sandbox.js'

/** The ports of healing, fulfilled by Node: its file system, its child processes, its environment. Starts nothing. */
export function nodePorts(world: World): HealPorts {
  const runner = nodeCommandRunner(world)
  return {
    runner,
    sandbox: (limits) => processSandbox({ world, runner, limits }),
    openWorkspace: (root) => nodeWorkspace(root),
    files: nodeFileSystem(),
    environment: outsideNpmRun(process.env),
  }
}
