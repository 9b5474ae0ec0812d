import { defineConfig } from 'vitest/config'

/** Files that replace a module, or that start processes and look for what is left of them: each has a worker of its own. */
const isolated = [
  'test/breaker/circuit-trend.test.ts',
  'test/{adapters,cli,e2e,patch,sim}/**/*.test.ts',
  'test/llm/{load,create-llm-guard}.test.ts',
  'test/llm/{ai-sdk,cache,wrap}/**/*.test.ts',
  'test/llm/taxonomy.*.test.ts',
]

export default defineConfig({
  test: {
    // Real processes are started by some suites: two workers keep a 2-core machine honest.
    maxWorkers: 2,
    testTimeout: 20_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      thresholds: { lines: 90, branches: 90 },
      reporter: ['text-summary', 'json-summary'],
    },
    projects: [
      {
        extends: true,
        // Nothing in these leaves anything behind, and a worker for each file would take as long as the tests.
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: isolated,
          isolate: false,
          typecheck: { enabled: true, include: ['test/**/*.test-d.ts'] },
        },
      },
      { extends: true, test: { name: 'isolated', include: isolated } },
    ],
  },
})
