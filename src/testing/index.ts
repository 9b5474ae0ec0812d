/** For tests of your own: a world that stands still, policies by the thousand, files in memory, disks that fail. */
export { faultyFileSystem } from './faulty-file-system.js'
export { memoryFileSystem } from './memory-file-system.js'
export { memoryWorkspace } from './memory-workspace.js'
export { invalidPolicy, validPolicy } from './policy-arbitraries.js'
export { createTestWorld, type TestClock, type TestWorld } from './test-world.js'
