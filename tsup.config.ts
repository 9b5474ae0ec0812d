import { defineConfig } from 'tsup'

/** One entry for each export path, and the command line. Declarations come from `tsc -p tsconfig.build.json`. */
const doors = ['index', 'breaker/index', 'faults/index', 'llm/index', 'memory/index', 'patch/index', 'repair/index', 'scoring/index', 'security/index', 'sequences/index', 'testing/index', 'adapters/node', 'cli/main']

export default defineConfig({
  entry: Object.fromEntries(doors.map((door) => [door, `src/${door}.ts`])),
  format: 'esm',
  platform: 'node',
  target: 'node22.13',
  dts: false,
  sourcemap: true,
  splitting: true,
  clean: true,
  silent: true,
})
