/** Node's own adapters: processes, files, the configuration file, and what works on this machine. */
export { nodeCommandRunner } from './command-runner.js'
export { loadPolicy, type LoadedPolicy, type LoadPolicyOptions } from './config-file.js'
export { nodeLoadReadings, type NodeLoadReadings } from './load-readings.js'
export { checkMachine, type MachineCheck, type MachineCheckOptions, type MachineReport } from './machine-check.js'
export { nodeFileSystem } from './node-file-system.js'
export { nodePorts } from './node-ports.js'
export { nodeWorkspace } from './node-workspace.js'
export { processSandbox, type ProcessSandboxOptions } from './process-sandbox.js'
