import type { World } from '../core/world.js'
import type { HealPorts } from '../orchestrator/heal/heal-ports.js'
import { nodeBehaviourObserver } from './behaviour-observer.js'
import { outsideNpmRun } from './command-environment.js'
import { nodeCommandRunner } from './command-runner.js'
import { findWalls, namespaceSandbox } from './namespace-sandbox.js'
import { nodeFileSystem } from './node-file-system.js'
import { nodeWorkspace } from './node-workspace.js'
import { processSandbox } from './process-sandbox.js'

/** The ports of healing, fulfilled by Node: its file system, its child processes, its environment. Starts nothing. */
export function nodePorts(world: World): HealPorts {
  const runner = nodeCommandRunner(world)
  const find = findWalls(runner)
  return {
    runner,
    // As strong as the policy asks for, not as strong as the machine can: the same policy then means the same on every machine.
    sandbox: (limits) =>
      limits.tierMin === 'namespace'
        ? namespaceSandbox({ world, runner, limits, find })
        : processSandbox({ world, runner, limits }),
    openWorkspace: (root) => nodeWorkspace(root),
    files: nodeFileSystem(),
    behaviour: nodeBehaviourObserver(),
    environment: outsideNpmRun(process.env),
  }
}
