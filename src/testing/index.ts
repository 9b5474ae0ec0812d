/** For tests of your own: a world that stands still, policies by the thousand, files in memory, disks that fail. */
export { Crash, faultyFileSystem, type FaultyFileSystem, type FaultyOptions } from './faulty-file-system.js'
export { memoryFileSystem, type MemoryFileSystem } from './memory-file-system.js'
export { memoryWorkspace, type MemoryFile } from './memory-workspace.js'
export { invalidPolicy, validPolicy, type InvalidPolicy } from './policy-arbitraries.js'
export { createTestWorld, type TestClock, type TestWorld } from './test-world.js'
